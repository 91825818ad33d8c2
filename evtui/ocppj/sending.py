"""Sending on a WebSocket without waiting, at a quarter of the library's cost."""

from struct import Struct
from typing import Final

from websockets.asyncio.connection import Connection
from websockets.protocol import Side, State

from evtui.ocppj.masks import apply_mask, new_mask

_TEXT: Final = 0x81  # a text frame, and the last of its message
_MASKED: Final = 0x80
_OPEN: Final = State.OPEN
_CLIENT: Final = Side.CLIENT
_medium: Final = Struct("!BBH").pack
_long: Final = Struct("!BBQ").pack


def offered(websocket: Connection, text: str) -> bool:
    """Sends a text frame, if nobody has to wait for that; says no otherwise, or when the connection is going. OSError:
    it broke off. That is what the library's `send` comes to then, without its two context managers."""
    protocol = websocket.protocol
    if websocket.paused or protocol.state is not _OPEN:
        return False
    data = text.encode()
    if protocol.extensions or protocol.expect_continuation_frame:
        protocol.send_text(data)
        websocket.send_data()
    else:
        websocket.transport.write(text_frame(data, new_mask() if protocol.side is _CLIENT else b""))
    return True


def text_frame(data: bytes, mask: bytes) -> bytes:
    """A whole message in one frame (RFC 6455, 5.2); with a `mask` of four bytes as clients send it, b"" as servers."""
    length = len(data)
    masked = _MASKED if mask else 0
    if length < 126:
        head = bytes((_TEXT, masked | length))
    elif length < 1 << 16:
        head = _medium(_TEXT, masked | 126, length)
    else:
        head = _long(_TEXT, masked | 127, length)
    return head + mask + apply_mask(data, mask) if mask else head + data
