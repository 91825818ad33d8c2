"""A station of the real program, driven over its API as a driver would, with the strict CSMS at the other end."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.peers.ocpp_rpc import Call, StrictCsms, strict_csms
from tests.program import EVTUI, Household

STATION = "CP001"
QUICK = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
    "SampledDataCtrlr.TxUpdatedInterval": "0",
}
"""A station that is back at once, and tells no samples."""


BOOTED = {
    "ocpp2.0.1": (
        "BootNotification PowerUp",
        "StatusNotification Available",
        "SecurityEventNotification StartupOfTheDevice",
    ),
    "ocpp1.6": ("BootNotification", "StatusNotification 0 Available", "StatusNotification 1 Available"),
}


class Driven:
    """`script` and `until` give what the station sent since the last of them: each step of a playbook sees its own."""

    def __init__(self, csms: StrictCsms, api: str) -> None:
        self.csms = csms
        self._api = api
        self._seen = 0

    def before(self, csms: StrictCsms) -> "Driven":
        """The same station before another CSMS."""
        return Driven(csms, self._api)

    def do(self, command: str, **arguments: str) -> None:
        """A command of the API on EVSE 1, which has to take effect."""
        outcome = self._post(command, evse_id=1, **arguments)
        assert outcome["state"] == "done", outcome

    def do_station(self, command: str, **arguments: str) -> None:
        """One on the station as a whole."""
        outcome = self._post(command, **arguments)
        assert outcome["state"] == "done", outcome

    def attempt(self, command: str, **arguments: str) -> str:
        """A command that must not take effect; why."""
        with pytest.raises(urllib.error.HTTPError, match="409") as refused:
            self._post(command, evse_id=1, **arguments)
        why: str = json.load(refused.value)["results"][0]["text"]
        return why

    def _post(self, command: str, **arguments: str | int) -> dict[str, Any]:
        url = f"{self._api}/api/stations/{STATION}/commands/{command}"
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            outcome: dict[str, Any] = json.load(answer)
        return outcome

    @property
    def queued(self) -> int:
        """Messages of transactions that the station still owes, as the API tells."""
        with urllib.request.urlopen(f"{self._api}/api/stations/{STATION}", timeout=30) as answer:
            count: int = json.load(answer)["row"]["queued"]
        return count

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The CSMS sends a request; the station's answer."""
        return self.csms.ask(STATION, method, **params)

    def until(self, *words: str) -> list[Call]:
        """All that the station has sent since the last time, up to the first message of each kind: they come in this
        order, whatever comes in between."""
        wanted = list(words)

        def come(calls: list[Call]) -> int | None:
            position = 0
            for word in wanted:
                while position < len(calls) and str(calls[position]) != word:
                    position += 1
                position += 1
            return position if position <= len(calls) else None

        count = self._wait(come)
        return self._take(count)

    def script(self, *words: str) -> list[Call]:
        """The station sends exactly this, and then keeps quiet until it is asked something."""
        calls = self.until(*words)
        assert [str(call) for call in calls] == list(words)
        return calls

    def quiet(self) -> None:
        """Nothing more has come, now that the station has answered a question."""
        self.ask("GetLocalListVersion")
        assert self._take(None) == []

    def _wait(self, come: Callable[[list[Call]], int | None]) -> int:
        found: list[int] = []

        def matches(_: dict[str, Any]) -> bool:
            count = come(self.csms.calls(STATION)[self._seen :])
            if count is not None:
                found.append(count)
            return count is not None

        self.csms.wait_for(matches)
        return found[0]

    def _take(self, count: int | None) -> list[Call]:
        calls = self.csms.calls(STATION)[self._seen :][:count]
        self._seen += len(calls)
        return calls


@contextmanager
def driven(house: Household, protocol: str = "ocpp2.0.1", **variables: str) -> Iterator[Driven]:
    """One station that the strict CSMS has accepted; at the end nothing was wrong with all that it sent. Names of
    variables have `__` for the dot."""
    settings = QUICK | {name.replace("__", "."): value for name, value in variables.items()}
    options = [f"--set={name}={value}" for name, value in settings.items()]
    with (
        strict_csms(protocol=protocol) as csms,
        _held(house, "--csms-url", csms.url, "--station-id", STATION, *options) as api,
    ):
        play = Driven(csms, api)
        play.script(*BOOTED[protocol])
        yield play
        assert csms.violations() == []


@contextmanager
def _held(house: Household, *options: str) -> Iterator[str]:
    process = subprocess.Popen(
        [*EVTUI, "run", "--hold", "--api-port", "0", "--speed", "600", *options],
        env=house.environment(),
        cwd=house.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        told = next(line for line in process.stdout if line.startswith("API: "))
        yield told.removeprefix("API: ").strip().removesuffix("/docs")
    finally:
        process.kill()
        process.communicate()
