"""A session: the thin driver around one station. It waits for the next frame, deadline or command, hands it to the
station, and carries out what comes back."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

from evtui.dialects.registry import DIALECTS, Dialect
from evtui.dialects.translator import Translator
from evtui.engine.alarm import Alarm
from evtui.engine.board import Board
from evtui.engine.door import LinkState
from evtui.engine.ear import Ear, Handled
from evtui.engine.endpoints import endpoint_at
from evtui.engine.exchange import TIMEOUT, ByHand, Exchange
from evtui.engine.gate import Gate, Outgoing
from evtui.engine.gauge import EARLY_S, Gauge
from evtui.engine.ledger import Ledger
from evtui.engine.link import Connect, Connection
from evtui.engine.meddler import Meddler
from evtui.engine.route import Route
from evtui.engine.store import Shelf
from evtui.engine.uploads import Carry, Uploads, carry
from evtui.engine.voice import Voice
from evtui.errors import ConfigError, ConnectError, LinkError
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.fault import printable
from evtui.ocppj.frame import Direction
from evtui.ocppj.masking import Masker
from evtui.ocppj.rpc import new_message_id
from evtui.ocppj.rules.lanes import Held, Step, Verdict
from evtui.ocppj.rules.rule import Rule
from evtui.ocppj.urls import shown
from evtui.sim.actions import (
    Action,
    CancelUpload,
    ForgetCustomer,
    Hangup,
    Notice,
    NoticeKind,
    Persist,
    Reply,
    Send,
    Upload,
)
from evtui.sim.chance import Chance
from evtui.sim.events import (
    BadFrame,
    ConnectFailed,
    ConnectTrouble,
    Event,
    Linked,
    LinkLost,
    Requested,
    StopLocally,
    Tick,
)
from evtui.sim.instant import Instant
from evtui.sim.link.backoff import Backoff
from evtui.sim.memory import Memory
from evtui.sim.messages import TransactionEvent
from evtui.sim.spec import StationSpec
from evtui.sim.station import Station
from evtui.sim.terms import BootReason, RegistrationStatus

OPEN_TIMEOUT_S = 10.0
LEAST_WAIT_S = 0.1
"""Between two attempts to connect, whatever the variables say: refusals must not eat the machine."""

MAX_FRAME = 1 << 20
"""Bytes of a frame that is still read; a longer one ends the connection."""

_SOON_S = 2.0
"""If the station does something by then, what is deleted until then is written together with that."""

_TOGETHER = 20
"""Frames that a station reads before others have their turn."""

_LINK_STATES = {
    None: LinkState.BOOTING,
    RegistrationStatus.ACCEPTED: LinkState.ONLINE,
    RegistrationStatus.PENDING: LinkState.PENDING,
    RegistrationStatus.REJECTED: LinkState.REJECTED,
}
_TICK = Tick()
_MESSAGES: Final = (Send, Reply)
_PING = "OCPPCommCtrlr.WebSocketPingInterval"
_TIMEOUT = "OCPPCommCtrlr.MessageTimeout[Default]"


class Session:
    """One station and its link. What it offers to views are plain attributes; commands come in by `post`."""

    __slots__ = (
        "_alarm",
        "_backoff",
        "_board",
        "_chance",
        "_clock",
        "_closing",
        "_connection",
        "_endpoint",
        "_exchange",
        "_gate",
        "_hangup",
        "_inbox",
        "_leaving",
        "_masker",
        "_memory",
        "_new_id",
        "_obeyed",
        "_ping_s",
        "_queued",
        "_registration",
        "_route",
        "_slot",
        "_translators",
        "_uploads",
        "_voice",
        "gauge",
        "id",
        "meddler",
        "name",
        "powered",
        "retry_at",
        "shelf",
        "spec",
        "station",
        "url",
        "version",
    )

    def __init__(
        self,
        spec: StationSpec,
        endpoint: Endpoint,
        board: Board,
        connect: Connect,
        carry: Carry = carry,
        shelf: Shelf | None = None,
        new_id: Callable[[], str] = new_message_id,
    ) -> None:
        """`shelf` is where the station's state is kept; without one it lasts as long as this. `new_id` makes the ids of
        messages and transactions. DamagedError: what is there cannot be read."""
        now = board.clock.now()
        self.name = self.id = spec.id
        self.spec = spec
        self.url = shown(endpoint.url)
        self.shelf = shelf
        self._memory = Memory(None if shelf is None else shelf.take())
        self._new_id = new_id
        self.station = Station(spec, now, board.clock.speed, new_id, self._memory)
        self.gauge = Gauge(board, self.station)
        self._voice = Voice(spec.id, board)
        self.meddler = Meddler(spec.id, spec.seed, board, self._voice)
        for reading in self.gauge.readings:  # one that goes on where an earlier life broke off
            if reading.transaction_id is not None and reading.transaction_started is not None:
                self.ledger.started(reading.transaction_id, reading.evse_id, reading.transaction_started.timestamp())
        self.version = ""
        self.retry_at: float | None = None
        self._endpoint = endpoint
        self._masker = Masker(_passwords(endpoint, self.station))
        self._slot = 1
        self._ping_s = 0
        self._obeyed = -1  # up to which setting of the variables the link has followed
        self._board = board
        self._clock = board.clock
        self.powered = True
        self._route = Route(connect, carry, board.clock)
        self._alarm = Alarm(board.clock)
        self._gate = Gate(shelf, self._kept)
        self._uploads = Uploads(self._route.carry, self.post)
        self._inbox: list[Event] = []
        self._connection: Connection | None = None
        self._exchange: Exchange | None = None
        self._translators: dict[str, Translator] = {}  # by version: each outlasts its links
        self._registration: RegistrationStatus | None = None
        self._queued = 0
        self._hangup: str | None = None
        self._closing = False
        self._leaving = False
        self._chance = Chance(spec.seed, spec.id, "back-off")
        self._backoff: Backoff | None = None
        self._count_queued(self.station.queued)

    # -- what others do with it -------------------------------------------------------------------

    @property
    def link(self) -> LinkState:
        """How its link stands."""
        return self._voice.link

    @property
    def trouble(self) -> str:
        """The newest problem, in a line."""
        return self._voice.trouble

    @property
    def ledger(self) -> Ledger:
        """Its transactions."""
        return self._voice.ledger

    @property
    def queued(self) -> int:
        """Transaction messages not yet delivered."""
        return self._queued

    @property
    def settled(self) -> bool:
        """No transaction runs, all is delivered, and nothing waits to be handled; or the station is dead."""
        if self.link is LinkState.CRASHED:
            return True
        waits = self._exchange is not None and bool(self._exchange.waiting)
        return self.gauge.settled and not self._queued and not self._inbox and not waits

    def post(self, event: Event) -> None:
        """Something happens at the station, unless it is dark: it is handled in its own task, as soon as may be."""
        if self.powered:
            self._inbox.append(event)
            self._alarm.ring()

    def stop_transactions(self) -> None:
        """Ends what runs here, as the drivers who began it would; again if that leaves something."""
        if self._inbox or self.link is LinkState.CRASHED:
            return
        for reading in self.gauge.readings:
            if reading.transaction_id is not None or reading.authorized:
                self.post(StopLocally(reading.evse_id))

    def leave(self) -> None:
        """Closes the link and ends."""
        self._leaving = True
        self._alarm.ring()

    def gone(self) -> None:
        """The station was taken away: its share of the figures goes too."""
        self.gauge.remove()
        self.meddler.gone()
        self._count_queued(0)

    @property
    def network_cut(self) -> bool:
        """Nothing passes between this station and its CSMS."""
        return self._route.is_cut

    def cut_network(self) -> None:
        """Nothing passes from now on, and neither side is told."""
        self._route.cut()
        self._voice.announce("network-cut")

    def restore_network(self) -> None:
        """It passes again."""
        self._route.restore()
        self._voice.announce("network-restored")

    def cut_power(self) -> None:
        """The station goes dark at this very moment: it handles and sends nothing any more, not even a goodbye."""
        now = self._clock.now()
        self._handle(_TICK, now)
        self.gauge.read(now)
        for reading in self.gauge.readings:
            if reading.transaction_id is not None:
                self.ledger.measured(reading.transaction_id, reading.session_energy_wh)
        self.powered = False
        self._gate.flush()
        self._lose_link()
        self._inbox.clear()
        self._uploads.break_off()
        self._voice.trouble = ""
        self.gauge.darken()
        self._voice.show(LinkState.DARK)
        self._alarm.ring()

    def return_power(self) -> None:
        """It starts again, from what it has kept."""
        self.powered = True
        self._alarm.ring()

    def close_link(self) -> None:
        """Closes the WebSocket in an orderly way; the station connects again as after any loss."""
        self._closing = True
        self._alarm.ring()

    def send_raw(self, text: str) -> bool:
        """Sends any text as it is; says no when there is no link."""
        if self._exchange is None:
            return False
        self._exchange.send_raw(text)
        self._alarm.ring()
        return True

    def number_of(self, transaction_id: str) -> int | None:
        """What the CSMS calls a transaction, if the version has numbers for them."""
        translator = self._translators.get(self.version)
        return None if translator is None else translator.number_of(transaction_id)

    def send_by_hand(self, call: ByHand) -> bool:
        """Sends a CALL that somebody wrote, as soon as it is its turn; says no when there is no link."""
        if self._exchange is None:
            return False
        self._exchange.send_by_hand(call, self._clock.now().elapsed_s)
        self._alarm.ring()
        return True

    def masked(self, text: str) -> tuple[str, bool]:
        """A text of this station as it may be shown, and whether a secret was in it."""
        return self._masker.mask(text)

    def add_rule(self, rule: Rule, *, told: bool = True) -> Rule:
        """A rule on the wire meets frames of this station from now on; gives it as it is called here. LocalError when
        it cannot be one of those that there are."""
        rule = self.meddler.add(rule, self._clock.now(), told=told)
        self._alarm.ring()
        return rule

    def release(self, number: int | None, verdict: Verdict) -> Held:
        """Lets a frame go that a rule holds, the oldest without a number. LocalError when there is none, or that
        cannot become of it."""
        held = self.meddler.release(number, verdict, self._clock.now())
        self._alarm.ring()
        return held

    def listen(self) -> AbstractContextManager[Ear]:
        """An ear to what the station tells as long as the context lasts."""
        return self._voice.listen()

    # -- its life ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keeps the station connected until it is told to leave. The first attempt is made at once, every later one
        waits (OCPP-J 5.3, ERR-201 4.12)."""
        if self.link is LinkState.CRASHED:
            self._start_again(BootReason.WATCHDOG)
        try:
            async with self._uploads:
                while not self._leaving:
                    if not self.powered:
                        await self._stay_dark()
                        continue
                    connection = await self._dial()
                    if connection is None or not await self._converse(connection):
                        await self._back_off()
                self._voice.show(LinkState.OFFLINE)
        finally:
            self._alarm.close()
            self._gate.flush()
            await self._drop()
            self._route.close()

    def crashed(self, error: Exception) -> None:
        """A bug of this station: it is marked, and the supervisor runs it again."""
        self._end_exchange()
        self.meddler.unlinked(self._clock.now(), self._masker)
        self.retry_at = None
        self._voice.trouble = f"{printable(_describe(error))} (--log FILE keeps the traceback)"
        self._voice.show(LinkState.CRASHED, self.trouble)

    async def _stay_dark(self) -> None:
        """Waits for the power to return; then the station boots."""
        while not self.powered and not self._leaving:
            await self._alarm.wait(None)
        if self.powered:
            self._route.power_returned()
            self._start_again(BootReason.POWER_UP)

    def _start_again(self, cause: BootReason) -> None:
        """The station starts again, from what it has kept."""
        now = self._clock.now()
        self._inbox.clear()
        self._gate.clear()
        self._hangup = None
        self.station = Station(self.spec, now, self._clock.speed, self._new_id, self._memory, cause)
        self._translators.clear()
        self._registration = None
        self._count_queued(self.station.queued)
        self.gauge.restart(self.station)

    async def _dial(self) -> Connection | None:
        """One attempt to connect, while the station goes on. None when it failed, came too late, or is of no use any
        more."""
        self._hangup = None
        async with asyncio.TaskGroup() as group:
            attempt = group.create_task(self._attempt(), name=f"{self.id} dials")
            attempt.add_done_callback(lambda _: self._alarm.ring())
            while not attempt.done() and not self._leaving and self._hangup is None and self.powered:
                await self._alarm.wait(self._wake_s())
                self._work(self._clock.now())
            attempt.cancel()
        if not self.powered:
            self._lose_link()
        return self._connection

    async def _attempt(self) -> None:
        uplink = self.station.uplink
        self._slot = uplink.network.slot
        self._masker = Masker(_passwords(self._endpoint, self.station))
        self._ping_s = ping_s = self.station.variables.integer(_PING)
        try:
            endpoint = endpoint_at(self._endpoint, uplink, self.id)
            self.url = shown(endpoint.url)
            self._voice.show(LinkState.CONNECTING, self.url)
            self._connection = await self._route.connect(
                endpoint, open_timeout_s=OPEN_TIMEOUT_S, ping_interval_s=ping_s, max_size=MAX_FRAME
            )
        except (ConnectError, ConfigError) as error:
            self._voice.trouble = text = printable(str(error), 500)
            trouble = error.trouble if isinstance(error, ConnectError) else "other"
            self.post(ConnectFailed(ConnectTrouble(trouble), text))

    async def _converse(self, connection: Connection) -> bool:
        """The life of one link. Says whether the station itself hung up: then it dials again at once."""
        dialect = DIALECTS[connection.subprotocol]
        timeout_s = self.station.variables.integer(_TIMEOUT)
        self._exchange = exchange = Exchange(dialect, self._translator(dialect), timeout_s, self._new_id)
        self.version = dialect.version
        self._closing = False
        self._voice.trouble = ""
        self._backoff = None
        connection.attend(self._alarm.strike)
        self.meddler.linked(exchange, self.version, self._clock.now())
        self._handle(Linked(self._slot, dialect.keeps_values), self._clock.now())
        self._voice.show(_LINK_STATES[self._registration], f"OCPP {self.version}")
        self._obeyed = -1
        try:
            while self._stays:
                while exchange.outgoing or (self.meddler.lanes is not None and self._is_step_due):
                    await self._send_next(connection, exchange)
                if self.meddler.lanes is None:
                    await self._alarm.answer(partial(self._round, connection, exchange))
                    continue
                if self.station.variables.settings != self._obeyed:
                    self._obey_variables(connection, exchange)
                if not connection.ready:
                    await self._alarm.wait(self._wake_s())
                now = self._clock.now()
                if connection.ready and self.powered:
                    self._take(connection.take(), exchange, now)
                self._work(now)
            while not self._leaving and self.powered and (exchange.outgoing or await self._still_sends()):
                await self._send_next(connection, exchange)
            reason = self._hangup or "the station was stopped"
            if self._closing:
                reason = self._voice.trouble = "the connection was closed on this side"
        except LinkError as error:
            reason = printable(str(error), 500)
            self._voice.trouble = reason if self.powered else ""
        if not self.powered:
            return False
        hung_up = self._hangup is not None
        self._end_exchange()
        self._gate.clear()
        self.meddler.unlinked(self._clock.now(), self._masker)
        self._handle(LinkLost(reason), self._clock.now())
        await self._drop()
        return hung_up

    def _round(self, connection: Connection, exchange: Exchange) -> bool:
        """All there is to do, and nothing that has to wait: says no when there is something of that, or the link is to
        end."""
        heard = connection.ready
        more = _TOGETHER
        while self.powered and self.meddler.lanes is None:
            now = self._clock.now()
            if heard:
                self._receive(connection.take(), exchange, now)
            self._work(now)
            if exchange.outgoing and not self._put_through(connection, exchange, now):
                return False
            if self.station.variables.settings != self._obeyed:
                self._obey_variables(connection, exchange)
            if not heard or not connection.ready:  # nothing else came in the meantime
                self._alarm.set(self._wake_s())
                return self._stays
            if not self._stays:
                return False
            more -= 1
            if not more:
                self._alarm.ring()  # when others have had their turn
                return True
        return False

    def _kept(self) -> None:
        """The disk has what a message told that waited for it."""
        self._alarm.strike(self._let_go)

    def _let_go(self) -> bool:
        """What waited for the disk goes out, and that is all there is to do; says no as a round does."""
        connection, exchange = self._connection, self._exchange
        if connection is None or exchange is None or self.meddler.lanes is not None:
            return False
        now = self._clock.now()
        self._put_out_released(exchange, now)
        self._alarm.set(exchange.deadline_s)
        if exchange.outgoing and not self._put_through(connection, exchange, now):
            return False
        return self._hangup is None or self._stays

    def _put_through(self, connection: Connection, exchange: Exchange, now: Instant) -> bool:
        """Sends what there is to send; says no when that has to wait."""
        outgoing, tap = exchange.outgoing, self._board.tap
        while outgoing:
            frame = outgoing[0]
            if not connection.offer(frame.text):
                return False
            del outgoing[0]
            tap.record(now, self.id, Direction.SENT, frame.meta, frame.text, self._masker)
        return True

    @property
    def _stays(self) -> bool:
        """Nothing at this end ends the link."""
        goes_on = self._hangup is None or bool(self._gate.waiting)
        return goes_on and self.powered and not (self._leaving or self._closing)

    @property
    def _is_step_due(self) -> bool:
        """Something that rules on the wire have in their hands goes on now."""
        due_s = self.meddler.due_s
        return due_s is not None and due_s <= self._clock.now().elapsed_s

    async def _still_sends(self) -> bool:
        """Waits, before a goodbye, for what is still on its way."""
        due_s = self.meddler.sends_until(self._clock.now())
        if due_s is not None:
            await self._alarm.wait(due_s)
        return due_s is not None

    def _end_exchange(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.abandon()

    def _lose_link(self) -> None:
        """The link goes with the power: the CSMS is not told."""
        connection, self._connection = self._connection, None
        self._end_exchange()
        self._gate.clear()
        self.meddler.unlinked(self._clock.now(), self._masker)
        self._route.power_lost(connection)

    def _translator(self, dialect: Dialect) -> Translator:
        translator = self._translators.get(dialect.version)
        if translator is None:
            translator = self._translators[dialect.version] = dialect.translator(self.station)
        return translator

    def _obey_variables(self, connection: Connection, exchange: Exchange) -> None:
        variables = self.station.variables
        self._obeyed = variables.settings
        exchange.timeout_s = variables.integer(_TIMEOUT)
        ping_s = variables.integer(_PING)
        if ping_s != self._ping_s:
            self._ping_s = ping_s
            connection.ping_every(ping_s)

    async def _back_off(self) -> None:
        """Waits before the next attempt, while the station goes on; a reset or a new password ends the wait."""
        if self._leaving or self._hangup is not None or not self.powered:
            return
        now = self._clock.now()
        self._backoff = self._backoff or self._new_backoff()
        wait_s = max(self._backoff.next_s(), LEAST_WAIT_S)
        until_s = now.elapsed_s + wait_s
        self.retry_at = now.utc.timestamp() + wait_s
        self._voice.show(LinkState.WAITING, f"{self.trouble}; next attempt in {wait_s:.3g} s")
        while now.elapsed_s < until_s and not self._leaving and self._hangup is None and self.powered:
            await self._alarm.wait(_earlier(self._wake_s(), until_s))
            now = self._clock.now()
            self._work(now)
        self.retry_at = None

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._route.is_cut:
            connection.abort()  # nobody would answer a goodbye
        else:
            await connection.close()

    def _new_backoff(self) -> Backoff:
        variables = self.station.variables
        return Backoff(
            variables.integer("OCPPCommCtrlr.RetryBackOffWaitMinimum"),
            variables.integer("OCPPCommCtrlr.RetryBackOffRandomRange"),
            variables.integer("OCPPCommCtrlr.RetryBackOffRepeatTimes"),
            self._chance,
        )

    # -- the wire ---------------------------------------------------------------------------------

    async def _send_next(self, connection: Connection, exchange: Exchange) -> None:
        now = self._clock.now()
        if self.meddler.lanes is not None:
            step = await self.meddler.step(exchange, connection, now, self._masker)
            if step is not None:
                self._receive(step.text, exchange, now, step)
            return
        frame = exchange.outgoing.pop(0)
        await connection.send(frame.text)
        self._board.tap.record(now, self.id, Direction.SENT, frame.meta, frame.text, self._masker)

    def _take(self, text: str | bytes, exchange: Exchange, now: Instant) -> None:
        """A frame comes, to rules on the wire first, where there are any."""
        if self.meddler.lanes is None:
            self._receive(text, exchange, now)
        else:
            self.meddler.receive(text, exchange, now)

    def _receive(self, text: str | bytes, exchange: Exchange, now: Instant, step: Step | None = None) -> None:
        """`step` is what rules on the wire did with it, if it is through with them."""
        meta, event = exchange.receive(text, now.elapsed_s, self._registration)
        if step is None:
            self._board.tap.record(now, self.id, Direction.RECEIVED, meta, text, self._masker)
        else:
            self.meddler.record(step, meta, now, self._masker)
        if exchange.rtt_s is not None:
            self._board.pace.round_trips.answered(exchange.rtt_s)
        if meta.fault:
            self._handle(BadFrame(meta.fault), now)
        if event is not None:
            if not isinstance(event, Requested):
                self._voice.trouble = exchange.trouble
            self._handle(event, now)

    # -- the station ------------------------------------------------------------------------------

    def _wake_s(self) -> float | None:
        """The elapsed time of the next deadline."""
        due_s, gauge_s = self.station.deadline_s, self.gauge.due_s
        if due_s is None or (gauge_s is not None and gauge_s < due_s):
            due_s = gauge_s
        if self.meddler.lanes is not None:
            due_s = _earlier(due_s, self.meddler.due_s)
        answer_s = None if self._exchange is None else self._exchange.deadline_s
        return due_s if answer_s is None or (due_s is not None and due_s < answer_s) else answer_s

    def _work(self, now: Instant) -> None:
        """Hands in all that is due."""
        if not self.powered:
            return
        while self._inbox:
            event = self._inbox.pop(0)
            self._handle(event, now)
            self.gauge.read(now)
            self._voice.tell(Handled(event))
        exchange, gate = self._exchange, self._gate
        if gate.waiting:
            self._put_out_released(exchange, now)
        now_s = now.elapsed_s
        if exchange is not None and exchange.deadline_s is not None and exchange.deadline_s <= now_s:
            self._expire(exchange, now)
        due_s = self.station.deadline_s
        if due_s is not None and due_s <= now_s:
            self._handle(_TICK, now)
            due_s = self.station.deadline_s
        gauge = self.gauge
        if gauge.due_s is not None and gauge.due_s <= now_s + EARLY_S:
            gauge.sample(now)
        if due_s is None or due_s > now_s + _SOON_S:
            gate.flush()

    def _put_out_released(self, exchange: Exchange | None, now: Instant) -> None:
        """What waited for the disk goes out, as far as it may, and what the version wants told beside it."""
        for action in self._gate.released():
            self._put_out(action, now)
        if exchange is not None and (exchange.watches or exchange.waiting):
            self._observe(exchange, now)

    def _expire(self, exchange: Exchange, now: Instant) -> None:
        """The time to answer a CALL is over."""
        failed = exchange.expire(now.elapsed_s)
        if failed is not None:
            self._board.pace.round_trips.unanswered += failed.code == TIMEOUT
            self._voice.trouble = exchange.trouble
            self._handle(failed, now)

    def _handle(self, event: Event, now: Instant) -> None:
        moved = False
        station = self.station
        for action in station.handle(event, now):
            if isinstance(action, Persist):
                unwritable = self._gate.keep(action.rows)
                if unwritable:
                    self._warn_of(unwritable, now)
            elif isinstance(action, _MESSAGES):
                if self._gate.admits(action):
                    self._put_out(action, now)
            elif isinstance(action, Notice):
                self._voice.notice(action, now.utc.timestamp())
                moved |= action.kind is not NoticeKind.SAMPLE
            else:
                self._do(action)
        exchange = self._exchange
        if exchange is not None and (exchange.watches or exchange.waiting):
            self._observe(exchange, now)
        if moved:
            self.gauge.read(now)
        queued = station.queued
        if queued != self._queued:
            self._count_queued(queued)
        if station.registration is not self._registration:
            self._registration = station.registration
            if self._exchange is not None:
                self._voice.show(_LINK_STATES[self._registration], f"OCPP {self.version}")

    def _observe(self, exchange: Exchange, now: Instant) -> None:
        """What the version wants told beside the station's messages follows what waits at the gate."""
        if not self._gate.waiting and self.station.online:
            exchange.observe(now)

    def _do(self, action: Action) -> None:
        """Carries out what seldom is to be done."""
        if isinstance(action, Upload):
            self._uploads.start(action, self._endpoint)
        elif isinstance(action, CancelUpload):
            self._uploads.cancel(action.ref)
        elif isinstance(action, ForgetCustomer):
            self.ledger.forget(action.transaction_ids)
        elif isinstance(action, Hangup):
            self._hangup = action.reason

    def _warn_of(self, keys: tuple[str, ...], now: Instant) -> None:
        for key in keys:
            text = f"{key} is not kept: there is text in it that is no Unicode"
            self._voice.notice(Notice(NoticeKind.WARNING, text), now.utc.timestamp())

    def _put_out(self, action: Outgoing, now: Instant) -> None:
        """Over the link, which there is: a station sends and answers while it is linked."""
        exchange = self._exchange
        assert exchange is not None
        if isinstance(action, Reply):
            exchange.reply(action)
            return
        if isinstance(action.message, TransactionEvent):
            self._voice.ledger.sent(action.message)
        outcome = exchange.send(action, now.elapsed_s)
        if outcome is not None:
            self._voice.trouble = exchange.trouble
            self.post(outcome)

    def _count_queued(self, queued: int) -> None:
        board = self._board
        board.queued += queued - self._queued
        board.changes += 1
        self._queued = queued


def _earlier(one_s: float | None, other_s: float | None) -> float | None:
    if one_s is None or other_s is None:
        return other_s if one_s is None else one_s
    return min(one_s, other_s)


def _describe(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


def _passwords(endpoint: Endpoint, station: Station) -> Iterator[str]:
    if endpoint.password is not None:
        yield endpoint.password.value
    yield from station.uplink.passwords.known
