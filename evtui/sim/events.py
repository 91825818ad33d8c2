"""What can happen to a station: the events that go into `Station.handle`."""

from enum import StrEnum

import msgspec

from evtui.sim.fault_kinds import FaultKind
from evtui.sim.messages import Answer, DataTransfer, IdToken, IdTokenInfo
from evtui.sim.requests import Request
from evtui.sim.terms import UploadLogStatus


class PlugIn(msgspec.Struct, frozen=True):
    """A cable with a car at its end goes into the connector.

    `ev` names a model of the catalogue; None: the next of the mix.
    """

    evse_id: int
    connector_id: int = 1
    ev: str | None = None


class Unplug(msgspec.Struct, frozen=True):
    """The driver pulls the cable at the EV."""

    evse_id: int


class UnplugAtStation(msgspec.Struct, frozen=True):
    """The driver pulls the cable out of the station's socket."""

    evse_id: int


class OccupyBay(msgspec.Struct, frozen=True):
    """The sensor of the parking bay sees a car come, or go; whether it is connected is another matter."""

    evse_id: int
    occupied: bool


class EvWants(msgspec.Struct, frozen=True):
    """The car opens its switch S2 and draws nothing any more, or closes it again (IEC 61851-1)."""

    evse_id: int
    wants: bool


class EvFull(msgspec.Struct, frozen=True):
    """The car's battery is full, however much was missing."""

    evse_id: int


class Fault(msgspec.Struct, frozen=True):
    """Something breaks: at a connector, at an EVSE (`connector_id` 0), or at the station (both 0). What is told of it
    is the kind's own unless it is said here."""

    kind: FaultKind
    evse_id: int = 0
    connector_id: int = 0
    tech_code: str = ""
    tech_info: str = ""


class ClearFaults(msgspec.Struct, frozen=True):
    """What is broken at an EVSE, at its connectors or at the station as a whole works again: all of it, or one kind.
    An emergency stop is released when it is named, or not at all."""

    evse_id: int = 0
    kind: FaultKind | None = None


class PresentToken(msgspec.Struct, frozen=True):
    """A driver presents an identifier at the EVSE's reader: starts, or ends what the same identifier began."""

    evse_id: int
    id_token: IdToken


class StopLocally(msgspec.Struct, frozen=True):
    """The operator stops the transaction as the identifier that began it would (orderly shutdown, `x`)."""

    evse_id: int


class ConnectTrouble(StrEnum):
    """Why no connection came about, as far as the station does something about it."""

    UNAUTHORIZED = "unauthorized"
    CERTIFICATE = "certificate"  # the CSMS's is not valid
    TLS_VERSION = "tls-version"
    TLS_CIPHER = "tls-cipher"
    OTHER = "other"


class ConnectFailed(msgspec.Struct, frozen=True):
    """An attempt to connect failed; `text` is for people."""

    trouble: ConnectTrouble = ConnectTrouble.OTHER
    text: str = ""


class Linked(msgspec.Struct, frozen=True):
    """The WebSocket is open with an agreed subprotocol. `slot` is the network profile that was dialled; None: the one
    that was to be. `keeps_values`: its version wants clock-aligned values queued like messages of transactions."""

    slot: int | None = None
    keeps_values: bool = False


class LinkLost(msgspec.Struct, frozen=True):
    """The WebSocket is gone; `reason` is for people."""

    reason: str


class Answered(msgspec.Struct, frozen=True):
    """The CSMS answered the message that was sent as `ref`."""

    ref: int
    answer: Answer


class Failed(msgspec.Struct, frozen=True):
    """The message sent as `ref` got a CALLERROR (`code` from OCPP-J 4.3), an answer that cannot be read, or no
    answer in time (`code` is "Timeout")."""

    ref: int
    code: str
    description: str = ""


class Requested(msgspec.Struct, frozen=True):
    """The CSMS asks for something: exactly one Reply with the same `ref` comes out. `size` is that of the message as it
    came, in bytes."""

    ref: str
    request: Request
    size: int = 0


class BadFrame(msgspec.Struct, frozen=True):
    """The CSMS sent what is no valid OCPP; `fault` says what is wrong with it, and holds nothing secret."""

    fault: str


class Uploaded(msgspec.Struct, frozen=True):
    """The file of the Upload `ref` has arrived."""

    ref: int


class UploadFailed(msgspec.Struct, frozen=True):
    """The file of the Upload `ref` has not: `status` is what the CSMS is told, `reason` is for people."""

    ref: int
    status: UploadLogStatus
    reason: str


class SetVariable(msgspec.Struct, frozen=True):
    """A local change of a device-model variable, such as the operator's or the configuration's."""

    component: str
    variable: str
    value: str


class AddToCache(msgspec.Struct, frozen=True):
    """The operator has the cache know an identifier, as if the CSMS had said that of it."""

    id_token: IdToken
    info: IdTokenInfo


class FailResets(msgspec.Struct, frozen=True):
    """So many attempts to reset the station fail from now on (OCPPCommCtrlr.ResetRetries)."""

    count: int


class TransferData(msgspec.Struct, frozen=True):
    """The operator sends a DataTransfer (P02)."""

    message: DataTransfer


class SetLimit(msgspec.Struct, frozen=True):
    """A limit from outside, such as a house's controller's: in W, or in A for each phase; neither takes it away.

    `source` is its stable word in the chain of limits, `name` is for people.
    """

    evse_id: int
    source: str
    name: str
    power_w: float | None = None
    current_a: float | None = None


class SetEnergyTarget(msgspec.Struct, frozen=True):
    """How much the running transaction may charge, or else the next one; then it ends. None takes that away."""

    evse_id: int
    energy_wh: float | None = None


class Tick(msgspec.Struct, frozen=True):
    """The deadline the station asked for has come, or somebody wants fresh readings."""


Event = (
    PlugIn
    | Unplug
    | UnplugAtStation
    | OccupyBay
    | EvWants
    | EvFull
    | Fault
    | ClearFaults
    | PresentToken
    | StopLocally
    | ConnectFailed
    | Linked
    | LinkLost
    | Answered
    | Failed
    | Requested
    | BadFrame
    | Uploaded
    | UploadFailed
    | SetVariable
    | AddToCache
    | TransferData
    | FailResets
    | SetLimit
    | SetEnergyTarget
    | Tick
)
