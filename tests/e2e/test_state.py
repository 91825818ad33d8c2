"""State from the outside: who keeps it, whose it is, and what is said when it is damaged."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.scripted_csms import scripted_csms
from tests.program import EVTUI, Household

SHORT = ("--duration", "1", "--speed", "900")


@contextmanager
def running(house: Household, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`evtui run ARGUMENTS`, killed in the end."""
    process = subprocess.Popen(
        [*EVTUI, "run", *arguments],
        env=house.environment(),
        cwd=house.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def files(house: Household) -> list[Path]:
    return sorted((house.home / "state").rglob("state.db"))


def test_a_run_leaves_nothing_behind(house: Household) -> None:
    done = house.run("run", *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert files(house) == []


def test_a_run_keeps_state_where_it_is_told_to(house: Household) -> None:
    with scripted_csms() as csms:
        done = house.run("run", "--csms-url", csms.url, "--state", "kept", *SHORT)
        assert done.returncode == 0, done.stdout + done.stderr
        (path,) = (house.home / "kept").rglob("state.db")
        with sqlite3.connect(path) as database:
            keys = {key for (key,) in database.execute("select key from row")}
        database.close()
        assert {"evse/1", "evse/1/meter"} <= keys
        assert not [key for key in keys if key.startswith("outbox/")]


def test_what_stays_keeps_state_and_no_other_process_may_run_its_stations(house: Household) -> None:
    with scripted_csms() as csms, running(house, "--hold", "--csms-url", csms.url):
        csms.wait_for(lambda frame: frame.action == "StatusNotification", "CP001")
        (path,) = files(house)
        second = house.run("run", "--hold", "--csms-url", csms.url)
        assert second.returncode == 2
        assert second.stderr.startswith("evtui: CP001: another evtui runs this station")
        assert str(path) in second.stderr
        other = house.run("run", "--csms-url", csms.url, "--station-id", "CP002", *SHORT)
        assert other.returncode == 0, other.stderr


def test_nothing_is_kept_when_nothing_is_to_be(house: Household) -> None:
    with scripted_csms() as csms, running(house, "--hold", "--csms-url", csms.url, "--ephemeral"):
        csms.wait_for(lambda frame: frame.action == "StatusNotification", "CP001")
        assert files(house) == []


def test_a_damaged_file_is_named_in_the_story(house: Household) -> None:
    with scripted_csms() as csms:
        arguments = ("run", "--csms-url", csms.url, "--state", "kept", *SHORT)
        assert house.run(*arguments).returncode == 0
        (path,) = (house.home / "kept").rglob("state.db")
        path.write_bytes(b"junk" * 5_000)
        done = house.run(*arguments)
        assert done.returncode == 0, done.stderr
        (aside,) = path.parent.glob("state.damaged-*.db")
        assert aside.read_bytes() == b"junk" * 5_000
        told = " ".join((done.stdout + done.stderr).split())
        assert aside.name in told
        assert "start like new" in told


def test_messages_that_nobody_took_are_kept_for_the_next_run(house: Household) -> None:
    with scripted_csms() as csms:
        kept = ("--csms-url", csms.url, "--state", "kept")
        with running(house, *kept, "--duration", "2", "--drain", "1") as process:
            csms.wait_for(lambda frame: frame.is_event("Started"))
            csms.die()
            told, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert "they are kept for the next time" in " ".join(told.split())
        csms.live()
        done = house.run("run", *kept, "--sessions", "0")
        assert done.returncode == 0, done.stdout + done.stderr
        ended = csms.wait_for(lambda frame: frame.is_event("Ended")).payload
        assert ended["offline"]
        assert ended["transactionInfo"]["stoppedReason"] == "Local"
