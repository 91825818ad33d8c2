"""The screen recorded in a real terminal: what plays back is what was seen."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.console import console
from tests.e2e.emulator import Emulator
from tests.peers.scripted_csms import ScriptedCsms, scripted_csms
from tests.program import Household, until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def csms() -> Iterator[ScriptedCsms]:
    with scripted_csms() as made:
        yield made


def _replayed(cast: Path) -> Emulator:
    """The screen at the end of a recording, of which each line was looked at."""
    header, *events = (json.loads(line) for line in cast.read_text(encoding="utf-8").splitlines())
    assert header["version"] == 2
    emulator = Emulator(header["width"], header["height"])
    before = 0.0
    for at, code, data in events:
        assert at >= before
        before = at
        match code:
            case "o":
                emulator.feed(data.encode())
            case "r":
                columns, lines = map(int, data.split("x"))
                emulator.resize(columns, lines)
            case _:
                raise AssertionError(code)
    return emulator


def test_a_recording_plays_back_to_the_same_screen_even_of_a_window_that_was_killed(
    house: Household, csms: ScriptedCsms
) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "2", "--record-dir", "shots") as terminal:
        terminal.wait_for("SecurityEvent")
        terminal.press("ctrl+r")
        terminal.wait_for("cannot write to shots: No such file or directory")
        (house.home / "shots").mkdir()
        terminal.press("ctrl+r")
        terminal.wait_for(" REC ")
        (cast,) = (house.home / "shots").glob("evtui-*.cast")
        terminal.press("s")
        terminal.wait_for("Charging")
        terminal.resize(100, 30)
        terminal.wait_for(lambda screen: len(screen.splitlines()) == 30)
        terminal.press("x")
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        terminal.press("down", "enter")
        terminal.wait_for("Why this power")
        terminal.wait_until_silent(for_s=2, timeout_s=20)
        terminal.signal(signal.SIGKILL)
        assert _replayed(cast).lines() == terminal.lines()
        assert '"r"' in cast.read_text()
        until(lambda: not house.processes())


def test_a_picture_and_a_recording_work_over_attach(house: Household, csms: ScriptedCsms) -> None:
    assert house.run("--detach", "--csms-url", csms.url, "--stations", "1").returncode == 0
    with console(house, "attach", "--read-only") as terminal:
        terminal.wait_for("Available")
        terminal.press("ctrl+s")
        terminal.wait_for("the screen is in")
        terminal.press("ctrl+r")
        terminal.wait_for(" REC ")
        terminal.press("ctrl+r")
        terminal.wait_for("recorded: asciinema play")
        terminal.press("q")
        assert terminal.wait() == 0
    (picture,) = house.home.glob("evtui-*.svg")
    assert "CP001" in picture.read_text()
    (cast,) = house.home.glob("evtui-*.cast")
    assert any("CP001" in line for line in _replayed(cast).lines())
    assert house.run("stop").returncode == 0
