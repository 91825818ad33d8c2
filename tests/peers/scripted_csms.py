"""A CSMS that does what the test says: answers, keeps silent, dies and comes back, sends whatever text."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol


@dataclass(frozen=True)
class Received:
    """A frame from a station; `at` is monotonic time in seconds."""

    station: str
    at: float
    frame: list[Any]

    @property
    def action(self) -> str:
        """The action of a CALL, "" for anything else."""
        return str(self.frame[2]) if self.frame[0] == 2 else ""

    @property
    def payload(self) -> dict[str, Any]:
        """The payload of a CALL."""
        payload: dict[str, Any] = self.frame[3]
        return payload

    def is_event(self, event_type: str, trigger: str | None = None) -> bool:
        """Whether it is a TransactionEvent of this type, and of this trigger if one is given."""
        return (
            self.action == "TransactionEvent"
            and self.payload["eventType"] == event_type
            and trigger in (None, self.payload["triggerReason"])
        )


def answer_to(action: str, payload: dict[str, Any], *, now: datetime, heartbeat_s: int) -> dict[str, Any]:
    """What a CSMS that accepts everything answers."""
    match action:
        case "BootNotification":
            return {"currentTime": now.isoformat(), "interval": heartbeat_s, "status": "Accepted"}
        case "Heartbeat":
            return {"currentTime": now.isoformat()}
        case "Authorize":
            return {"idTokenInfo": {"status": "Accepted"}}
        case "TransactionEvent" if "idToken" in payload:
            return {"idTokenInfo": {"status": "Accepted"}}
        case _:
            return {}


class ScriptedCsms:
    """Listens on a port of its own that stays the same when it dies and comes back."""

    def __init__(self, heartbeat_s: int = 300) -> None:
        self.answers: dict[str, dict[str, Any]] = {}  # by action, instead of accepting
        self._heartbeat_s = heartbeat_s
        self._news = threading.Condition()
        self._received: list[Received] = []
        self._links: dict[str, ServerConnection] = {}
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self.live()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    # -- what the test wants it to do -------------------------------------------------------------

    def live(self) -> None:
        """Listens, on the port it had before."""
        self._server = serve(
            self._serve,
            "127.0.0.1",
            self._port,
            subprotocols=[Subprotocol("ocpp2.0.1")],
            compression=None,
            ping_interval=None,
            close_timeout=1,
        )
        self._port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="scripted CSMS", daemon=True)
        self._thread.start()

    def die(self) -> None:
        """Stops listening and cuts every connection, without a word."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join(5)
        self._server = None
        with self._news:
            links = list(self._links.values())
        for link in links:
            with suppress(OSError):
                link.socket.shutdown(socket.SHUT_RDWR)
        self._wait(lambda: not self._links, 5, "connections gone")

    def send(self, station: str, text: str) -> None:
        """Sends a station any text at all."""
        with self._news:
            link = self._links[station]
        link.send(text)

    # -- what the test wants to know --------------------------------------------------------------

    def received(self, station: str | None = None) -> list[Received]:
        """Every frame so far, of all stations or of one."""
        with self._news:
            return [each for each in self._received if station in (None, each.station)]

    def wait_for(
        self,
        matches: Callable[[Received], bool],
        station: str | None = None,
        *,
        timeout_s: float = 15,
        after: float = 0.0,
    ) -> Received:
        """The first frame, of one station or any, that matches and came later than `after` (monotonic time)."""
        found: list[Received] = []

        def there() -> bool:
            found[:] = [
                each for each in self._received if each.at > after and station in (None, each.station) and matches(each)
            ][:1]
            return bool(found)

        self._wait(there, timeout_s, "such a frame")
        return found[0]

    def wait_for_more(self, count: int, station: str, timeout_s: float = 30) -> None:
        """Waits until a station has said so much more."""
        wanted = len(self.received(station)) + count
        self._wait(lambda: len(self.received(station)) >= wanted, timeout_s, f"{count} frames more of {station}")

    def wait_for_stations(self, count: int, timeout_s: float = 15) -> None:
        """Waits until so many stations are connected."""
        self._wait(lambda: len(self._links) == count, timeout_s, f"{count} stations")

    # -- inside -----------------------------------------------------------------------------------

    def _wait(self, there: Callable[[], bool], timeout_s: float, what: str) -> None:
        with self._news:
            assert self._news.wait_for(there, timeout_s), (
                f"no {what} within {timeout_s} s; received {[each.frame for each in self._received[-20:]]}"
            )

    def _serve(self, link: ServerConnection) -> None:
        assert link.request is not None
        station = link.request.path.rsplit("/", 1)[-1]
        with self._news:
            self._links[station] = link
            self._news.notify_all()
        try:
            for text in link:
                frame = json.loads(text)
                with self._news:
                    self._received.append(Received(station, time.monotonic(), frame))
                    self._news.notify_all()
                if frame[0] == 2:
                    _, message_id, action, payload = frame
                    answer = self.answers.get(action) or answer_to(
                        action, payload, now=datetime.now(UTC), heartbeat_s=self._heartbeat_s
                    )
                    link.send(json.dumps([3, message_id, answer], separators=(",", ":")))
        except ConnectionClosed:
            pass
        finally:
            with self._news:
                if self._links.get(station) is link:
                    del self._links[station]
                self._news.notify_all()


@contextmanager
def scripted_csms(heartbeat_s: int = 300) -> Iterator[ScriptedCsms]:
    """A CSMS for as long as the block runs."""
    csms = ScriptedCsms(heartbeat_s)
    try:
        yield csms
    finally:
        csms.die()
