"""`evtui csms --report`, and the findings over HTTP."""

import json
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
import pytest_asyncio
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from evtui.csms.server import Csms
from tests.csms.stations import BOOT, station
from tests.csms.test_http_passwords import ask
from tests.program import EVTUI, Household, until


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=0) as running:
        yield running


async def test_findings_over_http(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.say("{")
        await link.hear()
        await link.ask("StatusNotification", {})
    found = json.loads((await ask(csms, "GET", "/api/findings"))[1])
    assert [(each["rule"], each["severity"]) for each in found] == [("unreadable", "error"), ("schema", "error")]
    assert json.loads((await ask(csms, "GET", "/api/findings?station=CP001&rule=schema"))[1]) == found[1:]
    assert json.loads((await ask(csms, "GET", "/api/findings?station=CP002"))[1]) == []
    assert json.loads((await ask(csms, "GET", "/api/findings/report"))[1])["errors"] == 2
    suite = ElementTree.fromstring((await ask(csms, "GET", "/api/findings/junit"))[1]).find("testsuite")
    assert suite is not None
    assert suite.get("failures") == "2"


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
