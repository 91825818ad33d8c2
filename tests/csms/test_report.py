"""`evtui csms --report`: what is found is written when it ends."""

import json
import re
import signal
import subprocess
from xml.etree import ElementTree

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.csms.stations import BOOT
from tests.program import EVTUI, Household, until


@pytest.mark.parametrize("suffix", ["json", "xml"])
@pytest.mark.parametrize("wrong", [False, True])
def test_the_program_writes_its_report_when_it_ends(house: Household, suffix: str, wrong: bool) -> None:
    log, report = house.home / "told", house.home / f"report.{suffix}"
    arguments = ("csms", "--port", "0", "--web-port", "0", "--ephemeral", "--report", str(report))
    with (
        log.open("w") as told,
        subprocess.Popen(
            [*EVTUI, *arguments],
            env=house.environment(),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        until(lambda: re.search(r"ws://127\.0\.0\.1:\d+", log.read_text()))
        found = re.search(r"ws://127\.0\.0\.1:\d+", log.read_text())
        assert found is not None
        with connect(f"{found[0]}/CP001", subprotocols=[Subprotocol("ocpp2.0.1")], proxy=None) as link:
            link.send(json.dumps([2, "1", "BootNotification", BOOT]))
            link.recv(10)
            if wrong:
                link.send("{")
                link.recv(10)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == (4 if wrong else 130), log.read_text()
    if suffix == "json":
        told_of = json.loads(report.read_text())
        assert (told_of["stations"], told_of["errors"]) == (["CP001"], int(wrong))
    else:
        suite = ElementTree.fromstring(report.read_bytes()).find("testsuite")
        assert suite is not None
        assert (suite.get("name"), suite.get("failures")) == ("CP001", f"{int(wrong)}")


@pytest.mark.parametrize(
    ("report", "said"), [("r.txt", "end it with .json or .xml"), ("nowhere/r.json", "there is no such directory")]
)
def test_a_report_that_cannot_be_written_is_told_at_once(house: Household, report: str, said: str) -> None:
    done = house.run("csms", "--port", "0", "--web-port", "0", "--report", report)
    assert done.returncode == 2
    assert done.stderr.startswith(f"evtui: --report: {report}: {said}")
