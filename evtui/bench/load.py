"""A load for a CSMS that costs next to nothing itself: stations that are a socket and a clock. Each boots, begins a
transaction, and then tells a sample of nine values a second, as evtui's own stations do; it waits for each answer."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, cast
from urllib.parse import urlsplit

_AT_ONCE: Final = 50  # connections that are being made: a listening socket has room for a few more
_PATIENCE_S: Final = 60.0

_UPGRADE: Final = (
    "GET /{} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ocpp2.0.1\r\n\r\n"
)
_TEXT, _PING, _PONG = 1, 9, 10

_BOOT: Final = (
    b'[2,"%s","BootNotification",{"reason":"PowerUp",'
    b'"chargingStation":{"model":"AC22","vendorName":"evtui","serialNumber":"EVT-000001"}}]'
)
_STARTED: Final = (
    b'[2,"%s","TransactionEvent",{"eventType":"Started","timestamp":"%s","triggerReason":"CablePluggedIn","seqNo":0,'
    b'"transactionInfo":{"transactionId":"%s","chargingState":"EVConnected"},"evse":{"id":1,"connectorId":1},'
    b'"meterValue":[{"timestamp":"%s","sampledValue":[{"value":%d.3,"context":"Transaction.Begin",'
    b'"measurand":"Energy.Active.Import.Register","unitOfMeasure":{"unit":"Wh"}}]}]}]'
)


def _sampled(measurand: str, value: str, unit: str, phase: str = "") -> str:
    of_phase = f',"phase":"{phase}"' if phase else ""
    return (
        f'{{"value":{value},"context":"Sample.Periodic","measurand":"{measurand}",'
        f'"unitOfMeasure":{{"unit":"{unit}"}}{of_phase}}}'
    )


_VALUES: Final = (
    _sampled("Energy.Active.Import.Register", "%d.863", "Wh"),
    *(_sampled("Current.Import", "31.884", "A", phase) for phase in ("L1", "L2", "L3")),
    *(_sampled("Voltage", value, "V", f"{phase}-N") for phase, value in (("L1", "223.289"), ("L2", "222.276"))),
    _sampled("Voltage", "223.46", "V", "L3-N"),
    _sampled("Power.Active.Import", "21075.525", "W"),
    _sampled("Frequency", "49.965", "Hz"),
)
_UPDATED: Final = (
    '[2,"%s","TransactionEvent",{"eventType":"Updated","timestamp":"%s","triggerReason":"MeterValuePeriodic",'
    f'"seqNo":%d,"transactionInfo":{{"transactionId":"%s"}},"meterValue":[{{"timestamp":"%s","sampledValue":['
    f"{','.join(_VALUES)}]}}]}}]"
).encode()


def framed(opcode: int, payload: bytes) -> bytes:
    """A WebSocket frame of a client. Its mask is all zeros, which costs the one end nothing, and the other as much as
    any."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + length + bytes(4) + payload


class Load:
    """What all of its stations have seen. Round trips and lateness (a sample: when it was due, and when it left) are
    noted while `counting`; times in ms."""

    def __init__(self) -> None:
        self.counting = False
        self.calls = 0
        self.faults = 0
        self.rtts_ms: list[float] = []
        self.late_ms: list[float] = []


class LoadStation(asyncio.Protocol):
    """One station. `phase` (0 to 1) is when in each second its samples are due."""

    def __init__(self, name: str, host: str, number: int, phase: float, load: Load) -> None:
        self._name, self._host, self._number, self._phase, self._load = name, host, number, phase, load
        self._loop = asyncio.get_running_loop()
        self.open: asyncio.Future[None] = self._loop.create_future()
        self._transaction = b"%08x-0000-4000-9000-000000000000" % number
        self._waiter: asyncio.Future[bytes] | None = None
        self._buffer = b""
        self._calls = self._seq_no = 0
        self._sent_at = self._due = 0.0
        self._steady = self._ended = False

    # -- what it does -----------------------------------------------------------------------------

    async def boot(self) -> None:
        """Boots. RuntimeError: it is not accepted."""
        self._say(_BOOT % self._id())
        answer = await self.answer()
        if b'"Accepted"' not in answer:
            raise RuntimeError(f"{self._name} was not accepted: {answer[:200].decode(errors='replace')}")

    def start(self) -> None:
        """Begins its transaction."""
        at = _now()
        self._say(_STARTED % (self._id(), at, self._transaction, at, 1_000))

    def sample(self) -> None:
        """Tells a sample."""
        self._seq_no += 1
        at = _now()
        energy_wh = 1_001 + 6 * self._seq_no
        self._say(_UPDATED % (self._id(), at, self._seq_no, self._transaction, at, energy_wh))

    def answer(self) -> "asyncio.Future[bytes]":
        """The next answer, when it comes. RuntimeError: the connection is lost."""
        self._waiter = self._loop.create_future()
        return self._waiter

    def begin(self, at: float) -> None:
        """Begins a transaction in the second after `at` (of the monotonic clock), and tells a sample each second."""
        self._due = at + self._phase
        self._loop.call_later(self._due - time.monotonic(), self._go)

    def end(self) -> None:
        """Breaks off."""
        self._ended = True
        self.transport.abort()

    def _go(self) -> None:
        if self._ended:
            return
        if not self._steady:
            self._steady = True
            self.start()
            return
        self.sample()
        if self._load.counting:
            self._load.late_ms.append((self._sent_at - self._due) * 1000.0)

    def _id(self) -> bytes:
        self._calls += 1
        return b"%08x-0000-4000-8000-%012x" % (self._number, self._calls)

    def _say(self, text: bytes) -> None:
        self._sent_at = time.monotonic()
        self.transport.write(framed(_TEXT, text))

    def _hear(self, text: bytes) -> None:
        load = self._load
        if not text.startswith(b"[3,"):
            load.faults += 1
        now = time.monotonic()
        if load.counting:
            load.calls += 1
            load.rtts_ms.append((now - self._sent_at) * 1000.0)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(text)
        if self._steady:
            self._due += 1.0
            if self._due > now:
                self._loop.call_later(self._due - now, self._go)
            else:
                self._go()

    # -- its socket -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(_UPGRADE.format(self._name, self._host).encode())

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        if not self.open.done():
            head, ended, data = data.partition(b"\r\n\r\n")
            if not ended:
                self._buffer = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.open.set_exception(RuntimeError(f"{self._name} was refused: {head[:200].decode()}"))
                return
            self.open.set_result(None)
        while len(data) >= 2:
            size, first = data[1], 2
            if size == 126:
                size, first = int.from_bytes(data[2:4], "big"), 4
            if len(data) < first + size:
                break
            payload = data[first : first + size]
            opcode = data[0] & 0x0F
            if opcode == _TEXT:
                self._hear(payload)
            elif opcode == _PING:
                self.transport.write(framed(_PONG, payload))
            data = data[first + size :]
        self._buffer = data

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended:
            self._ended = True
            self._load.faults += 1
        for waiting in (self.open, self._waiter):
            if waiting is not None and not waiting.done():
                waiting.set_exception(RuntimeError(f"the connection of {self._name} was lost"))


def _now() -> bytes:
    return (datetime.now(UTC).isoformat(timespec="milliseconds")[:-6] + "Z").encode()


async def booted(url: str, stations: int, load: Load) -> tuple[Sequence[LoadStation], float]:
    """So many stations, accepted by the CSMS at `url`, and the seconds from the first boot to the last answer.
    RuntimeError: one of them is not; TimeoutError: it takes too long."""
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE)
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    made: list[LoadStation] = []

    async def come(number: int) -> None:
        station = LoadStation(f"LOAD{number:05d}", parts.netloc, number, (number * 0.618) % 1.0, load)
        made.append(station)
        async with gate:
            await loop.create_connection(lambda: station, host, port)
            await station.open
            await station.boot()

    began = time.monotonic()
    async with asyncio.timeout(_PATIENCE_S):
        await asyncio.gather(*(come(number) for number in range(1, stations + 1)))
    return made, time.monotonic() - began
