"""A device of no physics, to try the protocol on: an EV charger whose values stand in a dict."""

from collections.abc import Iterable

from evtui.echonet.node import Node, Outgoing
from evtui.echonet.node_object import NodeObject
from evtui.echonet.properties import EV_CHARGER

IDENTITY = bytes.fromhex("FEFFFFF0") + bytes(range(13))
CHARGER, SECOND = 0x02A101, 0x02A102

VALUES = {
    0x80: "30",
    0x81: "00",
    0x82: "00005200",
    0x83: (IDENTITY[:-1] + b"\xff").hex(),
    0x86: "00FFFFF0",
    0x88: "42",
    0x89: "0000",
    0x8A: "FFFFF0",
    0x8C: "414332320000000000000000",
    0x8D: "455654000000000000000000",
    0xC5: "000055F0",
    0xC7: "41",
    0xC8: "00001032000055F0",
    0xCA: "003C0140",
    0xCC: "11",
    0xCE: "0000A028",
    0xCF: "00002000",
    0xD0: "0000A028",
    0xD2: "00E6",
    0xD3: "00000000",
    0xD8: "00003039",
    0xDA: "47",
    0xE2: "00008028",
    0xE4: "50",
    0xE6: "00",
    0xE7: "3B9AC9FF",
    0xEB: "000055F0",
    0xED: "0140",
}


class Device(NodeObject):
    """Takes what it is told, but mode 40."""

    def __init__(self, eoj: int = CHARGER) -> None:
        super().__init__(eoj, EV_CHARGER)
        self.values: dict[int, bytes | None] = {epc: bytes.fromhex(text) for epc, text in VALUES.items()}
        self.written: list[tuple[int, bytes]] = []

    def value(self, epc: int) -> bytes | None:
        return self.values.get(epc)

    def accept(self, epc: int, edt: bytes) -> bool:
        if (epc, edt) == (0xDA, b"\x40"):
            return False
        self.written.append((epc, edt))
        self.values[epc] = edt
        return True


def node(eojs: Iterable[int] = (CHARGER,)) -> Node:
    """A node with such devices."""
    return Node(IDENTITY, [Device(eoj) for eoj in eojs])


def exchange(subject: Node, request: str) -> list[str]:
    """The answers to a datagram, all in hex; those to everybody are marked by a star."""
    return [_shown(out) for out in subject.receive(bytes.fromhex(request))]


def _shown(out: Outgoing) -> str:
    return ("* " if out.multicast else "") + out.frame.encode().hex(" ").upper()
