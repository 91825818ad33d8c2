"""A node that is on no network: what it would send goes nowhere, and what it hears is handed to it."""

import socket
from typing import cast

from evtui.echonet.house import House
from evtui.echonet.wire import Heard, Peer, Wire


class QuietWire:
    """Stands for a Wire."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.sockets: tuple[socket.socket, ...] = ()

    def tell_all(self, datagram: bytes) -> None:
        pass

    def answer(self, datagram: bytes, peer: Peer) -> None:
        pass

    @classmethod
    def make(cls, address: str = "127.0.0.1") -> Wire:
        return cast(Wire, cls(address))


async def hand(house: House, datagram: str, sender: str = "127.0.0.2") -> None:
    """The node hears this from a controller, and answers."""
    nowhere = cast(socket.socket, None)
    await house.server._handle(Heard(bytes.fromhex(datagram), Peer(sender, 0, nowhere), multicast=False))
