"""Frames become messages, and a reader that is slow holds up the network."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import CloseCode, Frame, Opcode

from evtui.ocppj.inbox import HIGH, Inbox, UnreadableError


class Network(asyncio.ReadTransport):
    """Counts what an inbox says to it."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = True
        self.rung = 0
        self.inbox = Inbox(self, self.ring)

    def pause_reading(self) -> None:
        assert self.reads
        self.reads = False

    def resume_reading(self) -> None:
        assert not self.reads
        self.reads = True

    def ring(self) -> None:
        self.rung += 1

    def send(self, data: bytes, opcode: Opcode = Opcode.TEXT, parts: int = 1) -> None:
        step = -(-len(data) // parts) or 1
        pieces = [data[at : at + step] for at in range(0, len(data), step)] or [b""]
        for number, piece in enumerate(pieces):
            self.inbox.put(Frame(opcode if number == 0 else Opcode.CONT, piece, number == len(pieces) - 1))


@given(st.lists(st.tuples(st.text(max_size=30) | st.binary(max_size=30), st.integers(1, 5)), max_size=40))
def test_messages_come_out_as_they_were_sent_however_they_were_cut(sent: list[tuple[str | bytes, int]]) -> None:
    network = Network()
    for message, parts in sent:
        if isinstance(message, str):
            network.send(message.encode(), parts=parts)
        else:
            network.send(message, Opcode.BINARY, parts)
    assert network.rung == len(network.inbox) == len(sent)
    assert [network.inbox.take() for _ in sent] == [message for message, _ in sent]
    assert network.reads


def test_a_slow_reader_holds_up_the_network_until_a_quarter_is_left() -> None:
    network = Network()
    for _ in range(HIGH):
        network.send(b"[]")
    told = [network.reads]
    network.send(b"[]")
    network.send(b"[]")
    told.append(network.reads)
    while len(network.inbox) > HIGH // 4 + 1:
        network.inbox.take()
    told.append(network.reads)
    network.inbox.take()
    told.append(network.reads)
    assert told == [True, False, False, True]


def test_text_that_is_no_utf_8_is_told_when_it_is_its_turn() -> None:
    network = Network()
    network.send(b"[]")
    network.send(b"\xff\xfe")
    assert network.inbox.take() == "[]"
    with pytest.raises(UnreadableError, match="invalid start byte at position 0") as raised:
        network.inbox.take()
    assert raised.value.code is CloseCode.INVALID_DATA


def test_a_message_of_too_many_fragments_is_none() -> None:
    network = Network()
    network.inbox.put(Frame(Opcode.TEXT, b"", False))
    for _ in range(4_096):
        network.inbox.put(Frame(Opcode.CONT, b"", False))
    with pytest.raises(UnreadableError, match="too many fragments"):
        network.inbox.take()


def test_how_many_may_wait_is_said() -> None:
    network = Network()
    network.inbox = Inbox(network, network.ring, 4)
    told = []
    for _ in range(5):
        network.send(b"[]")
        told.append(network.reads)
    for _ in range(4):
        network.inbox.take()
        told.append(network.reads)
    assert told == [True] * 4 + [False] * 4 + [True]
