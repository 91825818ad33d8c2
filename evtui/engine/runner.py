"""A runner: runs a station. It hands in what happens and what is due, and carries out what comes back."""

from collections.abc import Callable
from typing import Final

from evtui.dialects.registry import Dialect
from evtui.dialects.translator import Translator
from evtui.engine.alarm import Alarm
from evtui.engine.board import Board
from evtui.engine.door import LinkState
from evtui.engine.ear import Handled
from evtui.engine.exchange import TIMEOUT, Exchange
from evtui.engine.gate import Gate, Outgoing
from evtui.engine.gauge import EARLY_S, Gauge
from evtui.engine.uploads import Uploads
from evtui.engine.voice import Voice
from evtui.ocppj.endpoint import Endpoint
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
from evtui.sim.events import Event, StopLocally, Tick
from evtui.sim.instant import Instant
from evtui.sim.messages import TransactionEvent
from evtui.sim.station import Station
from evtui.sim.terms import RegistrationStatus

MESSAGE_TIMEOUT = "OCPPCommCtrlr.MessageTimeout[Default]"

_SOON_S = 2.0
"""If the station does something by then, what is deleted until then is written together with that."""

_LINK_STATES = {
    None: LinkState.BOOTING,
    RegistrationStatus.ACCEPTED: LinkState.ONLINE,
    RegistrationStatus.PENDING: LinkState.PENDING,
    RegistrationStatus.REJECTED: LinkState.REJECTED,
}
_TICK = Tick()
_SAMPLE: Final = NoticeKind.SAMPLE


class Runner:
    """Of one station, with and without a link: `exchange` is there while there is one, `hangup` says why the station
    wants it closed. Messages that wait for the disk are at the `gate`; nothing happens unless it is `powered`."""

    __slots__ = (
        "_alarm",
        "_board",
        "_endpoint",
        "_inbox",
        "_new_id",
        "_translators",
        "exchange",
        "gate",
        "gauge",
        "hangup",
        "powered",
        "queued",
        "registration",
        "station",
        "uploads",
        "voice",
    )

    def __init__(
        self,
        station: Station,
        endpoint: Endpoint,
        board: Board,
        voice: Voice,
        gate: Gate,
        alarm: Alarm,
        uploads: Uploads,
        new_id: Callable[[], str],
    ) -> None:
        self.station = station
        self.gauge = Gauge(board, station)
        self.voice = voice
        self.gate = gate
        self.uploads = uploads
        self.exchange: Exchange | None = None
        self.hangup: str | None = None
        self.powered = True
        self.registration: RegistrationStatus | None = None
        self.queued = 0
        """Transaction messages not yet delivered."""
        self._alarm = alarm
        self._board = board
        self._endpoint = endpoint
        self._inbox: list[Event] = []
        self._new_id = new_id
        self._translators: dict[str, Translator] = {}  # by version: each outlasts its links
        for reading in self.gauge.readings:  # one that goes on where an earlier life broke off
            if reading.transaction_id is not None and reading.transaction_started is not None:
                began_at = reading.transaction_started.timestamp()
                voice.ledger.started(reading.transaction_id, reading.evse_id, began_at)
        self._count_queued(station.queued)

    # -- what comes from elsewhere ----------------------------------------------------------------

    def post(self, event: Event) -> None:
        """Something happens at the station, unless it is dark: it is handled in its own task, as soon as may be."""
        if self.powered:
            self._inbox.append(event)
            self._alarm.ring()

    def stop_transactions(self) -> None:
        """Ends what runs here, as the drivers who began it would; again if that leaves something."""
        if not self._inbox:
            for reading in self.gauge.readings:
                if reading.transaction_id is not None or reading.authorized:
                    self.post(StopLocally(reading.evse_id))

    @property
    def settled(self) -> bool:
        """No transaction runs, all is delivered, and nothing waits to be handled."""
        waits = self.exchange is not None and bool(self.exchange.waiting)
        return self.gauge.settled and not self.queued and not self._inbox and not waits

    def darken(self, now: Instant) -> None:
        """The power goes at this very moment: the station handles and sends nothing any more."""
        self.handle(_TICK, now)
        self.gauge.read(now)
        for reading in self.gauge.readings:
            if reading.transaction_id is not None:
                self.voice.ledger.measured(reading.transaction_id, reading.session_energy_wh)
        self.powered = False
        self.gate.flush()
        self.unlink()
        self._inbox.clear()
        self.uploads.break_off()
        self.voice.trouble = ""
        self.gauge.darken()

    def restart(self, station: Station) -> None:
        """The station starts again, as this one."""
        self._inbox.clear()
        self.gate.clear()
        self.hangup = None
        self.station = station
        self.registration = None
        self._translators.clear()
        self._count_queued(station.queued)
        self.gauge.restart(station)

    def gone(self) -> None:
        """The station was taken away: its share of the figures goes too."""
        self.gauge.remove()
        self._count_queued(0)

    def link(self, dialect: Dialect) -> Exchange:
        """There is a link, and this is spoken on it."""
        translator = self._translators.get(dialect.version)
        if translator is None:
            translator = self._translators[dialect.version] = dialect.translator(self.station)
        timeout_s = self.station.variables.integer(MESSAGE_TIMEOUT)
        self.exchange = Exchange(dialect, translator, timeout_s, self._new_id)
        return self.exchange

    def unlink(self) -> None:
        """The link is lost, and with it what waited for it."""
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.abandon()
        self.gate.clear()

    def number_of(self, transaction_id: str, version: str) -> int | None:
        """What the CSMS calls a transaction, if the version has numbers for them."""
        translator = self._translators.get(version)
        return None if translator is None else translator.number_of(transaction_id)

    def show_link(self) -> None:
        """How the CSMS takes the station, which is linked."""
        if self.exchange is not None:
            self.voice.show(_LINK_STATES[self.registration], f"OCPP {self.exchange.version}")

    # -- what is due ------------------------------------------------------------------------------

    def due_s(self) -> float | None:
        """The elapsed time of the next deadline."""
        due_s, gauge_s = self.station.deadline_s, self.gauge.due_s
        if due_s is None or (gauge_s is not None and gauge_s < due_s):
            due_s = gauge_s
        answer_s = None if self.exchange is None else self.exchange.deadline_s
        return due_s if answer_s is None or (due_s is not None and due_s < answer_s) else answer_s

    def work(self, now: Instant) -> None:
        """Hands in all that is due."""
        if not self.powered:
            return
        while self._inbox:
            event = self._inbox.pop(0)
            self.handle(event, now)
            self.gauge.read(now)
            self.voice.tell(Handled(event))
        exchange, gate = self.exchange, self.gate
        if gate.waiting:
            self.put_out_released(exchange, now)
        now_s = now.elapsed_s
        if exchange is not None and exchange.deadline_s is not None and exchange.deadline_s <= now_s:
            self._expire(exchange, now)
        due_s = self.station.deadline_s
        if due_s is not None and due_s <= now_s:
            self.handle(_TICK, now)
            due_s = self.station.deadline_s
        gauge = self.gauge
        if gauge.due_s is not None and gauge.due_s <= now_s + EARLY_S:
            gauge.sample(now)
        if due_s is None or due_s > now_s + _SOON_S:
            gate.flush()

    def put_out_released(self, exchange: Exchange | None, now: Instant) -> None:
        """What waited for the disk goes out, as far as it may, and what the version wants told beside it."""
        for action in self.gate.released():
            self._put_out(action, now)
        if exchange is not None and (exchange.watches or exchange.waiting):
            self._observe(exchange, now)

    def _expire(self, exchange: Exchange, now: Instant) -> None:
        """The time to answer a CALL is over."""
        failed = exchange.expire(now.elapsed_s)
        if failed is not None:
            self._board.pace.round_trips.unanswered += failed.code == TIMEOUT
            self.voice.trouble = exchange.trouble
            self.handle(failed, now)

    # -- what happens -----------------------------------------------------------------------------

    def handle(self, event: Event, now: Instant) -> None:
        """The station takes it, and what it wants is carried out."""
        moved = False
        station = self.station
        for action in station.handle(event, now):
            # By its very type: to ask a record's class whether it is an instance takes five times as long for a no.
            if type(action) is Persist:
                unwritable = self.gate.keep(action.rows)
                if unwritable:
                    self._warn_of(unwritable, now)
            elif type(action) is Send or type(action) is Reply:
                if self.gate.admits(action):
                    self._put_out(action, now)
            elif type(action) is Notice:
                self.voice.notice(action, now.utc.timestamp())
                moved |= action.kind is not _SAMPLE
            else:
                self._do(action)
        exchange = self.exchange
        if exchange is not None and (exchange.watches or exchange.waiting):
            self._observe(exchange, now)
        if moved:
            self.gauge.read(now)
        queued = station.queued
        if queued != self.queued:
            self._count_queued(queued)
        if station.registration is not self.registration:
            self.registration = station.registration
            self.show_link()

    def _observe(self, exchange: Exchange, now: Instant) -> None:
        """What the version wants told beside the station's messages follows what waits at the gate."""
        if not self.gate.waiting and self.station.online:
            exchange.observe(now)

    def _do(self, action: Action) -> None:
        """Carries out what seldom is to be done."""
        if isinstance(action, Upload):
            self.uploads.start(action, self._endpoint)
        elif isinstance(action, CancelUpload):
            self.uploads.cancel(action.ref)
        elif isinstance(action, ForgetCustomer):
            self.voice.ledger.forget(action.transaction_ids)
        elif isinstance(action, Hangup):
            self.hangup = action.reason

    def _warn_of(self, keys: tuple[str, ...], now: Instant) -> None:
        for key in keys:
            text = f"{key} is not kept: there is text in it that is no Unicode"
            self.voice.notice(Notice(NoticeKind.WARNING, text), now.utc.timestamp())

    def _put_out(self, action: Outgoing, now: Instant) -> None:
        """Over the link, which there is: a station sends and answers while it is linked."""
        exchange = self.exchange
        assert exchange is not None
        if not isinstance(action, Send):
            exchange.reply(action)
            return
        if isinstance(action.message, TransactionEvent):
            self.voice.ledger.sent(action.message)
        outcome = exchange.send(action, now.elapsed_s)
        if outcome is not None:
            self.voice.trouble = exchange.trouble
            self.post(outcome)

    def _count_queued(self, queued: int) -> None:
        board = self._board
        board.queued += queued - self.queued
        board.changes += 1
        self.queued = queued
