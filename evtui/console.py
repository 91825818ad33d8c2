"""The verbs that open a window: a host is started, or one that runs is found, and the window is its client."""

import asyncio
import gc
import locale
import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from evtui.errors import ConfigError, EvtuiError, LocalError
from evtui.options import Options, api_of, flag_of, fleet_of, frame_bytes_of, state_of, workers_of

if TYPE_CHECKING:
    from evtui.host.process import HostProcess
    from evtui.host.remote import RemoteDoor
    from evtui.host.runtime import FleetRecord
    from evtui.host.start import HostConfig

STATIONS = 4
DEMO_SEED = 7
HOST_EXIT_S = 4.0
"""How long a host may take to end; it promises 3 s."""


def open_console(options: Options) -> int:
    """Starts a fleet and opens a window on it, or offers one that runs. The exit code."""
    from evtui.host.process import HostProcess

    host = HostProcess()  # first, as it has much to load; without a configuration it ends again
    detached = False
    try:
        if options == Options():
            if (record := _offered()) is not None:
                return _attach(record, options)
            host.configure()
        else:
            host.configure(_host_config(options))
        code, detached = _window(host.ready, options)
    finally:
        _let_go(host, detached or options.keep)
    return code


def start_detached(options: Options) -> int:
    """Starts a fleet that stays, opens no window on it, and says how to come back. ConfigError: it cannot run."""
    from evtui.host.process import HostProcess

    host = HostProcess()
    try:
        host.configure(_host_config(options))
        host.ready()
    except BaseException:
        host.end(HOST_EXIT_S)
        raise
    host.abandon()
    print(
        f"process {host.pid} runs the fleet: `evtui attach {host.pid}` opens a window, `evtui stop {host.pid}` ends it"
    )
    return 0


def attach_console(options: Options) -> int:
    """Opens a window on a fleet that runs already. LocalError: there is none."""
    from evtui.running import found

    if not options.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LocalError("attach opens a window, and there is no terminal; --plain needs none")
    records = found(options.fleet)
    return _attach(records[0] if len(records) == 1 else _chosen(records), options)


def open_demo(options: Options) -> int:
    """Starts a fleet that is the same each time, and plays the show in a window on it. LocalError: no terminal."""
    from evtui.config import FleetConfig, GroupConfig
    from evtui.host.process import HostProcess
    from evtui.host.start import HostConfig

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LocalError("the demo is a show on a screen, and there is no terminal; `evtui run` charges without one")
    host = HostProcess()
    try:
        fleet = FleetConfig(groups=(GroupConfig(count=STATIONS),), seed=DEMO_SEED)
        host.configure(HostConfig(fleet, state=None, steady_ids=True))
        return _window(host.ready, options, demo=True)[0]
    finally:
        host.end(HOST_EXIT_S)


def _host_config(options: Options) -> "HostConfig":
    from evtui.host.start import HostConfig

    fleet = fleet_of(options, STATIONS)
    return HostConfig(
        fleet,
        options.log,
        api_of(options),
        state_of(options, durable=True),
        stay=options.keep or options.detach,
        frame_bytes=frame_bytes_of(options),
        workers=workers_of(options, fleet),
    )


def _attach(record: "FleetRecord", options: Options) -> int:
    return _window(lambda: record.socket, options)[0]


def _window(find: Callable[[], str], options: Options, demo: bool = False) -> tuple[int, bool]:
    """Runs the window on the socket that `find` gives: the exit code, and whether the fleet was told to stay."""
    if not demo and (options.plain or os.environ.get("TERM") == "dumb"):
        return _plain_window(find, options)
    from evtui.tui.environment import prepare_environment, wants_ascii

    gc.disable()  # what is loaded stays: to look through it again and again costs a tenth of the way to the first paint
    prepare_environment()
    from platformdirs import user_config_path

    from evtui.settings import check_marker, load_settings
    from evtui.tui.window import run_window

    settings_path = user_config_path("evtui") / "settings.toml"
    settings = load_settings(settings_path)
    door = _Doorway(find, options.read_only)
    ascii_only = options.ascii or wants_ascii(os.environ, locale.getencoding())
    result = run_window(
        door.open,
        settings,
        settings_path=settings_path,
        theme=options.theme,
        ascii=ascii_only,
        refresh_hz=options.refresh,
        marker=check_marker(options.marker or settings.marker, "--marker"),
        read_only=options.read_only,
        record_dir=options.record_dir,
        demo=demo,
        disconnect=door.close,
    )
    if door.refused is not None:
        raise door.refused
    if result.text:
        print(result.text, file=sys.stderr if result.code else sys.stdout)
    return result.code, result.detached


def _plain_window(find: Callable[[], str], options: Options) -> tuple[int, bool]:
    """As `_window`, without a screen."""
    from evtui.headless.plain.program import run_plain

    for name in ("theme", "refresh", "marker", "record_dir"):
        if getattr(options, name) is not None:
            raise ConfigError(f"{flag_of(name)} is about the screen, and --plain has none; leave one of them out")
    door = _Doorway(find, options.read_only)
    result = run_plain(door.open, ascii=options.ascii, read_only=options.read_only, disconnect=door.close)
    if door.refused is not None:
        raise door.refused
    return result.code, result.detached


class _Doorway:
    """Opens the door inside the window's loop, and remembers why it could not."""

    def __init__(self, find: Callable[[], str], read_only: bool) -> None:
        self._find = find
        self._read_only = read_only
        self._door: RemoteDoor | None = None
        self.refused: EvtuiError | None = None

    async def open(self) -> "RemoteDoor":
        from evtui.host.remote import RemoteDoor
        from evtui.host.wire import Role

        role = Role.READER if self._read_only else Role.WINDOW
        try:
            self._door = await RemoteDoor.connect(await asyncio.to_thread(self._find), role)
        except EvtuiError as error:
            self.refused = error
            raise
        return self._door

    def close(self) -> None:
        """The window goes, one way or another."""
        if self._door is not None:
            self._door.close()


def _let_go(host: "HostProcess", detached: bool) -> None:
    """A host that others look at, or that one of them told to stay, is no longer ours to end."""
    from evtui.running import is_wanted

    if detached or is_wanted(host.pid):
        host.abandon()
    else:
        host.end(HOST_EXIT_S)


# -- fleets that run already ----------------------------------------------------------------------


def _offered() -> "FleetRecord | None":
    """The fleet that the user wants to come back to instead of starting another one."""
    from evtui.host.runtime import running

    records = running()
    if not records:
        return None
    print("A fleet of yours is running:" if len(records) == 1 else "Fleets of yours are running:")
    for number, record in enumerate(records, 1):
        print(f"  {number}  {_described(record)}")
    return _picked("Attach to it? [Y/n] " if len(records) == 1 else "Attach to which? [1, n for a new one] ", records)


def _chosen(records: "list[FleetRecord]") -> "FleetRecord":
    for number, record in enumerate(records, 1):
        print(f"  {number}  {_described(record)}")
    picked = _picked("Attach to which? [1] ", records)
    if picked is None:
        raise LocalError("no such fleet")
    return picked


def _picked(question: str, records: "list[FleetRecord]") -> "FleetRecord | None":
    try:
        answer = input(question).strip().lower()
    except EOFError:
        answer = "n"
    if answer in ("", "y", "yes"):
        return records[0]
    return records[int(answer) - 1] if answer.isdecimal() and 0 < int(answer) <= len(records) else None


def _described(record: "FleetRecord") -> str:
    since = datetime.fromtimestamp(record.started_at).astimezone()
    stations = "1 station" if record.stations == 1 else f"{record.stations} stations"
    return f"{stations} on {record.csms_url}, since {since:%H:%M}, process {record.pid}"
