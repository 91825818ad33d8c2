"""A connector: where its cable is, and the status that follows (G01)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from evtui.sim.fault_kinds import FaultKind
from evtui.sim.spec import ConnectorSpec
from evtui.sim.terms import ConnectorStatus


class Cable(StrEnum):
    """Where the cable is. LEFT: a car was at its end, and it still counts as in use: locked into the socket, or hanging
    while the transaction waits for the car to come back."""

    OUT = "out"
    IN = "in"
    LEFT = "left"


class LockState(StrEnum):
    """How the lock of a connector is; a fixed cable has none."""

    NONE = ""
    OPEN = "open"
    LOCKED = "locked"
    JAMMED = "jammed"


class CableEvent(StrEnum):
    """What moves it."""

    PLUGGED = "plugged"
    PULLED = "pulled"  # at the EV
    PULLED_KEPT = "pulled-kept"  # at the EV; the connector stays in use
    RELEASED = "released"


TRANSITIONS: Mapping[tuple[Cable, CableEvent], Cable] = MappingProxyType(
    {
        (Cable.OUT, CableEvent.PLUGGED): Cable.IN,
        (Cable.LEFT, CableEvent.PLUGGED): Cable.IN,
        (Cable.IN, CableEvent.PULLED): Cable.OUT,
        (Cable.IN, CableEvent.PULLED_KEPT): Cable.LEFT,
        (Cable.LEFT, CableEvent.RELEASED): Cable.OUT,
    }
)
"""What is not listed cannot happen and changes nothing."""

STATUS: Mapping[Cable, ConnectorStatus] = MappingProxyType(
    {
        Cable.OUT: ConnectorStatus.AVAILABLE,
        Cable.IN: ConnectorStatus.OCCUPIED,
        Cable.LEFT: ConnectorStatus.OCCUPIED,
    }
)


class Connector:
    """One connector of an EVSE. `told` is the status that the CSMS has taken note of; one that is not `operative` is
    Unavailable, wherever its cable is (G03), and one with a `fault`, its own or that of what it is a part of, Faulted.
    One that is `closed` for a reset is Unavailable too (B12), and one that is `reserved` stays so when a cable comes in
    (G01.FR.09). The lock of a `jammed` one holds no plug (G05)."""

    __slots__ = ("cable", "closed", "fault", "id", "jammed", "operative", "reserved", "spec", "told")

    def __init__(self, connector_id: int, spec: ConnectorSpec) -> None:
        self.id = connector_id
        self.spec = spec
        self.cable = Cable.OUT
        self.operative = True
        self.fault: FaultKind | None = None
        self.jammed = False
        self.reserved = False
        self.closed = False
        self.told: ConnectorStatus | None = None

    @property
    def usable(self) -> bool:
        """Somebody may charge here."""
        return self.operative and self.fault is None

    @property
    def status(self) -> ConnectorStatus:
        if self.fault is not None:
            return ConnectorStatus.FAULTED
        if self.closed or not self.operative:
            return ConnectorStatus.UNAVAILABLE
        return ConnectorStatus.RESERVED if self.reserved else STATUS[self.cable]

    def move(self, event: CableEvent) -> bool:
        """Says whether the status changed."""
        before = self.status
        self.cable = TRANSITIONS.get((self.cable, event), self.cable)
        return self.status is not before
