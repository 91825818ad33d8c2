"""The short way of text frames to a station gives what the library gives, however they come; that to a CSMS is tried
with its sockets."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri
from websockets.utils import accept_key

from evtui.ocppj.inbox import Inbox, UnreadableError
from evtui.ocppj.receiving import Receiver, payload_of
from tests.csms.test_sockets import Wire

MOST = 300


class Client(Receiver, ClientConnection):
    masks = 0


async def opened(*, short: bool, behind: bytes = b"", most: int = MOST) -> tuple[Client, Wire]:
    """A connection after its handshake, with frames right `behind` that."""
    protocol = ClientProtocol(parse_uri("ws://csms/CP001"), max_size=most)
    client, wire = Client(protocol, ping_interval=None), Wire()
    client.connection_made(wire)
    client.receive_into(Inbox(wire, lambda: None))
    request = protocol.connect()
    protocol.send_request(request)
    protocol.data_to_send()
    accept = accept_key(request.headers["Sec-WebSocket-Key"])
    answer = f"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    client.data_received(answer.encode() + behind)
    if short:
        client.attend(lambda: None)
    return client, wire


def taken(client: Client) -> list[Any]:
    """All that is in the inbox."""
    found: list[Any] = []
    while client.inbox.messages:
        try:
            found.append(client.inbox.take())
        except UnreadableError as error:
            found.append(error.code)
    return found


def said(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=False)


_data = (
    st.binary(max_size=20) | st.text(max_size=30).map(str.encode) | st.just(b"x" * MOST) | st.just(b"x" * (MOST + 1))
)
_frames = st.one_of(
    _data.map(lambda data: said(Opcode.TEXT, data)),
    st.text(max_size=150).map(lambda text: said(Opcode.TEXT, text.encode()[:MOST])),
    _data.map(lambda data: said(Opcode.BINARY, data)),
    st.builds(lambda data, fin: said(Opcode.TEXT, data, fin), st.binary(max_size=9), st.booleans()),
    st.builds(lambda data, fin: said(Opcode.CONT, data, fin), st.binary(max_size=9), st.booleans()),
    st.binary(max_size=20).map(lambda data: said(Opcode.PONG, data)),
    st.sampled_from([said(Opcode.CLOSE, b"\x03\xe8"), b"\x81\x82\0\0\0\0[]", b"\x81\x7f" + b"\x7f" * 8, b"\xc1\x02[]"]),
    st.binary(max_size=5),
)


@settings(deadline=None)
@given(st.lists(_frames, max_size=8).map(b"".join), st.lists(st.integers(1, 60), max_size=30))
async def test_what_comes_by_the_short_way_is_what_the_library_gives(stream: bytes, cuts: list[int]) -> None:
    client, wire = await opened(short=True)
    library, its_wire = await opened(short=False)
    assert client._short
    for size in [*cuts, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        for each in (client, library):
            each.data_received(piece)
        assert taken(client) == taken(library)
    assert client.protocol.state is library.protocol.state
    assert len(wire.written) == len(its_wire.written)  # masks differ
    for each in (client, library):
        each.eof_received()
        each.connection_lost(None)
    assert repr(client.protocol.close_exc) == repr(library.protocol.close_exc)


@settings(deadline=None)
@given(st.lists(_frames, max_size=8), st.sampled_from([MOST, 9]))
async def test_frames_that_come_one_by_one_are_what_the_library_gives(frames: list[bytes], most: int) -> None:
    client, wire = await opened(short=True, most=most)
    library, its_wire = await opened(short=False, most=most)
    for piece in filter(None, frames):
        for each in (client, library):
            each.data_received(piece)
        assert taken(client) == taken(library)
    assert client.protocol.state is library.protocol.state
    assert len(wire.written) == len(its_wire.written)


async def test_a_small_frame_that_comes_alone_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = await opened(short=True)
    monkeypatch.setattr(Receiver, "_split", None)
    client.data_received(said(Opcode.TEXT, b"x" * 125))
    assert taken(client) == ["x" * 125]


async def test_who_sends_right_behind_the_handshake_is_read_by_the_library() -> None:
    """Where its frames begin is not known then."""
    client, _ = await opened(short=True, behind=said(Opcode.TEXT, b"[1]") + b"\x81")
    client.data_received(b"\x03[2]")
    assert taken(client) == ["[1]", "[2]"]


async def test_a_head_that_breaks_the_protocol_is_the_librarys_as_soon_as_it_is_there() -> None:
    client, wire = await opened(short=True)
    client.data_received(b"\x83\x05")  # no such opcode
    assert client.protocol.state is State.CLOSING
    assert wire.written


def test_a_frame_is_measured_by_its_head() -> None:
    assert payload_of(b"\x81", 0, 0) == (0, 0)
    assert payload_of(b"\x81\x02[]", 0, 0) == (2, 4)
    assert payload_of(b"..\x81\x7e\x01", 2, 0) == (0, 0)
    assert payload_of(b"..\x81\x7e\x01\x00", 2, 0) == (6, 262)
    assert payload_of(b"\x81\xff" + (70_000).to_bytes(8, "big"), 0, 4) == (14, 70_014)
    assert payload_of(b"\x81\x82", 0, 0) == payload_of(b"\x81\x02", 0, 4) == payload_of(b"\x89\x7e", 0, 0) == (-1, -1)
