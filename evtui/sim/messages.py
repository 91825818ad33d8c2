"""What a station says and is told, in the terms of OCPP 2.0.1 but of no version: the dialects render and parse these.

Optional fields are None where the message says nothing of them. Times are aware UTC.
"""

from datetime import datetime

import msgspec

from evtui.sim.fault_kinds import FaultKind
from evtui.sim.memory import Variant
from evtui.sim.terms import (
    AuthorizationStatus,
    BootReason,
    ChargingState,
    ConnectorStatus,
    DataTransferStatus,
    IdTokenType,
    Location,
    Measurand,
    Phase,
    ReadingContext,
    RegistrationStatus,
    ReservationUpdateStatus,
    StoppedReason,
    TransactionEventType,
    TriggerReason,
    UploadLogStatus,
)
from evtui.sim.variables.notify_event import NotifyEvent
from evtui.sim.variables.reports import NotifyReport

LONGEST = 36
"""Characters of an identifier."""


class IdToken(msgspec.Struct, frozen=True):
    """An identifier as a driver presents it: at most 36 characters; "" for NoAuthorization (C02.FR.01)."""

    id_token: str
    type: IdTokenType = IdTokenType.ISO14443

    @property
    def key(self) -> tuple[IdTokenType, str]:
        """What two that are the same have in common: type, and text without case (C01.FR.25)."""
        return self.type, self.id_token.casefold()


class IdTokenInfo(msgspec.Struct, frozen=True):
    """What a CSMS says of an identifier; `evse_ids` restricts it to these (C01.FR.20)."""

    status: AuthorizationStatus
    group_id_token: IdToken | None = None
    cache_expiry: datetime | None = None
    evse_ids: tuple[int, ...] = ()


class Sample(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """One measured value in the measurand's own unit: Wh, W, A, V, Hz, Percent; at most six decimals (part 2,
    primitive datatypes). Kept without its fields' names: new fields go to the end."""

    measurand: Measurand
    value: float
    context: ReadingContext
    phase: Phase | None = None
    location: Location | None = None


class MeterValue(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Samples taken at one moment; kept as they are."""

    timestamp: datetime
    samples: tuple[Sample, ...]


# -- what a station asks --------------------------------------------------------------------------


class BootNotification(Variant, frozen=True):
    """B01-B03. Vendor, model, serial and firmware version come from the station's specification."""

    reason: BootReason
    vendor: str
    model: str
    serial_number: str | None
    firmware_version: str | None


class Heartbeat(Variant, frozen=True):
    """G02."""


class StatusNotification(Variant, frozen=True):
    """G01; `timestamp` is when the status changed. `fault` is why it is Faulted: 2.0.1 has a NotifyEvent for that."""

    timestamp: datetime
    evse_id: int
    connector_id: int
    status: ConnectorStatus
    fault: FaultKind | None = None


class Authorize(Variant, frozen=True):
    """C01."""

    id_token: IdToken


class TransactionEvent(Variant, frozen=True):
    """E01-E13. Whether it was `offline` is known when it is sent, so it is not part of the record. `register_wh` is the
    meter's register, which other versions tell of each beginning and end."""

    event_type: TransactionEventType
    timestamp: datetime
    trigger_reason: TriggerReason
    seq_no: int
    transaction_id: str
    charging_state: ChargingState | None = None
    time_spent_charging_s: int | None = None
    stopped_reason: StoppedReason | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    id_token: IdToken | None = None
    meter_values: tuple[MeterValue, ...] = ()
    number_of_phases_used: int | None = None
    cable_max_current_a: int | None = None
    register_wh: float = 0.0


class MeterValues(Variant, frozen=True):
    """J01: clock-aligned values of one EVSE; `evse_id` 0 is the station's own meter. `transaction_id` is that of the
    transaction that ran there when they were taken."""

    evse_id: int
    meter_values: tuple[MeterValue, ...]
    transaction_id: str | None = None


class SecurityEvent(Variant, frozen=True):
    """A04; `type` is from the standard's list of security events."""

    type: str
    timestamp: datetime
    tech_info: str | None = None


class ReservationStatusUpdate(Variant, frozen=True):
    """H01, H04: a reservation is no longer there, though nobody used it."""

    reservation_id: int
    status: ReservationUpdateStatus


class DataTransfer(Variant, frozen=True):
    """P01, P02: either side may send it. `data` is JSON, as text."""

    vendor_id: str
    message_id: str | None = None
    data: str | None = None


class LogStatus(Variant, frozen=True):
    """N01: how an upload of logs is; Idle, without a `request_id`, when there is none (N01.FR.13)."""

    status: UploadLogStatus
    request_id: int | None = None


class NotifyCustomerInformation(Variant, frozen=True):
    """N09, N10: one page of at most 512 characters; `to_be_continued` on all but the last."""

    request_id: int
    data: str
    seq_no: int
    generated_at: datetime
    to_be_continued: bool


class FirmwareStatus(Variant, frozen=True):
    """L01: how a firmware update is; Idle when there is none."""

    status: str


Message = (
    BootNotification
    | Heartbeat
    | StatusNotification
    | Authorize
    | TransactionEvent
    | MeterValues
    | SecurityEvent
    | NotifyReport
    | NotifyEvent
    | ReservationStatusUpdate
    | DataTransfer
    | LogStatus
    | NotifyCustomerInformation
    | FirmwareStatus
)
"""Variants, because the outbox keeps them."""


# -- what a station is answered -------------------------------------------------------------------


class BootAnswer(msgspec.Struct, frozen=True):
    status: RegistrationStatus
    interval_s: int
    current_time: datetime


class HeartbeatAnswer(msgspec.Struct, frozen=True):
    current_time: datetime


class AuthorizeAnswer(msgspec.Struct, frozen=True):
    info: IdTokenInfo


class TransactionEventAnswer(msgspec.Struct, frozen=True):
    """`info` is there when the CSMS judged the token; `total_cost` when it told a price (0.0 means free)."""

    info: IdTokenInfo | None = None
    total_cost: float | None = None


class DataTransferAnswer(msgspec.Struct, frozen=True):
    """P01, P02: `data` is JSON, as text."""

    status: DataTransferStatus
    data: str | None = None


class EmptyAnswer(msgspec.Struct, frozen=True):
    """The CSMS took note."""


Answer = BootAnswer | HeartbeatAnswer | AuthorizeAnswer | TransactionEventAnswer | DataTransferAnswer | EmptyAnswer
