"""The file of the stations' state: whose it is, what becomes of a damaged one, and that nothing is half written."""

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evtui.engine.state_file import APART, SCHEMA, StateFile, first_row
from evtui.errors import ConfigError

URL = "wss://user:secret@CSMS.example.com/ocpp/"

OTHER_PROCESS = """
import sys
from pathlib import Path
from evtui.engine.state_file import StateFile
file = StateFile.open(Path(sys.argv[1]), sys.argv[2])
file.claim(sys.argv[3:])
print("claimed", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[StateFile]:
    file = StateFile.open(tmp_path, URL)
    yield file
    file.close()


class Other:
    """Another process that runs some stations."""

    def __init__(self, directory: Path, *station_ids: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, str(directory), URL, *station_ids],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "claimed\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    other = Other(tmp_path, "CP001", "CP002")
    yield other
    other.kill()


# -- rows -----------------------------------------------------------------------------------------


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    file = StateFile.open(tmp_path, URL)
    one, two = file.claim(["CP001", "CP002"])
    assert (one.rows, two.rows) == ({}, {})
    rows: dict[int, tuple[str, bytes] | None] = {first_row(one.number) + n: (f"row/{n}", b"x" * n) for n in range(700)}
    file.write(rows | {first_row(two.number): ("row/0", b"two")})
    file.write({first_row(one.number) + n: None for n in range(1, 700)})
    file.close()
    file = StateFile.open(tmp_path, URL)
    two, one = file.claim(["CP002", "CP001"])
    assert (one.rows, two.rows) == ({"row/0": b""}, {"row/0": b"two"})
    assert one.ids == {"row/0": first_row(one.number)}
    file.close()


def test_n10_what_is_deleted_or_written_anew_leaves_no_trace(tmp_path: Path) -> None:
    """Somebody who must be forgotten is."""
    file = StateFile.open(tmp_path, URL)
    (kept,) = file.claim(["CP001"])
    first = first_row(kept.number)
    file.write({first + n: (f"row/{n}", b"DEADBEEF" * 40) for n in range(300)})
    file.write({first + n: None if n % 2 else (f"row/{n}", b"gone") for n in range(300)})
    file.close()
    assert not [each for each in tmp_path.rglob("*") if each.is_file() and b"DEADBEEF" in each.read_bytes()]


def test_all_of_it_is_written_or_nothing(file: StateFile, tmp_path: Path) -> None:
    (kept,) = file.claim(["CP001"])
    rows: dict[int, tuple[str, bytes] | None] = {first_row(kept.number): ("good", b"")}
    with pytest.raises(sqlite3.Error):
        file.write({**rows, first_row(kept.number) + 1: (None, b"")})  # type: ignore[dict-item]
    file.write({})
    (kept,) = file.claim(["CP001"])
    assert kept.rows == {}


def test_each_csms_has_a_file_of_its_own_whose_name_tells_no_password(tmp_path: Path) -> None:
    urls = [URL, "wss://csms.example.com:444/ocpp", "ws://csms.example.com/ocpp", "wss://csms.example.com/ocpp?a=1"]
    files = [StateFile.open(tmp_path, url) for url in urls]
    assert len({file.path for file in files}) == len(urls)
    for file in files:
        file.close()
    assert files[0].path.parent.name.startswith("wss-csms.example.com-443-ocpp-")
    assert "secret" not in str(files[0].path)
    again = StateFile.open(tmp_path, "wss://csms.example.com:443/ocpp")
    assert again.path == files[0].path
    again.close()


def test_nobody_else_can_read_it(file: StateFile) -> None:
    """It holds passwords."""
    file.claim(["CP001"])
    for path in file.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


# -- whose stations they are ----------------------------------------------------------------------


def test_a_station_that_another_process_runs_is_refused_by_name(other: Other, file: StateFile) -> None:
    file.claim(["CP003"])
    with pytest.raises(
        ConfigError, match=r"^CP002: another evtui runs this station.*state\.db.*--ephemeral"
    ) as refused:
        file.claim(["CP004", "CP002"])
    assert str(file.path) in str(refused.value)
    other.kill()
    assert len(file.claim(["CP004", "CP002"])) == 2


def test_a_claim_that_was_refused_holds_nothing_back(file: StateFile, other: Other, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        file.claim(["CP005", "CP001"])
    third = Other(tmp_path, "CP005")
    third.kill()


def test_a_station_that_was_released_may_run_elsewhere(file: StateFile, tmp_path: Path) -> None:
    (kept,) = file.claim(["CP001"])
    file.release(kept.number)
    Other(tmp_path, "CP001").kill()


def test_one_process_opens_it_once(file: StateFile, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="open in this process already"):
        StateFile.open(tmp_path, URL)


# -- what can be wrong with it --------------------------------------------------------------------


def path_of(directory: Path) -> Path:
    file = StateFile.open(directory, URL)
    (kept,) = file.claim(["CP001"])
    file.write({first_row(kept.number) + n: (f"row/{n}", b"x" * 500) for n in range(500)})
    file.close()
    return file.path


@pytest.mark.parametrize(
    ("offset", "junk"), [(0, b"SQLite format 4"), (0, b""), (5_000, b"\xff" * 20_000), (100, b"\x00" * 64)]
)
def test_a_damaged_file_is_set_aside_and_named(tmp_path: Path, offset: int, junk: bytes) -> None:
    path = path_of(tmp_path)
    content = bytearray(path.read_bytes())
    content[offset : offset + len(junk)] = junk
    path.write_bytes(bytes(content) if junk else b"no database at all, but long enough to be one" * 40)
    damaged = path.read_bytes()
    file = StateFile.open(tmp_path, URL)
    assert file.set_aside is not None
    assert file.set_aside.read_bytes() == damaged
    assert file.set_aside.parent == path.parent
    assert file.claim(["CP001"])[0].rows == {}
    file.close()
    file = StateFile.open(tmp_path, URL)
    assert file.set_aside is None
    file.close()


def test_two_damaged_files_are_both_kept(tmp_path: Path) -> None:
    asides = []
    for _ in range(2):
        path_of(tmp_path).write_bytes(b"x" * 5_000)
        file = StateFile.open(tmp_path, URL)
        asides.append(file.set_aside)
        file.close()
    assert len({aside for aside in asides if aside is not None and aside.exists()}) == 2


def test_a_database_of_something_else_is_not_touched(tmp_path: Path) -> None:
    path = path_of(tmp_path)
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("create table photo (id integer)")
    database.close()
    before = path.read_bytes()
    file = StateFile.open(tmp_path, URL)
    file.close()
    assert file.set_aside is not None
    assert file.set_aside.read_bytes() == before


def test_a_damaged_file_that_another_process_uses_stays_where_it_is(other: Other, tmp_path: Path) -> None:
    (path,) = tmp_path.glob("*/state.db")
    database = sqlite3.connect(path)
    database.execute("pragma wal_checkpoint(truncate)")
    database.close()
    path.write_bytes(b"x" * 50_000)
    with pytest.raises(ConfigError, match="another evtui uses it"):
        StateFile.open(tmp_path, URL)
    assert list(path.parent.glob("*damaged*")) == []


def test_a_file_of_a_newer_evtui_is_left_alone(tmp_path: Path) -> None:
    path = path_of(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute(f"pragma user_version = {SCHEMA + 1}")
    database.close()
    with pytest.raises(ConfigError, match="newer evtui"):
        StateFile.open(tmp_path, URL)
    assert list(path.parent.glob("*damaged*")) == []


def test_a_file_of_an_older_evtui_keeps_its_rows(tmp_path: Path) -> None:
    """Schema 1 kept no rows apart."""
    file = StateFile.open(tmp_path, URL)
    (kept,) = file.claim(["CP001"])
    file.write({first_row(kept.number) + n: (key, b"old") for n, key in enumerate(["evse/1", "outbox/1", "clock"])})
    file.close()
    with sqlite3.connect(file.path) as database:
        database.execute("pragma user_version = 1")
    database.close()
    file = StateFile.open(tmp_path, URL)
    (kept,) = file.claim(["CP001"])
    file.write({APART | (first_row(kept.number) + 3): ("outbox/2", b"new")})
    file.close()
    file = StateFile.open(tmp_path, URL)
    assert file.claim(["CP001"])[0].rows == {"evse/1": b"old", "outbox/1": b"old", "clock": b"old", "outbox/2": b"new"}
    assert file.set_aside is None
    file.close()
    with sqlite3.connect(file.path) as database:
        assert database.execute("pragma user_version").fetchone() == (SCHEMA,)
    database.close()


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    """As after a crash right at the start, or with the disk full."""
    path = path_of(tmp_path)
    for each in path.parent.glob("state.db*"):
        each.unlink()
    path.touch()
    file = StateFile.open(tmp_path, URL)
    assert file.set_aside is None
    file.close()


def test_rows_that_cannot_be_read_stay_under_another_name(file: StateFile) -> None:
    (kept,) = file.claim(["CP001"])
    file.write({first_row(kept.number): ("evse/1", b"junk")})
    renewed = file.renew("CP001", kept.number, "CP001 (damaged)")
    assert renewed.rows == {}
    assert renewed.number != kept.number
    assert file.claim(["CP001 (damaged)"])[0].rows == {"evse/1": b"junk"}


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))  # root may write anywhere

    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(ConfigError, match=r"Permission denied.*--state.*--ephemeral"):
        StateFile.open(tmp_path, URL)


def test_a_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ConfigError, match=r"state.*--state"):
        StateFile.open(tmp_path / "state", URL)
