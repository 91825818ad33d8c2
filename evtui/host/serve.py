"""The host's life: from the first line on stdin to an orderly end."""

import asyncio
import logging
import os
import signal
import time
from contextlib import suppress

from evtui.engine.door import View
from evtui.errors import EvtuiError
from evtui.host.lifeline import Lifeline
from evtui.host.runtime import FleetRecord, RunPlace
from evtui.host.server import DoorServer
from evtui.host.shutdown import end_within
from evtui.host.site import open_site
from evtui.host.start import HostConfig, Ready, Refused, line

DRAIN_S = 2.0
"""How long a host that ends waits for its last messages to be delivered."""

EXIT_S = 3.0
"""From the decision to end to the end of the process, whatever hangs."""

_log = logging.getLogger("evtui.host")


async def serve(config: HostConfig, stdin: int, stdout: int) -> None:
    """Runs a host until its lifeline ends it. ConfigError: it cannot run as configured."""
    lifeline = Lifeline(config.stay)
    _watch_signals(lifeline)
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
        ) as site:
            server = DoorServer(site.door, lifeline, site)
            await server.listen(place.socket)
            totals = (await site.door.fleet(View(count=0))).totals
            place.announce(
                FleetRecord(place.name, os.getpid(), str(place.socket), time.time(), totals.stations, site.csms_url)
            )
            _tell(stdout, Ready(str(place.socket)))
            _leave_stderr()
            _watch_starter(lifeline, stdin)
            reason = await lifeline.ended()
            end_within(EXIT_S, 1)
            _log.info("the host ends: %s", reason)
            undelivered = await site.fleet.shutdown(DRAIN_S)
            _log.info("undelivered: %s", undelivered or "nothing")
            server.stopped()
            await server.close()
    finally:
        place.clear()


def refuse(error: EvtuiError, stdout: int) -> None:
    """Tells the starter why there will be no host."""
    _tell(stdout, Refused(" ".join(str(error).split())))


def _tell(stdout: int, answer: Ready | Refused) -> None:
    with suppress(BrokenPipeError):  # the starter is gone; stdin tells
        os.write(stdout, line(answer))


def _leave_stderr() -> None:
    """From now on nobody reads it: what is written there must not fill a pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _watch_signals(lifeline: Lifeline) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, lifeline.end, number.name)


def _watch_starter(lifeline: Lifeline, stdin: int) -> None:
    """The end of stdin is the end of the starter."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            lifeline.starter_gone()

    loop.add_reader(stdin, read)
