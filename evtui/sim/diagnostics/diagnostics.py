"""The station's diary: everything that is written down there, and what a CSMS may have of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from evtui.sim.actions import CancelUpload, ForgetCustomer, Notice, NoticeKind, Upload
from evtui.sim.authorization import shown
from evtui.sim.diagnostics.accounts import Accounts
from evtui.sim.diagnostics.customer import Customers, Keeper
from evtui.sim.diagnostics.guests import Guests
from evtui.sim.diagnostics.journal import Journal
from evtui.sim.diagnostics.lines import plain
from evtui.sim.diagnostics.log_upload import LogUpload
from evtui.sim.diagnostics.security_log import CRITICAL, SecurityEventType, SecurityLog
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.link.line import Line
from evtui.sim.memory import Memory
from evtui.sim.messages import IdToken, LogStatus, SecurityEvent, TransactionEvent
from evtui.sim.requests import CustomerInformation, GetLog, LogAnswer, StatusAnswer, StatusInfo
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import IdTokenType, LogType

Effect = Callable[[Instant], None]

MOST_PAGES_WAITING = 20
"""Messages that the CSMS asked for and that may wait when it asks for a customer's data."""

BAD_FRAMES_S = 60.0
"""Between two security events about invalid messages: a CSMS that sends nothing else must not fill the log."""

_SAMPLE: Final = NoticeKind.SAMPLE
_WARNINGS = (
    NoticeKind.WARNING,
    NoticeKind.FAULT,
    NoticeKind.DISCARDED,
    NoticeKind.REFUSED,
    NoticeKind.IMPOSSIBLE,
    NoticeKind.DATA_TRANSFER_FAILED,
)


class Back(Protocol):
    """The station behind its diary."""

    def act(self, action: Upload | CancelUpload | ForgetCustomer) -> None:
        """Has something carried out."""

    def say(self, kind: NoticeKind, text: str) -> None:
        """A notice."""


class Diagnostics:
    """Writes both logs, and serves GetLog and CustomerInformation. A part that remembers identifiers joins `keepers`
    when it is made."""

    __slots__ = (
        "_accounts",
        "_clock",
        "_customers",
        "_line",
        "_next_bad_frame_s",
        "_security",
        "_station",
        "_unreachable",
        "journal",
        "keepers",
        "upload",
    )

    def __init__(
        self, station: Back, station_id: str, clock: StationClock, line: Line, evses: Sequence[Evse], memory: Memory
    ) -> None:
        self._station = station
        self._clock = clock
        self._line = line
        self._unreachable = ""
        self._next_bad_frame_s = 0.0
        self.journal = Journal(memory)
        self._security = SecurityLog(memory)
        self._accounts = Accounts(memory)
        self.upload = LogUpload(self, station_id, self._lines)
        mentions = _Mentions(self.journal, self._accounts, station)
        self.keepers: list[Keeper] = [Guests(evses), mentions, self._accounts]  # the accounts know what is mentioned
        self._customers = Customers(self.keepers, line.put_asked)

    def _lines(self, log: LogType) -> Iterator[str]:
        return self._security.lines() if log is LogType.SECURITY else self.journal.lines()

    # -- writing ----------------------------------------------------------------------------------

    def write(self, text: str, now: Instant, *, warning: bool = False) -> None:
        """A line of the diagnostics log."""
        self.journal.add(self._clock.read(now), f"{'WARNING' if warning else 'INFO'} {text}")

    def note(self, notice: Notice, now: Instant) -> None:
        """Whatever the station tells is written down, but for samples."""
        kind, transaction_id = notice.kind, notice.transaction_id
        if kind is _SAMPLE:
            return
        place = f"EVSE {notice.evse_id} " if notice.evse_id else ""
        words = [notice.text] if notice.text else []
        if kind is NoticeKind.SESSION_ENDED and transaction_id is not None and notice.energy_wh is not None:
            words.append(f"{notice.energy_wh / 1000.0:.3f} kWh")
            self._accounts.charged(transaction_id, notice.energy_wh)
        if transaction_id is not None:
            words.append(f"transaction {transaction_id}")
        told = ", ".join(words)
        self.write(f"{place}{kind}{f': {told}' if told else ''}", now, warning=kind in _WARNINGS)

    def connected(self, slot: int, now: Instant) -> None:
        """A link stands, by that network profile."""
        self._unreachable = ""
        self.write(f"connected to the CSMS by network profile {slot}", now)

    def unreachable(self, why: str, now: Instant) -> None:
        """An attempt to connect failed. Attempts that fail like the one before are not written down again."""
        if why != self._unreachable:
            self._unreachable = why
            self.write(f"cannot connect to the CSMS: {why}", now, warning=True)

    def bad_frame(self, fault: str, now: Instant) -> None:
        """The CSMS sent something invalid; of many in a row, one in a while is enough."""
        if now.elapsed_s >= self._next_bad_frame_s:
            self._next_bad_frame_s = now.elapsed_s + BAD_FRAMES_S
            self.alarm(SecurityEventType.INVALID_MESSAGES, now, fault)

    def account(self, event: TransactionEvent, evse_id: int) -> None:
        """A transaction event goes to the CSMS."""
        self._accounts.take(event, evse_id)

    def alarm(self, type: SecurityEventType, now: Instant, tech_info: str = "", *, silent: bool = False) -> None:
        """A security event: written down (A04.FR.04), and told to the CSMS when it is critical (A04.FR.01, 02) and not
        `silent`."""
        record = self._security.add(type, self._clock.read(now), tech_info)
        self._station.say(NoticeKind.SECURITY, f"{record.type}{f': {record.tech_info}' if record.tech_info else ''}")
        if CRITICAL[type] and not silent:
            self._line.put_security_event(SecurityEvent(record.type, record.at, record.tech_info or None))

    # -- serving ----------------------------------------------------------------------------------

    def get_log(self, request: GetLog, now: Instant) -> tuple[LogAnswer, Effect | None]:
        """N01."""
        return self.upload.request(request, self._clock.read(now))

    def customer_information(self, request: CustomerInformation, now: Instant) -> tuple[StatusAnswer, Effect | None]:
        """N09, N10; not while much is still to be sent (N09.FR.03)."""
        if self._line.asked > MOST_PAGES_WAITING:
            return StatusAnswer("Rejected", StatusInfo("Unspecified", "another report is under way")), None
        return self._customers.request(request, self._clock.read(now))

    # -- for the upload ---------------------------------------------------------------------------

    def act(self, action: Upload | CancelUpload) -> None:
        self._station.act(action)

    def tell(self, status: LogStatus) -> None:
        self._line.put_asked(status)

    def say(self, kind: NoticeKind, text: str) -> None:
        self._station.say(kind, text)


class _Mentions:
    """The diagnostics log as a keeper of customers' data: lines that name the identifier or one of its transactions."""

    __slots__ = ("_accounts", "_journal", "_station")

    def __init__(self, journal: Journal, accounts: Accounts, station: Back) -> None:
        self._journal = journal
        self._accounts = accounts
        self._station = station

    def known_of(self, id_token: IdToken) -> Iterator[str]:
        names = self._names(id_token)
        return (line for line in self._journal.lines() if _mentions(line, names))

    def busy_with(self, id_token: IdToken) -> bool:
        return False

    def forget(self, id_token: IdToken, now: Instant) -> None:
        names = self._names(id_token)
        self._journal.strike(lambda line: _mentions(line, names))
        self._station.act(ForgetCustomer(tuple(account.transaction_id for account in self._accounts.of(id_token))))

    def _names(self, id_token: IdToken) -> tuple[str, ...]:
        nameless = not id_token.id_token or id_token.type is IdTokenType.KEY_CODE  # never written down (C04.FR.04)
        own = () if nameless else (plain(shown(id_token)).casefold(),)
        return *own, *(plain(account.transaction_id).casefold() for account in self._accounts.of(id_token))


def _mentions(line: str, names: Sequence[str]) -> bool:
    folded = line.casefold()
    return any(name in folded for name in names)
