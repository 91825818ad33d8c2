"""`evtui csms --report`: what is found is written when it ends."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from evtui.csms.lint.report import Report
from evtui.csms.server import Csms
from evtui.headless import csms as program
from evtui.headless.csms import FOUND, run_csms
from evtui.options import Options
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


@pytest.mark.parametrize(("errors", "code"), [(0, 128 + signal.SIGINT), (3, FOUND)])
def test_the_report_and_its_verdict_wait_for_nothing_that_may_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: int, code: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path, there, last_resort = tmp_path / "report.json", list[bool](), list[int]()
    start, close = Csms.start, Csms.close

    async def told_to_stop(csms: Csms) -> None:
        await start(csms)
        os.kill(os.getpid(), signal.SIGINT)

    async def looked_at(csms: Csms) -> None:
        there.append(path.exists())
        await close(csms)

    monkeypatch.setattr(Csms, "start", told_to_stop)
    monkeypatch.setattr(Csms, "close", looked_at)
    monkeypatch.setattr(Csms, "report", lambda csms: Report("", (), errors, 0, ()))
    monkeypatch.setattr(program, "end_within", lambda seconds, code: last_resort.append(code))
    assert run_csms(Options(port=0, web_port=0, ephemeral=True, report=str(path))) == code
    assert there == [True]
    assert last_resort == [code], "also when it is cut short"
