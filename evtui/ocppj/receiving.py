"""Receiving on a WebSocket: text that comes in one frame of its own, uncompressed, as nearly all of it does, takes a
short way into the inbox, at a fifth of the library's cost; a small frame to a station, as most answers are, and one of
middle size to a CSMS, as most CALLs are, one that is shorter still. All other frames, and whatever breaks the protocol,
are the library's."""

from collections.abc import Callable
from typing import Any, ClassVar, Final, cast

from websockets.asyncio.connection import Connection
from websockets.protocol import State

from evtui.ocppj.inbox import Inbox
from evtui.ocppj.masks import apply_mask

_TEXT: Final = 0x81  # a text frame, and the last of its message
_HEADS: Final = frozenset((0x00, 0x01, 0x02, 0x80, _TEXT, 0x82, 0x88, 0x89, 0x8A))  # without extensions
_CONTROL: Final = 0x08
_MASKED: Final = 0x80
_SMALL: Final = 125  # bytes of payload whose number stands in the second byte of the frame
_LARGE: Final = (1 << 16) - 1  # bytes whose number stands in the two bytes after those two
_MEDIUM: Final = _MASKED | 126  # what the second byte is then, from a client
_MEDIUM_HEAD: Final = 6  # bytes after it and before the payload: their number, and the mask
_OPEN: Final = State.OPEN
_END_OF_HEADERS: Final = b"\r\n\r\n"


class Receiver(Connection):
    """A connection of the library's with an inbox, which rings when a message is there, and when there will be no more.
    `masks` is how many bytes of mask the peer's frames have: 4 if it is a client, 0 if it is a server."""

    __slots__ = ("_clean", "_fresh", "_held", "_medium", "_short", "_small", "inbox")

    masks: ClassVar[int]

    def receive_into(self, inbox: Inbox) -> None:
        """Messages wait there, instead of in the library's queue: to be called when the connection is made."""
        self.inbox = inbox
        self.recv_messages = cast("Any", inbox)
        self._fresh = True  # nothing has come yet
        self._clean = False  # the library has seen the headers of the handshake, and nothing after them
        self._small = self._medium = 0  # bytes of payload of the largest frame that needs no closer look, by its head
        self._short = False  # it stands between two frames, and would have nothing to decompress
        self._held: bytearray | None = None  # what has come of a frame, from its beginning

    def attend(self, ring: Callable[[], None]) -> None:
        """Calls `ring` whenever there is something to take, or nothing more to come, from now on: the handshake is
        over."""
        self.inbox.ring = ring
        self._short = self._clean and not self.protocol.extensions
        if self._short:
            most = self.protocol.max_message_size or _LARGE
            self._small, self._medium = (0, min(_LARGE, most)) if self.masks else (min(_SMALL, most), 0)

    def data_received(self, data: bytes) -> None:
        size = len(data) - 2
        if 0 < size <= self._small and data[1] == size and data[0] == _TEXT and self._held is None:
            protocol = self.protocol
            if protocol.current_size is None and protocol.state is _OPEN:
                self.inbox.put_text(data[2:])
                return
        if self._short:
            if (
                0 < size - _MEDIUM_HEAD <= self._medium
                and data[1] == _MEDIUM
                and data[0] == _TEXT
                and int.from_bytes(data[2:4], "big") == size - _MEDIUM_HEAD
                and self._held is None
            ):
                protocol = self.protocol
                if protocol.current_size is None and protocol.state is _OPEN:
                    self.inbox.put_text(apply_mask(data[8:], data[4:8]))
                    return
            self._split(data)
            return
        super().data_received(data)
        self._clean = self._fresh and data.find(_END_OF_HEADERS) == len(data) - len(_END_OF_HEADERS)
        self._fresh = False

    def _split(self, data: bytes) -> None:
        """Whole frames, one after the other; the beginning of one is held."""
        protocol = self.protocol
        held: bytes | bytearray = data
        if self._held is not None:
            self._held += data
            held = self._held
        at, size, masks = 0, len(held), self.masks
        while at < size:
            start, end = payload_of(held, at, masks)
            too_long = protocol.max_message_size is not None and end - start > protocol.max_message_size
            if start < 0 or too_long or protocol.state is not _OPEN:
                self._short, end = False, size  # the library knows what to say, from here on
                self._small = self._medium = 0
            elif not start or end > size:
                break
            if self._short and held[at] == _TEXT and protocol.current_size is None:
                text = held[start:end]
                self.inbox.put_text(apply_mask(text, held[start - masks : start]) if masks else text)
            else:
                super().data_received(bytes(held[at:end]))
            at = end
        if at == size:
            self._held = None
        elif at or self._held is None:
            self._held = bytearray(held[at:])


def payload_of(held: bytes | bytearray, at: int, masks: int) -> tuple[int, int]:
    """Where the payload of the frame that begins at `at` begins and ends (RFC 6455, 5.2); (0, 0) until that can be
    told, (-1, -1) for a head that breaks the protocol."""
    if len(held) < at + 2:
        return 0, 0
    first, size = held[at], held[at + 1]
    if first not in _HEADS or bool(size & _MASKED) is not bool(masks):
        return -1, -1
    size &= ~_MASKED
    start = at + 2
    if size >= 126:
        if first & _CONTROL:
            return -1, -1
        start += 2 if size == 126 else 8
        if len(held) < start:
            return 0, 0
        size = int.from_bytes(held[at + 2 : start], "big")
    return start + masks, start + masks + size
