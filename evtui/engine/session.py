"""A session: the life of one station's link. It dials, waits before it dials again, and takes what others want of the
station."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from evtui.dialects.registry import DIALECTS
from evtui.engine.alarm import Alarm
from evtui.engine.board import Board
from evtui.engine.door import LinkState
from evtui.engine.ear import Ear
from evtui.engine.endpoints import endpoint_at
from evtui.engine.exchange import ByHand
from evtui.engine.gate import Gate
from evtui.engine.gauge import Gauge
from evtui.engine.ledger import Ledger
from evtui.engine.link import Connect, Connection
from evtui.engine.meddler import Meddler
from evtui.engine.route import Route
from evtui.engine.runner import Runner
from evtui.engine.store import Shelf
from evtui.engine.traffic import PING_INTERVAL, Traffic, earlier
from evtui.engine.uploads import Carry, Uploads, carry
from evtui.engine.voice import Voice
from evtui.errors import ConfigError, ConnectError, LinkError
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.fault import printable
from evtui.ocppj.masking import Masker
from evtui.ocppj.rpc import new_message_id
from evtui.ocppj.rules.lanes import Held, Verdict
from evtui.ocppj.rules.rule import Rule
from evtui.ocppj.urls import shown
from evtui.sim.chance import Chance
from evtui.sim.events import ConnectFailed, ConnectTrouble, Event, Linked, LinkLost
from evtui.sim.link.backoff import Backoff
from evtui.sim.memory import Memory
from evtui.sim.spec import StationSpec
from evtui.sim.station import Station
from evtui.sim.terms import BootReason

OPEN_TIMEOUT_S = 10.0
LEAST_WAIT_S = 0.1
"""Between two attempts to connect, whatever the variables say: refusals must not eat the machine."""

MAX_FRAME = 1 << 20
"""Bytes of a frame that is still read; a longer one ends the connection."""


class Session:
    """One station and its link. What it offers to views are plain attributes; commands come in by `post`."""

    __slots__ = (
        "_alarm",
        "_backoff",
        "_board",
        "_chance",
        "_closing",
        "_connection",
        "_endpoint",
        "_leaving",
        "_masker",
        "_memory",
        "_new_id",
        "_ping_s",
        "_route",
        "_runner",
        "_slot",
        "_traffic",
        "_voice",
        "id",
        "meddler",
        "name",
        "retry_at",
        "shelf",
        "spec",
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
        self.name = self.id = spec.id
        self.spec = spec
        self.url = shown(endpoint.url)
        self.shelf = shelf
        self.version = ""
        self.retry_at: float | None = None
        self._board = board
        self._endpoint = endpoint
        self._memory = Memory(None if shelf is None else shelf.take())
        self._new_id = new_id
        self._voice = Voice(spec.id, board)
        self.meddler = Meddler(spec.id, spec.seed, board, self._voice)
        self._route = Route(connect, carry, board.clock)
        self._alarm = Alarm(board.clock)
        station = Station(spec, board.clock.now(), board.clock.speed, new_id, self._memory)
        self._masker = Masker(_passwords(endpoint, station))
        gate, uploads = Gate(shelf, self._kept), Uploads(self._route.carry, self.post)
        self._runner = Runner(station, endpoint, board, self._voice, gate, self._alarm, uploads, new_id)
        self._slot = 1
        self._ping_s = 0
        self._connection: Connection | None = None
        self._traffic: Traffic | None = None
        self._closing = False
        self._leaving = False
        self._chance = Chance(spec.seed, spec.id, "back-off")
        self._backoff: Backoff | None = None

    # -- what others do with it -------------------------------------------------------------------

    @property
    def station(self) -> Station:
        """What it simulates."""
        return self._runner.station

    @property
    def gauge(self) -> Gauge:
        """Its figures."""
        return self._runner.gauge

    @property
    def powered(self) -> bool:
        """It is not dark."""
        return self._runner.powered

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
        return self._runner.queued

    @property
    def settled(self) -> bool:
        """No transaction runs, all is delivered, and nothing waits to be handled; or the station is dead."""
        return self.link is LinkState.CRASHED or self._runner.settled

    def post(self, event: Event) -> None:
        """Something happens at the station, unless it is dark: it is handled in its own task, as soon as may be."""
        self._runner.post(event)

    def stop_transactions(self) -> None:
        """Ends what runs here, as the drivers who began it would; again if that leaves something."""
        if self.link is not LinkState.CRASHED:
            self._runner.stop_transactions()

    def leave(self) -> None:
        """Closes the link and ends."""
        self._leaving = True
        self._end_traffic()

    def gone(self) -> None:
        """The station was taken away: its share of the figures goes too."""
        self._runner.gone()
        self.meddler.gone()

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
        self._runner.darken(self._board.clock.now())
        self._lose_link()
        self._voice.show(LinkState.DARK)
        self._alarm.ring()

    def return_power(self) -> None:
        """It starts again, from what it has kept."""
        self._runner.powered = True
        self._alarm.ring()

    def close_link(self) -> None:
        """Closes the WebSocket in an orderly way; the station connects again as after any loss."""
        self._closing = True
        self._end_traffic()

    def _end_traffic(self) -> None:
        if self._traffic is not None:
            self._traffic.ends = True
        self._alarm.ring()

    def send_raw(self, text: str) -> bool:
        """Sends any text as it is; says no when there is no link."""
        exchange = self._runner.exchange
        if exchange is None:
            return False
        exchange.send_raw(text)
        self._alarm.ring()
        return True

    def number_of(self, transaction_id: str) -> int | None:
        """What the CSMS calls a transaction, if the version has numbers for them."""
        return self._runner.number_of(transaction_id, self.version)

    def send_by_hand(self, call: ByHand) -> bool:
        """Sends a CALL that somebody wrote, as soon as it is its turn; says no when there is no link."""
        exchange = self._runner.exchange
        if exchange is None:
            return False
        exchange.send_by_hand(call, self._board.clock.now().elapsed_s)
        self._alarm.ring()
        return True

    def masked(self, text: str) -> tuple[str, bool]:
        """A text of this station as it may be shown, and whether a secret was in it."""
        return self._masker.mask(text)

    def add_rule(self, rule: Rule, *, told: bool = True) -> Rule:
        """A rule on the wire meets frames of this station from now on; gives it as it is called here. LocalError when
        it cannot be one of those that there are."""
        rule = self.meddler.add(rule, self._board.clock.now(), told=told)
        self._alarm.ring()
        return rule

    def release(self, number: int | None, verdict: Verdict) -> Held:
        """Lets a frame go that a rule holds, the oldest without a number. LocalError when there is none, or that
        cannot become of it."""
        held = self.meddler.release(number, verdict, self._board.clock.now())
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
            async with self._runner.uploads:
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
            self._runner.gate.flush()
            await self._drop()
            self._route.close()

    def crashed(self, error: Exception) -> None:
        """A bug of this station: it is marked, and the supervisor runs it again."""
        self._runner.unlink()
        self.meddler.unlinked(self._board.clock.now(), self._masker)
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
        now = self._board.clock.now()
        self._runner.restart(Station(self.spec, now, self._board.clock.speed, self._new_id, self._memory, cause))

    async def _dial(self) -> Connection | None:
        """One attempt to connect, while the station goes on. None when it failed, came too late, or is of no use any
        more."""
        runner = self._runner
        runner.hangup = None
        async with asyncio.TaskGroup() as group:
            attempt = group.create_task(self._attempt(), name=f"{self.id} dials")
            attempt.add_done_callback(lambda _: self._alarm.ring())
            while not attempt.done() and not self._leaving and runner.hangup is None and runner.powered:
                await self._alarm.wait(earlier(runner.due_s(), self.meddler.due_s))
                runner.work(self._board.clock.now())
            attempt.cancel()
        if not runner.powered:
            self._lose_link()
        return self._connection

    async def _attempt(self) -> None:
        uplink = self.station.uplink
        self._slot = uplink.network.slot
        self._masker = Masker(_passwords(self._endpoint, self.station))
        self._ping_s = ping_s = self.station.variables.integer(PING_INTERVAL)
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
        runner = self._runner
        dialect = DIALECTS[connection.subprotocol]
        exchange = runner.link(dialect)
        self._traffic = traffic = Traffic(
            self.id,
            connection,
            exchange,
            runner,
            self.meddler,
            self._alarm,
            self._board,
            self._masker,
            self._ping_s,
        )
        traffic.ends = self._leaving
        self.version = dialect.version
        self._closing = False
        self._voice.trouble = ""
        self._backoff = None
        connection.attend(self._alarm.hear)
        self.meddler.linked(exchange, self.version, self._board.clock.now())
        runner.handle(Linked(self._slot, dialect.keeps_values), self._board.clock.now())
        runner.show_link()
        try:
            await traffic.flow()
            while not self._leaving and runner.powered and await traffic.still_sends():
                await traffic.send_next()
            reason = runner.hangup or "the station was stopped"
            if self._closing:
                reason = self._voice.trouble = "the connection was closed on this side"
        except LinkError as error:
            reason = printable(str(error), 500)
            self._voice.trouble = reason if runner.powered else ""
        finally:
            self._traffic = None
        if not runner.powered:
            return False
        hung_up = runner.hangup is not None
        runner.unlink()
        self.meddler.unlinked(self._board.clock.now(), self._masker)
        runner.handle(LinkLost(reason), self._board.clock.now())
        await self._drop()
        return hung_up

    def _kept(self) -> None:
        """The disk has what a message told that waited for it."""
        traffic = self._traffic
        self._alarm.strike(None if traffic is None else traffic.let_go)

    def _lose_link(self) -> None:
        """The link goes with the power: the CSMS is not told."""
        connection, self._connection = self._connection, None
        self._runner.unlink()
        self.meddler.unlinked(self._board.clock.now(), self._masker)
        self._route.power_lost(connection)

    async def _back_off(self) -> None:
        """Waits before the next attempt, while the station goes on; a reset or a new password ends the wait."""
        runner = self._runner
        if self._leaving or runner.hangup is not None or not runner.powered:
            return
        now = self._board.clock.now()
        self._backoff = self._backoff or self._new_backoff()
        wait_s = max(self._backoff.next_s(), LEAST_WAIT_S)
        until_s = now.elapsed_s + wait_s
        self.retry_at = now.utc.timestamp() + wait_s
        self._voice.show(LinkState.WAITING, f"{self.trouble}; next attempt in {wait_s:.3g} s")
        while now.elapsed_s < until_s and not self._leaving and runner.hangup is None and runner.powered:
            await self._alarm.wait(earlier(earlier(runner.due_s(), self.meddler.due_s), until_s))
            now = self._board.clock.now()
            runner.work(now)
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


def _describe(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


def _passwords(endpoint: Endpoint, station: Station) -> Iterator[str]:
    if endpoint.password is not None:
        yield endpoint.password.value
    yield from station.uplink.passwords.known
