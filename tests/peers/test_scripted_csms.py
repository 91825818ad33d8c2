"""The scripted CSMS itself, tried with a plain WebSocket client."""

import json

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.peers.scripted_csms import ScriptedCsms, scripted_csms


def _dial(csms: ScriptedCsms) -> ClientConnection:
    return connect(f"{csms.url}/CP001", subprotocols=[Subprotocol("ocpp2.0.1")], proxy=None, compression=None)


def test_it_answers_and_remembers() -> None:
    with scripted_csms(heartbeat_s=7) as csms, _dial(csms) as link:
        link.send(json.dumps([2, "1", "BootNotification", {"reason": "PowerUp"}]))
        answer = json.loads(link.recv(timeout=5))
        assert (answer[:2], answer[2]["interval"], answer[2]["status"]) == ([3, "1"], 7, "Accepted")
        assert csms.wait_for(lambda frame: frame.action == "BootNotification").payload == {"reason": "PowerUp"}


def test_it_dies_without_a_word_and_comes_back_on_the_same_port() -> None:
    with scripted_csms() as csms:
        with _dial(csms) as link:
            csms.wait_for_stations(1)
            csms.die()
            with pytest.raises(ConnectionClosed):
                link.recv(timeout=5)
        with pytest.raises(OSError, match="refused"):
            _dial(csms)
        csms.live()
        with _dial(csms):
            csms.wait_for_stations(1)


def test_it_sends_any_text() -> None:
    with scripted_csms() as csms, _dial(csms) as link:
        csms.wait_for_stations(1)
        csms.send("CP001", "\x1b[2J not even JSON")
        assert link.recv(timeout=5) == "\x1b[2J not even JSON"
