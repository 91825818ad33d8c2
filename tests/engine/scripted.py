"""A CSMS in memory: it answers as told, keeps silent, hangs up or refuses, and remembers all that it was sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from evtui.config import CsmsConfig, FleetConfig, GroupConfig
from evtui.engine.clock import ManualClock
from evtui.engine.door import Command, EvseRow, FleetEvent, Outcome, StationRow, Target, View
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.engine.store import Store
from evtui.engine.uploads import Carry
from evtui.engine.uploads import carry as send_file
from evtui.errors import ConnectError, LinkError
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.frame import Frame
from evtui.ocppj.spool import SpoolReader, SpoolWriter

URL = "ws://csms.test"
REFUSED = ConnectError("tcp", "connection refused", "start the CSMS")

Payload = dict[str, Any]
T = TypeVar("T")


class CallError(Exception):
    """Raised by an answer: the CSMS answers with this CALLERROR."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description


class Link:
    """The station's end of a connection."""

    def __init__(self, csms: "ScriptedCsms", endpoint: Endpoint) -> None:
        self.csms = csms
        self.subprotocol = csms.subprotocol
        self.endpoint = endpoint
        self.station_id = endpoint.url.rpartition("/")[2]
        self.closed = False
        self.reset = False  # the CSMS was told that nobody knows of it any more
        self.is_shut = False
        self._sent: list[str] = []  # while it was shut
        self._pushed: list[str | bytes] = []
        self._coming: list[str | bytes | LinkError] = []
        self.full = False  # it takes nothing at once
        self._ring: Callable[[], None] = lambda: None

    def offer(self, text: str) -> bool:
        if self.full or self.closed:
            return False
        self._send(text)
        return True

    async def send(self, text: str) -> None:
        await asyncio.sleep(0)
        self._send(text)

    def _send(self, text: str) -> None:
        if self.closed:
            raise LinkError("the connection broke off", 1006)
        if self.is_shut:
            self._sent.append(text)
        else:
            self.csms.take_text(self, text)

    def attend(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    @property
    def ready(self) -> bool:
        return bool(self._coming)

    def take(self) -> str | bytes:
        coming = self._coming.pop(0)
        if isinstance(coming, LinkError):
            raise coming
        return coming

    def ping_every(self, interval_s: float) -> None:
        self.csms.pings.append((self.csms.clock.now().elapsed_s, interval_s))

    async def close(self) -> None:
        self.closed = True

    @property
    def gone(self) -> bool:
        return self.closed

    def shut(self) -> None:
        self.is_shut = True

    def open(self) -> None:
        self.is_shut, self.reset = False, self.closed
        if not self.closed:
            for text in self._sent:
                self.csms.take_text(self, text)
            for pushed in self._pushed:
                self.push(pushed)

    def abort(self) -> None:
        self.cut()

    def push(self, text: str | bytes) -> None:
        """Sends the station any text at all."""
        if self.is_shut:
            self._pushed.append(text)
        else:
            self._coming.append(text)
            self._ring()

    def cut(self, reason: str = "the connection broke off") -> None:
        self.closed = True
        self._coming.append(LinkError(reason, 1006))
        self._ring()


class ScriptedCsms:
    """`answers` gives the payload for an action, raises CallError, or returns None to keep silent; `refusal` is what
    connecting fails with."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.answers: dict[str, Callable[[Payload], Payload | None]] = {}
        self.refusal: Exception | None = None
        self.subprotocol = "ocpp2.0.1"
        self.hangs = False
        self.links: dict[str, Link] = {}
        self.dials: list[tuple[float, Endpoint]] = []
        self.calls: list[tuple[str, str, Payload]] = []  # station, action, payload
        self.replies: list[list[Any]] = []  # what stations answered to CALLs
        self.texts: list[str] = []  # all that came, as it came
        self.last_id = ""  # of the newest CALL
        self.pings: list[tuple[float, float]] = []  # when stations were told to ping, and how often
        self.transactions = 1000  # of 1.6, so far

    async def connect(
        self, endpoint: Endpoint, *, open_timeout_s: float, ping_interval_s: float, max_size: int
    ) -> Link:
        self.dials.append((self.clock.now().elapsed_s, endpoint))
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        if self.refusal is not None:
            raise self.refusal
        link = Link(self, endpoint)
        self.links[link.station_id] = link
        return link

    def take_text(self, link: Link, text: str) -> None:
        self.texts.append(text)
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if isinstance(frame, list) and len(frame) > 2 and (frame[0] != 2 or len(frame) == 4):
            self.take(link, frame)

    def take(self, link: Link, frame: list[Any]) -> None:
        if frame[0] != 2:
            self.replies.append(frame)
            return
        _, message_id, action, payload = frame
        self.last_id = message_id
        self.calls.append((link.station_id, action, payload))
        try:
            answer = self.answers[action](payload) if action in self.answers else self.default(action, payload)
        except CallError as error:
            link.push(json.dumps([4, message_id, error.code, error.description, {}]))
            return
        if answer is not None:
            link.push(json.dumps([3, message_id, answer]))

    def default(self, action: str, payload: Payload) -> Payload:
        now = self.clock.now().utc.isoformat()
        match action:
            case "BootNotification":
                return {"currentTime": now, "interval": 300, "status": "Accepted"}
            case "Heartbeat":
                return {"currentTime": now}
            case "Authorize" if "idTag" in payload:
                return {"idTagInfo": {"status": "Accepted"}}
            case "Authorize":
                return {"idTokenInfo": {"status": "Accepted"}}
            case "StartTransaction":
                self.transactions += 1
                return {"idTagInfo": {"status": "Accepted"}, "transactionId": self.transactions}
        return {}

    def actions(self, station_id: str = "CP001") -> list[str]:
        return [action for station, action, _ in self.calls if station == station_id]

    def events(self, station_id: str = "CP001") -> list[Payload]:
        """The payloads of the TransactionEvents of a station."""
        return [
            payload for station, action, payload in self.calls if (station, action) == (station_id, "TransactionEvent")
        ]


class Bench:
    """A fleet on a clock that tests move, with its scripted CSMS."""

    def __init__(self, fleet: Fleet, csms: ScriptedCsms, clock: ManualClock, directory: Path) -> None:
        self.fleet = fleet
        self.csms = csms
        self.clock = clock
        self.door = LocalDoor(fleet)
        self._directory = directory

    async def advance(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    async def order(self, name: str, *targets: str, within_s: float = 0.0, **arguments: str) -> Outcome:
        """Submits a command on "CP001" (EVSE 1) or "CP001/2", and lets `within_s` pass."""
        spots = tuple(Target(each.partition("/")[0], int(each.partition("/")[2] or 1)) for each in targets)
        given = {key.replace("_", "-"): value for key, value in arguments.items()}
        return await self.soon(self.door.submit(Command(name, spots, given)), within_s)

    async def soon(self, what: Coroutine[Any, Any, T], within_s: float) -> T:
        """What comes of it within so many seconds of the clock."""
        task = asyncio.get_running_loop().create_task(what)
        await self.advance(within_s)
        assert task.done(), f"still waiting after {within_s} s"
        return task.result()

    async def row(self, station_id: str = "CP001") -> StationRow:
        view = await self.door.fleet(View(count=10_000))
        return next(row for row in view.rows if row.id == station_id)

    async def evse(self, station_id: str = "CP001") -> EvseRow:
        return (await self.row(station_id)).evses[0]

    async def events(self, *kinds: str, station_id: str | None = None) -> list[FleetEvent]:
        """The events so far, of these kinds."""
        if not self.fleet.feed.last:
            return []
        events = await self.door.events(0)
        return [
            event for event in events if (not kinds or event.kind in kinds) and station_id in (None, event.station_id)
        ]

    def frames(self) -> list[Frame]:
        """All that was recorded."""
        self.fleet.frames.flush()
        reader = SpoolReader(self._directory)
        try:
            return [reader.frame(number) for number in range(reader.refresh())]
        finally:
            reader.close()


@asynccontextmanager
async def bench(
    directory: Path,
    stations: int = 1,
    *,
    csms: CsmsConfig | None = None,
    boot: bool = True,
    before: Callable[[ScriptedCsms], None] = lambda csms: None,
    carry: Carry = send_file,
    store: Store | None = None,
    **group: Any,
) -> AsyncIterator[Bench]:
    """A fleet of so many stations, booted unless told otherwise; `before` prepares the CSMS; `store` keeps state."""
    clock = ManualClock()
    scripted = ScriptedCsms(clock)
    before(scripted)
    config = FleetConfig(groups=(GroupConfig(count=stations, **group),), csms=csms or CsmsConfig())
    with SpoolWriter(directory) as spool:
        fleet = Fleet(
            config, clock=clock, frames=spool, csms_url=URL, connect=scripted.connect, carry=carry, store=store
        )
        async with fleet:
            made = Bench(fleet, scripted, clock, directory)
            if boot:
                await made.advance(0.0)
            yield made
