"""Golden exchanges: for every service and every error, the bytes that come in and the bytes that go out."""

import pytest

from evtui.echonet.frame import Esv, Frame, Property, decode
from evtui.echonet.node import MOST_BYTES, Node
from tests.echonet.device import CHARGER, IDENTITY, SECOND, Device, exchange, node

ASKED = "10 81 00 07 05 FF 01 02 A1 01"
ANSWER = "10 81 00 07 02 A1 01 05 FF 01"

EXCHANGES = {
    "Get": ("62 01 DA 00", "72 01 DA 01 47"),
    "Get of several properties answers in their order": ("62 02 E4 00 80 00", "72 02 E4 01 50 80 01 30"),
    "Get of the same property twice answers twice": ("62 02 80 00 80 00", "72 02 80 01 30 80 01 30"),
    "Get of a property that the class has not is refused, the rest answered": (
        "62 02 B0 00 80 00",
        "52 02 B0 00 80 01 30",
    ),
    "Get of a property that can only be set is refused": ("62 02 D9 00 CD 00", "52 02 D9 00 CD 00"),
    "SetC": ("61 01 DA 01 42", "71 01 DA 00"),
    "SetC of several": ("61 02 DA 01 44 EB 04 00 00 10 00", "71 02 DA 00 EB 00"),
    "SetC of a property that can only be read is refused, with what was to be set": (
        "61 01 D3 04 00 00 00 01",
        "51 01 D3 04 00 00 00 01",
    ),
    "SetC of a property that the class has not": ("61 01 B0 01 30", "51 01 B0 01 30"),
    "SetC of a wrong size": ("61 01 DA 02 42 00", "51 01 DA 02 42 00"),
    "SetC without a value": ("61 01 DA 00", "51 01 DA 00"),
    "SetC of a value that the class has not": ("61 01 DA 01 43", "51 01 DA 01 43"),
    "SetC of a number beyond the range": ("61 01 EB 04 3B 9A CA 00", "51 01 EB 04 3B 9A CA 00"),
    "SetC that the device refuses": ("61 01 DA 01 40", "51 01 DA 01 40"),
    "SetC of which one is refused does the others": (
        "61 03 DA 01 43 81 01 08 E4 01 00",
        "51 03 DA 01 43 81 00 E4 01 00",
    ),
    "SetC of a location of 17 bytes": ("61 01 81 11 01" + " 00" * 16, "71 01 81 00"),
    "SetC of a location of 2 bytes": ("61 01 81 02 08 08", "51 01 81 02 08 08"),
    "SetI that is done": ("60 01 DA 01 42", None),
    "SetI that is refused": ("60 01 DA 01 43", "50 01 DA 01 43"),
    "SetI of which one is refused": ("60 02 DA 01 43 81 01 08", "50 02 DA 01 43 81 00"),
    "INF_REQ goes to all": ("63 01 DA 00", "* 73 01 DA 01 47"),
    "INF_REQ that cannot be answered goes to the one who asked": ("63 02 DA 00 B0 00", "53 02 DA 01 47 B0 00"),
    "SetGet": ("6E 01 DA 01 42 02 DA 00 80 00", "7E 01 DA 00 02 DA 01 42 80 01 30"),
    "SetGet with a Set that is refused": ("6E 01 DA 01 43 01 DA 00", "5E 01 DA 01 43 01 DA 01 47"),
    "SetGet with a Get that is refused still sets": ("6E 01 DA 01 42 01 D9 00", "5E 01 DA 00 01 D9 00"),
    "INFC is confirmed": ("74 02 80 01 30 B0 03 01 02 03", "7A 02 80 00 B0 00"),
    "what is said after the last property is ignored": ("62 01 DA 00 FF FF", "72 01 DA 01 47"),
    "INF is no question": ("73 01 80 01 30", None),
    "an answer is no question: Set_Res": ("71 01 DA 00", None),
    "an answer is no question: Get_Res": ("72 01 DA 01 42", None),
    "an answer is no question: INFC_Res": ("7A 01 DA 00", None),
    "an answer is no question: SetGet_Res": ("7E 01 DA 00 01 DA 01 42", None),
    "a refusal is no question: SetC_SNA": ("51 01 DA 01 42", None),
    "a refusal is no question: Get_SNA": ("52 01 DA 00", None),
    "a refusal is no question: SetGet_SNA": ("5E 00 00", None),
    "a service that does not exist is met with silence": ("65 01 DA 00", None),
    "no properties, no answer": ("62 00", None),
    "a SetGet that gets nothing is no SetGet": ("6E 01 DA 01 42 00", None),
    "a SetGet whose second list is missing": ("6E 01 DA 01 42", None),
    "a value that is cut off": ("61 01 DA 01", None),
    "a list that is cut off": ("62 02 DA 00", None),
    "no service at all": ("", None),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_the_answer_is_what_the_standard_says(name: str) -> None:
    asked, answer = EXCHANGES[name]
    if answer is None:
        assert exchange(node(), f"{ASKED} {asked}") == []
    else:
        star = "* " if answer.startswith("* ") else ""
        assert exchange(node(), f"{ASKED} {asked}") == [f"{star}{ANSWER} {answer.removeprefix('* ')}"]


@pytest.mark.parametrize(
    "datagram",
    [
        "",
        "10",
        "10 82 00 07 05 FF 01 02 A1 01 62 01 DA 00",
        "11 81 00 07 05 FF 01 02 A1 01 62 01 DA 00",
        "10 81 00 07 05 FF 01 02 A1 02 62 01 DA 00",  # instance 2 of 1
        "10 81 00 07 05 FF 01 02 A1 09 61 01 DA 01 42",
        "10 81 00 07 05 FF 01 02 7E 01 62 01 DA 00",
        "10 81 00 07 05 FF 01 02 7E 00 62 01 DA 00",  # none of this class
        "10 81 00 07 05 FF 01 0E F0 02 62 01 80 00",
    ],
)
def test_silence_meets_other_formats_and_objects_that_are_not_there(datagram: str) -> None:
    assert exchange(node(), datagram) == []


def test_instance_0_is_every_instance_and_each_answers_for_itself() -> None:
    subject = node((CHARGER, SECOND))
    assert exchange(subject, "10 81 00 07 05 FF 01 02 A1 00 62 01 80 00") == [
        "10 81 00 07 02 A1 01 05 FF 01 72 01 80 01 30",
        "10 81 00 07 02 A1 02 05 FF 01 72 01 80 01 30",
    ]
    assert exchange(subject, "10 81 00 07 05 FF 01 02 A1 00 61 01 DA 01 42") == [
        "10 81 00 07 02 A1 01 05 FF 01 71 01 DA 00",
        "10 81 00 07 02 A1 02 05 FF 01 71 01 DA 00",
    ]
    assert [each.written for each in subject.devices.values() if isinstance(each, Device)] == [[(0xDA, b"\x42")]] * 2


def test_the_node_profile_answers_for_instance_0_too() -> None:
    assert exchange(node((CHARGER, SECOND)), "10 81 00 01 05 FF 01 0E F0 00 62 01 D6 00") == [
        "10 81 00 01 0E F0 01 05 FF 01 72 01 D6 07 02 02 A1 01 02 A1 02"
    ]


@pytest.mark.parametrize(
    ("epc", "edt"),
    [
        ("80", "30"),
        ("82", "01 0E 01 00"),
        ("83", IDENTITY.hex(" ").upper()),
        ("8A", "FF FF F0"),
        ("9D", "02 80 D5"),
        ("9E", "00"),
        ("9F", "0C 80 82 83 8A 9D 9E 9F D3 D4 D5 D6 D7"),
        ("D3", "00 00 02"),  # without the node profile
        ("D4", "00 02"),  # with its class
        ("D5", "02 02 A1 01 02 A1 02"),
        ("D6", "02 02 A1 01 02 A1 02"),
        ("D7", "01 02 A1"),
    ],
)
def test_the_node_profile_tells_who_it_is(epc: str, edt: str) -> None:
    size = len(bytes.fromhex(edt))
    assert exchange(node((CHARGER, SECOND)), f"10 81 00 01 05 FF 01 0E F0 01 62 01 {epc} 00") == [
        f"10 81 00 01 0E F0 01 05 FF 01 72 01 {epc} {size:02X} {edt}"
    ]


def test_an_instance_list_can_be_requested_for_all_to_hear() -> None:
    assert exchange(node(), "10 81 00 01 05 FF 01 0E F0 01 63 01 D5 00") == [
        "* 10 81 00 01 0E F0 01 05 FF 01 73 01 D5 04 01 02 A1 01"
    ]


def test_84_instances_fit_into_the_list() -> None:
    subject = node(0x02A100 + i for i in range(1, 85))
    (answer,) = subject.receive(bytes.fromhex("10810001 05FF01 0EF001 62 01 D600"))
    edt = answer.frame.properties[0].edt
    assert (len(edt), edt[0]) == (253, 84)


def test_an_answer_never_grows_beyond_a_packet() -> None:
    subject = node(0x02A100 + i for i in range(1, 85))
    request = Frame(1, 0x05FF01, 0x0EF001, Esv.GET, (Property(0xD6),) * 255)
    (answer,) = subject.answer(request)
    assert answer.frame.esv is Esv.GET_SNA
    assert sum(len(each.edt) for each in answer.frame.properties) <= MOST_BYTES
    assert len(answer.frame.properties) == 255


def test_a_node_introduces_itself_by_its_instance_list() -> None:
    (out,) = node().introduce()
    assert out.multicast
    assert out.frame.encode()[4:].hex(" ").upper() == "0E F0 01 0E F0 01 73 01 D5 04 01 02 A1 01"


def test_other_instances_are_announced_and_equal_ones_are_not() -> None:
    subject = node()
    assert subject.replace([Device()]) == []
    (out,) = subject.replace([Device(), Device(SECOND)])
    assert out.frame.properties == (Property(0xD5, bytes.fromhex("0202A10102A102")),)
    assert subject.changes() == []
    (out,) = subject.replace([])
    assert out.frame.properties == (Property(0xD5, b"\x00"),)


def test_what_the_map_names_is_announced_once_when_it_changes() -> None:
    device = Device()
    subject = node()
    subject.replace([device])
    assert subject.changes() == []
    device.values[0xDA], device.values[0xC7], device.values[0xD3] = b"\x42", b"\x40", b"\0\0\0\1"
    (out,) = subject.changes()
    assert out.multicast
    assert (out.frame.seoj, out.frame.deoj, out.frame.esv) == (CHARGER, 0x0EF001, Esv.INF)
    assert out.frame.properties == (Property(0xC7, b"\x40"), Property(0xDA, b"\x42"))
    assert subject.changes() == []


def test_own_frames_are_numbered_on_and_never_0() -> None:
    subject = node()
    tids = [subject.introduce()[0].frame.tid for _ in range(0x10001)]
    assert tids[:2] == [1, 2]
    assert tids[-3:] == [0xFFFF, 1, 2]


def test_a_frame_reads_as_it_was_written() -> None:
    for frame in (
        Frame(0xABCD, 0x05FF01, CHARGER, Esv.SET_C, (Property(0xDA, b"\x42"), Property(0x80))),
        Frame(1, 0x05FF01, CHARGER, Esv.SET_GET, (Property(0xDA, b"\x42"),), (Property(0xE4),)),
    ):
        assert decode(frame.encode()) == frame


def test_what_a_request_has_changed_is_looked_for_where_it_was_addressed_alone() -> None:
    """A node of 84 chargers must not look through all of them for each request to one."""
    first, second = Device(), Device(SECOND)
    subject = Node(IDENTITY, (first, second))
    first.values[0xDA] = second.values[0xDA] = b"\x42"
    (out,) = subject.changes(CHARGER)
    assert out.frame.seoj == CHARGER
    assert subject.changes(CHARGER) == []
    (out,) = subject.changes()
    assert out.frame.seoj == SECOND, "the other one is told when somebody looks there"
    first.values[0xDA] = second.values[0xDA] = b"\x47"
    assert [each.frame.seoj for each in subject.changes(CHARGER & ~0xFF)] == [CHARGER, SECOND], "to all of the class"
    assert subject.changes(0x0EF001) == []
