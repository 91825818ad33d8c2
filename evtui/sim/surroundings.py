"""What an EVSE needs of the station around it."""

from typing import Protocol

from evtui.sim.actions import NoticeKind
from evtui.sim.connector import Connector
from evtui.sim.instant import Instant
from evtui.sim.memory import Memory
from evtui.sim.messages import TransactionEvent
from evtui.sim.station_clock import StationClock
from evtui.sim.variables.device_model import DeviceModel


class Say(Protocol):
    """Gives a notice."""

    def __call__(
        self,
        kind: NoticeKind,
        text: str,
        evse_id: int = 0,
        transaction_id: str | None = None,
        power_w: float | None = None,
        energy_wh: float | None = None,
    ) -> None: ...


class Surroundings(Protocol):
    """The station as its EVSEs see it."""

    model: DeviceModel
    clock: StationClock
    memory: Memory

    @property
    def may_begin(self) -> bool:
        """Transactions may begin: the CSMS has accepted the station, or TxBeforeAcceptedEnabled."""

    def operative(self, evse_id: int, connector_id: int) -> bool:
        """The CSMS has not taken that connector out of operation, nor what it is a part of (G03, G04)."""

    def new_id(self) -> str:
        """A transaction id that was never used."""

    def say(
        self,
        kind: NoticeKind,
        text: str,
        evse_id: int = 0,
        transaction_id: str | None = None,
        power_w: float | None = None,
        energy_wh: float | None = None,
    ) -> None:
        """Gives a notice."""

    def report(self, evse_id: int, event: TransactionEvent) -> None:
        """Takes a transaction event for the CSMS."""

    def report_status(self, evse_id: int, connector: Connector, now: Instant) -> None:
        """Takes note that a connector's status changed."""

    def lock_failed(self, evse_id: int, now: Instant) -> None:
        """Takes note that the plug there cannot be locked (G05)."""

    def lags(self, transaction_id: str, behind: int) -> bool:
        """Says whether the CSMS has not taken the last `behind` samples of the transaction yet."""

    def transaction_begins(self, now: Instant) -> None:
        """Takes note that one is about to begin."""

    def transaction_ends(self, now: Instant) -> None:
        """Takes note that one is about to end."""
