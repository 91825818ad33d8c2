"""Frames as they are sent without the library: they are the library's, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from evtui.ocppj.masks import new_mask
from evtui.ocppj.sending import text_frame

LENGTHS = (0, 1, 125, 126, 127, 65_535, 65_536, 70_000)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_server_sends_what_the_library_would(length: int) -> None:
    data = b"a" * length
    assert text_frame(data, b"") == Frame(Opcode.TEXT, data).serialize(mask=False)


@given(
    data=st.binary(max_size=300) | st.sampled_from([b"b" * each for each in LENGTHS]),
    mask=st.binary(min_size=4, max_size=4),
)
def test_a_server_reads_what_a_client_sends(data: bytes, mask: bytes) -> None:
    server = Protocol(Side.SERVER, max_size=None)
    server.receive_data(text_frame(data, mask))
    assert server.events_received() == [Frame(Opcode.TEXT, data)]


def test_no_mask_comes_again() -> None:
    """RFC 6455, 5.3: nobody can foretell the next."""
    masks = [new_mask() for _ in range(3_000)]
    assert {len(each) for each in masks} == {4}
    assert len(set(masks)) > 2_990
