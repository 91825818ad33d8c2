"""What a station is built of: frozen, made from the configuration."""

import msgspec

from evtui.sim.link.network_profile import NetworkSpec
from evtui.sim.messages import IdToken
from evtui.sim.terms import ConnectorType, DataTransferStatus


class ConnectorSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One outlet. `phases` is 1 or 3 (0 for DC); a detachable cable limits to `cable_a`. For DC the default says
    nothing: then the cable carries what its plug does (500 A for CCS, 200 A for CHAdeMO)."""

    type: ConnectorType = ConnectorType.STYPE2
    phases: int = 3
    cable_a: float = 32.0


class EvseSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One EVSE: it charges at most one EV at a time, whatever the number of its connectors. `rated_w` in W."""

    connectors: tuple[ConnectorSpec, ...] = (ConnectorSpec(),)
    rated_w: float = 22_000.0


class EvShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of the EV catalogue and its weight in the mix of cars that come."""

    model: str = "default"
    weight: float = 1.0


class TransferReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is answered to a DataTransfer of the CSMS: to one message of a vendor, or to all others of that vendor.
    `data` is JSON, as text."""

    vendor_id: str
    message_id: str | None = None
    status: DataTransferStatus = DataTransferStatus.ACCEPTED
    data: str | None = None


class StationSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A station as it leaves the factory and is set up on site.

    `variables` are initial values, keyed "Component.Variable" or "Component.Variable[instance]". `flow` is conformant
    or classic (see `evtui.sim.flows`). `resume_on_boot`: a transaction that a power cut or a crash broke off goes on;
    otherwise it has ended then. `seed` fixes physics and choices of this station alone. `network` says where it may
    dial, `data_transfer` what it answers to a DataTransfer: UnknownVendorId to all others. `group` is what people call
    stations of this kind.
    """

    id: str
    vendor: str = "evtui"
    model: str = "AC22"
    serial_number: str | None = None
    firmware_version: str | None = None
    evses: tuple[EvseSpec, ...] = (EvseSpec(),)
    evs: tuple[EvShare, ...] = (EvShare(),)
    id_token: IdToken = IdToken("DEADBEEF")
    variables: dict[str, str] = {}
    flow: str = "conformant"
    resume_on_boot: bool = False
    seed: int = 0
    network: NetworkSpec = NetworkSpec()
    data_transfer: tuple[TransferReply, ...] = ()
    group: str = ""
