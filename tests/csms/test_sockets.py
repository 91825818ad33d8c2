"""Connections of stations: the short way for frames of text gives what the library gives, however they come."""

import asyncio
import zlib
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.server import ServerProtocol

from evtui.csms.sockets import StationSocket
from evtui.ocppj.inbox import UnreadableError
from evtui.ocppj.receiving import Receiver

MOST = 100
MIDDLE = 200
REQUEST = (
    b"GET /CP001 HTTP/1.1\r\nHost: csms\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: Any) -> None:
        self.written += data

    def write_eof(self) -> None:
        self.written += b"<EOF>"

    def can_write_eof(self) -> bool:
        return True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass


class Server:
    """Leaves connections to the test."""

    def __init__(self) -> None:
        self.handler_tasks: set[Any] = set()

    async def handler(self, connection: StationSocket) -> None:
        self.handler_tasks.clear()

    def is_serving(self) -> bool:
        return True


async def opened(
    *, short: bool = True, more: bytes = b"", behind: bytes = b"", most: int = MOST
) -> tuple[StationSocket, Wire]:
    """A connection after its handshake; `more` headers, and frames right `behind` them."""
    protocol = ServerProtocol(max_size=most, extensions=[ServerPerMessageDeflateFactory()])
    socket, wire = StationSocket(protocol, cast("Any", Server()), ping_interval=None), Wire()
    socket.connection_made(wire)
    socket.data_received(REQUEST + more + b"\r\n" + behind)
    await socket.handshake()
    wire.written = b""
    if short:
        socket.attend(lambda: None)
    return socket, wire


def taken(socket: StationSocket) -> list[str | bytes | CloseCode]:
    """All that is in the inbox."""
    found: list[str | bytes | CloseCode] = []
    while socket.inbox:
        try:
            found.append(socket.inbox.take())
        except UnreadableError as error:
            found.append(error.code)
    return found


def said(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


_data = st.binary(max_size=MOST + 10) | st.text(max_size=30).map(str.encode)
_frames = st.one_of(
    _data.map(lambda data: said(Opcode.TEXT, data)),
    st.text(max_size=20).map(lambda text: said(Opcode.TEXT, text.encode())),
    _data.map(lambda data: said(Opcode.BINARY, data)),
    st.builds(lambda data, fin: said(Opcode.TEXT, data, fin), st.binary(max_size=9), st.booleans()),
    st.builds(lambda data, fin: said(Opcode.CONT, data, fin), st.binary(max_size=9), st.booleans()),
    st.binary(max_size=20).map(lambda data: said(Opcode.PING, data)),
    st.binary(max_size=20).map(lambda data: said(Opcode.PONG, data)),
    st.just(said(Opcode.CLOSE, b"\x03\xe8")),
    st.just(b"\x81\x02[]"),  # without a mask
    st.just(b"\x81\xff" + b"\xff" * 8),  # longer than anything
    st.just(b"\xc1\x82\0\0\0\0[]"),  # compressed, though nothing was agreed
    st.binary(max_size=5),
)


@settings(deadline=None)
@given(st.lists(_frames, max_size=8).map(b"".join), st.lists(st.integers(1, 40), max_size=30))
async def test_what_comes_by_the_short_way_is_what_the_library_gives(stream: bytes, cuts: list[int]) -> None:
    socket, wire = await opened()
    library, its_wire = await opened(short=False)
    assert socket._short
    for size in [*cuts, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        for each in (socket, library):
            each.data_received(piece)
    assert taken(socket) == taken(library)
    assert wire.written == its_wire.written
    assert socket.protocol.state is library.protocol.state
    for each in (socket, library):
        each.eof_received()
        each.connection_lost(None)
    assert repr(socket.protocol.close_exc) == repr(library.protocol.close_exc)


_longer = st.binary(max_size=MIDDLE + 10) | st.integers(0, MIDDLE + 10).map(lambda size: b"x" * size)


@settings(deadline=None)
@given(st.lists(_frames | _longer.map(lambda data: said(Opcode.TEXT, data)), max_size=8), st.sampled_from([MIDDLE, 9]))
async def test_frames_that_come_one_by_one_are_what_the_library_gives(frames: list[bytes], most: int) -> None:
    socket, wire = await opened(most=most)
    library, its_wire = await opened(short=False, most=most)
    for piece in filter(None, frames):
        for each in (socket, library):
            each.data_received(piece)
        assert taken(socket) == taken(library)
    assert wire.written == its_wire.written
    assert socket.protocol.state is library.protocol.state


@pytest.mark.parametrize("size", [126, 0xFFFF])
async def test_a_frame_of_middle_size_that_comes_alone_is_not_taken_apart(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    socket, _ = await opened(most=1 << 20)
    monkeypatch.setattr(Receiver, "_split", None)
    socket.data_received(said(Opcode.TEXT, b"x" * size))
    assert taken(socket) == ["x" * size]


async def test_a_frame_that_comes_byte_by_byte_is_taken_when_it_is_whole() -> None:
    socket, _ = await opened()
    for octet in said(Opcode.TEXT, b"[1]") + said(Opcode.TEXT, b"[2]"):
        socket.data_received(bytes((octet,)))
    assert taken(socket) == ["[1]", "[2]"]
    assert not socket._held


async def test_what_is_compressed_is_left_to_the_library() -> None:
    socket, _ = await opened(more=DEFLATE)
    assert not socket._short
    packer = zlib.compressobj(wbits=-15)
    packed = (packer.compress(b"[1]") + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
    socket.data_received(bytes((0xC1, 0x80 | len(packed), 0, 0, 0, 0)) + packed)
    assert taken(socket) == ["[1]"]


async def test_frames_right_behind_the_request_are_left_to_the_library() -> None:
    socket, _ = await opened(behind=said(Opcode.TEXT, b"[1]") + b"\x81")
    assert not socket._short
    socket.data_received(said(Opcode.TEXT, b"[2]")[1:])
    assert taken(socket) == ["[1]", "[2]"]


async def test_nothing_is_taken_behind_a_frame_that_closes() -> None:
    socket, wire = await opened()
    socket.data_received(said(Opcode.CLOSE, b"\x03\xe8"))
    written = wire.written
    socket.data_received(said(Opcode.TEXT, b"[]"))
    assert taken(socket) == []
    assert wire.written == written
