"""A valve in a connection: shut, nothing passes either way, and neither side is told, as in a network that is cut."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any

_RESET = struct.pack("ii", 1, 0)


class _Inlet(asyncio.Protocol):
    """What comes from the network, on its way to a protocol. Reading stops while the valve is shut, but some loops have
    read on ahead, and all of them notice a peer that goes: that waits here."""

    __slots__ = ("_eof", "_lost", "_protocol", "_waiting", "shut")

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self.shut = False
        self._protocol: asyncio.Protocol | None = protocol
        self._waiting: tuple[bytes, ...] = ()
        self._eof = False
        self._lost: tuple[Exception | None] | None = None

    def open(self) -> None:
        """Passes on what has waited."""
        self.shut = False
        waiting, self._waiting = self._waiting, ()
        for data in waiting:
            self.data_received(data)
        if self._eof:
            self.eof_received()
        if self._lost is not None:
            self.connection_lost(*self._lost)

    def detach(self) -> None:
        """The protocol wants to hear of nothing any more."""
        self._protocol = None
        self._waiting = ()

    def data_received(self, data: bytes) -> None:
        """Passes it on, or keeps it."""
        if self._protocol is None:
            return
        if self.shut:
            self._waiting += (data,)
        else:
            self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        """The peer has said its last word."""
        if self.shut or self._protocol is None:
            self._eof = True
            return None
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        if self._protocol is None:
            return
        if self.shut:
            self._lost = (exc,)
        else:
            self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        """The network takes no more for now."""
        if self._protocol is not None:
            self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """It takes more."""
        if self._protocol is not None:
            self._protocol.resume_writing()


class Valve(asyncio.Transport):
    """Stands between a protocol and its transport. While it is shut, what is written waits, as it would in the buffers
    of TCP, and is passed on when the valve opens again. A connection that is given up meanwhile is over for this side
    alone: the peer learns of it when the valve opens, by a reset."""

    __slots__ = ("_eof", "_gone", "_inlet", "_paused", "_protocol", "_transport", "_waiting")

    def __init__(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        # The base class would make a dictionary for what `get_extra_info` asks the transport for.
        self._transport = transport
        self._protocol = protocol
        self._inlet = _Inlet(protocol)
        self._gone = False  # given up while it was shut
        self._paused = False  # by the protocol
        self._waiting: tuple[bytes, ...] = ()
        self._eof = False
        transport.set_protocol(self._inlet)

    def shut(self) -> None:
        """Nothing passes any more."""
        if not self._inlet.shut and not self._transport.is_closing():
            self._inlet.shut = True
            self._transport.pause_reading()

    def open(self) -> None:
        """What has waited passes; a connection that was given up is reset."""
        if not self._inlet.shut:
            return
        if self._gone:
            self._inlet.shut = False
            self._reset()
            return
        waiting, self._waiting = self._waiting, ()
        self._inlet.open()
        if self._transport.is_closing():
            return
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
        self._waiting = ()
        self._inlet.detach()
        asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    # -- a transport ------------------------------------------------------------------------------

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """Writes, or keeps for later."""
        if self._inlet.shut:
            self._waiting += (bytes(data),)
        else:
            self._transport.write(data)

    def write_eof(self) -> None:
        """Ends the writing, now or later."""
        if self._inlet.shut:
            self._eof = True
        else:
            self._transport.write_eof()

    def can_write_eof(self) -> bool:
        """TCP can, TLS cannot."""
        return self._transport.can_write_eof()

    def close(self) -> None:
        """Closes, or gives up."""
        if self._inlet.shut:
            self._give_up()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Drops the connection, or gives up."""
        if self._inlet.shut:
            self._give_up()
        else:
            self._transport.abort()

    def is_closing(self) -> bool:
        """It is over for this side, as far as this side knows."""
        return self._gone or (self._transport.is_closing() and not self._inlet.shut)

    def pause_reading(self) -> None:
        """The protocol has enough for now."""
        self._paused = True
        if not self._inlet.shut:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """The protocol wants more."""
        self._paused = False
        if not self._inlet.shut:
            self._transport.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """As the transport's."""
        self._transport.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As the transport's."""
        return self._transport.get_extra_info(name, default)
