"""Power and network are cut, from outside: the CSMS is another program, and is told nothing by anybody."""

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.console import console
from tests.program import EVTUI, Household

PATIENCE_S = 15.0


class Fleet:
    """A run and a CSMS, each asked over HTTP."""

    def __init__(self, api: str, csms: str) -> None:
        self.api = api
        self.csms = csms

    def order(self, name: str, **arguments: str) -> str:
        """What came of a command."""
        request = urllib.request.Request(
            f"{self.api}/api/stations/CP001/commands/{name}",
            json.dumps(arguments).encode(),
            {"content-type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            told = json.load(answer)
        assert told["state"] == "done"
        return str(told["text"])

    def link(self) -> str:
        """How the station's link is."""
        return str(_get(f"{self.api}/api/stations/CP001")["row"]["link"])

    def connected(self) -> list[str]:
        """Who is connected, as the CSMS thinks."""
        return [each["station_id"] for each in _get(f"{self.csms}/api/connections")]

    def calls(self) -> list[list[Any]]:
        """Action and payload of all that the CSMS was told."""
        frames = _get(f"{self.csms}/api/messages?limit=1000")
        return [json.loads(frame["text"])[2:] for frame in frames if frame["type"] == "CALL"]

    def told(self, action: str, *parts: str) -> bool:
        """The CSMS was told that, with these texts in it."""
        return any(each[0] == action and all(part in json.dumps(each[1]) for part in parts) for each in self.calls())


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def _until(holds: Callable[[], bool]) -> None:
    by = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < by, "it did not happen in time"


@contextmanager
def _program(house: Household, name: str, *arguments: str) -> Iterator[Callable[[str], str]]:
    """`evtui ARGUMENTS`; gives what finds the first match of a pattern in what it tells."""
    log = house.home / f"{name}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*EVTUI, *arguments],
            env=house.environment(),
            cwd=house.home,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def find(pattern: str) -> str:
        _until(lambda: re.search(pattern, log.read_text()) is not None)
        found = re.search(pattern, log.read_text())
        assert found is not None
        return found[1]

    try:
        yield find
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def fleet(house: Household) -> Iterator[Fleet]:
    """One station that is online."""
    with _program(house, "csms", "csms", "--port", "0", "--web-port", "0") as csms:
        url, web = csms(r"(ws://127\.0\.0\.1:\d+)"), csms(r"(http://127\.0\.0\.1:\d+)")
        with _program(house, "run", "run", "--hold", "--csms-url", url, "--api-port", "0") as run:
            it = Fleet(run(r"API: (http://127\.0\.0\.1:\d+)"), web)
            _until(lambda: it.told("SecurityEventNotification"))
            yield it


def test_a_power_cut_is_told_when_it_is_over(fleet: Fleet) -> None:
    fleet.order("start")
    _until(lambda: fleet.told("TransactionEvent", "MeterValuePeriodic"))
    fleet.order("power-cut")
    assert fleet.link() == "dark"
    told = len(fleet.calls())
    assert fleet.connected() == ["CP001"]  # nobody has said goodbye
    assert not fleet.told("TransactionEvent", "Ended")
    assert len(fleet.calls()) == told
    assert "boots" in fleet.order("power-return")
    _until(lambda: fleet.told("TransactionEvent", '"Ended"', "AbnormalCondition", "PowerLoss", '"offline": true'))
    assert [payload["reason"] for action, payload in fleet.calls() if action == "BootNotification"] == ["PowerUp"] * 2
    assert (fleet.link(), fleet.connected()) == ("online", ["CP001"])


def test_what_a_cut_network_held_up_arrives_when_it_is_restored(fleet: Fleet) -> None:
    fleet.order("cut-network")
    told = len(fleet.calls())
    fleet.order("plug-in")
    fleet.order("fault", kind="ground-fault")
    assert (fleet.link(), fleet.connected(), len(fleet.calls())) == ("online", ["CP001"], told)
    fleet.order("restore-network")
    _until(lambda: fleet.told("StatusNotification", "Faulted") and fleet.told("NotifyEvent", "RCD"))
    assert len([action for action, _ in fleet.calls() if action == "BootNotification"]) == 1


def test_any_text_reaches_the_csms(fleet: Fleet) -> None:
    fleet.order("send-raw", text='[2,"by-hand","DataTransfer",{"vendorId":"nobody"}]')
    _until(lambda: fleet.told("DataTransfer", "nobody"))


def test_keys_cut_power_and_network(house: Household) -> None:
    (house.home / "fleet.toml").write_text("[csms]\nport = 0\nweb_port = 0\n")
    with console(house, "--config", "fleet.toml", columns=120, lines=36) as terminal:
        terminal.wait_for("SecurityEvent")
        terminal.press("\r")
        terminal.wait_for("frames of CP001")
        terminal.press("n")
        terminal.wait_for("≠ cut, online")
        terminal.press("o")
        terminal.wait_for("no power")
        terminal.press("n")
        terminal.press("o")
        terminal.wait_for("● online")
        terminal.press("!")
        terminal.wait_for("What breaks?")
        terminal.press("1")
        terminal.wait_for("! Faulted")
        terminal.press("!")
        terminal.wait_for("○ Available")
