"""What a station keeps over a power cut: rows that come out as they change, and go in again."""

import msgspec
import pytest

from evtui.errors import LocalError
from evtui.sim.memory import Memory, Row
from evtui.sim.requests import ChangeAvailability, OperationalStatus
from evtui.sim.variables.reports import EvseRef
from tests.proof import proves
from tests.sim.playbook import Playbook


class Card(msgspec.Struct, frozen=True):
    """A record."""

    number: int
    text: str = ""


class Count:
    """Counts how often its record is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def record(self) -> Card:
        self.asked += 1
        return Card(self.asked)


def test_what_changed_comes_out_once_and_what_did_not_never() -> None:
    memory = Memory()
    memory.keep("card/1", Card(1))
    memory.keep("card/2", Card(2))
    memory.keep("card/1", Card(3))
    assert memory.collect() == {"card/1": Card(3), "card/2": Card(2)}
    assert memory.collect() == {}
    memory.keep("card/1", Card(3))
    memory.forget("card/2")
    memory.forget("card/3")
    assert memory.collect() == {"card/2": None}
    assert memory.collect() == {}


def test_a_record_that_is_touched_often_is_asked_for_once() -> None:
    memory, count = Memory(), Count()
    memory.touch("count", count.record)
    memory.touch("count", count.record)
    assert count.asked == 0
    assert memory.collect() == {"count": Card(1)}


def test_what_was_written_is_recalled_and_only_that() -> None:
    rows: dict[str, Row] = {"card/1": msgspec.msgpack.encode(Card(1, "one")), "card/2": Card(2), "other": b"?"}
    memory = Memory(rows)
    assert not memory.blank
    assert memory.recall("card/1", Card) == Card(1, "one")
    assert memory.recall("card/3", Card) is None
    assert memory.recall_all("card/", Card) == {"card/1": Card(1, "one"), "card/2": Card(2)}
    memory.keep("card/1", Card(1, "one"))
    assert memory.collect() == {}


@pytest.mark.parametrize("row", [b"", b"\xff", msgspec.msgpack.encode({"number": "1"}), b"\x81\xa6number\xc1"])
def test_what_cannot_be_read_is_named(row: bytes) -> None:
    with pytest.raises(LocalError, match="card/1"):
        Memory({"card/1": row}).recall("card/1", Card)


def test_what_a_crash_cut_short_is_not_kept() -> None:
    memory = Memory()
    memory.keep("card/1", Card(1))
    memory.discard()
    assert memory.blank
    assert memory.collect() == {}


@proves("ChangeAvailability", "G03.FR.06", "B01.FR.07")
def test_what_is_inoperative_stays_so_over_a_power_cut() -> None:
    play = Playbook().booted()
    play.ask(ChangeAvailability(OperationalStatus.INOPERATIVE, EvseRef(1, 1)))
    play.cut_power()
    assert play.reading().status == "Unavailable"
    play.link()
    play.ask(ChangeAvailability(OperationalStatus.OPERATIVE, EvseRef(1, 1)))
    play.cut_power()
    assert play.reading().status == "Available"
