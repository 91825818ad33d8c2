"""Where running fleets keep their things: found while they run, cleared away when their process is dead."""

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evtui.errors import ConfigError
from evtui.host.runtime import SOCKET_PATH_MAX, FleetRecord, RunPlace, running


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of this test alone, with short paths."""
    with tempfile.TemporaryDirectory(prefix="evtui-", dir="/tmp") as directory:
        for name in ("STATE_HOME", "RUNTIME_DIR"):
            (Path(directory) / name).mkdir(mode=0o700)
            monkeypatch.setenv(f"XDG_{name}", str(Path(directory) / name))
        yield Path(directory)


def record(place: RunPlace, started_at: float = 1.0) -> FleetRecord:
    return FleetRecord(place.name, os.getpid(), str(place.socket), started_at, 4, "ws://127.0.0.1:9000")


def leftovers(home: Path) -> list[str]:
    """What is there beyond empty directories and the registry's own lock."""
    found = (path.relative_to(home) for path in home.rglob("*") if not path.is_dir() or path.name[0].isdigit())
    return [str(path) for path in found if path.parts[-2:] != ("running", "lock")]


def test_an_announced_fleet_is_found_and_gone_when_its_place_is_cleared(home: Path) -> None:
    place = RunPlace.claim()
    assert running() == []
    place.announce(record(place))
    assert running() == [record(place)]
    place.clear()
    assert running() == []
    assert leftovers(home) == []


def test_the_oldest_fleet_comes_first() -> None:
    young, old = RunPlace.claim(), RunPlace.claim()
    young.announce(record(young, 2.0))
    old.announce(record(old, 1.0))
    assert running() == [record(old, 1.0), record(young, 2.0)]
    young.clear()
    old.clear()


def test_nobody_else_can_look_inside() -> None:
    place = RunPlace.claim()
    for directory in (place.directory, place.frames, place.directory.parent, place.socket.parent):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700, directory
    place.clear()


_DIES = """
import os, signal
from evtui.host.runtime import FleetRecord, RunPlace
place = RunPlace.claim()
(place.frames / "segment").write_bytes(b"frames")
place.socket.touch()
place.announce(FleetRecord(place.name, os.getpid(), str(place.socket), 1.0, 1, "ws://x"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_cleared_away_by_the_next(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _DIES], check=False)
    assert done.returncode < 0
    assert leftovers(home)
    assert running() == []
    assert leftovers(home) == []


def test_a_process_that_died_before_it_had_a_lock_leaves_nothing_either(home: Path) -> None:
    place = RunPlace.claim()
    (place.directory.parent / "1234-abc").mkdir()
    (place.directory.parent / "1235-abc").mkdir()
    (place.directory.parent / "1235-abc" / "fleet.json").write_text("no json")
    assert running() == []
    place.clear()
    assert leftovers(home) == []


def test_a_socket_whose_path_would_be_too_long_goes_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / ("x" * 100)))
    place = RunPlace.claim()
    assert len(os.fsencode(place.socket)) <= SOCKET_PATH_MAX
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place.socket))
    place.clear()
    assert not place.socket.parent.exists()


def test_a_state_directory_that_cannot_be_made_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))
    with pytest.raises(ConfigError, match=r"file/evtui.*XDG_STATE_HOME"):
        RunPlace.claim()


def test_where_no_fleet_ever_ran_none_is_found_and_nothing_is_made(home: Path) -> None:
    assert running() == []
    assert list((home / "STATE_HOME").iterdir()) == []
