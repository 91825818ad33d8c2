"""What the window loads before its first paint."""

import subprocess
import sys

import pytest

PROBE = """
import asyncio, sys
from evtui.tui.environment import prepare_environment
assert not any(name.startswith("textual") for name in sys.modules), "environment must come before textual"
import evtui.settings
assert not any(name.startswith("textual") for name in sys.modules), "settings.toml is checked without textual"
prepare_environment()
import evtui.tui.window
from tests.tui.conftest import make_app, settle
from tests.tui.fake_door import charging_fleet

async def main():
    async with make_app(charging_fleet()).run_test() as pilot:
        await settle(pilot)
        print(" ".join(sorted(sys.modules)))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "ocpp",
        "websockets",
        "jsonschema_rs",
        "plotext",
        "uvicorn",
        "fastapi",
        "typer",
        "evtui.sim",
        "evtui.dialects",
        "evtui.csms",
        "evtui.engine.fleet",
        "evtui.ocppj.schemas",
        "evtui.ocppj.schema_files",
        "evtui.tui.composing",
        "evtui.tui.screens.station",
        "evtui.tui.widgets.plot",
    ],
)
def test_the_first_paint_needs_no(module: str, loaded: set[str]) -> None:
    assert not {name for name in loaded if name == module or name.startswith(f"{module}.")}
