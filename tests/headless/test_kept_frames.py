"""`evtui frames`: what runs have kept is one log, whoever of their processes is gone."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from evtui.errors import ConfigError
from evtui.headless import kept_frames
from evtui.headless.kept_frames import spools_in, tell_frames, where_to_read
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool import SpoolWriter
from evtui.options import Options
from tests.program import EVTUI

FIRST, SECOND = "20261127-120000-abcdef/shard-1-1/frames", "20261127-120000-abcdef/shard-1-2/frames"


def put(spool: SpoolWriter, at: float, station: str, action: str) -> None:
    """A CALL."""
    spool.append(at, station, Direction.SENT, FrameType.CALL, action, str(at), f'[2,"{at}","{action}",{{}}]')


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """Two spells of a shard, the first one's process as if killed: its spool was never closed."""
    with ExitStack() as stack:
        first = SpoolWriter(tmp_path / FIRST)
        stack.callback(first.close)
        put(first, 1.0, "CP001", "BootNotification")
        put(first, 3.0, "CP002", "Heartbeat")
        second = stack.enter_context(SpoolWriter(tmp_path / SECOND))
        put(second, 2.0, "CP003", "BootNotification")
        first.flush()
        second.flush()
        yield tmp_path


def told(capsys: pytest.CaptureFixture[str], *directories: Path, **options: object) -> list[str]:
    """The lines."""
    assert tell_frames(Options(directories=tuple(map(str, directories)), **options)) == 0  # type: ignore[arg-type]
    return capsys.readouterr().out.splitlines()


def test_all_spools_below_a_directory_are_one_log(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, kept)
    assert [line.split()[1] for line in lines] == ["CP001", "CP003", "CP002"]
    assert lines[1].endswith('CALL BootNotification [2,"2.0","BootNotification",{}]')


def test_directories_are_read_together_and_each_spool_once(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(told(capsys, kept / FIRST)) == 2
    assert len(told(capsys, kept / FIRST, kept / SECOND, kept)) == 3


def test_a_filter_of_the_window_narrows(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[1] for line in told(capsys, kept, filter="~a Boot* & !~s CP001")] == ["CP003"]


def test_json_is_that_of_the_api(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames = [json.loads(line) for line in told(capsys, kept, json=True)]
    assert [(each["number"], each["at"], each["station_id"]) for each in frames] == [
        (0, 1.0, "CP001"),
        (1, 2.0, "CP003"),
        (2, 3.0, "CP002"),
    ]


def test_what_cannot_be_read_is_named_with_what_to_do(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ConfigError, match="Name the directory that it was given with --frames"):
        spools_in(())
    with pytest.raises(ConfigError, match="/empty: there are no frames in it"):
        spools_in((str(kept), str(empty)))
    with pytest.raises(ConfigError, match="/nowhere: there is no such directory"):
        spools_in((str(tmp_path / "nowhere"),))
    with pytest.raises(ConfigError, match="--filter: a bracket that is not closed"):
        tell_frames(Options(directories=(str(kept),), filter="(~in"))
    monkeypatch.setattr(kept_frames, "MOST_SPOOLS", 1)
    with pytest.raises(ConfigError, match="2 processes have kept frames there, 1 are read at once"):
        spools_in((str(kept),))


def test_who_has_read_enough_is_no_error(kept: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*EVTUI, "frames", str(kept)], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_end_of_a_run_tells_how_to_read_them() -> None:
    assert where_to_read([("", "my frames")]).text == "Frames: evtui frames 'my frames'"
    line = where_to_read([("one", "/a/run"), ("two", "/b/run")])
    assert line.text == "Frames: on one: evtui frames /a/run; on two: evtui frames /b/run"
