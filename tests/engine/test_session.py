"""One station and its link: what goes over the wire, when it connects again, and what a hostile CSMS can do."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from evtui.engine.clock import TOGETHER_S, ManualClock
from evtui.engine.door import LinkState, View
from evtui.engine.runner import MESSAGE_TIMEOUT
from evtui.errors import ConnectError
from evtui.ocppj.endpoint import Secret
from evtui.ocppj.frame import Direction, FrameType
from tests.engine.scripted import REFUSED, CallError, Link, ScriptedCsms, bench


async def test_a_station_connects_at_once_and_boots(tmp_path: Path) -> None:
    """B01: nothing but a BootNotification before it is accepted, then the status of the connector."""
    async with bench(tmp_path) as it:
        assert it.csms.dials[0][0] == 0.0
        assert it.csms.actions()[:2] == ["BootNotification", "StatusNotification"]
        row = await it.row()
        assert (row.link, row.version, row.trouble, row.retry_at) == (LinkState.ONLINE, "2.0.1", "", None)
        kinds = [event.kind for event in await it.events("connecting", "booting", "boot", "online")]
        assert kinds == ["connecting", "booting", "boot", "online"]


async def test_the_dialled_url_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        (event,) = await it.events("connecting")
        assert event.text == "ws://csms.test/CP001"
        detail = await it.door.station("CP001")
        assert detail is not None
        assert detail.url == "ws://csms.test/CP001"


async def test_a_whole_conformant_session_goes_over_the_wire(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(3.5)
        await it.order("stop", "CP001")
        await it.order("unplug", "CP001")
        booted = it.csms.actions().index("Authorize")
        assert it.csms.actions()[booted - 1 :] == [
            "StatusNotification",
            "Authorize",
            *["TransactionEvent"] * 6,
            "StatusNotification",
        ]
        events = it.csms.events()
        assert [event["eventType"] for event in events] == ["Started", *["Updated"] * 4, "Ended"]
        assert [event["seqNo"] for event in events] == [0, 1, 2, 3, 4, 5]
        assert [event["triggerReason"] for event in events] == [
            "Authorized",
            "ChargingStateChanged",
            *["MeterValuePeriodic"] * 3,
            "StopAuthorized",
        ]


async def test_every_frame_is_recorded_as_it_was_with_what_answers_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(2)
        frames = it.frames()
        sent = [frame for frame in frames if frame.direction is Direction.SENT]
        assert [json.loads(frame.text)[2] for frame in sent] == it.csms.actions()
        assert all(frame.station == "CP001" and not frame.fault for frame in frames)
        assert all(frame.type is FrameType.CALL and frame.pair is not None for frame in sent)
        assert (await it.door.fleet(View(count=0))).totals.frames == len(frames)


def _hear_later(clock: ManualClock, heard: Callable[[float], None]) -> None:
    """As if much had come."""
    came_s = clock.now().elapsed_s
    clock.call_at(came_s + TOGETHER_S, lambda: heard(came_s))


def _on_its_way(delay_s: float) -> AbstractContextManager[Any]:
    """Each frame of the CSMS takes so long."""
    push = Link.push

    def later(link: Link, text: str | bytes) -> None:
        clock = link.csms.clock
        clock.call_at(clock.now().elapsed_s + delay_s, lambda: push(link, text))

    return patch.object(Link, "push", later)


async def test_an_answer_that_is_heard_later_together_with_others_tells_when_it_came(tmp_path: Path) -> None:
    with patch.object(ManualClock, "hear", _hear_later):
        async with bench(tmp_path) as it:
            await it.order("start", "CP001")
            await it.advance(2)
            frames, totals = it.frames(), (await it.door.fleet(View(count=0))).totals
    answered = [(call, answer) for call, answer in pairwise(frames) if answer.type is FrameType.CALLRESULT]
    assert len(answered) >= 6
    for call, answer in answered:
        assert answer.at == pytest.approx(call.at, abs=1e-6)
        assert answer.rtt_s == pytest.approx(0.0, abs=1e-5)
    assert totals.rtt_p99_s is not None
    assert totals.rtt_p99_s < TOGETHER_S / 2
    assert frames[-1].direction is Direction.SENT, "whose answer has come, and is not heard yet"


async def test_no_answer_is_told_to_have_come_before_its_call(tmp_path: Path) -> None:
    """What came first was taken before it was to be heard, as something else rang."""
    with patch.object(ManualClock, "hear", _hear_later), _on_its_way(0.001):
        async with bench(tmp_path) as it:
            await it.advance(1.0)
            known, link = len(it.frames()), it.csms.links["CP001"]
            link.push(json.dumps([2, "q1", "TriggerMessage", {"requestedMessage": "LogStatusNotification"}]))
            await it.advance(0.007)
            sent = await it.order("send", "CP001", within_s=1, action="Heartbeat", payload="{}")
            frames = it.frames()[known:]
    assert " -" not in sent.text
    assert [frame.at for frame in frames] == sorted(frame.at for frame in frames)


async def test_with_rules_on_the_wire_an_answer_in_time_is_heard_in_time(tmp_path: Path) -> None:
    with patch.object(ManualClock, "hear", _hear_later):
        async with bench(tmp_path, variables={MESSAGE_TIMEOUT: "1"}) as it:
            await it.advance(1.0)
            await it.order("add-rule", "CP001", action="delay", delay_ms="1", chance="0.000001")
            with _on_its_way(0.995):
                await it.order("start", "CP001", within_s=10)
            unanswered = it.fleet.board.pace.round_trips.unanswered
    assert unanswered == 0


async def test_an_idle_station_sends_a_heartbeat_when_it_is_due(tmp_path: Path) -> None:
    """G02, with the interval of the BootNotificationResponse."""
    async with bench(tmp_path) as it:
        await it.advance(301)
        assert it.csms.actions().count("Heartbeat") == 1


# -- connecting again -----------------------------------------------------------------------------


async def test_a_refused_station_backs_off_with_doubling_waits(tmp_path: Path) -> None:
    """OCPP-J 5.3, ERR-201 4.12: at least the minimum before the first attempt again, doubled each time, capped."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = REFUSED

    async with bench(tmp_path, before=prepare, variables=_BACKOFF) as it:
        await it.advance(60)
        at = [elapsed_s for elapsed_s, _ in it.csms.dials]
        waits = [round(later - earlier, 6) for earlier, later in pairwise(at)]
        assert waits[:5] == [2.0, 4.0, 8.0, 8.0, 8.0]


async def test_variables_of_zero_do_not_make_it_hammer(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = REFUSED

    nothing = dict.fromkeys(_BACKOFF, "0")
    async with bench(tmp_path, before=prepare, variables=nothing) as it:
        await it.advance(1)
        assert len(it.csms.dials) <= 11


async def test_while_it_waits_the_row_tells_why_and_until_when(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = REFUSED

    async with bench(tmp_path, before=prepare, variables=_BACKOFF) as it:
        row = await it.row()
        assert row.link is LinkState.WAITING
        assert row.retry_at == it.clock.now().utc.timestamp() + 2.0
        assert row.trouble == "connection refused (tcp): start the CSMS"
        (event,) = await it.events("waiting")
        assert event.text == "connection refused (tcp): start the CSMS; next attempt in 2 s"


async def test_a_101_without_a_subprotocol_is_a_refusal(tmp_path: Path) -> None:
    """OCPP-J 3.1.2."""

    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = ConnectError("subprotocol", "no common subprotocol", "it must speak ocpp2.0.1")

    async with bench(tmp_path, before=prepare) as it:
        row = await it.row()
        assert row.link is LinkState.WAITING
        assert "(subprotocol)" in row.trouble


async def test_trouble_is_over_once_the_connection_stands(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = REFUSED

    async with bench(tmp_path, before=prepare, variables=_BACKOFF) as it:
        it.csms.refusal = None
        await it.advance(2)
        row = await it.row()
        assert (row.link, row.trouble, row.retry_at) == (LinkState.ONLINE, "", None)


async def test_after_a_lost_link_it_waits_before_the_first_attempt_and_does_not_boot_again(tmp_path: Path) -> None:
    """TC_B_57; no BootNotification on a plain reconnect (OCPP-J 5.3)."""
    async with bench(tmp_path, variables=_BACKOFF) as it:
        it.csms.links["CP001"].cut("the CSMS closed the connection (1001)")
        await it.advance(0)
        row = await it.row()
        assert row.link is LinkState.WAITING
        assert row.trouble == "the CSMS closed the connection (1001)"
        await it.advance(1.9)
        assert len(it.csms.dials) == 1
        await it.advance(0.2)
        assert len(it.csms.dials) == 2
        assert (await it.row()).link is LinkState.ONLINE
        assert it.csms.actions().count("BootNotification") == 1


async def test_the_back_off_begins_anew_after_a_connection(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = REFUSED

    async with bench(tmp_path, before=prepare, variables=_BACKOFF) as it:
        await it.advance(7)
        it.csms.refusal = None
        await it.advance(10)
        it.csms.links["CP001"].cut()
        cut_s = it.clock.now().elapsed_s
        await it.advance(5)
        assert it.csms.dials[-1][0] == cut_s + 2.0


async def test_a_station_that_hangs_while_connecting_still_takes_commands(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.hangs = True

    async with bench(tmp_path, before=prepare) as it:
        assert (await it.row()).link is LinkState.CONNECTING
        assert (await it.order("plug-in", "CP001")).done
        assert (await it.evse()).plugged


# -- sessions without a link ----------------------------------------------------------------------


async def test_a_session_goes_on_without_a_link_and_is_delivered_in_order(tmp_path: Path) -> None:
    """E04, E11.FR.07: what happened offline is queued, sent in order after the link is back, and says offline."""
    async with bench(tmp_path, variables=_BACKOFF) as it:
        await it.order("start", "CP001")
        await it.advance(3)
        online = len(it.csms.events())
        energy_wh = (await it.evse()).energy_wh
        it.csms.refusal = REFUSED
        it.csms.links["CP001"].cut()
        await it.advance(5)
        row = await it.row()
        assert row.evses[0].charging_state == "Charging"
        assert row.evses[0].energy_wh > energy_wh
        assert row.queued >= 5
        it.csms.refusal = None
        await it.advance(10)
        events = it.csms.events()
        assert [event["seqNo"] for event in events] == list(range(len(events)))
        offline = [event.get("offline", False) for event in events]
        assert not any(offline[:online])
        assert all(offline[online : online + 5])
        assert not offline[-1]
        assert (await it.row()).queued == 0


async def test_a_call_that_the_link_took_away_is_sent_again(tmp_path: Path) -> None:
    """E13: a lost link costs no attempt, and no seqNo is skipped or doubled by it."""
    async with bench(tmp_path, variables=_BACKOFF) as it:
        it.csms.answers["TransactionEvent"] = lambda payload: None
        await it.order("start", "CP001")
        assert [event["seqNo"] for event in it.csms.events()] == [0]
        it.csms.links["CP001"].cut()
        del it.csms.answers["TransactionEvent"]
        await it.advance(3)
        assert [event["seqNo"] for event in it.csms.events()][:3] == [0, 0, 1]


async def test_a_call_without_an_answer_times_out_and_says_so(tmp_path: Path) -> None:
    """OCPP-J 4.1.1: MessageTimeout of the device model."""
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: None
        await it.order("plug-in", "CP001")
        outcome = await it.order("authorize", "CP001", within_s=10)
        assert outcome.text == "CP001: presented; the CSMS has not answered within 10 s"
        await it.advance(21)
        assert (await it.row()).trouble == "Authorize: no answer within 30 s"
        (event,) = await it.events("refused")
        assert "Timeout" in event.text


async def test_a_call_error_is_told_and_the_station_goes_on(tmp_path: Path) -> None:
    def fail(payload: dict[str, Any]) -> None:
        raise CallError("InternalError", "\x1b[2Jboom")

    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = fail
        outcome = await it.order("start", "CP001")
        assert not outcome.done
        row = await it.row()
        assert row.link is LinkState.ONLINE
        assert row.trouble.startswith("Authorize: InternalError")
        assert row.trouble.isprintable()
        del it.csms.answers["Authorize"]
        assert (await it.order("start", "CP001")).done


# -- what a CSMS may send -------------------------------------------------------------------------


async def test_a_pending_or_rejected_station_says_so(tmp_path: Path) -> None:
    """B02, B03."""
    for status, link in (("Pending", LinkState.PENDING), ("Rejected", LinkState.REJECTED)):

        def prepare(csms: ScriptedCsms, status: str = status) -> None:
            now = csms.clock.now().utc.isoformat()
            csms.answers["BootNotification"] = lambda payload: {"currentTime": now, "interval": 60, "status": status}

        async with bench(tmp_path / status, before=prepare) as it:
            assert (await it.row()).link is link
            assert it.csms.actions() == ["BootNotification"]
            del it.csms.answers["BootNotification"]
            await it.advance(60)
            assert (await it.row()).link is LinkState.ONLINE


async def test_a_request_that_the_version_knows_is_not_supported_and_another_not_implemented(tmp_path: Path) -> None:
    """OCPP-J 4.3."""
    async with bench(tmp_path) as it:
        link = it.csms.links["CP001"]
        link.push('[2,"a","SetChargingProfile",{}]')
        link.push('[2,"b","MakeCoffee",{}]')
        await it.advance(0)
        assert [(reply[0], reply[1], reply[2]) for reply in it.csms.replies] == [
            (4, "a", "NotSupported"),
            (4, "b", "NotImplemented"),
        ]


@pytest.mark.parametrize("boot", ["Rejected", None])
async def test_a_request_before_acceptance_is_a_security_error(tmp_path: Path, boot: str | None) -> None:
    """B01.FR.10, B03.FR.08."""

    def prepare(csms: ScriptedCsms) -> None:
        now = csms.clock.now().utc.isoformat()
        answer = {"currentTime": now, "interval": 60, "status": boot}
        csms.answers["BootNotification"] = lambda payload: answer if boot else None

    async with bench(tmp_path, before=prepare) as it:
        it.csms.links["CP001"].push('[2,"a","GetLocalListVersion",{}]')
        it.csms.links["CP001"].push('[2,"b","MakeCoffee",{}]')
        await it.advance(0)
        assert [reply[:3] for reply in it.csms.replies] == [[4, "a", "SecurityError"], [4, "b", "SecurityError"]]


async def test_a_new_password_counts_at_once_and_is_never_recorded(tmp_path: Path) -> None:
    """A01: answered, then dialled again with it, without back-off."""
    row = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "attributeValue": "correct horse battery",
    }
    async with bench(tmp_path) as it:
        it.csms.links["CP001"].push(json.dumps([2, "a", "SetVariables", {"setVariableData": [row]}]))
        await it.advance(0)
        assert it.csms.replies[0][2]["setVariableResult"][0]["attributeStatus"] == "Accepted"
        (_, first), (_, second) = it.csms.dials
        assert first.password is None
        assert second.password == Secret("correct horse battery")
        assert second.username == "CP001"
        assert (await it.row()).link is LinkState.ONLINE
        assert it.csms.actions().count("BootNotification") == 1
        assert "horse" not in repr(it.frames())
        assert "horse" not in repr(await it.events())
        assert "horse" not in repr(await it.door.station("CP001"))


async def test_a_pending_station_answers_as_an_accepted_one(tmp_path: Path) -> None:
    """B02.FR.02."""

    def prepare(csms: ScriptedCsms) -> None:
        now = csms.clock.now().utc.isoformat()
        csms.answers["BootNotification"] = lambda payload: {"currentTime": now, "interval": 60, "status": "Pending"}

    async with bench(tmp_path, before=prepare) as it:
        it.csms.links["CP001"].push('[2,"a","MakeCoffee",{}]')
        await it.advance(0)
        assert it.csms.replies[0][:3] == [4, "a", "NotImplemented"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x1b]0;owned\x07",
        "[" * 100_000,
        "[2]",
        "{}",
        '[3,"nobody",{}]',
        '[4,"nobody","GenericError","",{}]',
        '[99,"a",{}]',
        '[2,"a","Reset",{"type":5}]',
        "\ud800",
        b"\x00\xff",
        '[2,"a","[red]Reset[/red]",{}]',
        "9" * 5000,
    ],
)
async def test_no_text_whatsoever_disturbs_a_session(tmp_path: Path, text: str | bytes) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        it.csms.links["CP001"].push(text)
        await it.advance(2)
        assert (await it.evse()).charging_state == "Charging"
        assert (await it.row()).link is LinkState.ONLINE
        assert not await it.events("crashed")
        assert any(frame.fault for frame in it.frames())


async def test_an_answer_with_a_field_too_many_is_marked_but_taken(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: {"idTokenInfo": {"status": "Accepted"}, "extra": 1}
        assert (await it.order("start", "CP001")).done
        (marked,) = [frame for frame in it.frames() if frame.fault]
        assert (marked.action, marked.fault) == ("Authorize", "extra: is no field of this message")


async def test_an_answer_that_cannot_be_understood_is_a_failure(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["Authorize"] = lambda payload: {"idTokenInfo": {"status": "Perhaps"}}
        outcome = await it.order("start", "CP001")
        assert not outcome.done
        assert "Authorize" in (await it.row()).trouble


async def test_an_identifier_that_is_no_unicode_fails_alone(tmp_path: Path) -> None:
    async with bench(tmp_path, id_token="\udcff") as it:
        assert not (await it.order("start", "CP001")).done
        assert (await it.row()).link is LinkState.ONLINE
        assert (await it.order("authorize", "CP001", id_token="GOOD")).done


# -- secrets --------------------------------------------------------------------------------------


async def test_a_key_code_never_reaches_a_frame_an_event_or_a_view(tmp_path: Path) -> None:
    """C04.FR.04."""
    async with bench(tmp_path, id_token="7391-4628", id_token_type="KeyCode") as it:
        await it.order("start", "CP001")
        await it.advance(1)
        assert any("7391-4628" in json.dumps(call) for call in it.csms.calls)
        frames = it.frames()
        assert not any("7391-4628" in frame.text for frame in frames)
        assert any(frame.masked for frame in frames)
        assert not any("7391-4628" in event.text for event in await it.events())
        assert "7391-4628" not in repr(await it.door.station("CP001"))


_BACKOFF = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "2",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "2",
}


async def test_a_network_that_takes_nothing_at_once_is_waited_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.links["CP001"].full = True
        await it.order("plug-in", "CP001")
        outcome = await it.order("start", "CP001")
        assert outcome.done
        assert it.csms.actions("CP001").count("TransactionEvent") >= 1


async def test_many_frames_at_once_do_not_keep_others_waiting(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        link, turns = it.csms.links["CP001"], 0
        for number in range(100):
            link._coming.append(f'[3,"nobody {number}",{{}}]')
        link._ring()
        while link.ready:
            turns += 1
            await asyncio.sleep(0)
        assert 100 // 20 - 1 <= turns <= 100 // 20 + 1
