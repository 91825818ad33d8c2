"""A whole installation in one process: frame spool, embedded CSMS if no other is dialled, fleet, API, ECHONET Lite."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from evtui.api.server import open_api
from evtui.config import OCPP_PORT, WEB_PORT, ApiConfig, FleetConfig
from evtui.engine.beside import NO_CSMS, CsmsAnswer, CsmsQuery, CsmsRequest, CsmsView, NodeView
from evtui.engine.clock import Clock, SystemClock
from evtui.engine.door import Door
from evtui.engine.endpoints import banner_of
from evtui.engine.feed import Feed
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.errors import ConfigError, LocalError
from evtui.host.garbage import coming_up
from evtui.host.limits import check_open_files
from evtui.ocppj.frame import Direction
from evtui.ocppj.spool import DEFAULT_MAX_BYTES, SpoolWriter
from evtui.web.front import TokenNames
from evtui.web.token import read_token

if TYPE_CHECKING:
    from evtui.csms.server import Csms
    from evtui.echonet.house import House
    from evtui.engine.store import Store
    from evtui.host.crew import Crew, Lost
    from evtui.host.process import HostProcess

_DOORS = ("csms.tls_cert", "csms.tls_key", "csms.client_ca", "csms.passwords")
_WAYS_OUT = "name another directory with --state, or keep no state with --ephemeral"
_WEB = TokenNames("csms.web_host", "csms.web_token_env", "csms.web_token_file")


class CrewConfig(NamedTuple):
    """How many workers, no more than there are stations; where their sockets may be, where they write diagnostics, and
    those that were started already, which somebody else ends."""

    workers: int
    socket: Path
    log: str | None = None
    hands: "Sequence[HostProcess]" = ()


class Stations(Protocol):
    """The stations of a site: a Fleet in this process, or a Crew of workers."""

    feed: Feed
    web_url: str

    async def shutdown(self, drain_s: float) -> dict[str, int]:
        """See Fleet."""

    def record_echonet(self, station_id: str, direction: Direction, service: str, text: str, fault: str) -> None:
        """See Fleet."""


class Site:
    """Stations that run, their door, and what is beside them."""

    def __init__(self, stations: Stations, door: Door, csms_url: str, clock: Clock) -> None:
        self.stations = stations
        self.clock = clock
        self.door = door
        self.csms_url = csms_url
        self.api_url: str | None = None
        self.crew: Crew | None = None
        self.house: House | None = None
        self.embedded: Csms | None = None

    @property
    def lost(self) -> "list[Lost]":
        """What went with workers that died."""
        return [] if self.crew is None else self.crew.lost

    async def node(self) -> NodeView | None:
        """The ECHONET Lite node as it stands now; None: there is none."""
        return None if self.house is None else await self.house.view()

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        """The embedded CSMS as it stands now; None: there is none."""
        if self.embedded is None:
            return None
        from evtui.host.embedded import view_of  # not needed when another CSMS is dialled

        return view_of(self.embedded, query)

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        """Lets the embedded CSMS ask a station, and tells the answer, or why there is none."""
        if self.embedded is None:
            return NO_CSMS
        from evtui.host.embedded import ask

        return await ask(self.embedded, request)

    def note(self, station_id: str, text: str) -> None:
        """Takes a sentence into the events, so that every window and story tells it."""
        self.stations.feed.publish(time.time(), "warning", station_id, text=text)


@asynccontextmanager
async def open_site(
    config: FleetConfig,
    frames: Path,
    *,
    web: bool,
    api: ApiConfig | None = None,
    state: str | None = None,
    frame_bytes: int = DEFAULT_MAX_BYTES,
    ramp_s: float = 0.0,
    steady_ids: bool = False,
    crew: CrewConfig | None = None,
) -> AsyncIterator[Site]:
    """Starts everything; at the end closes it in order, fleet before CSMS. `web`: the embedded CSMS answers HTTP too.
    `api`: the fleet does. `state`: where the stations' state is kept; "" is the user's own directory, None keeps none.
    `frame_bytes`: what the frames may take on disk; beyond it the oldest go. `ramp_s`: how long until all
    stations are switched on. `crew`: the stations run in workers.

    ConfigError: the configuration cannot be used, or there is no port to listen on."""
    async with AsyncExitStack() as stack:
        check_open_files(config, 1 if crew is None else crew.workers)
        stack.enter_context(coming_up(config.stations if crew is None else 0))
        hands = None
        if crew is not None:
            from evtui.host.process import hired  # not needed otherwise

            workers = max(1, min(crew.workers, config.stations))
            hands = [
                *crew.hands[:workers],
                *stack.enter_context(hired(workers - len(crew.hands))),
            ]  # they load meanwhile
        csms = None
        if config.csms.url is None:
            csms = await stack.enter_async_context(_embedded(config, web, frames.parent, state))
        clock = SystemClock(config.speed)
        url = csms.url if csms is not None else config.csms.url or ""
        stations: Stations
        staff = None
        door: Door
        if crew is None or hands is None:
            spool = SpoolWriter(frames, frame_bytes)
            stack.callback(spool.close)
            store = await stack.enter_async_context(_store(state, url)) if state is not None else None
            stations = fleet = await stack.enter_async_context(
                Fleet(
                    config,
                    clock=clock,
                    frames=spool,
                    csms_url=url,
                    banner=banner_of(config.csms),
                    store=store,
                    ramp_s=ramp_s,
                    steady_ids=steady_ids,
                )
            )
            door = LocalDoor(fleet)
        else:
            from evtui.host.crew import Crew, worker_configs

            configs = worker_configs(
                config,
                len(hands),
                url,
                frames,
                crew.socket,
                frame_bytes,
                log=crew.log,
                state=state,
                ramp_s=ramp_s,
                steady_ids=steady_ids,
            )
            house = None
            if config.echonet.enabled:
                house = SpoolWriter(frames / "house", configs[0].frame_bytes)
                stack.callback(house.close)
            stations = staff = await stack.enter_async_context(Crew(configs, hands, clock, house))
            door = staff.door
        site = Site(stations, door, url, clock)
        site.crew = staff
        if csms is not None:
            csms.tell = partial(site.note, "")
            site.embedded = csms
            stations.web_url = f"{csms.web_url}/" if csms.web_url is not None else ""
        for sentence in csms.notes if csms is not None else _plausibility(config):
            site.note("", sentence)
        if api is not None:
            offered = await stack.enter_async_context(open_api(api, site.door))
            site.api_url = offered.url
            if offered.moved:
                site.note("", offered.moved)
        if config.echonet.enabled:
            from evtui.echonet.open import open_node  # not needed otherwise

            site.house = await stack.enter_async_context(
                open_node(
                    config.echonet,
                    site.door,
                    clock,
                    site.note,
                    stations.record_echonet,
                    None if state is None else _home_of(state, url),
                )
            )
        yield site


@asynccontextmanager
async def _embedded(config: FleetConfig, web: bool, place: Path, state: str | None) -> AsyncIterator["Csms"]:
    """It keeps what it knows as long as the stations do; what is only looked at over HTTP goes with this process."""
    from evtui.csms.doors import DoorNames, Doors
    from evtui.csms.policy import read_policies
    from evtui.csms.server import Csms, Names  # not needed when another CSMS is dialled
    from evtui.csms.store.place import file_in, of_user

    db: Callable[[int], Path] | None = None
    if state is not None:
        db = partial(file_in, Path(state) / "csms" if state else of_user(), config.csms.host)
    elif web:
        db = partial(file_in, place, "")
    here = config.csms
    csms = Csms(
        here.host,
        here.port,
        here.web_port if web else None,
        web_host=here.web_host,
        web_token=read_token(here.web_token_env, here.web_token_file, _WEB.env, _WEB.file),
        exact=here.port != OCPP_PORT,
        web_exact=here.web_port != WEB_PORT,
        open=here.open,
        speed=config.speed,
        policies=None if here.policy is None else read_policies(here.policy, "csms.policy"),
        doors=Doors(here.tls_cert, here.tls_key, here.client_ca, here.passwords, unknown=here.unknown),
        names=Names(
            "csms.host",
            "csms.port",
            "csms.web_port",
            "set csms.open = true",
            _WAYS_OUT,
            doors=DoorNames(*_DOORS),
            web=_WEB,
        ),
        uploads=place / "uploads",
        db=db,
    )
    try:
        await csms.start()
    except LocalError as error:
        raise ConfigError(str(error)) from None
    try:
        yield csms
    finally:
        await csms.close()


def _store(state: str, csms_url: str) -> "Store":
    from evtui.engine.store import store_at  # not needed when nothing is kept

    return store_at(state, csms_url)


def _home_of(state: str, csms_url: str) -> Path:
    from evtui.engine.state_file import home_of
    from evtui.engine.store import place_of

    return home_of(place_of(state), csms_url)


def _plausibility(config: FleetConfig) -> tuple[str, ...]:
    """A CSMS of others may check energy against time."""
    if config.speed == 1:
        return ()
    return (f"energy runs {config.speed:g} times faster than life; --speed 1 for a CSMS that checks plausibility",)
