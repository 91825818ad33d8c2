"""A controller on an address of its own: it sends frames as they are written, and hears what comes back to its 3610."""

import asyncio
import os
import socket
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Self

from evtui.echonet.frame import Esv, Frame, Property, decode
from evtui.echonet.wire import GROUP, PORT

_numbers = count()
_WAIT_S = 10.0


def loopback() -> str:
    """A loopback address that no other test of this machine uses at the same time."""
    number = os.getpid() * 64 + next(_numbers) % 64
    return f"127.{1 + number // 64_516 % 250}.{1 + number // 254 % 254}.{1 + number % 254}"


class Controller:
    """`ask` sends to an address, or to all, from an ephemeral port; everything that reaches 3610 can be awaited."""

    def __init__(self, address: str, group: bool = True) -> None:
        self.address = address
        self._tid = 100
        self._home = self._socket((address, PORT))
        self._group = self._socket((GROUP, PORT)) if group else None
        if self._group is not None:
            self._group.setsockopt(socket.IPPROTO_IP, 49, 0)
            membership = socket.inet_aton(GROUP) + socket.inet_aton(address)
            self._group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        self._mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._mouth.bind((address, 0))
        self._mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))

    def _socket(self, address: tuple[str, int]) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        return sock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._home, self._group, self._mouth):
            if each is not None:
                each.close()

    def send(self, to: str, datagram: bytes) -> None:
        """A datagram as it is; to all when `to` is the group."""
        self._mouth.sendto(datagram, (to, PORT))

    def ask(self, to: str, deoj: int, esv: Esv, *properties: Property) -> int:
        """A frame of its own number, which is given."""
        self._tid += 1
        self.send(to, Frame(self._tid, 0x05FF01, deoj, esv, properties).encode())
        return self._tid

    async def answer(self, tid: int) -> tuple[Frame, tuple[str, int]]:
        """The answer of that number, and where it came from; what else comes meanwhile is passed over."""
        while True:
            frame, sender = await self._next(self._home)
            if frame.tid == tid:
                return frame, sender

    async def told(self, epc: int, node: str, seoj: int | None = None) -> bytes:
        """The next value of a property that this node tells all."""
        assert self._group is not None
        while True:
            frame, sender = await self._next(self._group)
            if sender[0] == node and frame.esv is Esv.INF and seoj in (None, frame.seoj):
                for each in frame.properties:
                    if each.epc == epc:
                        return each.edt

    async def get(self, to: str, deoj: int, epc: int) -> bytes | None:
        """A property's value, None when it is refused."""
        frame, _ = await self.answer(self.ask(to, deoj, Esv.GET, Property(epc)))
        return frame.properties[0].edt if frame.esv is Esv.GET_RES else None

    async def set(self, to: str, deoj: int, epc: int, edt: bytes) -> bool:
        """Writes a property; says whether it was accepted."""
        frame, _ = await self.answer(self.ask(to, deoj, Esv.SET_C, Property(epc, edt)))
        assert frame.esv in (Esv.SET_RES, Esv.SET_C_SNA)
        return frame.esv is Esv.SET_RES

    def nothing_waits(self) -> bool:
        """Nothing has come that nobody has awaited."""
        with suppress(BlockingIOError):
            self._home.recvfrom(65_535, socket.MSG_PEEK)
            return False
        return True

    async def _next(self, source: socket.socket) -> tuple[Frame, tuple[str, int]]:
        async with asyncio.timeout(_WAIT_S):
            while True:
                datagram, sender = await _receive(source)
                frame = decode(datagram)
                if frame is not None:
                    return frame, sender


async def _receive(source: socket.socket) -> tuple[bytes, tuple[str, int]]:
    return await asyncio.get_running_loop().sock_recvfrom(source, 65_535)
