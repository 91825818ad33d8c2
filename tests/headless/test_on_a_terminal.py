"""`evtui run` on a real terminal, and on one that nobody reads."""

import pytest

from tests.e2e.console import console
from tests.peers.scripted_csms import scripted_csms
from tests.program import Household, until

pytestmark = pytest.mark.timeout(90)


def test_a_single_session_is_told_with_emoji(house: Household) -> None:
    with console(house, "run", "--duration", "1", "--speed", "900") as terminal:
        assert terminal.wait() == 0
        told = terminal.text()
        assert "✅ Charging session completed! Total energy:" in told
        assert "🔋 Charging progress: 100.0%" in told
        assert terminal.settings_restored()


def test_several_stations_have_a_bar_each(house: Household) -> None:
    with console(house, "run", "--duration", "2", "--stations", "3", "--ascii") as terminal:
        assert terminal.wait() == 0
        bars = [line for line in terminal.text().splitlines() if "[####" in line]
        assert [line.split()[0] for line in bars] == ["CP001", "CP002", "CP003"]
        assert all("100.0%" in line for line in bars)
        assert "Sessions completed: 3" in terminal.text()


def test_a_terminal_that_nobody_reads_holds_no_session_up(house: Household) -> None:
    """The story blocks on its first full line; sessions, their messages and the end of the run do not wait for it."""
    with (
        scripted_csms() as csms,
        console(house, "run", "--csms-url", csms.url, "--stations", "8", "--duration", "4") as terminal,
    ):
        csms.wait_for(lambda frame: frame.is_event("Started"), "CP008")
        terminal.stall()
        for station in ("CP001", "CP008"):
            csms.wait_for(lambda frame: frame.is_event("Ended"), station)
        until(lambda: not house.processes())
        terminal.resume()
        assert terminal.wait() == 0
