"""`evtui csms`: the CSMS alone, with a log of its frames."""

import asyncio
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from evtui.config import OCPP_PORT, UNKNOWN, WEB_PORT, one_of
from evtui.csms.doors import DoorNames, Doors
from evtui.csms.lint.report import check_report, write_report
from evtui.csms.policy import Policies, read_policies
from evtui.csms.server import Csms, Names
from evtui.csms.store.bounds import Bounds
from evtui.csms.store.place import file_in, of_user
from evtui.errors import ConfigError, LocalError
from evtui.headless.frame_log import FrameLog
from evtui.headless.words import harmless
from evtui.host.diagnostics import write_diagnostics
from evtui.host.loop import run
from evtui.host.runtime import RunPlace
from evtui.host.shutdown import end_within
from evtui.options import Options, size_of
from evtui.web.front import TokenNames
from evtui.web.token import read_token

EXIT_S = 3.0
FOUND = 4
"""The exit code when a report tells errors."""

_WEB = TokenNames("--web-host", "--web-token-env", "--web-token-file")
_NAMES = Names(
    "--host",
    "--port",
    "--web-port",
    "add --open",
    doors=DoorNames("--tls-cert", "--tls-key", "--client-ca", "--passwords", "--password-env"),
    web=_WEB,
)


def run_csms(options: Options) -> int:
    """Runs the CSMS until it is told to stop, and gives the exit code. ConfigError: it cannot listen."""
    bounds, doors = _bounds(options), _doors(options)
    if options.report is not None:
        check_report(options.report, "--report")
    policies = Policies() if options.policy is None else read_policies(options.policy, "--policy")
    write_diagnostics(options.log)
    place = RunPlace.claim()
    try:
        return run(_serve(options, place, _file(options, place), bounds, doors, policies))
    finally:
        place.clear()


def _file(options: Options, place: RunPlace) -> Callable[[int], Path]:
    """What the CSMS keeps goes there, by its port."""
    if options.db is not None:
        if options.ephemeral:
            raise ConfigError("--db and --ephemeral are both given; keep one")
        if not options.db:
            raise ConfigError("--db: is empty; name a file")
        named = Path(options.db)
        return lambda port: named
    if options.ephemeral:  # gone with this process
        return lambda port: place.directory / "csms.db"
    return partial(file_in, of_user(), options.host)


def _bounds(options: Options) -> Bounds:
    default = Bounds()
    return Bounds(
        default.max_bytes if options.db_max is None else size_of(options.db_max, "--db-max"),
        default.max_days if options.db_days is None else options.db_days,
    )


def _doors(options: Options) -> Doors:
    unknown = options.unknown or "accept"
    one_of(unknown, UNKNOWN, "--unknown")
    return Doors(
        options.tls_cert,
        options.tls_key,
        options.client_ca,
        options.passwords,
        options.password_env,
        unknown,
    )


async def _serve(
    options: Options,
    place: RunPlace,
    file: Callable[[int], Path],
    bounds: Bounds,
    doors: Doors,
    policies: Policies,
) -> int:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(code: int) -> None:
        if not stopped.done():
            code = FOUND if options.report is not None and csms.report().errors else code
            stopped.set_result(code)
            end_within(EXIT_S, code)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, 128 + number)
    log = FrameLog(sys.stdout, options.ascii)
    csms = Csms(
        options.host,
        OCPP_PORT if options.port is None else options.port,
        WEB_PORT if options.web_port is None else options.web_port,
        web_host=options.web_host,
        web_token=read_token(options.web_token_env, options.web_token_file, _WEB.env, _WEB.file),
        exact=options.port is not None,
        web_exact=options.web_port is not None,
        open=options.open,
        doors=doors,
        policies=policies,
        speed=1.0 if options.speed is None else options.speed,
        names=_NAMES,
        on_frame=log.add,
        on_finding=log.add,
        uploads=place.directory / "uploads",
        db=file,
        bounds=bounds,
        tell=lambda text: print(f"evtui: {harmless(text)}", file=sys.stderr, flush=True),
    )
    if options.strict_tokens:
        csms.books.tokens.unlisted = "Unknown"
    try:
        await csms.start()
    except LocalError as error:
        raise ConfigError(str(error)) from None
    kept = "nothing is kept" if options.ephemeral else f"all is kept in {file(csms.port)}"
    for sentence in (
        *csms.notes,
        f"CSMS on {csms.url}, dashboard on {csms.web_url}/; Ctrl-C ends it",
        harmless(kept),
    ):
        print(sentence, flush=True)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(log.run(lambda: stop(128 + signal.SIGPIPE)))
        code = await stopped
        unwritten = None if options.report is None else _report(csms, options.report)  # first: a close may hang
        await csms.close()
        writing.cancel()
    if unwritten is not None:
        raise unwritten
    return code


def _report(csms: Csms, path: str) -> ConfigError | None:
    try:
        write_report(path, csms.report())
    except OSError as error:
        return ConfigError(f"--report: {path} cannot be written: {error.strerror}")
    return None
