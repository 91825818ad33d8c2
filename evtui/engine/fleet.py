"""A fleet: its stations, each with a session of its own, and what everybody outside may ask of it."""

from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import Self

import msgspec

from evtui.config import FleetConfig, GroupConfig, station_rules, station_specs
from evtui.engine.board import Board
from evtui.engine.clock import Clock, sleep_until
from evtui.engine.door import FleetView, RuledRow, View
from evtui.engine.endpoints import endpoint_of, network_of
from evtui.engine.ids import steady_ids
from evtui.engine.link import Connect
from evtui.engine.pulse import Pulse
from evtui.engine.ramp import Ramp
from evtui.engine.selection import Selections
from evtui.engine.session import Session
from evtui.engine.store import Shelf, Store
from evtui.engine.supervisor import Supervisor
from evtui.engine.tap import Tap
from evtui.engine.turnstile import Turnstile
from evtui.engine.uploads import Carry
from evtui.engine.uploads import carry as send_file
from evtui.engine.views import ruled_row
from evtui.errors import ConfigError, DamagedError, LocalError
from evtui.ocppj.agent import user_agent
from evtui.ocppj.connection import connect as dial
from evtui.ocppj.fault import printable
from evtui.ocppj.frame import Direction
from evtui.ocppj.rpc import new_message_id
from evtui.ocppj.spool import SpoolWriter
from evtui.sim.spec import StationSpec

REMOVE_S = 5.0
"""How long a station that is taken away may deliver what it owes."""

CLOSE_S = 2.5
"""How long links may take to close."""

_LOOK_S = 0.05


class Fleet:
    """Runs the stations of a configuration against one CSMS.

    Entering it starts every session, leaving it closes every link: call `shutdown` before, to end transactions.
    `store` keeps the stations' state, which otherwise lasts as long as the fleet; `ramp_s` is how long it takes until
    all stations are switched on. `steady_ids`: same seed, same ids of messages and transactions, for shows and tests of
    fleets that keep no state; `elsewhere` are the ids of stations that others run. ConfigError: a password, certificate
    or station that the configuration names cannot be used, or another process runs one.
    """

    def __init__(
        self,
        config: FleetConfig,
        *,
        clock: Clock,
        frames: SpoolWriter,
        csms_url: str,
        banner: str = "",
        connect: Connect = dial,
        carry: Carry = send_file,
        store: Store | None = None,
        ramp_s: float = 0.0,
        steady_ids: bool = False,
        elsewhere: Collection[str] = (),
    ) -> None:
        self.board = Board(clock, Tap(frames, clock))
        self.frames = frames
        self.feed = self.board.feed
        self.csms_url = csms_url
        self.web_url = ""
        """Where the embedded CSMS shows itself to browsers, empty without one."""
        self._config = config
        self._clock = clock
        self._banner = banner
        self._connect = Turnstile(connect, clock).connect
        self._carry = carry
        self._store = store
        self._ramp_s = ramp_s
        self._steady_ids = steady_ids
        self._elsewhere = elsewhere
        self._supervisor = Supervisor(clock)
        self._sessions: dict[str, Session] = {}
        self._order: list[Session] = []
        self._selections = Selections(self.board)
        self._running = False
        self._group = config.groups[-1] if config.groups else GroupConfig()
        self._next_number = self._group.first + self._group.count
        if store is not None:
            store.tell = self.warn
            if store.damaged is not None:
                self.warn(
                    f"the stations' state could not be read: it is in {store.damaged} now, and they start like new"
                )
        self._enrol(config)

    async def __aenter__(self) -> Self:
        self._running = True
        self._supervisor.start(Pulse(self.board))
        if self._ramp_s:
            self._supervisor.start(Ramp(self._order, self._ramp_s, self._clock, self._switch_on))
        else:
            for session in self._order:
                self._supervisor.start(session)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes every link and ends every session."""
        self._running = False
        now_s = self._clock.now().elapsed_s
        await self._supervisor.stop([Pulse.name, Ramp.name], now_s)
        for session in self._order:
            session.leave()
        await self._supervisor.stop(list(self._sessions), now_s + CLOSE_S)
        self.board.close()

    # -- stations come and go ---------------------------------------------------------------------

    def add(self, count: int = 1) -> tuple[str, ...]:
        """Adds stations like those of the last group, numbered on, and starts them; gives their ids. LocalError when
        their ids cannot be counted on, ConfigError when their credentials cannot be used."""
        group = msgspec.structs.replace(self._group, first=self._next_number, count=count)
        config = msgspec.structs.replace(self._config, groups=(group,))
        for spec in station_specs(config):
            if spec.id in self._sessions or spec.id in self._elsewhere:
                raise LocalError(f"{spec.id} is there already: the id {group.id!r} has no {{n}} to count on")
        added = self._enrol(config)
        self._next_number += count
        for session in added:
            self.feed.publish(self._at(), "station-added", session.id)
            if self._running:
                self._supervisor.start(session)
        return tuple(session.id for session in added)

    async def remove(self, station_id: str) -> str:
        """Ends its transactions, waits a little for their delivery and takes the station away; says what was lost by
        that, if anything. LocalError if there is none of that id."""
        session = self._sessions.get(station_id)
        if session is None:
            raise LocalError(f"there is no station {printable(station_id, 60)}")
        await self._settle([session], self._clock.now().elapsed_s + REMOVE_S)
        session.leave()
        await self._supervisor.stop([station_id], self._clock.now().elapsed_s + CLOSE_S)
        if self._sessions.pop(station_id, None) is None:
            return ""  # somebody else did the same
        self._order.remove(session)
        self._selections.forget()
        lost = f"{session.queued} transaction messages were not delivered" if session.queued else ""
        if self._store is not None and session.shelf is not None:
            lost += lost and ": they are kept until it is back"
            self._store.release(session.shelf)
        session.gone()
        self.feed.publish(self._at(), "station-removed", station_id, text=lost)
        return lost

    async def shutdown(self, drain_s: float) -> dict[str, int]:
        """Stops all transactions locally, then waits until all is delivered or `drain_s` passed. Gives the number of
        undelivered transaction messages of each station that has some."""
        await self._settle(self._order, self._clock.now().elapsed_s + drain_s)
        self.feed.publish(self._at(), "stopped", "")
        return {session.id: session.queued for session in self._order if session.queued}

    async def _settle(self, sessions: Iterable[Session], by_s: float) -> None:
        """Ends what runs, also what begins meanwhile, and waits until nothing is owed."""
        sessions = tuple(sessions)
        while True:
            for session in sessions:
                session.stop_transactions()
            now_s = self._clock.now().elapsed_s
            if now_s >= by_s or all(session.settled for session in sessions):
                return
            await sleep_until(self._clock, min(now_s + _LOOK_S, by_s))

    def record_echonet(self, station_id: str, direction: Direction, service: str, text: str, fault: str) -> None:
        """Puts a frame of the ECHONET Lite node among those of the stations."""
        self.board.tap.record_echonet(self._clock.now(), station_id, direction, service, text, fault)

    def warn(self, text: str, station_id: str = "") -> None:
        """Tells people of something that is not as it should be, with a station or the whole fleet."""
        self.feed.publish(self._at(), "warning", station_id, text=printable(text, 500))

    # -- what a door asks -------------------------------------------------------------------------

    def session(self, station_id: str) -> Session | None:
        """A station's session, None if there is none of that id."""
        return self._sessions.get(station_id)

    def view(self, view: View) -> FleetView:
        """The rows in view. The cost grows with their number alone; that of filter, sort and summary is bounded, as the
        stations are looked at only now and then. FilterError: the filter is none."""
        sessions, summary, places = self._selections.of(self._order, view)
        first = min(max(view.first, 0), len(sessions))
        rows = sessions[first : first + max(view.count, 0)]
        if view.ids is not None:
            first, rows = 0, [self._sessions[each] for each in view.ids if each in self._sessions]
        return FleetView(
            self.board.version,
            self._at(),
            self._clock.speed,
            self.csms_url,
            self._banner,
            first,
            tuple([self._selections.row(session, view.trace) for session in rows]),
            self.board.totals(len(self._order)),
            len(sessions),
            summary,
            self._ruled() if view.ruled else (),
            self.board.history.series() if view.series else None,
            self.web_url,
            self.board.pace.counts() if view.addable else None,
            places,
        )

    def matching(self, text: str) -> list[Session]:
        """The stations that a filter lets through at this moment. FilterError: it is none."""
        return self._selections.now(self._order, text)

    def _ruled(self) -> tuple[RuledRow, ...]:
        return tuple([ruled_row(each, self.board) for each in self._order if each.meddler.lanes is not None])

    def _switch_on(self, session: Session) -> None:
        if session.id in self._sessions:  # nobody has taken it away meanwhile
            self._supervisor.start(session)

    def _enrol(self, config: FleetConfig) -> list[Session]:
        """All of them or, with an error, none."""
        specs = station_specs(config)
        shelves = [None] * len(specs) if self._store is None else self._store.shelves(spec.id for spec in specs)
        try:
            sessions = [self._session(spec, shelf) for spec, shelf in zip(specs, shelves, strict=True)]
        except ConfigError:
            for shelf in shelves:
                if self._store is not None and shelf is not None:
                    self._store.release(shelf)
            raise
        rules = station_rules(config)
        for session in sessions:
            self._sessions[session.id] = session
            self._order.append(session)
            for rule in rules.get(session.id, ()):
                session.add_rule(rule, told=False)
        self._selections.forget()
        self.board.changed()
        return sessions

    def _session(self, spec: StationSpec, shelf: Shelf | None) -> Session:
        endpoint = endpoint_of(self._config.csms, self.csms_url, spec.id)
        endpoint = msgspec.structs.replace(endpoint, user_agent=user_agent(self._clock.speed))
        spec = msgspec.structs.replace(spec, network=network_of(self._config.csms, self.csms_url, endpoint))
        try:
            return Session(spec, endpoint, self.board, self._connect, self._carry, shelf, self._ids_of(spec))
        except DamagedError as error:
            if self._store is None or shelf is None:
                raise
            damage = printable(str(error), 200)
        except LocalError as error:
            raise ConfigError(f"{spec.id}: {error}") from None
        shelf = self._store.renew(shelf)
        self.warn(
            f"{damage}: it stays in {self._store.path} as {shelf.former!r}, and the station starts like new", spec.id
        )
        return Session(spec, endpoint, self.board, self._connect, self._carry, shelf, self._ids_of(spec))

    def _ids_of(self, spec: StationSpec) -> Callable[[], str]:
        return steady_ids(spec.seed, spec.id) if self._steady_ids else new_message_id

    def _at(self) -> float:
        return self._clock.now().utc.timestamp()
