"""A valve in a connection: shut, nothing passes either way, and neither side is told, as in a network that is cut."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any

_RESET = struct.pack("ii", 1, 0)


class Valve(asyncio.Transport):
    """Stands between a protocol and its transport. While it is shut, what is written waits, as it would in the buffers
    of TCP, and is passed on when the valve opens again. A connection that is given up meanwhile is over for this side
    alone: the peer learns of it when the valve opens, by a reset."""

    def __init__(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._transport = transport
        self._protocol = protocol
        self._shut = False
        self._gone = False  # given up while it was shut
        self._paused = False  # by the protocol
        self._waiting: list[bytes] = []
        self._eof = False

    def shut(self) -> None:
        """Nothing passes any more."""
        if not self._shut and not self._transport.is_closing():
            self._shut = True
            self._transport.pause_reading()

    def open(self) -> None:
        """What has waited passes; a connection that was given up is reset."""
        if not self._shut:
            return
        self._shut = False
        if self._gone:
            self._reset()
            return
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self._transport.write(data)
        if self._eof:
            self._transport.write_eof()
        if not self._paused:
            self._transport.resume_reading()

    def _reset(self) -> None:
        sock = self._transport.get_extra_info("socket")
        with suppress(OSError, AttributeError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def _give_up(self) -> None:
        if self._gone:
            return
        self._gone = True
        self._waiting.clear()
        self._transport.set_protocol(asyncio.Protocol())  # what becomes of it is no longer this side's business
        asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    # -- a transport ------------------------------------------------------------------------------

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """Writes, or keeps for later."""
        if self._shut:
            self._waiting.append(bytes(data))
        else:
            self._transport.write(data)

    def write_eof(self) -> None:
        """Ends the writing, now or later."""
        if self._shut:
            self._eof = True
        else:
            self._transport.write_eof()

    def can_write_eof(self) -> bool:
        """TCP can, TLS cannot."""
        return self._transport.can_write_eof()

    def close(self) -> None:
        """Closes, or gives up."""
        if self._shut:
            self._give_up()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Drops the connection, or gives up."""
        if self._shut:
            self._give_up()
        else:
            self._transport.abort()

    def is_closing(self) -> bool:
        """It is over for this side."""
        return self._gone or self._transport.is_closing()

    def pause_reading(self) -> None:
        """The protocol has enough for now."""
        self._paused = True
        if not self._shut:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """The protocol wants more."""
        self._paused = False
        if not self._shut:
            self._transport.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """As the transport's."""
        self._transport.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As the transport's."""
        return self._transport.get_extra_info(name, default)
