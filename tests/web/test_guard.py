"""The guard in front of HTTP: who may ask."""

from typing import Any

import pytest

from evtui.web.guard import Guard, Message, Receive, Scope, Send


async def _inner(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-inner", b"1")]})
        await send({"type": "http.response.body", "body": b"inside"})


async def _ask(kind: str = "http", **headers: str) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await Guard(_inner)({"type": kind, "headers": pairs}, receive, send)
    return sent


async def _status(**headers: str) -> Any:
    return (await _ask(**headers))[0]["status"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8081", "LOCALHOST:1", "127.0.0.1:8081", "[::1]:8081"])
async def test_whoever_calls_us_by_a_name_of_this_machine_is_let_in(host: str) -> None:
    assert await _status(host=host) == 200
    assert await _status(host=host, origin=f"http://{host.lower()}") == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil@localhost", "localhost:x", "", "[::1", "127.0.0.2", "localhost/x"],
)
async def test_a_foreign_name_is_refused(host: str) -> None:
    """DNS rebinding: the address is ours, the name is not."""
    assert await _status(host=host) == 403


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "file://", "localhost", "http://a@localhost"],
)
async def test_a_page_from_elsewhere_is_refused(origin: str) -> None:
    assert await _status(host="localhost", origin=origin) == 403


async def test_a_request_without_host_is_refused() -> None:
    assert await _status() == 403


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
async def test_security_headers_are_on_whatever_goes_out(host: str) -> None:
    names = dict((await _ask(host=host))[0]["headers"])
    assert names[b"x-content-type-options"] == b"nosniff"
    assert b"frame-ancestors 'none'" in names[b"content-security-policy"]


async def test_a_refusal_says_nothing_of_the_request() -> None:
    start, body = await _ask(host="<script>")
    assert start["status"] == 403
    assert b"<" not in body["body"]
    assert dict(start["headers"])[b"content-type"].startswith(b"text/plain")


async def test_a_websocket_is_not_let_in_and_lifespan_is() -> None:
    assert await _ask("websocket", host="localhost") == [{"type": "websocket.close", "code": 1008}]
    assert await _ask("lifespan") == []
