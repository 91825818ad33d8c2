"""Ports: the one that was asked for, or the next free one."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from evtui.csms.server import Csms, Names
from evtui.errors import LocalError
from evtui.web.listening import listen


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens, with a free one behind it."""
    while True:
        sock = socket.create_server(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        try:
            socket.create_server(("127.0.0.1", port + 1)).close()
        except (OSError, OverflowError):
            sock.close()
            continue
        break
    with sock:
        yield port


async def test_a_taken_default_port_moves_to_the_next_free_one_and_says_so(taken: int) -> None:
    async with Csms(port=taken, web_port=None) as csms:
        assert csms.port > taken
        assert csms.url.endswith(f":{csms.port}")
        assert csms.notes == (f"port {taken} is taken, so the CSMS listens on {csms.port}",)


async def test_the_web_port_moves_too(taken: int) -> None:
    async with Csms(port=0, web_port=taken) as csms:
        assert csms.web_port is not None
        assert csms.web_port > taken
        assert csms.notes == (f"port {taken} is taken, so its HTTP API is on {csms.web_port}",)


async def test_a_port_that_was_asked_for_does_not_move(taken: int) -> None:
    with pytest.raises(LocalError, match=f"^port: port {taken} on 127.0.0.1 is taken"):
        await Csms(port=taken, web_port=None, exact=True).start()


async def test_other_machines_are_let_in_only_where_that_was_said() -> None:
    names = Names("--host", "--port", "--web-port", "add --open")
    with pytest.raises(LocalError, match=r"^--host: 0\.0\.0\.0 lets whoever .* add --open$"):
        await Csms("0.0.0.0", 0, None, names=names).start()
    async with Csms("0.0.0.0", 0, None, names=names, open=True) as csms:
        assert csms.port


async def test_a_csms_that_cannot_have_its_web_port_gives_the_other_one_back(taken: int) -> None:
    csms = Csms(port=taken + 1, web_port=taken, web_exact=True)
    with pytest.raises(LocalError, match=f"^web_port: port {taken}"):
        await csms.start()
    socket.create_server(("127.0.0.1", taken + 1)).close()


async def test_two_that_start_at_once_get_two_ports() -> None:
    async with Csms(port=0, web_port=None) as first, Csms(port=first.port, web_port=None) as second:
        assert first.port != second.port
        assert first.notes == ()


async def test_localhost_is_both_loopback_addresses() -> None:
    sockets = await listen("localhost", 0, exact=True)
    try:
        addresses = [sock.getsockname()[0] for sock in sockets]
        assert addresses in (["127.0.0.1", "::1"], ["127.0.0.1"])
        assert len({sock.getsockname()[1] for sock in sockets}) == 1
    finally:
        for sock in sockets:
            sock.close()


@pytest.mark.parametrize("host", ["192.0.2.1", "host.invalid", "256.1.1.1"])
async def test_an_address_that_is_not_ours_is_an_error_in_one_line(host: str) -> None:
    with pytest.raises(LocalError, match=f"cannot listen on {host}") as caught:
        await listen(host, 0, exact=True)
    assert "\n" not in str(caught.value)


async def test_the_port_is_free_again_after_close() -> None:
    csms = Csms(port=0, web_port=None)
    await csms.start()
    await csms.close()
    async with Csms(port=csms.port, web_port=None, exact=True) as again:
        assert again.port == csms.port


async def test_closing_one_that_never_started_is_harmless() -> None:
    async with asyncio.timeout(10):
        await Csms(port=0, web_port=None).close()
