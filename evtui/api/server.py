"""The API's life: its port is taken at once, the rest comes when the fleet is up."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from evtui.api.commands import Commands
from evtui.api.frames import Frames
from evtui.config import ApiConfig
from evtui.engine.door import Door, LinkState
from evtui.errors import ConfigError, EvtuiError, LocalError
from evtui.web.event_stream import EventStreams
from evtui.web.front import TokenNames, check_reach, fronted
from evtui.web.guard import BodyLimit
from evtui.web.listening import PortTakenError, listen
from evtui.web.loading import loaded
from evtui.web.token import Token, read_token

PATIENCE_S = 2.0
"""How long the first frames of a fleet are waited for."""

MOST_BODY = 1 << 16

NAMES = TokenNames("--api-host", "--api-token-env", "--api-token-file")

_UP = frozenset({LinkState.ONLINE, LinkState.PENDING, LinkState.REJECTED, LinkState.WAITING})


class Api:
    """Where the API is; `moved` says that it is not where it should be, empty if it is."""

    def __init__(self, config: ApiConfig, port: int) -> None:
        host = f"[{config.host}]" if ":" in config.host else config.host
        self.port = port
        self.url = f"http://{host}:{port}"
        self.moved = "" if config.port in (0, port) else f"port {config.port} is taken, so the API is on {port}"


@asynccontextmanager
async def open_api(config: ApiConfig, door: Door) -> AsyncIterator[Api]:
    """Serves a door over HTTP as long as the context is. ConfigError names the option that is in the way."""
    token = read_token(config.token_env, config.token_file, NAMES.env, NAMES.file)
    check_reach(config.host, token, NAMES)
    try:
        sockets = await listen(config.host, config.port, config.exact)
    except PortTakenError as error:
        raise ConfigError(f"--api-port: {error}") from None
    except LocalError as error:
        raise ConfigError(f"--api-host: {error}") from None
    closing = asyncio.Event()
    serving = asyncio.get_running_loop().create_task(_serve(config, door, token, sockets, closing), name="api")
    try:
        yield Api(config, sockets[0].getsockname()[1])
    finally:
        closing.set()
        await serving


async def _serve(
    config: ApiConfig, door: Door, token: Token | None, sockets: Sequence[socket.socket], closing: asyncio.Event
) -> None:
    commands, frames = Commands(door), Frames(door)
    try:
        await _until_up(door, closing)
        app = await loaded("evtui.api.app", closing)
        docs = await loaded("evtui.web.docs", closing)
        serving = await loaded("evtui.web.serving", closing)
        if closing.is_set():
            return
        api = app.build(door, commands, frames, EventStreams(door.events, closing), token=token is not None)
        guarded = fronted(BodyLimit(api, MOST_BODY), config.host, token, docs.PUBLIC)
        async with asyncio.TaskGroup() as group:
            group.create_task(serving.serve(guarded, sockets, closing))
            await closing.wait()
            await commands.close()  # whoever waits for one is told
    finally:
        frames.close()
        for sock in sockets:
            sock.close()


async def _until_up(door: Door, closing: asyncio.Event) -> None:
    """Waits until a station of the fleet has a connection or has failed to get one: they need the processor first."""

    async def up() -> None:
        kinds: set[str] = set()
        after = 0
        with suppress(EvtuiError):  # a fleet that is gone already
            while kinds.isdisjoint(_UP):
                events = await door.events(after)
                kinds.update(each.kind for each in events)
                after = events[-1].number

    async with asyncio.TaskGroup() as group:
        tasks = group.create_task(up()), group.create_task(closing.wait())
        await asyncio.wait(tasks, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
