"""A strict CSMS that is not ours: the npm package ocpp-rpc, in a Node process of its own."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.certificates import Certificates
from tests.need import npm_package, program

SCRIPT = Path(__file__).with_name("ocpp_rpc_server.js")


@dataclass(frozen=True)
class Call:
    """A CALL as the CSMS received it; `at` is Unix time."""

    station: str
    id: str
    method: str
    params: dict[str, Any]
    at: float

    def __str__(self) -> str:
        """The message and what matters of it in a flow, such as `StatusNotification Occupied`."""
        params = self.params
        match self.method:
            case "StatusNotification" if "status" in params:
                what = [str(params["connectorId"]), params["status"]]
            case "StatusNotification":
                what = [params["connectorStatus"]]
            case "StartTransaction":
                what = [params["idTag"]]
            case "StopTransaction":
                what = [params["reason"]]
            case "TransactionEvent":
                what = [params["eventType"], params["triggerReason"]]
            case "BootNotification" if "reason" in params:
                what = [params["reason"]]
            case "SecurityEventNotification":
                what = [params["type"]]
            case "LogStatusNotification":
                what = [params["status"]]
            case _:
                what = []
        return " ".join([self.method, *what])


class StrictCsms:
    """What the CSMS tells of the stations that dialled it."""

    def __init__(self, process: subprocess.Popen[str], scheme: str) -> None:
        self._process = process
        self._reports: list[dict[str, Any]] = []
        self._asked = 0
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="ocpp-rpc reports", daemon=True)
        self._reader.start()
        listening = self.wait_for(lambda report: report["event"] == "listening")
        self.url = f"{scheme}://127.0.0.1:{listening['port']}"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self._reports.append(json.loads(line))
                self._news.notify_all()

    def wait_for(self, matches: Callable[[dict[str, Any]], bool], timeout_s: float = 20) -> dict[str, Any]:
        """The first report that matches, waited for."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                for report in self._reports:
                    if matches(report):
                        return report
                left = deadline - time.monotonic()
                assert left > 0, f"no such report within {timeout_s} s; there were {self._reports}"
                self._news.wait(left)

    # -- what it is told to do --------------------------------------------------------------------

    def _do(self, do: str, **facts: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **facts}) + "\n")
        self._process.stdin.flush()

    def ask(self, station: str, method: str, **params: Any) -> dict[str, Any]:
        """Has it send a request; the station's answer. An error of the call is `{"error": code}`."""
        self._asked += 1
        number = self._asked
        self._do("call", station=station, id=number, method=method, params=params)
        answer = self.wait_for(lambda report: report["event"] == "answer" and report["id"] == number)
        result: dict[str, Any] = answer.get("result", {"error": answer.get("error")})
        return result

    def answer(self, method: str, payload: dict[str, Any] | None = None, error: str | None = None) -> None:
        """From now on it answers such messages so, or with an error such as InternalError."""
        self._do("answer", method=method, payload=payload, error=error)

    def leave(self) -> None:
        """Every connection is cut, and nobody is let in until it returns."""
        self._do("leave")

    def come_back(self) -> None:
        """It lets stations in again."""
        self._do("return")

    # -- what it tells ----------------------------------------------------------------------------

    def told(self, event: str) -> list[dict[str, Any]]:
        """All reports of a kind so far."""
        with self._news:
            return [report for report in self._reports if report["event"] == event]

    def violations(self) -> list[str]:
        """What it found wrong, in words."""
        return [f"{report['station']}: {report['kind']}: {report['text']}" for report in self.told("violation")]

    def stations(self) -> list[str]:
        """The stations that connected, each once, in order of their ids."""
        return sorted({report["station"] for report in self.told("connected")})

    def calls(self, station: str) -> list[Call]:
        """What a station sent, in order of arrival."""
        return [
            Call(station, report["id"], report["method"], report["params"], report["at"])
            for report in self.told("call")
            if report["station"] == station
        ]

    def close(self) -> None:
        """Ends the process; all it reported until then has been read."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def strict_csms(
    certificates: Certificates | None = None,
    password: str | None = None,
    latency_ms: int = 5,
    protocol: str = "ocpp2.0.1",
) -> Iterator[StrictCsms]:
    """Starts the CSMS, which speaks one version; with certificates it speaks TLS, with a password it wants basic
    auth."""
    arguments = ["--modules", str(npm_package("ocpp-rpc")), "--latency", str(latency_ms), "--protocol", protocol]
    if certificates is not None:
        arguments += ["--cert", certificates.server_cert, "--key", certificates.server_key]
    if password is not None:
        arguments += ["--password", password]
    process = subprocess.Popen(
        [program("node"), str(SCRIPT), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    csms = StrictCsms(process, "ws" if certificates is None else "wss")
    try:
        yield csms
    finally:
        csms.close()
