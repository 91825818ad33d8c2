"""`python -m evtui.host.worker`: a share of a fleet in a process of its own, as a lead starts it.

It ends when its lead does: transactions end properly first, as in a host whose window is gone.
"""

import sys
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from evtui.config import station_specs
from evtui.engine.clock import SystemClock
from evtui.engine.effects.again import set_again
from evtui.engine.endpoints import banner_of
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.engine.store import Store, store_at
from evtui.host.garbage import coming_up
from evtui.host.lifeline import Lifeline
from evtui.host.limits import raise_open_files
from evtui.host.server import DoorServer
from evtui.host.shutdown import DRAIN_S, EXIT_S, end_within
from evtui.host.start import Ready, WorkerConfig
from evtui.host.starter import leave_stderr, obey_starter, tell, watch_signals, watch_starter
from evtui.ocppj.spool import SpoolWriter


async def work(config: WorkerConfig, stdin: int, stdout: int) -> None:
    """Runs a worker until its lead ends it, or is gone. ConfigError: it cannot run as configured."""
    raise_open_files()
    lifeline = Lifeline()
    watch_signals(lifeline)
    elsewhere = msgspec.structs.replace(config.fleet, groups=config.elsewhere)
    async with AsyncExitStack() as stack:
        stack.enter_context(coming_up(config.fleet.stations))
        spool = SpoolWriter(config.frames, config.frame_bytes)
        stack.callback(spool.close)
        store: Store | None = None
        if config.state is not None:
            store = await stack.enter_async_context(store_at(config.state, config.csms_url))
        fleet = Fleet(
            config.fleet,
            clock=SystemClock(config.fleet.speed),
            frames=spool,
            csms_url=config.csms_url,
            banner=banner_of(config.fleet.csms),
            store=store,
            ramp_s=config.ramp_s,
            steady_ids=config.steady_ids,
            elsewhere=frozenset(spec.id for spec in station_specs(elsewhere)),
        )
        set_again(fleet, config.settings)
        await stack.enter_async_context(fleet)
        settled = False

        async def settle(drain_s: float) -> dict[str, int]:
            nonlocal settled
            owed = await fleet.shutdown(drain_s)
            settled = True
            return owed

        server = DoorServer(LocalDoor(fleet, name=config.name), lifeline, settle=settle)
        await server.listen(socket := Path(config.socket))
        stack.callback(socket.unlink, missing_ok=True)  # of a lead that went before it has found it
        tell(stdout, Ready(config.socket))
        leave_stderr()
        watch_starter(lifeline, stdin)
        await lifeline.ended()
        end_within(EXIT_S - DRAIN_S if settled else EXIT_S, 1)
        if not settled:
            await fleet.shutdown(DRAIN_S)
        server.stopped()
        await server.close()


if __name__ == "__main__":
    sys.exit(obey_starter(WorkerConfig, work))
