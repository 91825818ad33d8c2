"""The linter: hands each station's frames to the rules of its version, and keeps what they find."""

from collections.abc import Callable, Iterable, Iterator

from evtui.csms.lint.boot import BOOT, Boot
from evtui.csms.lint.findings import MOST, Finding, Findings
from evtui.csms.lint.registers import Registers
from evtui.csms.lint.rpc import Wire
from evtui.csms.lint.seeing import LOOKED_INTO, said
from evtui.csms.lint.seen import CALLRESULT, Seen
from evtui.csms.lint.transactions import Transactions
from evtui.csms.lint.v16 import OldTransactions
from evtui.ocppj.received import Outgoing


class Judge:
    """The rules that watch one station."""

    __slots__ = ("_boot", "_findings", "_linter", "_station_id", "_transactions", "_wire", "registers")

    def __init__(self, linter: "Linter", station_id: str, version: str, speed: float) -> None:
        self._linter = linter
        self._station_id = station_id
        self._findings = Findings()
        self._wire = Wire()
        self._boot = Boot()
        self.registers = Registers(speed)
        self._transactions = OldTransactions(self.registers) if version == "1.6" else Transactions(self.registers)

    @property
    def findings(self) -> Findings:
        """What they have found."""
        return self._findings

    def opened(self, registration: str | None, running: Iterable[str]) -> None:
        """The station has connected; so the CSMS knows it, and these of its transactions run."""
        self._wire.opened()
        self._boot.opened(registration)
        self._transactions.opened(running)

    def station(self, seen: Seen) -> None:
        """A frame of the station."""
        tell = self._tell
        self._wire.station(seen, tell)
        self._boot.station(seen, tell)
        self._transactions.station(seen, tell)

    def csms(self, outgoing: Outgoing, number: int, at: float, proper: bool) -> None:
        """A frame of the CSMS, by its number, at a moment (Unix time); `proper`: it is not wrong on purpose."""
        meta = outgoing.meta
        if proper and meta.type is CALLRESULT and meta.action not in LOOKED_INTO:
            self._wire.answered(meta.message_id)
            self._transactions.answered(meta.action, meta.message_id)
        else:
            self._look_into(said(outgoing, number, at, proper))

    def _look_into(self, seen: Seen) -> None:
        tell = self._tell
        self._wire.csms(seen, tell)
        if seen.type is not CALLRESULT or seen.action == BOOT:
            self._boot.csms(seen, tell)
        self._transactions.csms(seen, tell)

    def unanswered(self, action: str, frame: int, at: float) -> None:
        """A CALL of the CSMS was not answered in time."""
        self._add("no-answer", action, f"{action} was not answered in time", frame, at)

    def _tell(self, name: str, seen: Seen, subject: str, text: str) -> None:
        self._add(name, subject, text, seen.number, seen.at)

    def _add(self, name: str, subject: str, text: str, frame: int, at: float) -> None:
        if not (self._linter.room or len(self._findings)):
            return
        new = self._findings.add(self._station_id, name, subject, text, frame, at)
        if new is not None:
            self._linter.count += 1
            if self._linter.on_finding is not None:
                self._linter.on_finding(new)


class Linter:
    """All stations' rules. `speed`: how much faster than life the physics of stations runs that do not say.
    `on_finding` is told of each finding when it comes for the first time."""

    def __init__(self, speed: float = 1.0, on_finding: Callable[[Finding], None] | None = None) -> None:
        self._speed = speed
        self.on_finding = on_finding
        self._judges: dict[str, tuple[str, Judge]] = {}
        self.count = 0

    @property
    def room(self) -> bool:
        """Whether more stations may have findings."""
        return self.count < MOST

    @property
    def stations(self) -> tuple[str, ...]:
        """The ids of all that were watched."""
        return tuple(self._judges)

    def judge(self, station_id: str, version: str, speed: float | None = None) -> Judge:
        """The rules for a station, which go on from its last connection if it still speaks that version. `speed` is
        what it has said of its physics."""
        known = self._judges.get(station_id)
        speed = self._speed if speed is None else speed
        if known is not None and known[0] == version:
            known[1].registers.speed = speed
            return known[1]
        judge = Judge(self, station_id, version, speed)
        if known is not None:
            judge._findings = known[1].findings
        self._judges[station_id] = (version, judge)
        return judge

    def findings(self, station_id: str | None = None) -> Iterator[Finding]:
        """What was found, of one station or of all, each station's in order."""
        if station_id is None:
            for _, judge in self._judges.values():
                yield from judge.findings
        elif station_id in self._judges:
            yield from self._judges[station_id][1].findings
