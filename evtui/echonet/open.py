"""A node beside a fleet, as the host composes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from evtui.config import EchonetConfig
from evtui.echonet.house import House, Note, Record, unrecorded
from evtui.echonet.wire import Wire
from evtui.engine.clock import Clock
from evtui.engine.door import Door
from evtui.engine.supervisor import Supervisor


@asynccontextmanager
async def open_node(
    config: EchonetConfig,
    door: Door,
    clock: Clock,
    note: Note,
    record: Record = unrecorded,
    directory: Path | None = None,
) -> AsyncIterator[House]:
    """Runs a node as long as the context lasts; `directory` keeps what it is told for the next time. ConfigError: it
    cannot listen there."""
    wire = Wire(config.host, interface=config.interface, multicast=config.multicast)
    supervisor = Supervisor(clock)
    try:
        file = None if directory is None else directory / f"echonet-{config.host}.json"
        extra = {int(code, 16): what for code, what in config.extra.items()}
        house = House(door, wire, note, config.order, extra, record=record, file=file)
        supervisor.start(house)
        try:
            yield house
        finally:
            await supervisor.stop([house.name], clock.now().elapsed_s)
    finally:
        wire.close()
