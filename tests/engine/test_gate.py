"""What may go out before the disk has written, and what may not."""

from pathlib import Path

import msgspec

from evtui.engine.gate import Gate
from evtui.sim.actions import Reply, Send
from evtui.sim.messages import Heartbeat
from evtui.sim.requests import StatusAnswer
from tests.engine.manual_store import disk

CALL, ANSWER = Send(1, Heartbeat()), Reply("a", StatusAnswer("Accepted"))


class Note(msgspec.Struct, frozen=True):
    """A record."""

    text: str


def test_without_a_shelf_nothing_waits() -> None:
    gate = Gate(None, lambda: None)
    assert gate.keep({"a": Note("1")}) == ()
    assert gate.admits(CALL)
    assert gate.admits(ANSWER)
    assert not gate.waiting


def test_what_tells_of_a_record_waits_until_it_is_written(tmp_path: Path) -> None:
    with disk(tmp_path, at_once=False) as store:
        bells: list[str] = []
        gate = Gate(store.shelves(["CP001"])[0], lambda: bells.append("ring"))
        assert gate.admits(CALL)
        gate.keep({"a": Note("1")})
        assert not gate.admits(CALL)
        assert gate.waiting
        assert list(gate.released()) == []
        store.commit()
        assert bells == ["ring"]
        assert list(gate.released()) == [CALL]
        assert gate.admits(ANSWER)


def test_a_call_does_not_wait_for_deletions_but_an_answer_does(tmp_path: Path) -> None:
    with disk(tmp_path, at_once=False) as store:
        gate = Gate(store.shelves(["CP001"])[0], lambda: None)
        gate.keep({"a": Note("1")})
        store.commit()
        gate.keep({"a": None})
        assert gate.admits(CALL)
        assert not gate.admits(ANSWER)
        assert not gate.admits(CALL), "nothing overtakes"
        store.commit()
        assert list(gate.released()) == [ANSWER, CALL]


def test_what_is_put_later_holds_nothing_back_that_came_before(tmp_path: Path) -> None:
    with disk(tmp_path, at_once=False) as store:
        one, other = (Gate(shelf, lambda: None) for shelf in store.shelves(["CP001", "CP002"]))
        one.keep({"a": Note("1")})
        assert not one.admits(CALL)
        store.commit()
        one.keep({"a": Note("2")})
        assert list(one.released()) == [CALL]
        assert other.admits(CALL), "another station's records are its own affair"


def test_with_the_link_goes_what_waited_for_it(tmp_path: Path) -> None:
    with disk(tmp_path, at_once=False) as store:
        gate = Gate(store.shelves(["CP001"])[0], lambda: None)
        gate.keep({"a": Note("1")})
        gate.admits(CALL)
        gate.clear()
        store.commit()
        assert list(gate.released()) == []
        assert gate.admits(ANSWER)
