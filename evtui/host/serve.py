"""The host's life: from the first line on stdin to an orderly end."""

import logging

from evtui.host.lifeline import Lifeline
from evtui.host.opening import open_door
from evtui.host.runtime import RunPlace
from evtui.host.shutdown import DRAIN_S, EXIT_S, end_within
from evtui.host.site import CrewConfig, open_site
from evtui.host.start import HostConfig, Ready
from evtui.host.starter import leave_stderr, tell, watch_signals, watch_starter

_log = logging.getLogger("evtui.host")


async def serve(config: HostConfig, stdin: int, stdout: int) -> None:
    """Runs a host until its lifeline ends it. ConfigError: it cannot run as configured."""
    lifeline = Lifeline(config.stay)
    watch_signals(lifeline)
    place = RunPlace.claim()
    try:
        async with open_site(
            config.fleet,
            place.frames,
            web=True,
            api=config.api,
            state=config.state,
            frame_bytes=config.frame_bytes,
            steady_ids=config.steady_ids,
            crew=CrewConfig(config.workers, place.socket, config.log) if config.workers > 1 else None,
        ) as site:
            server = await open_door(site, lifeline, place)
            tell(stdout, Ready(str(place.socket)))
            leave_stderr()
            watch_starter(lifeline, stdin)
            reason = await lifeline.ended()
            end_within(EXIT_S, 1)
            _log.info("the host ends: %s", reason)
            undelivered = await site.stations.shutdown(DRAIN_S)
            _log.info("undelivered: %s", undelivered or "nothing")
            server.stopped()
            await server.close()
    finally:
        place.clear()
