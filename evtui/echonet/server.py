"""The node on the network: hears datagrams, answers them, and tells all what changes."""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Sequence

from evtui.echonet.frame import decode
from evtui.echonet.node import SERVICES, Node, Outgoing
from evtui.echonet.wire import Heard, Peer, Wire

LONGEST_WAIT_S = 0.5
"""What all nodes were asked at once is answered after a random wait up to this, so that not all answer at once."""

MOST_WAITING = 256
"""Datagrams that wait to be handled, and answers that wait to be sent; more are lost, as on any full link."""

_AT_ONCE = 64

Refresh = Callable[[int], Awaitable[None]]
"""Brings the objects of an address up to date before they are asked."""

Told = Callable[[bytes, str, bool], None]
"""A datagram that went over the wire: its bytes, the address of the other side, whether we sent it."""


async def _nothing(deoj: int) -> None:
    """Nothing has to be brought up to date."""


def nobody(datagram: bytes, address: str, sent: bool) -> None:
    """Nobody watches."""


class Server:
    """Runs a node on a wire."""

    name = "echonet"

    def __init__(
        self,
        wire: Wire,
        node: Node,
        refresh: Refresh = _nothing,
        wait_s: Callable[[], float] = lambda: random.uniform(0.0, LONGEST_WAIT_S),
        told: Told = nobody,
    ) -> None:
        self.wire = wire
        self.node = node
        self._refresh = refresh
        self.wait_s = wait_s
        self._told = told
        self._heard: asyncio.Queue[Heard] = asyncio.Queue(MOST_WAITING)
        self._waiting: set[asyncio.TimerHandle] = set()

    async def run(self) -> None:
        """Introduces the node and answers until cancelled."""
        loop = asyncio.get_running_loop()
        for each in self.wire.sockets:
            loop.add_reader(each, self._hear, each)
        try:
            self.tell(self.node.introduce())
            while True:
                await self._handle(await self._heard.get())
        finally:
            for each in self.wire.sockets:
                loop.remove_reader(each)
            for timer in self._waiting:
                timer.cancel()
            self._waiting.clear()

    def tell(self, outgoing: Sequence[Outgoing]) -> None:
        """Sends what is for all."""
        for out in outgoing:
            datagram = out.frame.encode()
            self._told(datagram, "", True)
            self.wire.tell_all(datagram)

    def announce(self, deoj: int | None = None) -> None:
        """Tells what has changed, of all objects or of those of an address."""
        self.tell(self.node.changes(deoj))

    def _hear(self, source: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            heard = self.wire.hear(source)
            if heard is None:
                return
            if heard.datagram and not self._heard.full():
                self._heard.put_nowait(heard)

    async def _handle(self, heard: Heard) -> None:
        self._told(heard.datagram, heard.peer.address, False)
        request = decode(heard.datagram)
        if request is None or request.esv not in SERVICES:
            return
        await self._refresh(request.deoj)
        answers = self.node.answer(request)
        if answers and not heard.multicast:
            self._answer(answers, heard.peer)
        elif answers and len(self._waiting) < MOST_WAITING:
            self._answer_later(answers, heard.peer)
        self.announce(request.deoj)

    def _answer_later(self, answers: list[Outgoing], peer: Peer) -> None:
        def send() -> None:
            self._waiting.discard(timer)
            self._answer(answers, peer)

        timer = asyncio.get_running_loop().call_later(self.wait_s(), send)
        self._waiting.add(timer)

    def _answer(self, answers: Sequence[Outgoing], peer: Peer) -> None:
        for out in answers:
            if out.multicast:
                self.tell([out])
            else:
                datagram = out.frame.encode()
                self._told(datagram, peer.address, True)
                self.wire.answer(datagram, peer)
