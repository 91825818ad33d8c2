"""A second controller that is not ours: the npm package echonet-lite, which listens at every address."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.echonet.controller import loopback
from tests.echonet.demo import demo
from tests.need import npm_package, program

pytestmark = [
    pytest.mark.xdist_group("echonet"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"),
    pytest.mark.usefixtures("alone_on_3610"),
]

SCRIPT = Path(__file__).with_name("echonet_lite_controller.js")
CHARGER = "02a101"
SET_C, INF, SET_RES, SET_C_SNA = "61", "73", "71", "51"


class EchonetLite:
    """What it tells of one node."""

    def __init__(self, process: subprocess.Popen[str], node: str) -> None:
        self._process = process
        self._node = node
        self._told: list[dict[str, Any]] = []
        self._read = 0
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._listen, name="echonet-lite", daemon=True)
        self._reader.start()
        self.wait_for(lambda each: each["event"] == "listening")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self._told.append(json.loads(line))
                self._news.notify_all()

    def say(self, command: str, **more: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, "to": self._node, **more}) + "\n")
        self._process.stdin.flush()

    def wait_for(self, matches: Callable[[dict[str, Any]], bool], timeout_s: float = 20) -> dict[str, Any]:
        """The next report that matches; each is looked at once."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                while self._read < len(self._told):
                    self._read += 1
                    if matches(self._told[self._read - 1]):
                        return self._told[self._read - 1]
                left = deadline - time.monotonic()
                assert left > 0, f"no such report within {timeout_s} s; the last were {self._told[-10:]}"
                self._news.wait(left)

    def frame(self, esv: str, **details: str) -> dict[str, Any]:
        """The next frame of the charger with this service and these properties, such as `xDA="42"`."""
        wanted = {name[1:].lower(): value for name, value in details.items()}
        return self.wait_for(
            lambda each: (
                each["event"] == "frame"
                and (each["from"], each["seoj"], each["esv"]) == (self._node, CHARGER, esv)
                and wanted.items() <= {k.lower(): v for k, v in each["details"].items()}.items()
            )
        )

    def set(self, epc: str, edt: str, answer: str = SET_RES) -> None:
        """A SetC, and its answer."""
        self.say("send", eoj=CHARGER, esv=SET_C, details={epc: edt})
        self.frame(answer)

    def facilities(self) -> dict[str, dict[str, str]]:
        """All that it knows of the node."""
        self.say("facilities")
        known: dict[str, dict[str, str]] = self.wait_for(lambda each: each["event"] == "facilities")["of"]
        return known

    def facilities_with(self, *codes: str) -> dict[str, dict[str, str]]:
        """The same once it has fetched these properties of the charger."""
        deadline = time.monotonic() + 20
        while not set(codes) <= set((known := self.facilities()).get(CHARGER, {})):
            assert time.monotonic() < deadline, f"it knows {known}"
        return known


@contextmanager
def echonet_lite(node: str) -> Iterator[EchonetLite]:
    modules = npm_package("echonet-lite")
    process = subprocess.Popen(
        [program("node"), str(SCRIPT), str(modules), loopback()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield EchonetLite(process, node)
    finally:
        process.communicate(timeout=10)


def test_it_discovers_reads_and_controls_a_charger() -> None:
    with demo() as subject, echonet_lite(subject.address) as it:
        it.say("search")
        known = it.facilities_with("9f", "9e", "9d", "80", "c5", "c7", "d3", "d8", "da", "e2", "e4", "e6", "ed")
        assert known["0ef001"]["d6"] == "0102a101"
        assert known[CHARGER]["da"] == "47"
        assert known[CHARGER]["c7"] == "41"
        assert known[CHARGER]["c5"] == "000055f0"

        subject.refuse("Blocked")
        it.set("da", "42")
        it.frame(INF, xDA="47")
        subject.accept()

        it.set("da", "42")
        it.frame(INF, xDA="42")
        subject.saw("Started")
        subject.saw("Updated", chargingState="Charging")

        it.set("eb", "00001388")
        it.frame(INF, xEB="00001388")

        it.set("da", "44")
        it.frame(INF, xDA="44")
        subject.saw("Updated", chargingState="SuspendedEVSE")

        it.set("da", "42")
        it.frame(INF, xDA="42")
        it.set("da", "47")
        it.frame(INF, xDA="47")
        subject.saw("Ended")

        it.set("da", "43", SET_C_SNA)
        it.set("d3", "00000000", SET_C_SNA)
