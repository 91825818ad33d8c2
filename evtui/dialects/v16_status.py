"""The nine statuses of OCPP 1.6, and connector 0 (S16 4.9): they follow from how connectors are used.

The CSMS is told the present status and no history, whatever happened without a link (S16 4.9, rules 1 to 3).
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from evtui.dialects.v16_numbering import WHOLE
from evtui.sim.connector_use import ConnectorUse
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.faults import Standing
from evtui.sim.terms import ChargingState, ConnectorStatus


class Status(StrEnum):
    """ChargePointStatus."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


EV_SIDE_DISCONNECTED = "EV side disconnected"


NO_ERROR = "NoError"


class Told(NamedTuple):
    """A status as it is told; `info` says more. `error` is a ChargePointErrorCode: a warning, where the status is not
    Faulted; `vendor_error` the maker's own code for it."""

    status: Status
    info: str = ""
    error: str = NO_ERROR
    vendor_error: str = ""


_PLAIN: Mapping[ConnectorStatus, Status] = MappingProxyType(
    {
        ConnectorStatus.RESERVED: Status.RESERVED,
        ConnectorStatus.UNAVAILABLE: Status.UNAVAILABLE,
        ConnectorStatus.FAULTED: Status.FAULTED,
    }
)
_IN_TRANSACTION: Mapping[ChargingState, Told] = MappingProxyType(
    {
        ChargingState.CHARGING: Told(Status.CHARGING),
        ChargingState.SUSPENDED_EV: Told(Status.SUSPENDED_EV),
        ChargingState.SUSPENDED_EVSE: Told(Status.SUSPENDED_EVSE),
        ChargingState.IDLE: Told(Status.SUSPENDED_EV, EV_SIDE_DISCONNECTED),
    }
)
_ERRORS: Mapping[FaultKind, str] = MappingProxyType(
    {
        FaultKind.GROUND_FAULT: "GroundFailure",
        FaultKind.OVERCURRENT: "OverCurrentFailure",
        FaultKind.OVER_TEMPERATURE: "HighTemperature",
        FaultKind.CONTACTOR_WELD: "PowerSwitchFailure",
        FaultKind.POWER_QUALITY: "UnderVoltage",
        FaultKind.PROBLEM: "InternalError",
        FaultKind.EMERGENCY_STOP: "OtherError",
        FaultKind.LOCK_FAILURE: "ConnectorLockFailure",
    }
)
_CHARGES = (Status.CHARGING, Status.SUSPENDED_EV, Status.SUSPENDED_EVSE)
_RESTS = (Status.FINISHING, Status.RESERVED)


def status(use: ConnectorUse, before: Status | None, *, used: bool) -> Told:
    """What to tell of a connector. `before` is what was told last; `used`: a driver has charged here since the cable
    came in. The first row that holds:

    | | |
    |---|---|
    | Reserved, Unavailable, Faulted | the same |
    | Available, and a driver is authorized here | Preparing |
    | Available | Available |
    | a transaction: energy flows, or the car or the EVSE suspends it | Charging, SuspendedEV, SuspendedEVSE |
    | a transaction, the car is off the cable | SuspendedEV |
    | a transaction, nothing is offered, its driver is gone | SuspendedEVSE |
    | a transaction, the contactor is about to close | Preparing, or what it was |
    | no transaction, but one was here | Finishing |
    | no transaction yet | Preparing |
    """
    plain = _PLAIN.get(use.status)
    if plain is not None:
        return Told(plain)
    if use.status is ConnectorStatus.AVAILABLE:
        return Told(Status.PREPARING if use.authorized else Status.AVAILABLE)
    if use.transaction_id is not None:
        told = _IN_TRANSACTION.get(use.charging_state)
        if told is not None and (used or use.charging_state is not ChargingState.IDLE):
            return told
        if used and not use.authorized:
            return Told(Status.SUSPENDED_EVSE)
        return Told(before if before in _CHARGES else Status.PREPARING)
    if not used or use.authorized:
        return Told(Status.PREPARING)
    return Told(Status.FINISHING, EV_SIDE_DISCONNECTED if use.charging_state is ChargingState.IDLE else "")


def with_fault(told: Told, fault: Standing | None) -> Told:
    """What is wrong there stands beside the status, cut to the length of its fields."""
    if fault is None:
        return told
    return Told(told.status, told.info or fault.tech_info[:50], _ERRORS[fault.kind], fault.tech_code[:50])


def way(before: Status | None, to: Told) -> tuple[Told, ...]:
    """What is told on the way from one status to another, `to` included: S16 4.9 has no step from a connector that
    rests to one that charges, and wants Finishing told when the car leaves in the middle."""
    if before in _RESTS and to.status in _CHARGES:
        return Told(Status.PREPARING), to
    if before in _CHARGES and to.status is Status.AVAILABLE:
        return Told(Status.FINISHING, EV_SIDE_DISCONNECTED), to
    return (to,)


class Statuses:
    """What the CSMS was told of each connector, and what it has to be told."""

    __slots__ = ("_known", "_seen", "_told", "_used")

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._known: dict[int, Told] = {}  # the CSMS has taken note
        self._told: dict[int, Told] = {}  # or will, if the link lasts
        self._used: set[int] = set()

    def booted(self) -> None:
        """The CSMS accepted the station: it is told everything (ERR-16 3.22)."""
        self._known.clear()
        self.linked()

    def linked(self) -> None:
        """There is a new link: what nobody answered on the last one was not told."""
        self._told = dict(self._known)
        self._seen = ()

    def noted(self, number: int, told: Told) -> None:
        """The CSMS has taken note of this, or failed to."""
        self._known[number] = told

    def news(
        self, uses: Sequence[ConnectorUse], *, operative: bool = True, fault: Standing | None = None
    ) -> Iterator[tuple[int, Told]]:
        """What is new since the last look, by connector number. `operative` and `fault` are those of the station as a
        whole."""
        seen = (uses, operative, fault)
        if seen == self._seen:
            return
        self._seen = seen
        runs = any(use.transaction_id is not None for use in uses)
        whole = Told(Status.AVAILABLE if operative or runs else Status.UNAVAILABLE)
        if fault is not None:
            whole = with_fault(Told(Status.FAULTED), fault)
        if self._told.get(WHOLE) != whole:
            self._told[WHOLE] = whole
            yield WHOLE, whole
        for number, use in enumerate(uses, 1):
            yield from self._of_connector(number, use)

    def _of_connector(self, number: int, use: ConnectorUse) -> Iterator[tuple[int, Told]]:
        told = self._told.get(number)
        before = None if told is None else told.status
        if use.status in (ConnectorStatus.AVAILABLE, ConnectorStatus.UNAVAILABLE):
            self._used.discard(number)  # whoever's cable is in after that may begin anew (H2)
        elif use.authorized and use.transaction_id is not None:
            self._used.add(number)
        now = with_fault(status(use, before, used=number in self._used), use.fault)
        if now == told:
            return
        self._told[number] = now
        for step in way(before, now):
            yield number, step
