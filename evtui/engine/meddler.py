"""Rules on the wire of one station, at work between its RPC engine and its connection."""

from evtui.engine.board import Board
from evtui.engine.exchange import Exchange
from evtui.engine.link import Connection
from evtui.engine.voice import Voice
from evtui.errors import LinkError, LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.frame import Direction, as_text
from evtui.ocppj.masking import Masker
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.rules.lanes import Active, Held, Lanes, Step, Verdict
from evtui.ocppj.rules.rule import Rule
from evtui.sim.chance import Chance
from evtui.sim.instant import Instant

GOODBYE_S = 5.0
"""How long an orderly goodbye waits for frames that are still on their way."""

_CUT = 1006


class Meddler:
    """`lanes` are there only while there are rules, or frames that they still have in their hands: without, a frame
    costs nothing more."""

    __slots__ = ("_board", "_counted", "_exchange", "_seed", "_station_id", "_version", "_voice", "lanes")

    def __init__(self, station_id: str, seed: int, board: Board, voice: Voice) -> None:
        self.lanes: Lanes | None = None
        self._station_id = station_id
        self._seed = seed
        self._board = board
        self._voice = voice
        self._exchange: Exchange | None = None
        self._version = ""
        self._counted = (0, 0)

    # -- what is asked of it ----------------------------------------------------------------------

    @property
    def rules(self) -> tuple[Active, ...]:
        """The rules at work."""
        return () if self.lanes is None else self.lanes.rules

    @property
    def held(self) -> tuple[Held, ...]:
        """The frames that are held, the oldest first."""
        return () if self.lanes is None else self.lanes.held

    def add(self, rule: Rule, now: Instant, *, told: bool = True) -> Rule:
        """From now on the rule meets frames; gives it as it is called here. LocalError as from Lanes."""
        lanes = self.lanes or Lanes(self._station_id, self._dice)
        if self.lanes is None and self._exchange is not None:
            lanes.linked(self._version, self._exchange.peek, now.elapsed_s)
        rule = lanes.add(rule, now.elapsed_s)
        self.lanes = lanes
        self._rest()
        if told:
            self._tell("rule-added", f"{rule.name}: {rule}")
        return rule

    def remove(self, name: str) -> Rule:
        """It meets no frame any more. LocalError if there is none of that name."""
        if self.lanes is None:
            raise LocalError(f"there is no rule {printable(name, 40)}: there are none")
        rule = self.lanes.remove(name)
        self._rest()
        self._tell("rule-removed", rule.name)
        return rule

    def release(self, number: int | None, verdict: Verdict, now: Instant) -> Held:
        """Lets a held frame go, the oldest without a number. LocalError as from Lanes."""
        if self.lanes is None:
            raise LocalError("no frame is held")
        held = self.lanes.release(number, verdict, now.elapsed_s)
        self._rest()
        self._tell("frame-released", f"{held.meta.action or held.meta.type.name} {held.direction.name}: {verdict.what}")
        return held

    # -- what the session does with it ------------------------------------------------------------

    def linked(self, exchange: Exchange, version: str, now: Instant) -> None:
        """There is a connection."""
        self._exchange, self._version = exchange, version
        if self.lanes is not None:
            self.lanes.linked(version, exchange.peek, now.elapsed_s)

    def unlinked(self, now: Instant, masker: Masker) -> None:
        """The connection is gone, and with it what was on its way."""
        self._exchange = None
        if self.lanes is not None:
            for step in self.lanes.lost(now.elapsed_s):
                self.record(step, step.meta, now, masker)
            self._rest()

    def gone(self) -> None:
        """The station was taken away: its share of the figures goes too."""
        self._count(0, 0)

    @property
    def due_s(self) -> float | None:
        """The elapsed time of the next step."""
        return None if self.lanes is None else self.lanes.deadline_s

    def sends_until(self, now: Instant) -> float | None:
        """When the next frame goes out for which an orderly goodbye has to wait, as the buffers of TCP would let it
        pass."""
        lanes = self.lanes
        if lanes is None or not lanes.sending or lanes.deadline_s is None:
            return None
        return lanes.deadline_s if lanes.deadline_s <= now.elapsed_s + GOODBYE_S else None

    def receive(self, text: str | bytes, exchange: Exchange, now: Instant) -> None:
        """A frame of the peer comes to its lane."""
        self._put(Direction.RECEIVED, exchange.peek(as_text(text)), text, now)

    async def step(self, exchange: Exchange, connection: Connection, now: Instant, masker: Masker) -> Step | None:
        """What goes out comes to its lane; the next step that is due, in either, is made. Gives it if it is a frame for
        the station. LinkError: a rule has cut the connection."""
        while exchange.outgoing:
            frame = exchange.outgoing.pop(0)
            self._put(Direction.SENT, frame.meta, frame.text, now)
        step = None if self.lanes is None else self.lanes.take(now.elapsed_s)
        if step is None:
            return None
        if step.kind == "cut":
            connection.abort()
            raise LinkError(f"the connection was cut on purpose: {step.note}", _CUT)
        if step.kind == "pass" and step.direction is Direction.RECEIVED:
            return step
        if step.kind == "pass":
            await connection.send(as_text(step.text))
        self.record(step, step.meta, now, masker)
        self._rest()
        return None

    def record(self, step: Step, meta: FrameMeta, now: Instant, masker: Masker) -> None:
        """Puts a frame among the others, with what was done to it."""
        self._board.tap.record_step(now, self._station_id, step, meta, masker)
        self._rest()

    # -- how it works -----------------------------------------------------------------------------

    def _dice(self, rule: str) -> Chance:
        return Chance(self._seed, self._station_id, f"rule {rule}")

    def _put(self, direction: Direction, meta: FrameMeta, text: str | bytes, now: Instant) -> None:
        assert self.lanes is not None
        held = len(self.lanes.held)
        self.lanes.put(direction, meta, text, now.elapsed_s)
        if len(self.lanes.held) > held:
            self._tell("frame-held", f"{meta.action or meta.type.name} {direction.name}")
        self._rest()

    def _rest(self) -> None:
        if self.lanes is not None and self.lanes.idle:
            self.lanes = None
        self._count(len(self.rules), len(self.held))

    def _count(self, rules: int, held: int) -> None:
        before, self._counted = self._counted, (rules, held)
        self._board.rules += rules - before[0]
        self._board.held += held - before[1]

    def _tell(self, kind: str, text: str) -> None:
        self._voice.announce(kind, printable(text, 300))
