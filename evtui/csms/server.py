"""The CSMS: listens for stations, keeps one connection for each, and offers what it knows."""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self, cast

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from evtui import __version__
from evtui.csms.books import Books
from evtui.csms.doors import WAIT, Doorkeeper, DoorNames, Doors
from evtui.csms.handlers import Payload, dialogues
from evtui.csms.identity import identity_of
from evtui.csms.journal import Journal
from evtui.csms.limits import Limits
from evtui.csms.lint.findings import Finding
from evtui.csms.lint.linter import Judge, Linter
from evtui.csms.lint.report import Report, report_of
from evtui.csms.moment import to_wire
from evtui.csms.policy import PENDING, Policies, Policy
from evtui.csms.registry import StationRecord
from evtui.csms.sockets import StationSocket, close_all, listen_on, tracked
from evtui.csms.station import ConnectedStation
from evtui.csms.store.bounds import Bounds
from evtui.csms.store.history import History
from evtui.csms.store.store import Store
from evtui.csms.tap import MOST_FRAMES, Tap
from evtui.csms.uploads import Uploads
from evtui.csms.views.status import Status
from evtui.csms.watch import Watch
from evtui.errors import LocalError, OfflineError
from evtui.ocppj.agent import speed_of
from evtui.ocppj.frame import Frame
from evtui.web.front import TokenNames, check_reach
from evtui.web.listening import is_loopback
from evtui.web.loading import loaded
from evtui.web.token import Token

_PING_INTERVAL_S = 60.0
_ALL, _POLICY = "", "policy"  # in the settings

_log = logging.getLogger("evtui.csms")
_log.addHandler(logging.NullHandler())  # what goes wrong on the wire is no news for the terminal


class Names(NamedTuple):
    """What the settings of where it listens are called where they are made, and what to do about a file that cannot be
    used: errors name them."""

    host: str = "host"
    port: str = "port"
    web_port: str = "web_port"
    open: str = "open"
    elsewhere: str = "name another file with --db, or keep nothing with --ephemeral"
    web: TokenNames = TokenNames("web_host", "web_token", "web_token")
    doors: DoorNames = DoorNames()


class Csms:
    """A CSMS for OCPP 2.0.1 and 1.6 stations. `port` and `web_port` say where it listens; a taken one is replaced by
    the next free one unless it must be `exact` (`web_exact`), and `notes` say so. No `web_port`: no HTTP. `doors` say
    how stations come in, `policies` how they are treated; `speed`: their physics runs so much faster than life. Where
    other machines reach the host, the doors must be locked or `open`; a `web_host` that they reach needs a `web_token`.
    `on_frame` is told of every frame, `on_finding` of what is wrong with a station. `db` gives the file that keeps
    books and frames, by the port it listens on, within `bounds`; None: nothing is kept. `uploads` is where files of
    stations go. `clock` gives Unix time, `tell` takes a sentence for people."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 9000,
        web_port: int | None = 8081,
        *,
        web_host: str = "127.0.0.1",
        web_token: Token | None = None,
        exact: bool = False,
        web_exact: bool = False,
        open: bool = False,
        names: Names | None = None,
        on_frame: Callable[[Frame], None] | None = None,
        doors: Doors | None = None,
        policies: Policies | None = None,
        speed: float = 1.0,
        on_finding: Callable[[Finding], None] | None = None,
        clock: Callable[[], float] = time.time,
        limits: Limits | None = None,
        books: Books | None = None,
        uploads: Path | None = None,
        db: Callable[[int], Path] | None = None,
        bounds: Bounds | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.web_host = web_host
        self.web_port = web_port
        self.web_token = web_token
        self.notes: tuple[str, ...] = ()
        self.books = books or Books(Journal(keeping=db is not None))
        self.store: Store | None = None
        self.uploads = Uploads(uploads, clock)
        self.started_at: float | None = None
        self.clock = clock
        self.watch = Watch(self.books, clock, self.status)
        self._watched = web_port is not None  # else nobody could ask
        if self._watched:
            self.books.journal.watcher = self.watch
        listeners = (self.watch.frame if self._watched else None, on_frame)
        self.tap = Tap(*(each for each in listeners if each is not None))
        self._db = db
        self._bounds = bounds or Bounds()
        self.tell: Callable[[str], None] = tell or _log.warning
        self._exact = exact
        self._web_exact = web_exact
        self._open = open
        self._names = names or Names()
        self._doors = doors or Doors()
        self.keeper: Doorkeeper | None = None
        self._policies = policies or Policies()
        self.linter = Linter(speed, self._found)
        self._on_finding = on_finding
        self._limits = limits or Limits()
        self._dialogues = dialogues()
        self._stations: dict[str, ConnectedStation] = {}
        self._servers: list[Server] = []
        self._sockets: set[StationSocket] = set()
        self._group: asyncio.TaskGroup | None = None
        self._closing = asyncio.Event()
        self._background: asyncio.Task[None] | None = None

    # -- life -------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listens. When it returns, stations can connect; HTTP answers as soon as it is loaded. LocalError or
        ConfigError names the setting that is in the way."""
        names, doors = self._names, self._doors
        if not (self._open or doors.locked or is_loopback(self.host)):
            raise LocalError(
                f"{names.host}: {self.host} lets whoever reaches this machine play a station; want passwords "
                f"({names.doors.passwords}) or certificates ({names.doors.client_ca}), or, if so be it, {names.open}"
            )
        if self.web_port is not None:
            check_reach(self.web_host, self.web_token, names.web)
        self.keeper = Doorkeeper(doors, names.doors, self.books, self._limits, lambda text: self.tell(text))
        stations = await listen_on(self.host, self.port, self._exact, names.host, names.port)
        web: Sequence[socket.socket] = ()
        try:
            if self.web_port is not None:
                web = await listen_on(self.web_host, self.web_port, self._web_exact, names.web.host, names.web_port)
            self._note_ports(stations, web)
            if self._db is not None:
                await self._open_store(self._db(self.port))
            self._apply_policies()
        except BaseException:
            close_all((*stations, *web))
            raise
        self.started_at = self.clock()
        ready = asyncio.Event()
        self._background = asyncio.get_running_loop().create_task(self._tend(web, ready), name="csms")
        await ready.wait()
        for sock in stations:
            self._servers.append(await self._serve_on(sock))

    async def close(self) -> None:
        """Closes all connections (1001), and gives the ports back. Who does not take part is cut off in time."""
        self._closing.set()
        for server in self._servers:
            server.close()
        gone = asyncio.gather(*(server.wait_closed() for server in self._servers))
        _, waiting = await asyncio.wait((gone,), timeout=self._limits.close_timeout_s)
        if waiting:
            for connection in tuple(self._sockets):
                connection.transport.abort()
            await asyncio.wait((gone,), timeout=self._limits.close_timeout_s)
        gone.cancel()
        self._servers.clear()
        if self._background is not None:
            await self._background
            self._background = None
        if self.store is not None:
            await self.store.close()
            self.store = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    # -- what it offers ---------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where stations dial; a station's id goes behind it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ws' if self._doors.tls_cert is None else 'wss'}://{host}:{self.port}"

    @property
    def web_url(self) -> str | None:
        """Where dashboard and HTTP API are, None without them."""
        if self.web_port is None:
            return None
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"http://{host}:{self.web_port}"

    @property
    def connected(self) -> tuple[str, ...]:
        """The ids of the stations that are connected, in order of their connecting."""
        return tuple(self._stations)

    def set_policy(self, policy: Policy | None, station_id: str | None = None) -> None:
        """Changes the policy of a station (None: to that of all others), or of all others, for good."""
        self.books.registry.set_policy(policy, station_id)
        text = None if policy is None else msgspec.json.encode(policy).decode()
        self.books.settings.put(station_id or _ALL, _POLICY, text)

    def findings(self, station_id: str | None = None) -> tuple[Finding, ...]:
        """What the linter has found, of a station or of all."""
        return tuple(self.linter.findings(station_id))

    def _found(self, finding: Finding) -> None:
        if self._watched:
            self.watch.finding(finding)
        if self._on_finding is not None:
            self._on_finding(finding)

    def report(self) -> Report:
        """All that the linter has found so far."""
        return report_of(self.linter.stations, self.linter.findings(), self.clock())

    def status(self) -> Status:
        """The state of the server."""
        now, watch = self.clock(), self.watch
        last_at = self.tap.last_at
        return Status(
            status="online",
            uptime=round(max(now - (self.started_at or now), 0.0), 3),
            total_messages=self.tap.total,
            active_connections=len(self._stations),
            last_activity=None if last_at is None else to_wire(last_at),
            version=__version__,
            ocpp_url=self.url,
            stations=len(self.books.registry),
            transactions=watch.transactions,
            power_w=watch.power_w,
            messages_per_s=watch.messages_per_s,
            messages_skipped=watch.skipped,
            trouble=self.store.trouble if self.store is not None else "",
        )

    async def call(self, station_id: str, action: str, payload: Payload, timeout: float = 30.0) -> Payload:
        """Sends a station a CALL when those before it are through, and gives its answer's payload. OfflineError when it
        is not connected; else as ConnectedStation.call."""
        station = self._stations.get(station_id)
        if station is None:
            raise OfflineError(f"{station_id} is not connected")
        return await station.call(action, payload, timeout)

    @property
    def history(self) -> History | None:
        """Reads what is stored; None: nothing is."""
        return None if self.store is None else self.store.history

    async def committed(self) -> None:
        """Returns when all that the books have taken in so far is on the disk, if it is kept at all."""
        if self.store is not None:
            await self.store.committed()

    # -- inside -----------------------------------------------------------------------------------

    def _apply_policies(self) -> None:
        """Those that were set before, and over them those of this start."""
        registry, given = self.books.registry, self._policies
        for station_id, text in self.books.settings.named(_POLICY).items():
            with suppress(msgspec.MsgspecError):  # of another evtui
                registry.set_policy(msgspec.json.decode(text, type=Policy), station_id or None)
        if given.default is not None:
            registry.set_policy(given.default)
        for station_id, policy in given.station.items():
            registry.set_policy(policy, station_id)

    async def _open_store(self, path: Path) -> None:
        store = Store(
            path,
            self.books,
            self._bounds,
            clock=self.clock,
            tell=lambda text: self.tell(text),
            ways_out=self._names.elsewhere,
        )
        if store.damaged is not None:
            self.notes += (f"{path} was damaged: it is {store.damaged.name} now, and the CSMS begins a new one",)
        self.tap.keep_in(store, await store.history.newest(MOST_FRAMES))
        self.store = store

    def _note_ports(self, stations: Sequence[socket.socket], web: Sequence[socket.socket]) -> None:
        notes = []
        asked, self.port = self.port, stations[0].getsockname()[1]
        if asked not in (0, self.port):
            notes.append(f"port {asked} is taken, so the CSMS listens on {self.port}")
        if web:
            asked_web, self.web_port = self.web_port, web[0].getsockname()[1]
            if asked_web not in (0, self.web_port):
                notes.append(f"port {asked_web} is taken, so its HTTP API is on {self.web_port}")
        if self._doors.locked and self._doors.tls_cert is None and not is_loopback(self.host):
            notes.append(f"passwords go over the network in the clear; give {self._names.doors.tls_cert}")
        self.notes = tuple(notes)

    async def _tend(self, web: Sequence[socket.socket], ready: asyncio.Event) -> None:
        """Owns all tasks of the CSMS that are no connection's, until it is closed."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                ready.set()
                if web:
                    group.create_task(self._serve_web(web), name="csms web")
                watching = group.create_task(self.watch.run(), name="csms watch") if web else None
                await self._closing.wait()
                if watching is not None:
                    watching.cancel()
        finally:
            self._group = None
            close_all(web)

    async def _serve_web(self, sockets: Sequence[socket.socket]) -> None:
        if (http := await loaded("evtui.csms.http.app", self._closing)) is not None:
            await http.serve(self, sockets, self._closing)

    def _spawn(self, task: Coroutine[Any, Any, None]) -> None:
        if self._group is None or self._closing.is_set():
            task.close()
        else:
            self._group.create_task(task)

    async def _serve_on(self, sock: socket.socket) -> Server:
        limits, keeper = self._limits, self.keeper
        assert keeper is not None
        return await serve(
            cast("Callable[[ServerConnection], Awaitable[None]]", self._serve),
            sock=sock,
            ssl=keeper.tls,
            process_request=keeper.admit,
            select_subprotocol=self._select,
            create_connection=tracked(self._sockets),
            compression="deflate",
            max_size=limits.frame_bytes,
            ping_interval=_PING_INTERVAL_S,
            close_timeout=limits.close_timeout_s,
            server_header=None,
            logger=_log,
        )

    def _select(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((Subprotocol(known) for known in self._dialogues if known in offered), None)

    def _judge(self, record: StationRecord, version: str, agent: str) -> Judge:
        judge = self.linter.judge(record.id, version, speed_of(agent))
        transactions = self.books.transactions.of(record.id)
        judge.opened(record.registration, (each.transaction_id for each in transactions if not each.ended))
        return judge

    async def _serve(self, connection: StationSocket) -> None:
        dialogue = self._dialogues.get(connection.subprotocol or "")
        identity = identity_of(connection.request.path) if connection.request is not None else None
        if dialogue is None or identity is None:
            # OCPP-J 3.1.2: the handshake was completed without a subprotocol, and that is the end of it.
            await connection.close(1002, f"no common subprotocol; this CSMS speaks {', '.join(self._dialogues)}")
            return
        keeper = self.keeper
        assert keeper is not None
        record = self.books.registry.station(identity)
        if self._doors.unknown == WAIT and not keeper.knows(identity):
            record.policy = msgspec.structs.replace(record.policy, boot_status=PENDING)
        station = ConnectedStation(
            connection,
            record,
            dialogue,
            books=self.books,
            tap=self.tap,
            store=self.store,
            limits=self._limits,
            clock=self.clock,
            spawn=self._spawn,
            judge=self._judge(record, dialogue.version, _agent(connection)),
            certified=keeper.certified(connection),
        )
        former = self._stations.pop(identity, None)
        if former is not None:
            former.leave()
            self._spawn(former.close(1008, "another connection of this station took its place"))
        self._stations[identity] = station
        record.version = dialogue.version
        record.connected_since = record.last_seen = self.clock()
        record.changed()
        try:
            await station.run()
        finally:
            if self._stations.get(identity) is station:
                del self._stations[identity]
                record.connected_since = None
                record.changed()


def _agent(connection: ServerConnection) -> str:
    """How the station introduces itself."""
    agents = connection.request.headers.get_all("User-Agent") if connection.request is not None else []
    return agents[0] if agents else ""
