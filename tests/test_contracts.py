"""The house rules on imports, seen from outside: what a fresh interpreter has really loaded. import-linter checks the
direct imports; these tests check what comes along."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import evtui.sim

SIM = [module.name for module in pkgutil.walk_packages(evtui.sim.__path__, "evtui.sim.")]

MSGSPEC = {"msgspec", "typing_extensions"}
HEAVY = (
    "textual",
    "plotext",
    "rich",
    "ocpp",
    "jsonschema_rs",
    "websockets",
    "fastapi",
    "uvicorn",
    "uvloop",
    "distributed",
)
WIRE = ("ocpp", "jsonschema_rs", "websockets", "fastapi", "uvicorn")


def _loaded(code: str) -> set[str]:
    """Every module that a fresh interpreter has after running the code."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return set(done.stdout.split("\n"))


def _roots(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


def test_the_command_line_loads_nothing_heavy() -> None:
    assert _roots(_loaded("import evtui.cli")).isdisjoint(HEAVY)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"], ["csms", "--help"]], ids=" ".join)
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, contextlib, io\n"
        f"sys.argv = ['evtui', *{arguments!r}]\n"
        "from evtui.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()"
    )
    assert _roots(_loaded(code)).isdisjoint(HEAVY)


_VERB = """
import sys, contextlib, io
sys.argv = ['evtui', *{arguments!r}]
from evtui.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), \\
        contextlib.suppress(SystemExit):
    main()
"""


def test_help_loads_the_command_line_alone() -> None:
    modules = _loaded(_VERB.format(arguments=["--help"]))
    assert {module for module in modules if module.startswith("evtui")} == {
        "evtui",
        "evtui.cli",
        "evtui.errors",
        "evtui.options",
    }
    assert len(modules) < 170, "147 when this was written"


def test_a_run_loads_what_it_runs_and_no_screen_dashboard_house_or_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every import is time that whoever starts it waits for; and memory, once for each worker."""
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    arguments = ["run", "--stations", "1", "--csms-url", "ws://127.0.0.1:9", "--connect-timeout", "0"]
    modules = _loaded(_VERB.format(arguments=arguments))
    assert "evtui.engine.session" in modules, "it did run"
    loaded = _roots(modules)
    assert loaded >= {"websockets", "jsonschema_rs"}
    assert loaded.isdisjoint({"textual", "plotext", "rich", "fastapi", "starlette", "uvicorn", "pydantic"})
    assert loaded.isdisjoint({"ocpp", "jsonschema", "distributed", "dask", "prometheus_client", "asyncssh"})
    assert not [
        module
        for module in modules
        if module.startswith(("evtui.tui", "evtui.echonet", "evtui.bench", "evtui.cluster", "evtui.csms.server"))
    ]
    assert len(modules) < 620, "558 when this was written"


def test_the_window_loads_nothing_of_ocpp_and_nothing_of_the_world() -> None:
    modules = _loaded("import evtui.tui.app")
    assert "textual" in modules
    assert _roots(modules).isdisjoint(WIRE)
    below = ("evtui.sim", "evtui.dialects", "evtui.csms", "evtui.engine.fleet")
    assert not [module for module in modules if module.startswith(below)]


def test_the_door_and_the_commands_load_msgspec_alone() -> None:
    """The window reads them before anything of OCPP is loaded."""
    modules = _loaded("import evtui.engine.commands")
    assert {module for module in modules if module.startswith("evtui.") and "commands." not in module} == {
        "evtui.engine",
        "evtui.engine.door",
        "evtui.engine.commands",
    }
    assert _third_party(modules) <= MSGSPEC


def test_the_world_needs_the_standard_library_and_msgspec_only() -> None:
    """It may not read a clock, open a socket, or run a loop: time is an argument, and chance has a seed."""
    modules = _loaded("\n".join(f"import {name}" for name in SIM))
    assert _third_party(modules) <= MSGSPEC
    assert modules.isdisjoint({"asyncio", "socket", "random", "threading"})
    others = {module for module in modules if module.startswith("evtui.") and not module.startswith("evtui.sim")}
    assert others <= {"evtui.errors"}


@pytest.mark.parametrize("room", ["evtui.host.__main__", "evtui.headless", "evtui.csms", "evtui.engine"])
def test_what_runs_without_a_screen_does_not_load_the_screen(room: str) -> None:
    assert _roots(_loaded(f"import {room}\n{_EVERYTHING.format(room=room)}")).isdisjoint({"textual", "plotext"})


_EVERYTHING = """
import importlib, pkgutil, sys
for module in pkgutil.walk_packages(getattr(sys.modules[{room!r}], "__path__", ()), {room!r} + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def _third_party(modules: set[str]) -> set[str]:
    """Packages outside the standard library and evtui that came along."""
    return _roots(modules - _loaded("pass")) - set(sys.stdlib_module_names) - {"evtui", ""}
