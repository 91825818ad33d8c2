"""`evtui csms`: the CSMS alone, with a log of its frames."""

import asyncio
import signal
import sys

from evtui.config import OCPP_PORT, WEB_PORT
from evtui.csms.server import Csms, Names
from evtui.errors import ConfigError, LocalError
from evtui.headless.frame_log import FrameLog
from evtui.host.diagnostics import write_diagnostics
from evtui.host.loop import run
from evtui.host.runtime import RunPlace
from evtui.host.shutdown import end_within
from evtui.options import Options

EXIT_S = 3.0

_NAMES = Names("--host", "--port", "--web-port", "add --open")


def run_csms(options: Options) -> int:
    """Runs the CSMS until it is told to stop, and gives the exit code. ConfigError: it cannot listen."""
    write_diagnostics(options.log)
    place = RunPlace.claim()
    try:
        return run(_serve(options, place))
    finally:
        place.clear()


async def _serve(options: Options, place: RunPlace) -> int:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(code: int) -> None:
        if not stopped.done():
            stopped.set_result(code)
            end_within(EXIT_S, code)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, 128 + number)
    log = FrameLog(sys.stdout, options.ascii)
    csms = Csms(
        options.host,
        OCPP_PORT if options.port is None else options.port,
        WEB_PORT if options.web_port is None else options.web_port,
        exact=options.port is not None,
        web_exact=options.web_port is not None,
        open=options.open,
        names=_NAMES,
        on_frame=log.add,
        uploads=place.directory / "uploads",
    )
    try:
        await csms.start()
    except LocalError as error:
        raise ConfigError(str(error)) from None
    for sentence in (*csms.notes, f"CSMS on {csms.url}, HTTP on {csms.web_url}/api/status; Ctrl-C ends it"):
        print(sentence, flush=True)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(log.run(lambda: stop(128 + signal.SIGPIPE)))
        code = await stopped
        await csms.close()
        writing.cancel()
    return code
