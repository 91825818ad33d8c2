"""The inbox of a WebSocket: complete messages, in the order they came. It stands where the library has a queue of its
own, which wakes a task for each message, and weighs a kilobyte."""

from asyncio import ReadTransport
from collections.abc import Callable

from websockets.frames import CloseCode, Frame, Opcode
from websockets.typing import BytesLike

HIGH = 16
_MOST_FRAGMENTS = 4_096


def _nobody() -> None:
    """Hears the ring before anybody attends."""


class UnreadableError(Exception):
    """A message that the protocol forbids; `code` is what the connection is to be closed with."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Inbox:
    """Takes frames, which follow the protocol and respect its limit of size; gives messages. `ring` is called for each
    one that is complete. `high` messages may wait: of more, the network is read no further until a quarter is left."""

    __slots__ = ("_binary", "_high", "_network", "_parts", "_paused", "messages", "over", "ring")

    def __init__(self, network: ReadTransport, ring: Callable[[], None] = _nobody, high: int = HIGH) -> None:
        self.ring = ring
        self._high = high
        self._network = network
        self._paused = False
        self.messages: list[str | bytes | UnreadableError] = []
        """Those that wait, oldest first."""
        self.over = False
        """The connection has gone."""
        self._parts: list[bytes | bytearray] = []  # of a message that comes in fragments
        self._binary = False

    def __len__(self) -> int:
        return len(self.messages)

    def put(self, frame: Frame) -> None:
        """A frame of data has come."""
        data = frame.data
        if frame.opcode is not Opcode.CONT:
            self._binary = frame.opcode is Opcode.BINARY
            self._parts.clear()
        if self._parts or not frame.fin:
            self._parts.append(bytes(data))
            if len(self._parts) > _MOST_FRAGMENTS:
                self._add(UnreadableError(CloseCode.MESSAGE_TOO_BIG, "too many fragments"))
                return
            if not frame.fin:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        if self._binary:
            self._add(bytes(data))
        else:
            self.put_text(data)

    def put_text(self, data: BytesLike) -> None:
        """A message of text has come."""
        try:
            self._add(str(data, "utf-8"))
        except UnicodeDecodeError as error:
            self._add(UnreadableError(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}"))

    def take(self) -> str | bytes:
        """The oldest message; there has to be one. UnreadableError: it is none."""
        message = self.messages.pop(0)
        if self._paused and len(self.messages) <= self._high // 4:
            self._paused = False
            self._network.resume_reading()
        if isinstance(message, UnreadableError):
            raise message
        return message

    def close(self) -> None:
        """No more will come; what is there stays."""
        self._parts.clear()

    def _add(self, message: str | bytes | UnreadableError) -> None:
        messages = self.messages
        messages.append(message)
        if len(messages) > self._high and not self._paused:
            self._paused = True
            self._network.pause_reading()
        self.ring()
