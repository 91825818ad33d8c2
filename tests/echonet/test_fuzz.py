"""Mutated datagrams: no crash, no wrong answer, no growth. 100,000 of them in CI, fewer on the way."""

import os
import random

import pytest

from evtui.echonet.frame import Esv, decode
from evtui.echonet.node import MOST_BYTES, Node
from evtui.echonet.properties import EV_CHARGER
from tests.echonet.device import CHARGER, SECOND, Device, node
from tests.echonet.test_exchanges import ASKED, EXCHANGES

COUNT = int(os.environ.get("EVTUI_FUZZ", "100000" if os.environ.get("CI") == "true" else "10000"))

SEEDS = [bytes.fromhex(f"{ASKED} {asked}") for asked, _ in EXCHANGES.values()] + [
    bytes.fromhex("10810001 05FF01 0EF001 62 04 8A00 8C00 8300 D600"),
    bytes.fromhex("10810001 05FF01 02A100 62 03 9D00 9E00 9F00"),
]

ANSWERS = {
    Esv.SET_I: {Esv.SET_I_SNA},
    Esv.SET_C: {Esv.SET_RES, Esv.SET_C_SNA},
    Esv.GET: {Esv.GET_RES, Esv.GET_SNA},
    Esv.INF_REQ: {Esv.INF, Esv.INF_SNA},
    Esv.SET_GET: {Esv.SET_GET_RES, Esv.SET_GET_SNA},
    Esv.INFC: {Esv.INFC_RES},
}


def _mutated(chance: random.Random) -> bytes:
    """A seed with bytes changed, cut, doubled or moved to another service."""
    datagram = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(datagram) + 1)
        match chance.randrange(6):
            case 0:
                del datagram[at:]
            case 1:
                datagram[at:at] = chance.randbytes(chance.randint(1, 8))
            case 2 if at < len(datagram):
                datagram[at] = chance.randrange(256)
            case 3 if len(datagram) > 10:
                datagram[10] = chance.choice(list(Esv))
            case 4:
                datagram += datagram[11:]
            case _:
                if at < len(datagram):
                    datagram[at] ^= 1 << chance.randrange(8)
    return bytes(datagram)


def _check(subject: Node, datagram: bytes) -> None:
    request = decode(datagram)
    answers = subject.receive(datagram)
    if request is None:
        assert answers == []
        return
    assert len(answers) <= 2
    for out in answers:
        answer = out.frame
        assert answer.esv in ANSWERS[request.esv]
        assert (answer.tid, answer.deoj) == (request.tid, request.seoj)
        assert answer.seoj == request.deoj or request.deoj & 0xFF == 0
        assert [each.epc for each in answer.properties] == [each.epc for each in request.properties]
        assert [each.epc for each in answer.gets] == [each.epc for each in request.gets]
        assert out.multicast == (answer.esv is Esv.INF)
        encoded = answer.encode()
        assert decode(encoded) == answer
        assert len(encoded) <= len(datagram) + MOST_BYTES + 14


@pytest.mark.timeout(60)
def test_no_datagram_crashes_a_node_or_gets_a_wrong_answer() -> None:
    chance = random.Random(20251123)
    devices = [Device(CHARGER), Device(SECOND)]
    subject = node()
    subject.replace(devices)
    told = 0
    for _ in range(COUNT):
        _check(subject, _mutated(chance))
        told += bool(subject.changes())
        for device in devices:
            assert all(EV_CHARGER[epc].fits(edt) for epc, edt in device.written)
            device.written.clear()
    assert told > COUNT // 1000, "the mutations never set anything"
    assert set(subject.devices) == {CHARGER, SECOND}
    assert len(subject._told) == 2 * len(devices[0].announced())
