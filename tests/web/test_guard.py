"""The guard in front of HTTP: who may ask."""

from typing import Any

import pytest

from evtui.web.guard import BodyLimit, Guard, Message, Receive, Scope, Send


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


async def _status_of(guard: Guard, **headers: str) -> Any:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await guard({"type": "http", "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}, _nothing, send)
    return sent[0]["status"]


async def _nothing() -> Message:
    return {"type": "http.request"}


async def test_a_server_for_other_machines_may_be_called_by_any_address_of_its() -> None:
    """Rebinding needs a name; an address that leads here is ours."""
    guard = Guard(_inner, {"box"}, addresses=True)
    for host in ("192.0.2.1:8082", "[2001:db8::1]", "box"):
        assert await _status_of(guard, host=host) == 200
        assert await _status_of(guard, host=host, origin=f"https://{host}") == 200
    assert await _status_of(guard, host="evil.example") == 403
    assert await _status_of(guard, host="192.0.2.1", origin="http://192.0.2.2") == 403


async def test_a_page_may_bring_its_own_policy() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"own")]})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await Guard(page)({"type": "http", "headers": [(b"host", b"localhost")]}, _nothing, send)
    policies = [value for name, value in sent[0]["headers"] if name == b"content-security-policy"]
    assert policies == [b"own"]


# -- bodies ---------------------------------------------------------------------------------------


async def _through(*messages: Message, most: int = 10) -> tuple[list[bytes], list[Message]]:
    """What comes out behind a BodyLimit, and what was answered."""
    seen: list[bytes] = []
    sent: list[Message] = []
    coming = list(messages)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((await receive())["body"])
        assert (await receive())["type"] == "http.disconnect"

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await BodyLimit(app, most)({"type": "http"}, receive, send)
    return seen, sent


def _piece(body: bytes, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_comes_through_whole() -> None:
    assert await _through(_piece(b"", False)) == ([b""], [])
    assert await _through(_piece(b"12345", True), _piece(b"67890", False)) == ([b"1234567890"], [])


async def test_a_body_that_is_too_long_is_refused_whatever_it_said_of_its_length() -> None:
    seen, sent = await _through(*[_piece(b"1234", True)] * 100)
    assert seen == []
    assert sent[0]["status"] == 413


async def test_a_client_that_goes_in_the_middle_of_its_body_leaves_nothing_behind() -> None:
    assert await _through(_piece(b"1234", True)) == ([], [])
