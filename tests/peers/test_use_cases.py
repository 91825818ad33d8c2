"""Use cases of OCPP 2.0.1 over real sockets: the real program, driven as by a driver, and a strict CSMS that is not
ours, which asks and judges. What it receives is the proof; each group of use cases has a playbook."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.peers.driven import STATION, Driven, driven
from tests.peers.ocpp_rpc import Call
from tests.program import Household, until
from tests.proof import proves

pytestmark = [pytest.mark.timeout(60), proves("TransactionEvent", "StatusNotification")]

TOKEN = {"idToken": "DEADBEEF", "type": "ISO14443"}
FIRST = ["StatusNotification Occupied", "Authorize"]
PLUGGED_FIRST = {"TxCtrlr__TxStartPoint": "EVConnected", "TxCtrlr__TxStopPoint": "EVConnected"}
AUTHORIZED_FIRST = {"TxCtrlr__TxStartPoint": "Authorized", "TxCtrlr__TxStopPoint": "Authorized"}


def event(what: str) -> str:
    return f"TransactionEvent {what}"


def info(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = call.params["transactionInfo"]
    return found


def check_one_transaction(calls: list[Call]) -> list[Call]:
    """One transaction, told in order and without gaps, its EVSE once (E01.FR.07, E01.FR.16)."""
    events = [call for call in calls if call.method == "TransactionEvent"]
    assert [call.params["seqNo"] for call in events] == list(range(len(events)))
    assert len({info(call)["transactionId"] for call in events}) == 1
    assert [call.params["eventType"] for call in events].count("Started") == 1
    assert sum("evse" in call.params for call in events) == 1
    times = [datetime.fromisoformat(call.params["timestamp"]) for call in events]
    assert all(before <= after for before, after in pairwise(times))
    return events


# -- E01, E02, E06, E07: the cable first ----------------------------------------------------------


@proves("E01.FR.01", "E02", "E06.FR.02", "E07", "C01")
def test_a_driver_who_plugs_in_first_charges_stops_and_leaves(house: Household) -> None:
    with driven(house, **PLUGGED_FIRST) as play:
        play.do("plug-in")
        calls = play.script("StatusNotification Occupied", event("Started CablePluggedIn"))
        play.do("authorize")
        calls += play.script("Authorize", event("Updated Authorized"), event("Updated ChargingStateChanged"))
        play.do("stop")
        calls += play.script(event("Updated StopAuthorized"), event("Updated ChargingStateChanged"))
        play.do("unplug")
        calls += play.script("StatusNotification Available", event("Ended EVCommunicationLost"))
    events = check_one_transaction(calls)
    assert [info(call).get("chargingState") for call in events] == [
        "EVConnected",
        None,
        "Charging",
        None,
        "EVConnected",
        "Idle",
    ]
    assert ["idToken" in call.params for call in events] == [False, True, False, True, False, False]
    assert info(events[-1])["stoppedReason"] == "Local"


# -- E03: the identifier first --------------------------------------------------------------------


@proves("E03.FR.01", "E01.FR.03", "E06.FR.03")
def test_a_driver_who_presents_the_card_first_charges(house: Household) -> None:
    with driven(house, **AUTHORIZED_FIRST) as play:
        play.do("authorize")
        calls = play.script("Authorize", event("Started Authorized"))
        play.do("plug-in")
        calls += play.script(
            "StatusNotification Occupied", event("Updated CablePluggedIn"), event("Updated ChargingStateChanged")
        )
        play.do("stop")
        calls += play.script(event("Ended StopAuthorized"))
        play.quiet()
    events = check_one_transaction(calls)
    assert events[1].params["evse"] == {"id": 1, "connectorId": 1} or events[0].params["evse"] == {"id": 1}
    assert info(events[-1]).get("stoppedReason", "Local") == "Local"


@proves("E03.FR.05", "E03.FR.15")
def test_a_driver_who_never_plugs_in_is_waited_for_in_vain(house: Household) -> None:
    """TC_E_05."""
    with driven(house, TxCtrlr__EVConnectionTimeOut="1", **AUTHORIZED_FIRST) as play:
        play.do("authorize")
        (started,) = play.script("Authorize", event("Started Authorized"))[1:]
        (ended,) = play.script(event("Ended EVConnectTimeout"))
        assert info(ended)["stoppedReason"] == "Timeout"
        assert (ended.at - started.at) == pytest.approx(1.0, abs=0.8)
        play.quiet()


# -- E09, E10: the cable is pulled at the car -----------------------------------------------------


@proves("E09.FR.01")
def test_a_cable_that_is_pulled_at_the_car_ends_the_transaction(house: Household) -> None:
    with driven(house) as play:
        calls = start(play)
        play.do("unplug")
        calls += play.script(event("Ended EVCommunicationLost"), "StatusNotification Available")
    ended = check_one_transaction(calls)[-1]
    assert info(ended)["stoppedReason"] == "EVDisconnected"


@proves("E10.FR.01", "E10.FR.03")
def test_a_car_that_was_pulled_off_may_come_back(house: Household) -> None:
    options = {"TxCtrlr__StopTxOnEVSideDisconnect": "false", "TxCtrlr__TxStopPoint": "Authorized"}
    with driven(house, **options) as play:
        calls = start(play)
        play.do("unplug")
        calls += play.until(event("Updated EVCommunicationLost"))
        play.do("plug-in")
        calls += play.until(event("Updated CablePluggedIn"), event("Updated ChargingStateChanged"))
        play.do("stop")
        calls += play.until(event("Ended StopAuthorized"))
    check_one_transaction(calls)


def start(play: Driven) -> list[Call]:
    """A session in the flow that starts with the authorization."""
    play.do("start")
    return play.script(*FIRST, event("Started Authorized"), event("Updated ChargingStateChanged"))


# -- C, E05: who may charge -----------------------------------------------------------------------


@proves("Authorize", "C01.FR.01")
def test_a_driver_who_is_not_accepted_does_not_charge(house: Household) -> None:
    with driven(house) as play:
        play.csms.answer("Authorize", {"idTokenInfo": {"status": "Blocked"}})
        play.do("plug-in")
        assert "Blocked" in play.attempt("authorize")
        play.script(*FIRST)
        play.quiet()


@proves("E05.FR.02", "E05.FR.09")
@pytest.mark.parametrize("stop", ["true", "false"])
def test_a_driver_whom_the_csms_disowns_later_charges_no_more(house: Household, stop: str) -> None:
    """E05: with StopTxOnInvalidId the transaction ends, without it its energy does."""
    with driven(house, TxCtrlr__StopTxOnInvalidId=stop) as play:
        play.csms.answer("TransactionEvent", {"idTokenInfo": {"status": "Invalid"}})
        play.do("start")
        calls = play.until(*FIRST, event("Started Authorized"))
        if stop == "true":
            calls += play.until(event("Ended Deauthorized"))
            assert info(calls[-1])["stoppedReason"] == "DeAuthorized"
        else:
            calls += play.until(event("Updated ChargingStateChanged"))
            while info(calls[-1]).get("chargingState") != "SuspendedEVSE":
                calls += play.until(event("Updated ChargingStateChanged"))
            play.quiet()
        check_one_transaction(calls)


@proves("SendLocalList", "GetLocalListVersion", "C14.FR.02", "D01.FR.16", "D01.FR.19", "D02.FR.01", "C09.FR.07")
def test_drivers_on_the_local_list_charge_unasked_and_those_of_a_group_end_it_for_each_other(house: Household) -> None:
    family = {"status": "Accepted", "groupIdToken": {"idToken": "family", "type": "Central"}}
    rows = [{"idToken": {"idToken": text, "type": "ISO14443"}, "idTokenInfo": family} for text in ("ONE", "OTHER")]
    with driven(house) as play:
        play.csms.answer("TransactionEvent", {"idTokenInfo": family})
        assert play.ask("GetLocalListVersion") == {"versionNumber": 0}
        for number, row in enumerate(rows, 1):
            kind = "Full" if number == 1 else "Differential"
            answer = play.ask("SendLocalList", versionNumber=number, updateType=kind, localAuthorizationList=[row])
            assert answer == {"status": "Accepted"}
        answer = play.ask("SendLocalList", versionNumber=2, updateType="Differential")
        assert answer["status"] == "VersionMismatch"
        assert play.ask("GetLocalListVersion") == {"versionNumber": 2}
        play.do("start", id_token="ONE")
        play.script("StatusNotification Occupied", event("Started Authorized"), event("Updated ChargingStateChanged"))
        play.do("authorize", id_token="OTHER")
        (ended,) = play.script(event("Ended StopAuthorized"))
    assert ended.params["idToken"]["idToken"] == "OTHER"


@proves("ClearCache", "C10.FR.04", "C11.FR.03", "C12.FR.02")
def test_a_driver_in_the_cache_charges_unasked_until_it_is_cleared(house: Household) -> None:
    with driven(house) as play:
        start(play)
        play.do("stop")
        play.do("unplug")
        play.script(event("Ended StopAuthorized"), "StatusNotification Available")
        play.do("start")
        play.script("StatusNotification Occupied", event("Started Authorized"), event("Updated ChargingStateChanged"))
        play.do("stop")
        play.do("unplug")
        play.script(event("Ended StopAuthorized"), "StatusNotification Available")
        assert play.ask("ClearCache") == {"status": "Accepted"}
        start(play)


# -- F01 to F03: remote start and stop ------------------------------------------------------------


@proves("RequestStartTransaction", "RequestStopTransaction", "F01.FR.01", "F02.FR.21", "F03.FR.01", "F03.FR.03")
@pytest.mark.parametrize("cable_first", [True, False])
def test_a_csms_starts_and_stops_a_transaction(house: Household, cable_first: bool) -> None:
    """TC_F_01 to TC_F_03: the identifier is authorized as AuthorizeRemoteStart says."""
    with driven(house, TxCtrlr__TxStartPoint="Authorized") as play:
        calls: list[Call] = []
        if cable_first:
            play.do("plug-in")
            calls += play.script("StatusNotification Occupied")
        answer = play.ask("RequestStartTransaction", idToken=TOKEN, remoteStartId=7, evseId=1)
        assert answer["status"] == "Accepted"
        calls += play.script("Authorize", event("Started RemoteStart"))
        started = calls[-1]
        if not cable_first:
            play.do("plug-in")
            calls += play.script("StatusNotification Occupied", event("Updated CablePluggedIn"))
        calls += play.script(event("Updated ChargingStateChanged"))
        assert (info(started)["remoteStartId"], started.params["idToken"]) == (7, TOKEN)
        transaction_id = info(started)["transactionId"]
        assert play.ask("RequestStopTransaction", transactionId="another")["status"] == "Rejected"
        assert play.ask("RequestStopTransaction", transactionId=transaction_id)["status"] == "Accepted"
        calls += play.script(event("Ended RemoteStop"))
    ended = check_one_transaction(calls)[-1]
    assert info(ended)["stoppedReason"] == "Remote"


# -- E04, E08, E11 to E14: without a link ---------------------------------------------------------


@proves("E04.FR.02", "E04.FR.03", "E08.FR.01", "E11.FR.07", "E12", "B04.FR.01")
def test_what_happens_without_a_link_is_told_afterwards_in_order(house: Household) -> None:
    """A transaction that is stopped, and a whole other one, while the CSMS is away."""
    with driven(house, SampledDataCtrlr__TxUpdatedInterval="1", AuthCtrlr__OfflineTxForUnknownIdEnabled="true") as play:
        play.do("start")
        play.until(event("Started Authorized"))
        play.csms.leave()
        play.csms.wait_for(lambda report: report["event"] == "closed")
        play.until()
        until(lambda: play.queued >= 4)
        play.do("stop")
        play.do("start")
        play.do("stop")
        play.do("unplug")
        play.csms.come_back()
        calls = play.until(event("Ended StopAuthorized"), event("Started Authorized"), event("Ended StopAuthorized"))
        until(lambda: play.queued == 0)
        assert play.ask("GetTransactionStatus") == {"messagesInQueue": False}
    assert [str(call) for call in calls if call.method != "TransactionEvent"] == ["StatusNotification Available"]
    events = [call for call in calls if call.method == "TransactionEvent"]
    first = info(events[0])["transactionId"]
    split = next(n for n, call in enumerate(events) if info(call)["transactionId"] != first)
    one, other = events[:split], events[split:]
    assert [str(call) for call in (one[-1], other[0], other[-1])] == [
        event("Ended StopAuthorized"),
        event("Started Authorized"),
        event("Ended StopAuthorized"),
    ]
    assert [call.params["seqNo"] for call in other] == list(range(len(other)))
    numbers = [call.params["seqNo"] for call in one]
    assert numbers == list(range(numbers[0], numbers[0] + len(one)))
    assert all(call.params["offline"] for call in [one[-1], *other])
    assert sum(call.params["triggerReason"] == "MeterValuePeriodic" for call in one) >= 2
    assert all(datetime.fromisoformat(call.params["timestamp"]).timestamp() < call.at for call in events)


@proves("E13.FR.01", "E13.FR.02", "E13.FR.03", "E13.FR.04")
def test_an_event_that_the_csms_fails_is_sent_again_and_then_given_up(house: Household) -> None:
    """TC_E_50, TC_E_51: each wait is longer than the last by MessageAttemptInterval, and the others wait behind it."""
    options = {
        "OCPPCommCtrlr__MessageAttempts[TransactionEvent]": "3",
        "OCPPCommCtrlr__MessageAttemptInterval[TransactionEvent]": "1",
    }
    with driven(house, **options) as play:
        play.csms.answer("TransactionEvent", error="InternalError")
        play.do("start")
        play.until(*FIRST)
        tries = play.script(*[event("Started Authorized")] * 3)
        play.csms.answer("TransactionEvent", {})
        (after,) = play.script(event("Updated ChargingStateChanged"))
    assert {call.params["seqNo"] for call in tries} == {0}
    assert len({call.id for call in tries}) == 3, "each transmission has an id of its own"
    waits = [later.at - earlier.at for earlier, later in pairwise(tries)]
    assert waits == [pytest.approx(1.0, abs=0.5), pytest.approx(2.0, abs=0.5)]
    assert after.params["seqNo"] == 1


# -- B11, B12: reset ------------------------------------------------------------------------------


@proves("Reset", "B11.FR.01", "B12.FR.01", "B12.FR.03", "B12.FR.04")
def test_a_reset_waits_for_the_transaction_or_ends_it(house: Household) -> None:
    """TC_B_20 to TC_B_22."""
    with driven(house) as play:
        calls = start(play)
        assert play.ask("Reset", type="OnIdle")["status"] == "Scheduled"
        play.quiet()
        play.do("stop")
        calls += play.script(event("Ended StopAuthorized"), "BootNotification ScheduledReset")
        check_one_transaction(calls)
        play.until("SecurityEventNotification ResetOrReboot")
        play.do("start")
        calls = play.until(event("Updated ChargingStateChanged"))
        assert play.ask("Reset", type="Immediate")["status"] == "Accepted"
        calls += play.script(event("Ended ResetCommand"), "BootNotification RemoteReset")
        ended = check_one_transaction(calls)[-1]
        assert info(ended)["stoppedReason"] == "ImmediateReset"
        play.until("SecurityEventNotification ResetOrReboot")
    assert len(play.csms.told("connected")) == 3, "the WebSocket goes down with the station"


@proves("Reset", "B11.FR.08", "B12.FR.07", "B12.FR.08")
def test_an_evse_resets_while_the_station_stays(house: Household) -> None:
    """TC_B_25 to TC_B_27: it is away for a moment, and back within five seconds."""
    with driven(house) as play:
        assert play.ask("Reset", type="OnIdle", evseId=1)["status"] == "Accepted"
        play.script("StatusNotification Unavailable", "StatusNotification Available")
        calls = start(play)
        assert play.ask("Reset", type="Immediate", evseId=1)["status"] == "Accepted"
        calls += play.script(
            event("Ended ResetCommand"), "StatusNotification Unavailable", "StatusNotification Occupied"
        )
        assert info(check_one_transaction(calls)[-1])["stoppedReason"] == "ImmediateReset"
    assert len(play.csms.told("connected")) == 1


# -- G03, G04: availability -----------------------------------------------------------------------


@proves("ChangeAvailability", "G03.FR.01", "G03.FR.05", "G04.FR.01")
def test_a_place_is_taken_out_of_service_at_once_or_after_its_transaction(house: Household) -> None:
    with driven(house) as play:
        assert play.ask("ChangeAvailability", operationalStatus="Inoperative")["status"] == "Accepted"
        play.script("StatusNotification Unavailable")
        assert play.ask("ChangeAvailability", operationalStatus="Inoperative")["status"] == "Accepted"
        play.quiet()
        assert play.ask("ChangeAvailability", operationalStatus="Operative")["status"] == "Accepted"
        play.script("StatusNotification Available")
        start(play)
        answer = play.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
        assert answer["status"] == "Scheduled"
        play.quiet()
        play.do("stop")
        play.script(event("Ended StopAuthorized"), "StatusNotification Unavailable")
        answer = play.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 9})
        assert answer["status"] == "Rejected"


# -- H: reservations -------------------------------------------------------------------------------


def reserve(play: Driven, number: int, seconds: float = 600.0, **more: Any) -> str:
    expires = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    status: str = play.ask("ReserveNow", id=number, expiryDateTime=expires, idToken=TOKEN, **more)["status"]
    return status


@proves("ReserveNow", "CancelReservation", "H01.FR.11", "H01.FR.15", "H01.FR.23", "H02.FR.02", "H03.FR.09", "H03.FR.10")
def test_a_reserved_place_is_kept_for_its_driver(house: Household) -> None:
    """TC_H_01 to TC_H_03, TC_H_17, TC_H_18."""
    with driven(house) as play:
        assert reserve(play, 7, evseId=1) == "Accepted"
        play.script("StatusNotification Reserved")
        assert reserve(play, 8, evseId=1) == "Occupied"
        assert play.ask("CancelReservation", reservationId=8)["status"] == "Rejected"
        assert play.ask("CancelReservation", reservationId=7)["status"] == "Accepted"
        play.script("StatusNotification Available")
        assert reserve(play, 9) == "Accepted", "any EVSE: there is one"
        play.script("StatusNotification Reserved")
        why = play.attempt("authorize", id_token="SOMEBODY")
        assert "reserved for another one" in why
        play.script("Authorize")
        play.do("authorize")
        play.script("StatusNotification Available", "Authorize")
        play.do("plug-in")
        calls = play.until(event("Started CablePluggedIn"))
        assert calls[-1].params["reservationId"] == 9


@proves("ReservationStatusUpdate", "H01.FR.17", "H04.FR.01", "H04.FR.03")
def test_a_reservation_ends_unused(house: Household) -> None:
    """TC_H_07, TC_H_21."""
    with driven(house) as play:
        assert reserve(play, 7, seconds=1.0, evseId=1) == "Accepted"
        calls = play.until("StatusNotification Reserved", "StatusNotification Available", "ReservationStatusUpdate")
        assert calls[-1].params == {"reservationId": 7, "reservationUpdateStatus": "Expired"}
        assert reserve(play, 8, evseId=1) == "Accepted"
        play.script("StatusNotification Reserved")
        play.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
        calls = play.script("StatusNotification Unavailable", "ReservationStatusUpdate")
        assert calls[-1].params == {"reservationId": 8, "reservationUpdateStatus": "Removed"}
        assert reserve(play, 9, evseId=1) == "Unavailable"


# -- P: what OCPP leaves to vendors ---------------------------------------------------------------


@proves("DataTransfer", "P01.FR.05", "P02.FR.01")
def test_vendors_messages_go_both_ways(house: Household) -> None:
    with driven(house) as play:
        assert play.ask("DataTransfer", vendorId="com.example")["status"] == "UnknownVendorId"
        play.do_station("data-transfer", vendor_id="com.example", data="[1]")
        (call,) = play.script("DataTransfer")
        assert call.params == {"vendorId": "com.example", "data": [1]}


# -- F06: triggers --------------------------------------------------------------------------------


@proves("TriggerMessage", "MeterValues", "F06.FR.04", "F06.FR.06", "F06.FR.07", "F06.FR.17")
def test_a_csms_sees_what_it_wants_to_see(house: Household) -> None:
    place = {"id": 1, "connectorId": 1}
    with driven(house) as play:
        start(play)
        for what, evse, sent in (
            ("Heartbeat", None, "Heartbeat"),
            ("StatusNotification", place, "StatusNotification Occupied"),
            ("MeterValues", {"id": 1}, "MeterValues"),
            ("TransactionEvent", {"id": 1}, event("Updated Trigger")),
            ("LogStatusNotification", None, "LogStatusNotification Idle"),
            ("FirmwareStatusNotification", None, "FirmwareStatusNotification"),
        ):
            answer = play.ask("TriggerMessage", requestedMessage=what, **({"evse": evse} if evse else {}))
            assert answer["status"] == "Accepted", what
            (call,) = play.script(sent)
            if "meterValue" in call.params:
                (value,) = call.params["meterValue"]
                assert {sample["context"] for sample in value["sampledValue"]} == {"Trigger"}
        assert play.ask("TriggerMessage", requestedMessage="BootNotification")["status"] == "Rejected"
        assert play.ask("TriggerMessage", requestedMessage="SignV2GCertificate")["status"] == "NotImplemented"
        play.quiet()


# -- B05 to B08: the device model -----------------------------------------------------------------


@proves("GetVariables", "SetVariables", "B05.FR.10", "B06.FR.10")
def test_variables_are_read_and_set(house: Household) -> None:
    def row(component: str, variable: str, **more: Any) -> dict[str, Any]:
        return {"component": {"name": component}, "variable": {"name": variable}, **more}

    rows = [
        (row("TxCtrlr", "EVConnectionTimeOut", attributeValue="77"), "Accepted"),
        (row("TxCtrlr", "EVConnectionTimeOut", attributeValue="soon"), "Rejected"),
        (
            row("TxCtrlr", "EVConnectionTimeOut", attributeValue="77", attributeType="Target"),
            "NotSupportedAttributeType",
        ),
        (row("TxCtrlr", "Toaster", attributeValue="77"), "UnknownVariable"),
        (row("Toaster", "Heat", attributeValue="77"), "UnknownComponent"),
        (row("ClockCtrlr", "DateTime", attributeValue="77"), "Rejected"),
    ]
    with driven(house) as play:
        results = play.ask("SetVariables", setVariableData=[each for each, _ in rows])["setVariableResult"]
        assert [result["attributeStatus"] for result in results] == [status for _, status in rows]
        asked = [row("TxCtrlr", "EVConnectionTimeOut"), row("SecurityCtrlr", "BasicAuthPassword")]
        results = play.ask("GetVariables", getVariableData=asked)["getVariableResult"]
        assert [result["attributeStatus"] for result in results] == ["Accepted", "Rejected"]
        assert (results[0]["attributeValue"], results[0]["attributeType"]) == ("77", "Actual")
        many = [row("TxCtrlr", "EVConnectionTimeOut")] * 101
        assert play.ask("GetVariables", getVariableData=many) == {"error": "OccurrenceConstraintViolation"}
        play.quiet()


@proves("GetBaseReport", "GetReport", "NotifyReport", "B07.FR.01", "B07.FR.10", "B08.FR.01", "B08.FR.15")
def test_reports_come_in_pages(house: Household) -> None:
    with driven(house) as play:
        counts = {}
        for number, base in enumerate(("FullInventory", "ConfigurationInventory", "SummaryInventory"), 1):
            assert play.ask("GetBaseReport", requestId=number, reportBase=base)["status"] == "Accepted"
            counts[base] = len(report(play, number))
        assert counts["FullInventory"] > counts["ConfigurationInventory"] > counts["SummaryInventory"] >= 3
        wanted = [{"component": {"name": "TxCtrlr"}}]
        assert play.ask("GetReport", requestId=4, componentVariable=wanted)["status"] == "Accepted"
        assert {row["component"]["name"] for row in report(play, 4)} == {"TxCtrlr"}
        wanted = [{"component": {"name": "Toaster"}}]
        assert play.ask("GetReport", requestId=5, componentVariable=wanted)["status"] == "EmptyResultSet"
        play.quiet()


def report(play: Driven, number: int) -> list[dict[str, Any]]:
    """The rows of a report, all its pages in order."""
    rows: list[dict[str, Any]] = []
    page = 0
    while True:
        (call,) = play.until("NotifyReport")
        assert (call.params["requestId"], call.params["seqNo"]) == (number, page)
        rows += call.params["reportData"]
        page += 1
        if not call.params.get("tbc", False):
            return rows


# -- F05, E14: the rest of a CSMS's questions -----------------------------------------------------


@proves("UnlockConnector", "GetTransactionStatus", "F05.FR.01", "E14.FR.01", "E14.FR.03")
def test_a_cable_is_unlocked_and_a_transaction_asked_for(house: Household) -> None:
    with driven(house) as play:
        calls = start(play)
        transaction_id = info(calls[-1])["transactionId"]
        until(lambda: play.queued == 0)
        status = play.ask("GetTransactionStatus", transactionId=transaction_id)
        assert status == {"messagesInQueue": False, "ongoingIndicator": True}
        answer = play.ask("UnlockConnector", evseId=1, connectorId=1)
        assert answer["status"] == "OngoingAuthorizedTransaction"
        play.do("stop")
        play.script(event("Ended StopAuthorized"))
        until(lambda: play.queued == 0)
        assert play.ask("UnlockConnector", evseId=1, connectorId=1)["status"] == "Unlocked"
        assert play.ask("UnlockConnector", evseId=1, connectorId=3)["status"] == "UnknownConnector"
        status = play.ask("GetTransactionStatus", transactionId=transaction_id)
        assert status == {"messagesInQueue": False, "ongoingIndicator": False}
    assert play.csms.stations() == [STATION]
