"""Rules on the wire, between a station's RPC engine and its connection: what the CSMS gets, what the station does about
it, and what is told of each frame."""

import json
from pathlib import Path

import pytest

from evtui.config_rules import RuleConfig
from evtui.engine.commands import rules as offered
from evtui.engine.door import Command, HeldRow, LinkState, RuledRow, Target, View
from evtui.ocppj.frame import Direction, Frame
from evtui.ocppj.rpc import ERROR_CODES
from evtui.ocppj.rules.rule import Deed
from tests.engine.scripted import Bench, bench


async def rule(it: Bench, action: str, *stations: str, **arguments: str) -> str:
    targets = tuple(map(Target, stations or ("CP001",)))
    given = {key.replace("_", "-"): value for key, value in {"action": action, **arguments}.items()}
    outcome = await it.door.submit(Command("add-rule", targets, given))
    assert outcome.done, outcome.text
    return outcome.text


def marked(it: Bench, action: str) -> list[Frame]:
    return [frame for frame in it.frames() if frame.note and frame.action == action]


async def held(it: Bench) -> tuple[HeldRow, ...]:
    detail = await it.door.station("CP001")
    assert detail is not None
    return detail.held


def test_what_commands_offer_is_what_rules_know() -> None:
    assert [action for action, _ in offered.ACTIONS] == list(Deed)
    assert set(offered.CODES) == ERROR_CODES["2.0.1"]
    assert set(offered.CODES) - set(offered.NOT_IN_16) <= ERROR_CODES["1.6"]
    assert not set(offered.NOT_IN_16) & ERROR_CODES["1.6"]


async def test_a_dropped_call_times_out_and_what_is_owed_is_sent_again(tmp_path: Path) -> None:
    async with bench(tmp_path, variables={"OCPPCommCtrlr.MessageTimeout[Default]": "10"}) as it:
        said = await rule(it, "drop", filter="~out & ~a TransactionEvent & ~t call", times="1")
        assert said == "CP001: rule drop: drop: ~out & ~a TransactionEvent & ~t call, 1 time"
        await it.order("start", "CP001")
        assert not it.csms.events()
        (dropped,) = marked(it, "TransactionEvent")
        assert (dropped.direction, dropped.note, dropped.pair) == (Direction.SENT, "dropped by drop", None)
        await it.advance(9.0)
        assert not it.csms.events()
        await it.advance(120.0)
        assert it.csms.events()[0]["eventType"] == "Started"
        assert it.csms.events()[0]["seqNo"] == json.loads(dropped.text)[3]["seqNo"]
        assert (await it.row()).rules == 0


async def test_a_dropped_answer_leaves_the_csms_waiting_and_the_station_going(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "drop", filter="~in & ~a Heartbeat")
        await it.advance(310.0)
        assert it.csms.actions().count("Heartbeat") == 1
        (dropped,) = marked(it, "Heartbeat")
        assert (dropped.direction, dropped.note) == (Direction.RECEIVED, "dropped by drop")
        await it.advance(40.0)
        assert (await it.row()).trouble == "Heartbeat failed (Timeout)"


async def test_delay_holds_back_what_comes_behind_and_counts_in_the_round_trip(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "delay", filter="~out & ~a Heartbeat", delay_ms="500")
        await it.advance(300.0)
        assert "Heartbeat" not in it.csms.actions()
        await it.advance(0.6)
        assert it.csms.actions()[-1] == "Heartbeat"
        assert marked(it, "Heartbeat")[0].note == "delayed 500 ms by delay"


async def test_a_duplicated_call_reaches_the_csms_twice_and_its_second_answer_is_nobodys(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "duplicate", filter="~out & ~a Heartbeat")
        await it.advance(301.0)
        assert it.csms.actions().count("Heartbeat") == 2
        first, second = marked(it, "Heartbeat")
        assert (first.note, second.note) == ("duplicated by duplicate", "duplicate")
        assert (first.pair is None, second.pair is None) == (False, True)
        assert (await it.row()).link is LinkState.ONLINE


async def test_a_duplicated_call_of_the_csms_is_answered_once_and_refused_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "duplicate", filter="~in & ~a GetVariables")
        asked = {"getVariableData": [{"component": {"name": "ClockCtrlr"}, "variable": {"name": "DateTime"}}]}
        it.csms.links["CP001"].push(json.dumps([2, "77", "GetVariables", asked]))
        await it.advance(1.0)
        assert [reply[1] for reply in it.csms.replies] == ["77", "77"]


async def test_an_edited_answer_is_what_the_station_hears_and_the_original_is_kept(tmp_path: Path) -> None:
    async with bench(tmp_path, boot=False) as it:
        await rule(it, "edit", filter="~in", find='"Accepted"', replace='"Pending"', times="1")
        await it.advance(1.0)
        assert (await it.row()).link is LinkState.PENDING
        (frame,) = marked(it, "BootNotification")
        assert frame.note == "edited by edit"
        assert '"Pending"' in frame.text
        assert '"Accepted"' in frame.original


async def test_a_corrupt_frame_of_the_csms_is_refused_as_unreadable(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "corrupt", filter="~in & ~t call")
        it.csms.links["CP001"].push(json.dumps([2, "77", "TriggerMessage", {"requestedMessage": "Heartbeat"}]))
        await it.advance(1.0)
        assert [(reply[0], reply[1], reply[2]) for reply in it.csms.replies] == [(4, "-1", "RpcFrameworkError")]


async def test_a_call_answered_with_a_callerror_never_arrives_and_fails_here(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "answer", filter="~out & ~a Heartbeat", code="InternalError")
        await it.advance(301.0)
        assert "Heartbeat" not in it.csms.actions()
        call, error = marked(it, "Heartbeat")
        assert (call.note, error.note) == ("answered with InternalError by answer", "made by a rule")
        assert (error.direction, error.pair) == (Direction.RECEIVED, call.number)
        assert (await it.row()).trouble == "Heartbeat failed (InternalError)"


async def test_a_call_of_the_csms_answered_for_the_station_never_reaches_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "answer", filter="~in", code="SecurityError")
        it.csms.links["CP001"].push(json.dumps([2, "77", "Reset", {"type": "Immediate"}]))
        await it.advance(1.0)
        assert [(reply[0], reply[1], reply[2]) for reply in it.csms.replies] == [(4, "77", "SecurityError")]
        assert (await it.row()).link is LinkState.ONLINE


async def test_the_connection_is_cut_again_and_again_and_comes_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "cut", every_s="60")
        await it.advance(59.0)
        assert (await it.row()).link is LinkState.ONLINE
        await it.advance(1.5)
        row = await it.row()
        assert row.link is not LinkState.ONLINE
        assert "cut on purpose: the rule cut cut it" in row.trouble
        await it.advance(600.0)
        assert len(it.csms.dials) > 3


async def test_a_held_frame_waits_for_a_decision_and_so_do_those_behind_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "hold", filter="~out & ~a Heartbeat")
        await it.advance(305.0)
        (frame,) = await held(it)
        assert (frame.number, frame.direction, frame.type, frame.action) == (1, "SENT", "CALL", "Heartbeat")
        assert json.loads(frame.text)[2] == "Heartbeat"
        row = await it.row()
        assert (row.rules, row.held) == (0, 1)
        assert [event.text for event in await it.events("frame-held")] == ["Heartbeat SENT"]
        view = await it.door.fleet(View(count=0, ruled=True))
        assert (view.totals.rules, view.totals.held) == (0, 1)
        assert view.ruled == (RuledRow("CP001", "2.0.1", (), (frame,)),)
        outcome = await it.order("release", "CP001")
        await it.advance(0.0)
        assert outcome.text == "CP001: Heartbeat: passed on"
        assert it.csms.actions()[-1] == "Heartbeat"
        (passed,) = marked(it, "Heartbeat")
        assert passed.note == "held 5.0 s by hold, then passed"
        assert passed.pair is not None
        after = await it.door.fleet(View(ruled=True))
        assert (after.ruled, after.totals.held) == ((), 0)


async def test_a_frame_held_for_longer_than_the_timeout_is_late_for_the_station(tmp_path: Path) -> None:
    async with bench(tmp_path, variables={"OCPPCommCtrlr.MessageTimeout[Default]": "10"}) as it:
        await rule(it, "hold", filter="~out & ~a Heartbeat")
        await it.advance(312.0)
        assert (await it.row()).trouble == "Heartbeat failed (Timeout)"
        await it.order("release", "CP001")
        await it.advance(1.0)
        assert it.csms.actions()[-1] == "Heartbeat"
        assert (await it.row()).link is LinkState.ONLINE


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"do": "edit"}, "text: say what the frame says instead"),
        ({"do": "delay"}, "delay-ms: say how long, such as 200"),
        ({"do": "delay", "delay_ms": "soon"}, "delay-ms: soon is no delay such as 200 or 200+-50"),
        ({"frame": "9"}, "frame 9 is not held: there is 1"),
        ({"frame": "x"}, "frame: x is no number"),
    ],
)
async def test_a_decision_that_cannot_be_leaves_the_frame_held(
    tmp_path: Path, arguments: dict[str, str], reason: str
) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "hold", filter="~out & ~a Heartbeat")
        await it.advance(301.0)
        given = {key.replace("_", "-"): value for key, value in arguments.items()}
        outcome = await it.door.submit(Command("release", (Target("CP001"),), given))
        assert (outcome.done, outcome.text) == (False, f"CP001: {reason}")
        assert len(await held(it)) == 1


async def test_a_held_frame_goes_with_the_power_and_that_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "hold", filter="~out & ~a Heartbeat")
        await it.advance(301.0)
        await it.order("power-cut", "CP001")
        assert await held(it) == ()
        assert marked(it, "Heartbeat")[0].note == "held 1.0 s by hold; lost with the connection"
        await it.order("power-return", "CP001", within_s=1.0)
        assert (await it.row()).link is LinkState.ONLINE


async def test_rules_stay_through_a_reconnect_and_go_when_they_are_cleared(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "delay", delay_ms="100")
        await rule(it, "hold", filter="~a Heartbeat")
        await it.order("close-connection", "CP001", within_s=1.0)
        await it.advance(60.0)
        assert (await it.row()).rules == 2
        assert (await it.door.fleet(View())).totals.rules == 2
        outcome = await it.order("clear-rules", "CP001")
        assert outcome.text == "CP001: 2 rules gone"
        assert (await it.row()).rules == 0
        assert [event.kind for event in await it.events("rule-added", "rule-removed")] == [
            "rule-added",
            "rule-added",
            "rule-removed",
            "rule-removed",
        ]


async def test_an_orderly_goodbye_waits_for_what_is_delayed(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await rule(it, "delay", filter="~out", delay_ms="300")
        await it.order("send-raw", "CP001", text='[2,"1","Heartbeat",{}]')
        outcome = await it.order("close-connection", "CP001", within_s=1.0)
        assert outcome.done
        assert '[2,"1","Heartbeat",{}]' in it.csms.texts


async def test_a_rule_for_many_stations_treats_each_by_its_own_chance(tmp_path: Path) -> None:
    async with bench(tmp_path, 3) as it:
        outcome = await it.order(
            "add-rule", "CP001", "CP002", "CP003", action="drop", chance="50", filter="~a Heartbeat"
        )
        assert outcome.text == "3 have the rule"
        await it.advance(6_000.0)
        fates = {
            station: [
                bool(frame.note) for frame in it.frames() if frame.station == station and frame.action == "Heartbeat"
            ]
            for station in ("CP001", "CP002", "CP003")
        }
        assert len({tuple(each) for each in fates.values()}) == 3
        assert all(True in each and False in each for each in fates.values())


async def test_a_secret_stays_masked_in_what_a_frame_was_and_in_what_is_held(tmp_path: Path) -> None:
    asked = {
        "setVariableData": [
            {
                "attributeValue": "a-secret-of-16-ch",
                "component": {"name": "SecurityCtrlr"},
                "variable": {"name": "BasicAuthPassword"},
            }
        ]
    }
    async with bench(tmp_path) as it:
        await rule(it, "hold", filter="~in & ~a SetVariables")
        await rule(it, "corrupt", filter="~in & ~t call")
        push = it.csms.links["CP001"].push
        push(json.dumps([2, "77", "SetVariables", asked]))
        await it.advance(1.0)
        (frame,) = await held(it)
        assert frame.masked
        assert "a-secret" not in frame.text
        await it.order("release", "CP001", do="edit", text=frame.text.replace("77", "78"))
        for number in range(20):
            push(json.dumps([2, f"8{number}", "SetVariables", asked]))
        await it.advance(1.0)
        assert len([each for each in it.frames() if each.original]) == 21
        for each in it.frames():
            assert "a-secret" not in each.text
            assert "a-sec" not in each.text
            assert "a-sec" not in each.original


async def test_what_makes_no_rule_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("add-rule", "CP001", action="drop", filter="~q")
        assert not outcome.done
        assert outcome.text.startswith("CP001: filter: ~q is no filter")
        outcome = await it.door.submit(Command("remove-rule", (Target("CP001"),), {"name": "drop"}))
        assert outcome.text == "CP001 has no rule on the wire"


async def test_rules_of_the_configuration_meet_the_first_frame_and_stations_that_come_later(tmp_path: Path) -> None:
    rules = (RuleConfig("delay", "~a BootNotification & ~out", delay_ms=2_000),)
    async with bench(tmp_path, rules=rules) as it:
        assert not it.csms.calls
        await it.advance(2.1)
        assert it.csms.actions()[0] == "BootNotification"
        assert marked(it, "BootNotification")[0].note == "delayed 2000 ms by delay"
        await it.door.submit(Command("add-stations"))
        await it.advance(1.0)
        assert not it.csms.actions("CP002")
        assert (await it.row("CP002")).rules == 1
        assert not await it.events("rule-added")
        await it.order("remove-station", "CP002", within_s=20.0)
        assert (await it.door.fleet(View())).totals.rules == 1
