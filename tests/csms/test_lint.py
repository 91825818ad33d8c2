"""The linter: a table of stations that do one thing wrong, and what is found of each; and of those that do nothing."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.lint.findings import MOST_OF_STATION, RULES, Finding, Findings
from evtui.csms.lint.linter import Judge, Linter
from evtui.csms.lint.registers import Registers
from evtui.csms.lint.report import junit, report_of
from evtui.csms.lint.seen import Seen
from evtui.csms.lint.transactions import Transactions
from evtui.csms.policy import Misbehaviour, Policy
from evtui.csms.server import Csms
from evtui.errors import NoAnswerError
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.received import FrameMeta, Outgoing
from tests.csms.stations import RawStation, station, until
from tests.program import Household

TOKEN = {"idToken": "A", "type": "Central"}
ON_1 = {"evse": {"id": 1, "connectorId": 1}}
KNOWN = {"ongoingIndicator": True, "messagesInQueue": False}
LOST = {"ongoingIndicator": False, "messagesInQueue": False}


def values(energy_wh: float, context: str, second: int) -> dict[str, Any]:
    sample = {"value": energy_wh, "context": context}
    return {"meterValue": [{"timestamp": f"2026-01-02T03:04:{second:02}Z", "sampledValue": [sample]}]}


def event(
    seq_no: int, kind: str, trigger: str, transaction_id: str = "T1", info: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "eventType": kind,
        "timestamp": f"2026-01-02T03:04:{seq_no:02}Z",
        "triggerReason": trigger,
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": transaction_id, **(info or {})},
        **more,
    }


def started(transaction_id: str = "T1", energy_wh: float = 1000, seq_no: int = 0, **more: Any) -> dict[str, Any]:
    facts = {"idToken": TOKEN, **ON_1, **values(energy_wh, "Transaction.Begin", seq_no), **more}
    return event(seq_no, "Started", "Authorized", transaction_id, {"chargingState": "EVConnected"}, **facts)


def updated(seq_no: int, energy_wh: float, context: str = "Sample.Periodic", /, **more: Any) -> dict[str, Any]:
    return event(seq_no, "Updated", "MeterValuePeriodic", **{**values(energy_wh, context, seq_no), **more})


def ended(seq_no: int = 3, energy_wh: float = 1300, context: str = "Transaction.End", **more: Any) -> dict[str, Any]:
    facts = {"idToken": TOKEN, **values(energy_wh, context, seq_no), **more}
    info = {"chargingState": "EVConnected", "stoppedReason": "Local"}
    return event(seq_no, "Ended", "StopAuthorized", info=info, **facts)


SESSION = (started(), updated(1, 1100), updated(2, 1200), ended())


def test_the_rules_keep_no_frame_of_a_station() -> None:
    """It would weigh kilobytes, for each station that is connected."""
    judge, payload = Linter().judge("CP001", "2.0.1"), started()
    before = sys.getrefcount(payload)
    judge.station(Seen(1, 1.0, FrameType.CALL, "TransactionEvent", "id-1", payload))
    after = sys.getrefcount(payload)
    assert after == before


def test_a_message_that_came_too_early_is_named_by_its_own_frame() -> None:
    judge = Linter().judge("CP001", "2.0.1")
    judge.station(Seen(7, 1.0, FrameType.CALL, "Heartbeat", "id-1", {}))
    refusal = FrameMeta(FrameType.CALLERROR, "Heartbeat", "id-1")
    judge.csms(Outgoing('[4,"id-1","SecurityError","",{}]', refusal), 8, 2.0, True)
    (finding,) = judge.findings
    assert (finding.rule, finding.frame, finding.first_at) == ("boot-missing", 7, 1.0)


def tells(*events: dict[str, Any]) -> "Play":
    """A station that boots and sends these TransactionEvents."""

    async def play(csms: Csms, link: RawStation) -> None:
        await link.boot()
        for each in events:
            await link.call("TransactionEvent", each)

    return play


Play = Callable[[Csms, RawStation], Awaitable[None]]


async def _two_at_once(csms: Csms, link: RawStation) -> None:
    await link.boot()
    for message_id in ("1a", "1b"):
        await link.say([2, message_id, "Heartbeat", {}])
    for _ in range(2):
        await link.hear()


async def _schema(csms: Csms, link: RawStation) -> None:
    await link.boot()
    await link.ask("StatusNotification", {"connectorStatus": "Perhaps"})


async def _bad_result(csms: Csms, link: RawStation) -> None:
    await link.boot()
    call = asyncio.ensure_future(csms.call("CP001", "ClearCache", {}))
    message_id = (await link.hear())[1]
    await link.say([3, message_id, {"status": "Perhaps"}])
    await asyncio.wait((call,))
    call.exception()


async def _unreadable(csms: Csms, link: RawStation) -> None:
    await link.boot()
    await link.say("{")
    await link.hear()


async def _id_reused(csms: Csms, link: RawStation) -> None:
    await link.boot()
    for payload in ({"idToken": TOKEN}, {"idToken": {**TOKEN, "idToken": "B"}}):
        await link.say([2, "same", "Authorize", payload])
        await link.hear()


async def _stray(csms: Csms, link: RawStation) -> None:
    await link.boot()
    await link.say([3, "never asked", {}])
    await link.call("Heartbeat", {})


async def _silent(csms: Csms, link: RawStation) -> None:
    await link.boot()
    with pytest.raises(NoAnswerError):
        await csms.call("CP001", "ClearCache", {}, timeout=0.05)


async def _no_boot(csms: Csms, link: RawStation) -> None:
    await link.ask("Authorize", {"idToken": TOKEN})
    trigger = await link.hear()
    await link.say([3, trigger[1], {"status": "Accepted"}])
    await link.boot()


async def _pending(csms: Csms, link: RawStation) -> None:
    csms.set_policy(Policy("Pending", interval_s=0))
    await link.boot()
    await link.ask("Authorize", {"idToken": TOKEN})


async def _impatient(csms: Csms, link: RawStation) -> None:
    csms.set_policy(Policy("Rejected", interval_s=60))
    await link.boot()
    await link.boot()


def _asked_about(answer: dict[str, Any]) -> Play:
    async def play(csms: Csms, link: RawStation) -> None:
        await tells(*SESSION[:2])(csms, link)
        call = asyncio.ensure_future(csms.call("CP001", "GetTransactionStatus", {"transactionId": "T1"}))
        await link.say([3, (await link.hear())[1], answer])
        await call

    return play


async def _superseded(csms: Csms, link: RawStation) -> None:
    await tells(started("T1"), started("T2", 1100, seq_no=0))(csms, link)
    await link.say([3, (await link.hear())[1], LOST])
    await link.call("Heartbeat", {})


def _measures(context: str) -> Play:
    async def play(csms: Csms, link: RawStation) -> None:
        await link.boot()
        await link.call("MeterValues", {"evseId": 1, **values(1, context, 1)})

    return play


RIGHT: dict[str, Play] = {
    "a session": tells(*SESSION),
    "two sessions, one after the other": tells(*SESSION, started("T2", 1300, **values(1300, "Transaction.Begin", 4))),
    "a question about one that runs": _asked_about(KNOWN),
    "aligned values": _measures("Sample.Clock"),
    "no meter at all": tells(
        {name: value for name, value in started().items() if name != "meterValue"},
        {name: value for name, value in ended(1).items() if name != "meterValue"},
    ),
}

WRONG: dict[str, tuple[Play, str, str]] = {
    "two CALLs at once": (_two_at_once, "two-calls", "Heartbeat"),
    "a payload that breaks the schema": (_schema, "schema", "StatusNotification"),
    "an answer that breaks the schema": (_bad_result, "schema", "ClearCache"),
    "half a frame": (_unreadable, "unreadable", "UNREADABLE"),
    "an id of another message": (_id_reused, "id-reused", "Authorize"),
    "an answer to nothing": (_stray, "stray-answer", "CALLRESULT"),
    "no answer": (_silent, "no-answer", "ClearCache"),
    "no boot": (_no_boot, "boot-missing", "Authorize"),
    "a message while Pending": (_pending, "not-accepted", "Authorize"),
    "a boot that does not wait": (_impatient, "boot-too-soon", "BootNotification"),
    "no Started": (tells({**updated(0, 1000), **ON_1}, ended(1)), "started-missing", "T1"),
    "Started twice": (
        tells(started(), event(1, "Started", "ChargingStateChanged", info={"chargingState": "Charging"})),
        "started-twice",
        "T1",
    ),
    "something after the end": (tells(*SESSION, updated(4, 1400)), "after-end", "T1"),
    "one that never ends": (_superseded, "never-ended", "T1"),
    "one that its station has forgotten": (_asked_about(LOST), "never-ended", "T1"),
    "a gap": (tells(started(), updated(2, 1200)), "seq-gap", "T1"),
    "a late event": (tells(started(), updated(1, 1100), updated(3, 1300), updated(2, 1200)), "seq-gap+seq-order", "T1"),
    "a seqNo that does not begin with 0": (tells(started(seq_no=1), updated(2, 1200)), "seq-gap", "T1"),
    "one seqNo, two events": (tells(started(), updated(1, 1100), updated(1, 1200)), "seq-repeat", "T1"),
    "an event that was answered already": (tells(started(), updated(1, 1100), updated(1, 1100)), "seq-repeat", "T1"),
    "no chargingState": (tells(event(0, "Started", "CablePluggedIn")), "state-missing", "T1"),
    "the EVSE again": (tells(started(), {**updated(1, 1100), **ON_1}), "evse-repeated", "T1"),
    "a reason of an end at the start": (
        tells(event(0, "Started", "RemoteStop", info={"chargingState": "EVConnected"})),
        "trigger-unfit",
        "T1",
    ),
    "RemoteStart without its id": (
        tells(event(0, "Started", "RemoteStart", info={"chargingState": "EVConnected"})),
        "trigger-unfit",
        "T1",
    ),
    "periodic values without values": (
        tells(started(), event(1, "Updated", "MeterValuePeriodic")),
        "trigger-unfit",
        "T1",
    ),
    "a stoppedReason of another end": (
        tells(started(), event(1, "Ended", "RemoteStop", info={"stoppedReason": "Local"})),
        "stopped-reason",
        "T1",
    ),
    "a register that falls": (tells(started(), updated(1, 1100), updated(2, 1050)), "energy-falls", "EVSE 1"),
    "a register that begins anew": (tells(started(), updated(1, 0)), "energy-falls", "EVSE 1"),
    "more than a charger gives": (tells(started(), updated(1, 2_000_000)), "energy-jumps", "EVSE 1"),
    "no Transaction.Begin": (
        tells(started(**values(1000, "Sample.Periodic", 0)), ended(1)),
        "begin-missing",
        "T1",
    ),
    "Transaction.Begin twice": (tells(started(), updated(1, 1100, "Transaction.Begin")), "begin-repeated", "T1"),
    "no Transaction.End": (tells(*SESSION[:3], ended(context="Sample.Periodic")), "end-missing", "T1"),
    "a clock's context in periodic values": (tells(started(), updated(1, 1100, "Sample.Clock")), "wrong-context", "T1"),
    "values of a transaction in MeterValues": (_measures("Sample.Periodic"), "wrong-context", "MeterValues"),
}


async def judged(play: Play, version: str = "ocpp2.0.1") -> tuple[Finding, ...]:
    async with Csms(port=0, web_port=None) as csms, station(csms, subprotocols=(version,)) as link:
        await play(csms, link)
        return csms.findings("CP001")


@pytest.mark.parametrize("what", RIGHT)
async def test_of_a_station_that_does_nothing_wrong_nothing_is_found(what: str) -> None:
    assert await judged(RIGHT[what]) == ()


async def test_a_finding_names_the_frame_of_the_station(csms: Csms) -> None:
    async with station(csms) as link:
        await link.ask("Authorize", {"idToken": TOKEN})
        (found,) = csms.findings()
        (frame,) = (each for each in csms.tap.newest(9) if each.number == found.frame)
        assert (frame.action, frame.direction) == ("Authorize", Direction.SENT)


async def test_a_jump_of_energy_names_the_speed_that_it_is_measured_by() -> None:
    (found,) = await judged(WRONG["more than a charger gives"][0])
    assert found.text.endswith("is too much at 1 times the speed of life")


@pytest.mark.parametrize("what", WRONG)
async def test_of_what_is_wrong_exactly_that_is_found(what: str) -> None:
    play, rules, subject = WRONG[what]
    found = await judged(play)
    assert [(each.rule, each.subject, each.count) for each in found] == [
        (rule, subject, 1) for rule in rules.split("+")
    ]
    assert [each.requirement for each in found] == [RULES[rule].requirement for rule in rules.split("+")]


# -- 1.6 ------------------------------------------------------------------------------------------

OLD_BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
STAMP = "2026-01-02T03:04:0{}Z"


async def _start(link: RawStation, meter_wh: int = 100, second: int = 0, connector: int = 1) -> int:
    request = {"connectorId": connector, "idTag": "A", "meterStart": meter_wh, "timestamp": STAMP.format(second)}
    answer = await link.call("StartTransaction", request)
    return int(answer["transactionId"])


async def _stop(link: RawStation, number: int, meter_wh: int = 200, second: int = 5) -> None:
    await link.call(
        "StopTransaction", {"transactionId": number, "meterStop": meter_wh, "timestamp": STAMP.format(second)}
    )


async def _sample(link: RawStation, number: int | None, meter_wh: int, second: int) -> None:
    meter_value = [{"timestamp": STAMP.format(second), "sampledValue": [{"value": f"{meter_wh}"}]}]
    request = {"connectorId": 1, "meterValue": meter_value}
    await link.call("MeterValues", request if number is None else {**request, "transactionId": number})


async def _old_session(link: RawStation) -> int:
    await link.call("BootNotification", OLD_BOOT)
    number = await _start(link)
    await _sample(link, number, 150, 2)
    await _stop(link, number)
    return number


async def _old_right(csms: Csms, link: RawStation) -> None:
    number = await _old_session(link)
    await _stop(link, number)  # told again: its answer may have been lost
    await _stop(link, -1, 300, 8)
    await _sample(link, None, 400, 9)


async def _old_after_end(csms: Csms, link: RawStation) -> None:
    await _sample(link, await _old_session(link), 250, 6)


async def _old_unknown_values(csms: Csms, link: RawStation) -> None:
    await _old_session(link)
    await _sample(link, 42, 250, 6)


async def _old_unknown_stop(csms: Csms, link: RawStation) -> None:
    await _old_session(link)
    await _stop(link, 42)


async def _old_falls(csms: Csms, link: RawStation) -> None:
    await link.call("BootNotification", OLD_BOOT)
    await _stop(link, await _start(link, 500), 400)


async def _old_rebased(csms: Csms, link: RawStation) -> None:
    await _old_session(link)
    await _start(link, 0, 9)


async def _old_never_ended(csms: Csms, link: RawStation) -> None:
    await link.call("BootNotification", OLD_BOOT)
    await _start(link)
    await _start(link, 200, 1)


async def _old_no_boot(csms: Csms, link: RawStation) -> None:
    await link.ask("Authorize", {"idTag": "A"})


@pytest.mark.parametrize(
    ("play", "rules"),
    [
        (_old_right, []),
        (_old_after_end, ["after-end"]),
        (_old_unknown_values, ["wrong-transaction"]),
        (_old_unknown_stop, ["wrong-transaction"]),
        (_old_falls, ["energy-falls"]),
        (_old_rebased, ["energy-falls"]),
        (_old_never_ended, ["never-ended"]),
        (_old_no_boot, ["boot-missing"]),
    ],
)
async def test_of_a_1_6_station_exactly_what_is_wrong_is_found(play: Play, rules: list[str]) -> None:
    assert [each.rule for each in await judged(play, "ocpp1.6")] == rules


# -- whose fault it is not ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["callerror", "wrong id", "invalid"])
async def test_a_station_is_not_blamed_for_trying_again_what_the_csms_answered_wrongly(kind: Any) -> None:
    async with Csms(port=0, web_port=None) as csms, station(csms) as link:
        await link.boot()
        csms.set_policy(Policy(misbehaviour=(Misbehaviour(kind, code="SecurityError"),)), "CP001")
        await link.say([2, "first", "TransactionEvent", started()])
        await until(lambda: csms.books.registry.station("CP001").answers == 2)
        csms.set_policy(None, "CP001")
        await link.say([2, "second", "TransactionEvent", started(offline=True)])
        while (await link.hear())[1] != "second":
            pass
        await link.call("TransactionEvent", updated(1, 1100))
        assert csms.findings() == ()


async def test_a_transaction_that_ran_before_this_csms_began_may_go_on() -> None:
    async with Csms(port=0, web_port=None) as first, station(first) as link:
        await tells(*SESSION[:2])(first, link)
    async with Csms(port=0, web_port=None, books=first.books) as second, station(second) as link:
        await link.call("TransactionEvent", updated(2, 1200))
        await link.call("TransactionEvent", ended())
        assert second.findings() == ()


async def test_a_fast_physics_is_known() -> None:
    async with Csms(port=0, web_port=None, speed=60) as fast, station(fast) as link:
        await tells(started(), updated(1, 1000 + 30_000))(fast, link)
        assert fast.findings() == ()


@pytest.mark.parametrize("version", ["2.0.1", "1.6"])
@pytest.mark.parametrize("flow", ["conformant", "classic"])
async def test_of_our_own_stations_nothing_is_found(house: Household, version: str, flow: str) -> None:
    """They say in the handshake how much faster than life their physics runs."""
    async with Csms(port=0, web_port=None) as csms:
        pace = ("--duration", "3", "--speed", "3600")
        arguments = ("--stations", "2", "--ocpp", version, "--flow", flow, "--sessions", "2", *pace)
        done = await asyncio.to_thread(house.run, "run", "--csms-url", csms.url, *arguments)
        assert done.returncode == 0, done.stderr
        assert csms.findings() == ()
        assert sorted(csms.linter.stations) == ["CP001", "CP002"]
        assert len(csms.books.transactions) == 4


# -- bounds and the report ------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(sorted(RULES)), st.text(max_size=8)), max_size=600))
def test_findings_are_counted_and_bounded(told: list[tuple[str, str]]) -> None:
    findings = Findings()
    for number, (rule, subject) in enumerate(told):
        findings.add("CP001", rule, subject, "text", number, float(number))
    assert sum(each.count for each in findings) == len(told)
    assert len(findings) <= MOST_OF_STATION + len(RULES)
    assert all(each.subject.isprintable() for each in findings)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e9)), max_size=30))
def test_a_register_that_only_rises_never_falls_in_whatever_order_it_is_read(points: list[tuple[float, float]]) -> None:
    told: list[str] = []
    registers = Registers(1.0)
    rising = dict(zip(sorted(at for at, _ in points), sorted(wh for _, wh in points), strict=True))
    seen = Seen(0, 0.0, FrameType.CALL, "MeterValues", "1", {})
    for at, _ in points:
        registers.read(1, at, rising[at], seen, lambda rule, *_: told.append(rule))
    assert "energy-falls" not in told


async def test_a_hostile_station_has_bounded_and_printable_findings() -> None:
    async with Csms(port=0, web_port=None) as csms, station(csms, "%3Cscript%3E") as link:
        await link.boot()
        for number in range(MOST_OF_STATION + 50):
            transaction_id = f"\u202e<b>{number}"
            await link.call("TransactionEvent", event(0, "Updated", "Trigger", transaction_id))
        found = csms.findings()
        assert len(found) == MOST_OF_STATION + 1
        assert (found[-1].subject, found[-1].count) == ("", 50)
        report = csms.report()
    assert all(each.text.isprintable() and each.subject.isprintable() for each in found)
    suite = ElementTree.fromstring(junit(report)).find("testsuite")
    assert suite is not None
    assert suite.get("name") == "<script>"


def _finding(rule: str, text: str) -> Finding:
    return Finding("CP001", rule, RULES[rule].requirement, RULES[rule].severity, "T1", text, 7, 1.0, 2.0, 3)


def test_a_report_as_junit_has_a_case_for_each_rule() -> None:
    report = report_of(("CP001", "CP002"), (_finding("energy-falls", "\x1b[2J"), _finding("seq-gap", "a gap")), 0.0)
    first, second = ElementTree.fromstring(junit(report)).findall("testsuite")
    assert (first.get("tests"), first.get("failures")) == (f"{len(RULES)}", "1")
    assert (second.get("tests"), second.get("failures")) == (f"{len(RULES)}", "0")
    (failure,) = first.iter("failure")
    assert (
        failure.get("message") == "error J02.FR.16, 17 / S16 4.7: T1: \N{REPLACEMENT CHARACTER}[2J; frame 7 (3 times)"
    )
    (warning,) = first.iter("system-out")
    assert warning.text == "warning E01.FR.07: T1: a gap; frame 7 (3 times)"


def test_a_report_as_json_says_all() -> None:
    report = report_of(("CP001",), (_finding("energy-falls", "it falls"), _finding("seq-gap", "a gap")), 0.0)
    told = json.loads(msgspec.json.encode(report))
    assert (told["generated_at"], told["errors"], told["warnings"]) == ("1970-01-01T00:00:00.000Z", 1, 1)
    assert told["findings"][0]["requirement"] == "J02.FR.16, 17 / S16 4.7"
    assert (told["findings"][0]["frame"], told["findings"][0]["count"]) == (7, 3)


def _told(message_id: str, payload: dict[str, Any]) -> Seen:
    return Seen(1, 1000.0, FrameType.CALL, "TransactionEvent", message_id, payload)


def _take(judge: Judge, message_id: str) -> None:
    answer = Outgoing(f'[3,"{message_id}",{{}}]', FrameMeta(FrameType.CALLRESULT, "TransactionEvent", message_id))
    judge.csms(answer, 2, 1000.0, True)


def test_an_event_may_be_told_again_until_its_newest_call_is_answered() -> None:
    judge = Linter().judge("CP001", "2.0.1")

    def repeats() -> int:
        return sum(each.count for each in judge.findings if each.rule == "seq-repeat")

    for message_id in ("a", "b"):
        judge.station(_told(message_id, started()))
    _take(judge, "a")  # late: the station had given it up
    judge.station(_told("c", started()))
    assert repeats() == 0
    _take(judge, "c")
    judge.station(_told("d", started()))
    assert repeats() == 1


@pytest.mark.parametrize(("answered", "most"), [(True, 0), (False, 64)])
def test_of_calls_no_more_is_kept_than_may_still_be_answered(answered: bool, most: int) -> None:
    judge = Linter().judge("CP001", "2.0.1")
    for number in range(1000):
        judge.station(_told(f"{number}", updated(number, 1000 + number)))
        if answered:
            _take(judge, f"{number}")
    transactions = judge._transactions
    assert isinstance(transactions, Transactions)
    assert len(transactions._unanswered) == most
