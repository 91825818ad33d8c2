"""The HTTP server as a guest: what its clients cannot do to it."""

import asyncio
import resource
from contextlib import suppress

import pytest

from evtui.csms.server import Csms
from evtui.web import serving
from tests.api.client import Client

_REQUEST = b"GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
_HALF = _REQUEST[:30]


async def test_connections_that_ask_for_nothing_do_not_keep_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SILENT_S", 0.05)
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 4 * serving.MOST_REQUESTS:
        pytest.skip("too few files may be open")
    async with Csms(port=0, web_port=0) as csms, asyncio.timeout(20):
        assert csms.web_port is not None
        client = Client(csms.web_port)
        assert (await client.get("/api/status")).status == 200
        opened = [await asyncio.open_connection("127.0.0.1", csms.web_port) for _ in range(serving.MOST_REQUESTS)]
        for place, (_, writer) in enumerate(opened):
            writer.write((b"", _HALF, _REQUEST + _HALF)[place % 3])
        for reader, writer in opened:
            with suppress(ConnectionResetError):  # closed before all that was written had been read
                await reader.read()
            writer.close()
        assert (await client.get("/api/status")).status == 200


async def test_a_request_that_takes_its_time_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SILENT_S", 0.01)
    async with Csms(port=0, web_port=0) as csms, asyncio.timeout(20):
        assert csms.web_port is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", csms.web_port)
        writer.write(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        text = b""
        while text.count(b"event: status") < 2:  # one each second
            text += (piece := await reader.read(65_536))
            assert piece
        writer.close()
