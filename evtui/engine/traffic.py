"""The traffic of one link: what comes goes to the station's runner, what that puts out goes to the CSMS."""

from typing import Final

from evtui.engine.alarm import Alarm
from evtui.engine.board import Board
from evtui.engine.exchange import Exchange
from evtui.engine.link import Connection
from evtui.engine.meddler import Meddler
from evtui.engine.runner import MESSAGE_TIMEOUT, Runner
from evtui.ocppj.frame import Direction
from evtui.ocppj.masking import Masker
from evtui.ocppj.rules.lanes import Step
from evtui.sim.events import BadFrame, Requested
from evtui.sim.instant import Instant

PING_INTERVAL = "OCPPCommCtrlr.WebSocketPingInterval"

_TOGETHER = 20
"""Frames that a station reads before others have their turn."""

_SENT: Final = Direction.SENT
_RECEIVED: Final = Direction.RECEIVED


class Traffic:
    """Lives as long as its link, until that breaks, or the station hangs up, or somebody says that it `ends`. Rules on
    the wire have each frame in their hands, where there are any; without, nobody has to wait, and a round answers each
    ring of the alarm in place of the task."""

    __slots__ = (
        "_alarm",
        "_board",
        "_connection",
        "_exchange",
        "_masker",
        "_meddler",
        "_obeyed",
        "_ping_s",
        "_runner",
        "_station_id",
        "_took_s",
        "ends",
    )

    def __init__(
        self,
        station_id: str,
        connection: Connection,
        exchange: Exchange,
        runner: Runner,
        meddler: Meddler,
        alarm: Alarm,
        board: Board,
        masker: Masker,
        ping_s: int,
    ) -> None:
        """`ping_s` is how often the connection pings already."""
        self.ends = False
        self._station_id = station_id
        self._connection = connection
        self._exchange = exchange
        self._runner = runner
        self._meddler = meddler
        self._alarm = alarm
        self._board = board
        self._masker = masker
        self._ping_s = ping_s
        self._took_s = board.clock.now().elapsed_s
        self._obeyed = -1  # up to which setting of the variables the link has followed

    async def flow(self) -> None:
        """Frames come and go until something at this end ends the link. LinkError: it broke."""
        runner, connection, exchange = self._runner, self._connection, self._exchange
        while self._stays:
            while exchange.outgoing or self._is_step_due:
                await self.send_next()
            if self._meddler.lanes is None:
                try:
                    await self._alarm.answer(self._round)
                finally:
                    self._alarm.rest()
                continue
            self._obey_variables()
            if not connection.ready:
                await self._alarm.wait(earlier(runner.due_s(), self._meddler.due_s))
            now = self._board.clock.now()
            if connection.ready and runner.powered:
                self._take(connection.take(), now)
            runner.work(now)

    def let_go(self) -> bool:
        """What waited for the disk goes out, and that is all there is to do; says no as a round does."""
        runner, exchange = self._runner, self._exchange
        if not runner.powered or self._meddler.lanes is not None:
            return False
        now = self._board.clock.now()
        runner.put_out_released(exchange, now)
        self._alarm.set(exchange.deadline_s)
        if exchange.outgoing and not self._put_through(now):
            return False
        return runner.hangup is None or self._stays

    async def send_next(self) -> None:
        """The next frame goes out, or the next step of the rules is made. LinkError: the link broke."""
        exchange, now = self._exchange, self._board.clock.now()
        if self._meddler.lanes is not None:
            step = await self._meddler.step(exchange, self._connection, now, self._masker)
            if step is not None:
                self._receive(step.text, now, step)
            return
        frame = exchange.outgoing.pop(0)
        await self._connection.send(frame.text)
        self._board.tap.record(now, self._station_id, _SENT, frame.meta, frame.text, self._masker)

    async def still_sends(self) -> bool:
        """Waits, before a goodbye, for what is still on its way; says no when that is nothing."""
        if self._exchange.outgoing:
            return True
        due_s = self._meddler.sends_until(self._board.clock.now())
        if due_s is not None:
            await self._alarm.wait(due_s)
        return due_s is not None

    # -- how it flows -----------------------------------------------------------------------------

    def _round(self) -> bool:
        """All there is to do, and nothing that has to wait: says no when there is something of that, or the link is to
        end."""
        runner, connection, exchange = self._runner, self._connection, self._exchange
        heard = connection.ready
        more = _TOGETHER
        while runner.powered and self._meddler.lanes is None:
            now = self._board.clock.now()
            if heard:
                self._receive(connection.take(), now)
            runner.work(now)
            if exchange.outgoing and not self._put_through(now):
                return False
            if runner.station.variables.settings != self._obeyed:
                self._obey_variables()
            if not heard or not connection.ready:  # nothing else came in the meantime
                self._alarm.set(runner.due_s())
                return self._stays
            if not self._stays:
                return False
            more -= 1
            if not more:
                self._alarm.ring()  # when others have had their turn
                return True
        return False

    def _put_through(self, now: Instant) -> bool:
        """Sends what there is to send; says no when that has to wait."""
        outgoing, tap = self._exchange.outgoing, self._board.tap
        while outgoing:
            frame = outgoing[0]
            if not self._connection.offer(frame.text):
                return False
            del outgoing[0]
            tap.record(now, self._station_id, _SENT, frame.meta, frame.text, self._masker)
        return True

    def _take(self, text: str | bytes, now: Instant) -> None:
        """A frame comes, to rules on the wire first, where there are any."""
        if self._meddler.lanes is None:
            self._receive(text, now)
        else:
            self._meddler.receive(text, self._exchange, now)

    def _receive(self, text: str | bytes, now: Instant, step: Step | None = None) -> None:
        """`step` is what rules on the wire did with it, if it is through with them."""
        runner, exchange, board, alarm = self._runner, self._exchange, self._board, self._alarm
        came_s, alarm.came_s = alarm.came_s, None
        if came_s is not None and came_s < self._took_s:
            came_s = None  # of a frame that was taken already, as something else rang meanwhile
        self._took_s = now.elapsed_s
        meta, event = exchange.receive(text, now.elapsed_s, runner.registration, came_s)
        if step is None:
            board.tap.record(now, self._station_id, _RECEIVED, meta, text, self._masker, came_s)
        else:
            self._meddler.record(step, meta, now, self._masker)
        if exchange.rtt_s is not None:
            board.pace.round_trips.answered(exchange.rtt_s)
        if meta.fault:
            runner.handle(BadFrame(meta.fault), now)
        if event is not None:
            if type(event) is not Requested:
                runner.voice.trouble = exchange.trouble
            runner.handle(event, now)

    @property
    def _stays(self) -> bool:
        """Nothing at this end ends the link."""
        runner = self._runner
        goes_on = runner.hangup is None or bool(runner.gate.waiting)
        return goes_on and runner.powered and not self.ends

    @property
    def _is_step_due(self) -> bool:
        """Something that rules on the wire have in their hands goes on now."""
        due_s = self._meddler.due_s
        return due_s is not None and due_s <= self._board.clock.now().elapsed_s

    def _obey_variables(self) -> None:
        """What they say of the link holds from now on."""
        variables = self._runner.station.variables
        if variables.settings == self._obeyed:
            return
        self._obeyed = variables.settings
        self._exchange.timeout_s = variables.integer(MESSAGE_TIMEOUT)
        ping_s = variables.integer(PING_INTERVAL)
        if ping_s != self._ping_s:
            self._ping_s = ping_s
            self._connection.ping_every(ping_s)


def earlier(one_s: float | None, other_s: float | None) -> float | None:
    """The earlier of two times, each of which may be none."""
    if one_s is None or other_s is None:
        return other_s if one_s is None else one_s
    return min(one_s, other_s)
