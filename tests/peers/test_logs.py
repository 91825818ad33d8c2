"""Logs and customers' data over real sockets: the real program, a strict CSMS that is not ours, and a file server of
the standard library."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from tests.peers.driven import Driven, driven
from tests.peers.ocpp_rpc import Call
from tests.program import Household, until
from tests.proof import proves

pytestmark = pytest.mark.timeout(60)

TOKEN = {"idToken": "DEADBEEF", "type": "ISO14443"}


class File(NamedTuple):
    """What was uploaded, and by whom."""

    path: str
    authorization: str | None
    text: str


class FileServer:
    """Takes files by PUT, and answers `status`; while it is `holding` it answers nothing."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.files: list[File] = []
        self.status = 201
        self.holding = threading.Event()
        self.go_on = threading.Event()

    def url(self, userinfo: str = "") -> str:
        return f"http://{userinfo}127.0.0.1:{self.port}/in/"

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if self.holding.is_set():
            self.holding.clear()
            self.go_on.wait(30)
        self.files.append(File(request.path, request.headers["Authorization"], body.decode()))
        request.send_response(self.status)
        request.send_header("Content-Length", "0")
        request.end_headers()


@contextmanager
def file_server() -> Iterator[FileServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            server.take(self)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server = FileServer(listening.server_port)
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.go_on.set()
            listening.shutdown()
            thread.join()


def get_log(play: Driven, request_id: int, place: str, kind: str = "DiagnosticsLog", **more: int) -> dict[str, str]:
    return play.ask("GetLog", requestId=request_id, logType=kind, log={"remoteLocation": place}, **more)


def statuses(calls: list[Call]) -> list[tuple[str, int]]:
    return [(call.params["status"], call.params["requestId"]) for call in calls]


@proves("GetLog", "LogStatusNotification", "N01.FR.01", "N01.FR.03", "N01.FR.04", "N01.FR.08", "N01.FR.09", "N01.FR.17")
def test_a_csms_gets_both_logs_of_a_station(house: Household) -> None:
    """TC_N_25, TC_N_35."""
    with file_server() as server, driven(house) as play:
        for number, kind in enumerate(("DiagnosticsLog", "SecurityLog"), 7):
            answer = get_log(play, number, server.url("user:hunter22@"), kind)
            assert answer["status"] == "Accepted"
            calls = play.script("LogStatusNotification Uploading", "LogStatusNotification Uploaded")
            assert statuses(calls) == [("Uploading", number), ("Uploaded", number)]
            assert server.files[-1].path == f"/in/{answer['filename']}"
            assert server.files[-1].authorization == f"Basic {b64encode(b'user:hunter22').decode()}"
        assert "INFO boot: Accepted" in server.files[0].text
        assert server.files[1].text.endswith("Z StartupOfTheDevice\n")


@proves("GetLog", "LogStatusNotification", "TriggerMessage", "N01.FR.12", "N01.FR.13", "N01.FR.20")
def test_a_second_request_cancels_the_first(house: Household) -> None:
    """TC_N_36."""
    with file_server() as server, driven(house) as play:
        server.holding.set()
        assert get_log(play, 1, server.url())["status"] == "Accepted"
        play.script("LogStatusNotification Uploading")
        until(lambda: not server.holding.is_set())
        assert play.ask("TriggerMessage", requestedMessage="LogStatusNotification")["status"] == "Accepted"
        assert statuses(play.script("LogStatusNotification Uploading")) == [("Uploading", 1)]
        assert get_log(play, 2, server.url(), "SecurityLog")["status"] == "AcceptedCanceled"
        calls = play.script(
            "LogStatusNotification AcceptedCanceled",
            "LogStatusNotification Uploading",
            "LogStatusNotification Uploaded",
        )
        assert statuses(calls) == [("AcceptedCanceled", 1), ("Uploading", 2), ("Uploaded", 2)]
        server.go_on.set()
        play.quiet()


@proves("GetLog", "LogStatusNotification", "N01.FR.05", "N01.FR.10")
def test_an_upload_that_fails_is_tried_again_and_then_told(house: Household) -> None:
    """TC_N_26, TC_N_34."""
    with file_server() as server, driven(house) as play:
        server.status = 403
        get_log(play, 5, server.url(), retries=2, retryInterval=1)
        play.script("LogStatusNotification Uploading", "LogStatusNotification PermissionDenied")
        assert len(server.files) == 3
        future = {"remoteLocation": server.url(), "oldestTimestamp": "2999-01-01T00:00:00Z"}
        assert play.ask("GetLog", requestId=6, logType="SecurityLog", log=future)["status"] == "Rejected"
        assert get_log(play, 7, "ftp://127.0.0.1/in/")["status"] == "Rejected"
        play.quiet()


@proves(
    "CustomerInformation", "NotifyCustomerInformation", "N09.FR.05", "N09.FR.06", "N09.FR.09", "N10.FR.03", "N10.FR.05"
)
def test_a_customer_is_told_of_and_forgotten(house: Household) -> None:
    """TC_N_27, TC_N_28, TC_N_30."""
    with driven(house) as play:
        wanted = {"requestId": 9, "report": True, "clear": True, "idToken": TOKEN}
        play.do("start")
        play.until("TransactionEvent Updated ChargingStateChanged")
        assert play.ask("CustomerInformation", **wanted)["status"] == "Rejected"
        play.do("stop")
        play.until("TransactionEvent Ended StopAuthorized")
        play.do("unplug")
        play.until("StatusNotification Available")
        assert play.ask("CustomerInformation", **wanted, customerIdentifier="C-1")["status"] == "Invalid"
        assert play.ask("CustomerInformation", **wanted)["status"] == "Accepted"
        pages = told(play)
        assert [page.params["seqNo"] for page in pages] == list(range(len(pages)))
        assert "kWh, Local" in "".join(page.params["data"] for page in pages)
        assert play.ask("CustomerInformation", **wanted)["status"] == "Accepted"
        assert [page.params["data"] for page in told(play)] == ["No data of this customer were found."]


def told(play: Driven) -> list[Call]:
    """The pages of a report, to the last one."""
    pages = [play.until("NotifyCustomerInformation")[-1]]
    while pages[-1].params["tbc"]:
        pages += play.script("NotifyCustomerInformation")
    return pages
