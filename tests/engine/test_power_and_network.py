"""Power cut and return, a network in which everything vanishes, an orderly close, and what is sent by hand."""

from pathlib import Path

import pytest

from evtui.engine.door import LinkState, View
from evtui.ocppj.frame import Direction, FrameType
from tests.engine.scripted import REFUSED, bench
from tests.proof import proves

BACK_OFF = {"OCPPCommCtrlr.RetryBackOffWaitMinimum": "3", "OCPPCommCtrlr.RetryBackOffRandomRange": "0"}

# -- power ----------------------------------------------------------------------------------------


@proves("TransactionEvent", "BootNotification", "E06.FR.16", "B01.FR.08", "E11.FR.07")
async def test_what_ran_when_the_power_was_cut_is_told_when_it_returns(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(10.4)
        before, at = len(it.csms.calls), it.clock.now().utc
        outcome = await it.order("power-cut", "CP001")
        assert (outcome.done, outcome.text) == (True, "CP001: the power is cut")
        evse = await it.evse()
        await it.advance(60)
        assert len(it.csms.calls) == before
        outcome = await it.order("power-return", "CP001")
        assert (outcome.done, outcome.text) == (True, "CP001: the power is back: the station boots")
        await it.advance(1)
        boot = next(payload for _, action, payload in it.csms.calls[before:] if action == "BootNotification")
        assert boot["reason"] == "PowerUp"
        ended = it.csms.events()[-1]
        assert (ended["eventType"], ended["triggerReason"], ended["offline"]) == ("Ended", "AbnormalCondition", True)
        assert ended["transactionInfo"]["stoppedReason"] == "PowerLoss"
        assert ended["timestamp"] == at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        (energy_wh,) = (
            sample["value"]
            for sample in ended["meterValue"][-1]["sampledValue"]
            if sample["measurand"] == "Energy.Active.Import.Register"
        )
        begin_wh = it.csms.events()[0]["meterValue"][0]["sampledValue"][0]["value"]
        assert energy_wh - begin_wh == pytest.approx(evse.energy_wh, abs=0.01)
        assert ((await it.evse()).plugged, (await it.evse()).transaction_id) == (True, None)


async def test_a_dark_station_shows_nothing_that_flows_and_says_why_it_does_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(10)
        await it.order("power-cut", "CP001")
        row, evse = await it.row(), await it.evse()
        assert row.link is LinkState.DARK
        assert (evse.power_w, evse.charging_state, evse.transaction_id, evse.plugged) == (0.0, None, None, True)
        for name in ("start", "plug-in", "unplug", "authorize", "emergency-stop", "power-cut", "power-cycle"):
            outcome = await it.order(name, "CP001")
            assert not outcome.done
            assert outcome.text in (
                "CP001 has no power",
                "CP001 has no power already",
                "CP001 EVSE 1 has a cable in already",
            )
        assert (await it.order("send-raw", "CP001", text="[]")).text == "CP001 has no connection"
        assert [event.kind for event in await it.events("dark")] == ["dark"]


async def test_the_csms_is_told_nothing_when_the_power_goes_and_reset_when_it_is_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        link = it.csms.links["CP001"]
        await it.order("power-cut", "CP001")
        await it.advance(30)
        assert (link.is_shut, link.reset) == (True, False)  # no close, no FIN: the CSMS still thinks it is there
        await it.order("power-return", "CP001")
        assert link.reset
        assert it.csms.links["CP001"] is not link


async def test_energy_and_totals_go_on_where_they_stood(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(10)
        await it.order("power-cut", "CP001")
        detail = await it.door.station("CP001")
        assert detail is not None
        register_wh, energy_wh = detail.evses[0].register_wh, it.fleet.board.energy_wh
        assert energy_wh > 0.0
        assert [(row.ended_at, row.energy_wh) for row in detail.transactions] == [(None, detail.evses[0].row.energy_wh)]
        assert str((await it.door.fleet(View())).totals.power_w) == "0.0"
        await it.order("power-return", "CP001", within_s=1)
        detail = await it.door.station("CP001")
        assert detail is not None
        assert (detail.evses[0].register_wh, it.fleet.board.energy_wh) == (register_wh, energy_wh)
        assert [row.stopped_reason for row in detail.transactions] == ["PowerLoss"]


async def test_a_power_cycle_takes_as_long_as_it_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("power-cycle", "CP001", within_s=8, seconds="7.5")
        assert (outcome.done, outcome.text) == (True, "CP001: the power is back: the station boots")
        dark, back = it.csms.dials[-2][0], it.csms.dials[-1][0]
        assert back - dark == pytest.approx(7.5)
        assert (await it.row()).link is LinkState.ONLINE


@pytest.mark.parametrize("seconds", ["-1", "soon", "", "1e9"])
async def test_a_power_cut_of_no_length_is_refused(tmp_path: Path, seconds: str) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("power-cycle", "CP001", seconds=seconds)
        assert not outcome.done
        assert "seconds" in outcome.text
        assert (await it.row()).link is LinkState.ONLINE


async def test_toggle_power_does_whichever_is_possible(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert (await it.order("toggle-power", "CP001")).text == "CP001: the power is cut"
        assert (await it.order("toggle-power", "CP001")).text == "CP001: the power is back: the station boots"
        assert (await it.order("power-return", "CP001")).text == "CP001 has power"


@pytest.mark.parametrize("when", ["dialling", "waiting"])
async def test_the_power_can_be_cut_while_the_station_has_no_link(tmp_path: Path, when: str) -> None:
    async with bench(tmp_path) as it:
        it.csms.hangs, it.csms.refusal = when == "dialling", REFUSED if when == "waiting" else None
        it.csms.links["CP001"].cut()
        await it.advance(14)
        dials = len(it.csms.dials)
        await it.order("power-cut", "CP001")
        it.csms.hangs, it.csms.refusal = False, None
        await it.advance(100)
        assert len(it.csms.dials) == dials
        await it.order("power-return", "CP001", within_s=1)
        assert (await it.row()).link is LinkState.ONLINE


async def test_what_happens_in_the_dark_does_not_happen_later(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = it.order("start", "CP001")
        session = it.fleet.session("CP001")
        assert session is not None
        session.cut_power()
        assert not (await outcome).done
        await it.order("power-return", "CP001", within_s=1)
        assert not (await it.evse()).plugged


async def test_a_fleet_with_a_dark_station_stops_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        await it.order("start", "CP001")
        await it.order("power-cut", "CP001")
        await it.soon(it.fleet.shutdown(5.0), 5)
        assert "Ended" not in [event["eventType"] for event in it.csms.events()]


# -- network --------------------------------------------------------------------------------------


async def test_in_a_cut_network_everything_vanishes_and_nobody_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("cut-network", "CP001")
        assert (outcome.done, outcome.text) == (True, "CP001: the network is cut: nothing passes, and nobody is told")
        calls, link = len(it.csms.calls), it.csms.links["CP001"]
        await it.order("plug-in", "CP001")
        await it.advance(1)
        row = await it.row()
        assert (row.link, row.network_cut) == (LinkState.ONLINE, True)
        assert (len(it.csms.calls), link.closed) == (calls, False)
        assert [event.kind for event in await it.events("network-cut")] == ["network-cut"]
        assert (await it.order("cut-network", "CP001")).text == "CP001: the network is cut already"


async def test_what_had_to_wait_arrives_when_the_network_is_restored_in_time(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("cut-network", "CP001")
        await it.order("plug-in", "CP001")
        await it.advance(10)
        outcome = await it.order("restore-network", "CP001", within_s=0.1)
        assert (outcome.done, outcome.text) == (True, "CP001: the network passes again")
        assert it.csms.calls[-1][1:] == (
            "StatusNotification",
            it.csms.calls[-1][2] | {"connectorStatus": "Occupied", "evseId": 1},
        )
        assert len(it.csms.dials) == 1


@proves("TransactionEvent", "E04.FR.01", "E13.FR.03")
async def test_a_message_that_vanished_times_out_and_is_sent_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("start", "CP001")
        await it.advance(5)
        told = len(it.csms.events())
        await it.order("cut-network", "CP001")
        await it.order("stop", "CP001")
        await it.advance(35)
        assert "Timeout" in (await it.row()).trouble
        assert (await it.row()).queued > 0
        await it.order("restore-network", "CP001", within_s=60)
        assert (await it.row()).queued == 0
        seq_nos = [event["seqNo"] for event in it.csms.events()]
        assert sorted(set(seq_nos)) == list(range(max(seq_nos) + 1))
        assert len(seq_nos) > told


async def test_nobody_gets_through_a_cut_network_until_it_is_restored(tmp_path: Path) -> None:
    async with bench(tmp_path, variables=BACK_OFF) as it:
        await it.order("cut-network", "CP001")
        it.csms.links["CP001"].cut()
        await it.advance(14)
        row = await it.row()
        assert row.link is LinkState.WAITING
        assert row.trouble == "no answer within 10 s (tcp): the network is cut: restore-network lets it pass again"
        assert len(it.csms.dials) == 1
        await it.advance(6)
        assert (await it.row()).link is LinkState.CONNECTING
        await it.order("restore-network", "CP001", within_s=1)
        assert (await it.row()).link is LinkState.ONLINE


async def test_the_power_can_be_cut_behind_a_cut_network(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        link = it.csms.links["CP001"]
        await it.order("cut-network", "CP001")
        await it.order("power-cut", "CP001")
        await it.order("restore-network", "CP001")
        told = [link.reset]
        await it.order("power-return", "CP001", within_s=1)
        assert [*told, link.reset] == [False, True]
        assert (await it.row()).link is LinkState.ONLINE


async def test_toggle_network_does_whichever_is_possible(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        assert "the network is cut" in (await it.order("toggle-network", "CP001")).text
        assert "passes again" in (await it.order("toggle-network", "CP001")).text
        assert (await it.order("restore-network", "CP001")).text == "CP001: the network is not cut"


# -- an orderly close -----------------------------------------------------------------------------


async def test_an_orderly_close_is_followed_by_a_back_off_and_no_boot(tmp_path: Path) -> None:
    async with bench(tmp_path, variables=BACK_OFF) as it:
        link = it.csms.links["CP001"]
        outcome = await it.order("close-connection", "CP001")
        assert (outcome.done, outcome.text) == (True, "CP001: closed; the station connects again after its back-off")
        assert link.closed
        assert (await it.row()).link is LinkState.WAITING
        assert (await it.order("close-connection", "CP001")).text == "CP001 has no connection"
        await it.advance(4)
        assert (await it.row()).link is LinkState.ONLINE
        assert it.csms.actions().count("BootNotification") == 1


# -- by hand --------------------------------------------------------------------------------------


async def test_any_text_is_sent_as_it_is_and_stands_in_the_log(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        text = '[2, "by-hand",  "Heartbeat",{}]'
        outcome = await it.order("send-raw", "CP001", text=text, within_s=0.2)
        assert (outcome.done, outcome.text) == (True, "CP001: sent 31 bytes")
        assert it.csms.texts[-1] == text
        sent, answer = it.frames()[-2:]
        assert (sent.text, sent.direction, sent.type, sent.action) == (
            text,
            Direction.SENT,
            FrameType.CALL,
            "Heartbeat",
        )
        assert (answer.message_id, answer.action, answer.fault) == ("by-hand", "Heartbeat", "")


@pytest.mark.parametrize(
    ("text", "type", "fault"),
    [
        ("what?", FrameType.UNREADABLE, "not JSON"),
        ("[]", FrameType.UNREADABLE, "not an OCPP-J message"),
        ('[9,"x"]', FrameType.UNREADABLE, "not an OCPP-J message"),
        ('[2,"x","Heartbeat"]', FrameType.CALL, "a CALL is [2, id, action, payload]"),
        ('[2,"x","Heartbeet",{}]', FrameType.CALL, "Heartbeet is no action of OCPP 2.0.1"),
        ('[2,"x","Heartbeat",{"a":1}]', FrameType.CALL, "a"),
        ('[3,"x",{}]', FrameType.CALLRESULT, ""),
        ('[4,"x","GenericError","",{}]', FrameType.CALLERROR, ""),
    ],
)
async def test_the_log_says_what_is_wrong_with_it(tmp_path: Path, text: str, type: FrameType, fault: str) -> None:
    async with bench(tmp_path) as it:
        await it.order("send-raw", "CP001", text=text)
        await it.advance(0.2)
        frame = next(frame for frame in it.frames() if frame.text == text)
        assert frame.type is type
        assert fault in frame.fault
        assert bool(fault) is bool(frame.fault)
        assert (await it.row()).link is LinkState.ONLINE


async def test_the_station_goes_on_whatever_is_sent_in_its_name(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        await it.order("send-raw", "CP001", text='[2,"x","BootNotification",{}]')
        assert (await it.order("start", "CP001", within_s=1)).done


@pytest.mark.parametrize(("text", "why"), [("\ud800", "no Unicode text"), ("x" * (1 << 20) + "x", "at most 1048576")])
async def test_what_no_websocket_carries_is_refused(tmp_path: Path, text: str, why: str) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("send-raw", "CP001", text=text)
        assert not outcome.done
        assert why in outcome.text
