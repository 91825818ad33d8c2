"""The command line: one function a verb; imports lazily, so that --help loads no heavy package."""

import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from evtui.errors import ConfigError, EvtuiError
from evtui.options import (
    ATTACH,
    BENCH,
    CONSOLE,
    CSMS,
    DECLARED,
    DEMO,
    ECHONET,
    FRAMES,
    LS,
    RUN,
    STOP,
    Options,
    flag_of,
    read_options,
)

if TYPE_CHECKING:
    import typer

USAGE, INTERRUPTED = 2, 130


def main() -> NoReturn:
    """The program `evtui`."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from evtui import __version__

        print(f"evtui {__version__}")
        sys.exit(0)
    try:
        # Without options there is nothing to parse: not loading typer brings the first paint forward.
        sys.exit(_parse(arguments) if arguments else console(Options()))
    except EvtuiError as error:
        _complain(str(error))
        sys.exit(USAGE)
    except KeyboardInterrupt:  # before or between what ends in an orderly way by itself
        sys.exit(INTERRUPTED)


def console(options: Options) -> int:
    """Run a fleet of simulated charging stations and watch it."""
    if options.detach:
        from evtui.console import start_detached

        return start_detached(options)
    if not options.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        if options.keep:
            raise ConfigError("--keep is about a window, and there is no terminal; --detach starts a fleet that stays")
        return run(options)
    from evtui.console import open_console

    return open_console(options)


def run(options: Options) -> int:
    """Run charging sessions without a screen."""
    if options.cluster is not None:
        from evtui.cluster.run import run_cluster

        return run_cluster(options)
    from evtui.host.process import hired

    stations = 1 if options.stations is None else options.stations
    workers = options.workers if options.config is not None else min(options.workers, stations)
    with hired(workers if workers > 1 else 0) as hands:  # they load while this process does
        from evtui.headless.run import run_sessions

        return run_sessions(options, hands=hands)


def echonet(options: Options) -> int:
    """Show a demo fleet, with its CSMS, to home-energy controllers, without a screen."""
    from evtui.headless.run import run_demo

    return run_demo(options)


def csms(options: Options) -> int:
    """Run the CSMS alone and show its frames."""
    from evtui.headless.csms import run_csms

    return run_csms(options)


def attach(options: Options) -> int:
    """Open a window on a fleet that runs already."""
    from evtui.console import attach_console

    return attach_console(options)


def demo(options: Options) -> int:
    """Watch a show: sessions, frames, a fault and its repair. It ends by itself, or with q."""
    from evtui.console import open_demo

    return open_demo(options)


def ls(options: Options) -> int:
    """List the fleets of yours that run."""
    from evtui.running import list_fleets

    return list_fleets(options)


def stop(options: Options) -> int:
    """Stop a fleet of yours: its transactions end properly."""
    from evtui.running import stop_fleets

    return stop_fleets(options)


def frames(options: Options) -> int:
    """Tell the frames that runs have kept, as one log."""
    from evtui.headless.kept_frames import tell_frames

    return tell_frames(options)


def bench(options: Options, what: str = "fleet") -> int:
    """Measure how many stations this machine holds, and what each message costs; `bench csms`: what it costs the
    embedded CSMS; `bench echonet`: a request the ECHONET Lite node; `bench tui`: the window."""
    for name, only in (("idle", "fleet"), ("rate", "echonet")):
        if getattr(options, name) is not None and what != only:
            raise ConfigError(f"--{name}: is for `bench{'' if only == 'fleet' else f' {only}'}` alone")
    if what == "tui":
        from evtui.bench.window import run_window_bench

        return run_window_bench(options)
    if what == "csms":
        from evtui.bench.csms import run_csms_bench

        return run_csms_bench(options)
    if what == "echonet":
        from evtui.bench.echonet import run_echonet_bench

        return run_echonet_bench(options)
    if what != "fleet":
        raise ConfigError(f"bench: {what!r} cannot be measured; write `bench`, or with csms, echonet or tui after it")
    from evtui.bench.run import run_bench

    return run_bench(options)


def init(path: str) -> int:
    """Write a commented fleet.toml that says the defaults."""
    from pathlib import Path

    from evtui.config import write_template

    write_template(Path(path))
    print(f"{path} is written: change it, then `evtui --config {path}`")
    return 0


# -- typer ----------------------------------------------------------------------------------------


def _parse(arguments: list[str]) -> int:
    import typer

    try:
        code = _application()(arguments, prog_name="evtui", standalone_mode=False)
    except typer.TyperException as error:
        _complain(" ".join(error.format_message().split()))
        return USAGE
    return code if isinstance(code, int) else 0


def _application() -> "typer.Typer":
    import typer

    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, help=console.__doc__)

    def top(context: typer.Context, version: bool, **values: Any) -> int:
        if version:
            from evtui import __version__

            print(f"evtui {__version__}")
            raise typer.Exit(0)
        if context.invoked_subcommand is None:
            return console(read_options(values))
        if early := [flag_of(name) for name in CONSOLE if values[name] not in (None, False, [])]:
            raise ConfigError(f"write {' '.join(early)} after {context.invoked_subcommand}")
        return 0

    version = Annotated[bool, typer.Option("--version", help="Say the version and exit.")]
    top.__signature__ = _signature(CONSOLE, context=(typer.Context, inspect.Parameter.empty), version=(version, False))  # type: ignore[attr-defined]
    app.callback(invoke_without_command=True)(top)
    for body, names in (
        (run, RUN),
        (echonet, ECHONET),
        (csms, CSMS),
        (attach, ATTACH),
        (demo, DEMO),
        (ls, LS),
        (stop, STOP),
        (frames, FRAMES),
    ):
        app.command(body.__name__, help=body.__doc__)(_verb(body, names))
    app.command("bench", help=bench.__doc__)(_bench())

    @app.command("init", help=init.__doc__)
    def _(path: Annotated[str, typer.Argument(help="The file to write.")] = "fleet.toml") -> int:
        return init(path)

    return app


def _bench() -> Callable[..., int]:
    """The one verb with a noun: what is measured."""
    import typer

    def command(what: str, **values: Any) -> int:
        return bench(read_options(values), what)

    noun = typer.Argument(metavar="[csms|echonet|tui]", help="Instead of the fleet: CSMS, ECHONET Lite node, window.")
    command.__signature__ = _signature(BENCH, what=(Annotated[str, noun], "fleet"))  # type: ignore[attr-defined]
    return command


def _verb(body: Callable[[Options], int], names: tuple[str, ...]) -> Callable[..., int]:
    """A verb as typer wants it: one parameter for each of its options."""

    def command(**values: Any) -> int:
        return body(read_options(values))

    command.__signature__ = _signature(names)  # type: ignore[attr-defined]
    return command


def _signature(names: tuple[str, ...], **extra: tuple[Any, Any]) -> inspect.Signature:
    """The parameters that these fields of Options declare, after the `extra` ones (name to type and default). Numbers
    are text to typer: `read_options` reads them, and its refusals name the range."""
    import typer

    parameters = dict(extra)
    for name in names:
        declared = DECLARED[name]
        kind: Any = bool if declared.kind is bool else list[str] if declared.kind is tuple else str | None
        option: Any
        if flag_of(name).startswith("-"):
            option = typer.Option(flag_of(name), help=declared.help, metavar=declared.metavar, show_default=False)
        else:
            option = typer.Argument(help=declared.help, metavar=flag_of(name), show_default=False)
        default: Any = False if declared.kind is bool else [] if declared.kind is tuple else None
        parameters[name] = (Annotated[kind, option], default)
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter(name, keyword, annotation=kind, default=default)
            for name, (kind, default) in parameters.items()
        ]
    )


def _complain(text: str) -> None:
    print(f"evtui: {text}", file=sys.stderr)
