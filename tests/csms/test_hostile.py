"""Hostile stations hurt nobody but themselves."""

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evtui.csms.handlers.v201 import HANDLERS
from evtui.csms.limits import Limits, Throttle
from evtui.csms.server import Csms
from evtui.errors import NoAnswerError
from tests.csms.stations import station, until

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(b"\x00\xff", "RpcFrameworkError", id="binary"),
        pytest.param(b'[2,"1","Heartbeat",{}]', "RpcFrameworkError", id="JSON in a binary frame"),
        pytest.param("", "RpcFrameworkError", id="nothing"),
        pytest.param("{", "RpcFrameworkError", id="half an object"),
        pytest.param(DEEP, "RpcFrameworkError", id="deep JSON"),
        pytest.param('[2,"1","Heartbeat",{"a":' + DEEP + "}]", "RpcFrameworkError", id="deep JSON in a CALL"),
        pytest.param("\x1b]0;owned\x07", "RpcFrameworkError", id="an escape sequence"),
        pytest.param('[2,"1","\\u001b[2J",{}]', "NotImplemented", id="an escape sequence for an action"),
        pytest.param('[2,"1","<script>alert(1)</script>",{}]', "NotImplemented", id="HTML for an action"),
        pytest.param('[2,"1","Reset",{"type":"Immediate"}]', "NotSupported", id="a CALL for a station"),
        pytest.param('[2,"1","Heartbeat",null]', "FormatViolation", id="null for a payload"),
        pytest.param('[9,"1"]', "MessageTypeNotSupported", id="a type that does not exist"),
        pytest.param('[2,"1","Heartbeat",{"\\ud800":1}]', None, id="a lone surrogate"),
        pytest.param(f'[2,"1","Heartbeat",{{"x":{"9" * 4000}}}]', None, id="a number of 4000 digits"),
    ],
)
async def test_a_bad_frame_is_refused_and_the_connection_goes_on(
    csms: Csms, text: str | bytes, code: str | None
) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.say(text)
        kind, _, said, *_ = await link.hear()
        assert kind == 4
        assert code is None or said == code
        await link.call("Heartbeat", {})


async def test_a_frame_over_the_limit_ends_the_connection_of_that_station_alone() -> None:
    async with (
        Csms(port=0, web_port=None, limits=Limits(frame_bytes=10_000)) as csms,
        station(csms, "GREEDY") as greedy,
        station(csms) as link,
    ):
        await link.boot()
        await greedy.boot()
        await greedy.say("x" * 10_001)
        assert (await greedy.closed())[0] == 1009
        await link.call("Heartbeat", {})


async def test_a_compressed_bomb_is_as_large_as_what_is_in_it() -> None:
    async with (
        Csms(port=0, web_port=None, limits=Limits(frame_bytes=10_000)) as csms,
        station(csms, "BOMB", compression="deflate") as bomb,
    ):
        await bomb.boot()
        await bomb.say("x" * 5_000_000)
        assert (await bomb.closed())[0] == 1009


async def test_text_that_is_no_utf_8_ends_the_connection_of_that_station_alone(csms: Csms) -> None:
    async with station(csms, "GARBLED") as garbled, station(csms) as link:
        await link.boot()
        await garbled.boot()
        garbled.link.protocol.send_text(b'[2,"1","\xff",{}]')
        garbled.link.send_data()
        assert (await garbled.closed())[0] == 1007
        await until(lambda: csms.connected == ("CP001",))
        await link.call("Heartbeat", {})


async def test_of_a_station_that_does_not_wait_only_some_frames_are_read_ahead() -> None:
    async with (
        Csms(port=0, web_port=None, limits=Limits(frames_per_s=0.001, burst=1)) as csms,
        station(csms) as link,
    ):
        await link.boot()
        await link.say("[]")
        await link.hear()  # the last one for a long time
        (socket,) = csms._sockets
        for _ in range(8):
            await link.say("[]")
        await until(lambda: len(socket.inbox) == 8)
        assert socket.transport.is_reading()
        await link.say("[]")
        await until(lambda: len(socket.inbox) == 9)
        assert not socket.transport.is_reading()


@pytest.mark.parametrize("kept", [False, True])
async def test_calls_that_come_in_one_piece_are_answered_in_order_and_found_to_be_two_at_once(
    tmp_path: Path, kept: bool
) -> None:
    db = tmp_path / "csms.db"
    async with Csms(port=0, web_port=None, db=(lambda port: db) if kept else None) as csms, station(csms) as link:
        await link.boot()
        for number in range(3):
            link.link.protocol.send_text(f'[2,"call {number}","Heartbeat",{{}}]'.encode())
        link.link.transport.write(b"".join(link.link.protocol.data_to_send()))
        assert [(await link.hear())[1] for _ in range(3)] == ["call 0", "call 1", "call 2"]
        assert [(each.rule, each.count) for each in csms.findings()] == [("two-calls", 2)]


async def test_a_bug_ends_the_connection_that_meets_it_and_no_other(
    csms: Csms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*told: object) -> dict[str, Any]:
        raise RuntimeError("a bug")

    monkeypatch.setitem(cast("dict[str, Any]", HANDLERS), "Heartbeat", broken)
    async with station(csms, "UNLUCKY") as unlucky, station(csms) as link:
        await link.boot()
        await unlucky.boot()
        await unlucky.say([2, "1", "Heartbeat", {}])
        assert (await unlucky.closed())[0] == 1011
        await until(lambda: csms.connected == ("CP001",))
        await link.boot()


async def test_answers_that_nobody_asked_for_are_ignored(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.say([3, "never sent", {}])
        await link.say([4, "never sent", "GenericError", "", {}])
        await link.call("Heartbeat", {})


async def test_html_for_an_id_is_an_id_like_any_other(csms: Csms) -> None:
    async with station(csms, "%3Cscript%3Ealert(1)%3C%2Fscript%3E") as link:
        await link.boot()
        assert csms.connected == ("<script>alert(1)</script>",)


_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_actions = st.sampled_from(("BootNotification", "TransactionEvent", "MeterValues", "Heartbeat", "Nonsense"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(_json, st.tuples(st.just(2), st.text(max_size=40), _actions, _json)), max_size=8))
async def test_whatever_json_comes_the_csms_answers_the_next_station(csms: Csms, frames: list[Any]) -> None:
    async with station(csms, "FUZZ") as fuzz, station(csms, "OTHER") as other:
        await fuzz.boot()
        for frame in frames:
            await fuzz.say(json.dumps(frame))
        await other.boot()
        await fuzz.say([2, "the end", "BootNotification", {}])
        while (answer := await fuzz.hear())[1] != "the end":
            assert answer[0] in (3, 4)
        assert answer[0] == 4


async def test_a_slow_reader_does_not_stall_another_and_is_cut_off() -> None:
    async with (
        Csms(port=0, web_port=None, limits=Limits(send_timeout_s=1)) as csms,
        station(csms, "SLOW", max_queue=1) as slow,
        station(csms) as link,
        asyncio.TaskGroup() as group,
    ):
        await slow.boot()
        await link.boot()
        slow.link.transport.pause_reading()
        stuck = group.create_task(_send_much(csms))
        answered = 0
        while not stuck.done():
            await link.call("Heartbeat", {})
            answered += 1
        assert answered >= 5
        assert await stuck == "the connection of SLOW was lost"
        await link.call("Heartbeat", {})
        assert csms.connected == ("CP001",)
        slow.link.transport.abort()


async def _send_much(csms: Csms) -> str:
    try:
        await csms.call("SLOW", "DataTransfer", {"vendorId": "evtui", "data": "x" * 16_000_000}, 10)
    except NoAnswerError as error:
        return str(error)
    return "it was taken"


async def test_who_does_not_take_a_call_in_time_is_cut_off() -> None:
    async with Csms(port=0, web_port=None) as csms, station(csms, "SLOW") as slow:
        await slow.boot()
        slow.link.transport.pause_reading()
        with pytest.raises(NoAnswerError, match="did not answer"):
            await csms.call("SLOW", "DataTransfer", {"vendorId": "evtui", "data": "x" * 16_000_000}, 0.2)
        await until(lambda: not csms.connected)
        slow.link.transport.abort()


async def test_a_flood_is_slowed_down_and_the_others_are_not() -> None:
    async with (
        Csms(port=0, web_port=None, limits=Limits(frames_per_s=1, burst=50)) as csms,
        station(csms, "FLOOD") as flood,
        station(csms) as link,
    ):
        await flood.boot()
        await link.boot()
        for _ in range(2000):
            await flood.say("[]")
        for _ in range(30):
            await link.call("Heartbeat", {})
        assert 50 <= csms.books.registry.station("FLOOD").frames_received < 200
        flood.link.transport.abort()


def test_a_throttle_lets_a_burst_through_and_then_its_rate() -> None:
    throttle = Throttle(10, 3)
    assert [throttle.take(100.0, 1) for _ in range(3)] == [0, 0, 0]
    assert throttle.take(100.0, 1) == pytest.approx(0.1)
    assert throttle.take(100.1, 1) == pytest.approx(0.1)
    assert throttle.take(200.0, 1) == 0


def test_a_heavy_frame_weighs_more() -> None:
    throttle = Throttle(10, 3)
    assert throttle.take(100.0, 3) == 0
    assert throttle.take(100.0, 50) == pytest.approx(5)
