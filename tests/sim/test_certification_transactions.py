"""Certification's test cases of block E, step by step (OCPP 2.0.1 Part 6): what its tool does and validates."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import EvWants, Failed, UnplugAtStation
from evtui.sim.messages import IdToken, IdTokenInfo, StatusNotification, TransactionEvent
from evtui.sim.requests import GetTransactionStatus, TransactionStatusAnswer
from evtui.sim.terms import AuthorizationStatus
from tests.proof import proves
from tests.sim.octt import Octt, ended, events, only_event
from tests.sim.playbook import CARD, OTHER_CARD, script

pytestmark = proves("TransactionEvent", "StatusNotification", "Authorize")

UNKNOWN_MAY = {"AuthCtrlr__OfflineTxForUnknownIdEnabled": "true"}
NO_STOP_ON_PULL = {"TxCtrlr__StopTxOnEVSideDisconnect": "false", "OCPPCommCtrlr__UnlockOnEVSideDisconnect": "false"}
LOCKED = {"OCPPCommCtrlr__UnlockOnEVSideDisconnect": "false"}


# -- where transactions start ---------------------------------------------------------------------


@proves("E01.FR.05", "E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
def test_tc_e_01_power_path_closed() -> None:
    tool = Octt(start="PowerPathClosed")
    tool.authorized()
    tool.ev_connected_pre_session(authorized=True)


@proves("E01.FR.06")
def test_tc_e_02_energy_transfer() -> None:
    tool = Octt(start="EnergyTransfer")
    tool.authorized()
    assert script(tool.plug_in()) == ["StatusNotification 1/1 Occupied"]
    started = only_event(tool.wait(1))
    assert (started.event_type, started.trigger_reason) == ("Started", "ChargingStateChanged")
    assert (started.charging_state, started.id_token) == ("Charging", CARD)
    assert (started.evse_id, started.connector_id) == (1, 1)


@proves("E01.FR.02", "E02.FR.05", "E02.FR.06")
def test_tc_e_09_ev_connected() -> None:
    tool = Octt(start="EVConnected")
    tool.parking_bay_occupied()
    event = only_event(tool.ev_connected_pre_session())
    assert event.charging_state == "EVConnected"


@proves("E01.FR.03", "C01.FR.02")
def test_tc_e_10_authorized_locally() -> None:
    tool = Octt(start="Authorized")
    assert only_event(tool.authorized()).event_type == "Started"


@proves("E01.FR.03", "F01.FR.19", "F02.FR.01")
def test_tc_e_13_authorized_remotely() -> None:
    tool = Octt(start="Authorized")
    assert only_event(tool.authorized(remote=True)).event_type == "Started"


@proves("E01.FR.01")
def test_tc_e_12_parking_bay_occupied() -> None:
    tool = Octt(start="ParkingBayOccupancy")
    assert only_event(tool.parking_bay_occupied()).event_type == "Started"


# -- where they stop ------------------------------------------------------------------------------


@proves("E06.FR.04", "E06.FR.15", "C15.FR.04", "E04.FR.03")
@pytest.mark.parametrize("stop", ["Authorized", "PowerPathClosed"])
def test_tc_e_16_an_identifier_that_turns_out_invalid(stop: str) -> None:
    tool = Octt(stop=stop, **UNKNOWN_MAY)
    tool.lose_link()
    tool.parking_bay_occupied()
    tool.present()
    tool.plug_in()
    tool.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.INVALID)
    before = len(tool.sent)
    tool.link()
    sends = [send for send in tool.sent[before:] if isinstance(send.message, TransactionEvent)]
    queued, last = sends[:-1], sends[-1].message
    assert queued
    assert all(send.offline for send in queued)
    assert isinstance(last, TransactionEvent)
    assert (last.event_type, last.trigger_reason) == ("Ended", "Deauthorized")
    assert last.stopped_reason == "DeAuthorized"


@proves("E06.FR.04", "E09.FR.03")
@pytest.mark.parametrize("stop", ["Authorized", "PowerPathClosed"])
def test_tc_e_17_a_cable_that_is_pulled_at_the_car(stop: str) -> None:
    tool = Octt(stop=stop, **LOCKED)
    tool.energy_transfer_started()
    event = ended(tool.unplug())
    assert (event.trigger_reason, event.charging_state) == ("EVCommunicationLost", "Idle")
    assert event.stopped_reason == "EVDisconnected"
    assert script(tool.present()) == ["StatusNotification 1/1 Available"]


@proves("E03.FR.05", "E03.FR.15", "E06.FR.04")
@pytest.mark.parametrize("start", ["Authorized", "ParkingBayOccupancy"])
def test_tc_e_39_a_cable_that_does_not_come(start: str) -> None:
    tool = Octt(start=start, stop="Authorized", TxCtrlr__EVConnectionTimeOut="20")
    tool.parking_bay_occupied()
    tool.authorized()
    event = ended(tool.wait(21))
    assert (event.trigger_reason, event.stopped_reason) == ("EVConnectTimeout", "Timeout")
    tool.plug_in()
    tool.wait(30)
    assert tool.reading().power_w == 0.0


# -- starting locally -----------------------------------------------------------------------------

STARTS = ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "EVConnected,Authorized,EnergyTransfer"]


@proves("E02.FR.01", "E02.FR.13", "E02.FR.17", "E02.FR.20")
@pytest.mark.parametrize("start", STARTS)
def test_tc_e_03_the_cable_first(start: str) -> None:
    tool = Octt(start=start)
    tool.ev_connected_pre_session()
    tool.authorized()
    tool.energy_transfer_started()


@proves("E03.FR.01", "E03.FR.12")
@pytest.mark.parametrize("start", STARTS)
def test_tc_e_04_the_identifier_first(start: str) -> None:
    tool = Octt(start=start)
    tool.parking_bay_occupied()
    tool.authorized()
    tool.energy_transfer_started()


@proves("E03.FR.05")
def test_tc_e_05_an_evse_is_free_again_after_the_timeout() -> None:
    tool = Octt(start="Authorized", stop="Authorized", TxCtrlr__EVConnectionTimeOut="20")
    tool.authorized()
    event = ended(tool.wait(21))
    assert (event.trigger_reason, event.stopped_reason) == ("EVConnectTimeout", "Timeout")
    tool.authorized()
    tool.energy_transfer_started()


@proves("E01.FR.19")
def test_tc_e_38_an_ev_that_is_not_ready() -> None:
    tool = Octt()
    tool.authorized()
    tool.ev_connected_pre_session(authorized=True)
    event = only_event(tool.event(EvWants(1, False)) + tool.wait(5))
    assert (event.trigger_reason, event.charging_state) == ("ChargingStateChanged", "SuspendedEV")


def test_tc_e_52_remote_authorization_is_disabled() -> None:
    tool = Octt(AuthCtrlr__DisableRemoteAuthorization="true")
    assert script(tool.present(OTHER_CARD)) == []
    assert not tool.reading().authorized


# -- stopping -------------------------------------------------------------------------------------

STOPS = ["Authorized", "PowerPathClosed", "EnergyTransfer", "EVConnected", "ParkingBayOccupancy"]


@proves("E07.FR.01", "E07.FR.02", "E07.FR.04", "E07.FR.07", "C01.FR.03")
@pytest.mark.parametrize("stop", STOPS)
def test_tc_e_06_a_driver_stops_and_leaves(stop: str) -> None:
    tool = Octt(stop=stop)
    tool.parking_bay_occupied()
    tool.energy_transfer_started()
    tool.ev_connected_post_session()
    tool.ev_disconnected()
    tool.parking_bay_unoccupied()
    assert not tool.runs


@proves("E06.FR.06")
def test_tc_e_07_power_path_closed_locally() -> None:
    assert ended(Octt(stop="PowerPathClosed").stop_authorized()).stopped_reason == "Local"


@proves("E06.FR.06", "F03.FR.09")
def test_tc_e_35_power_path_closed_remotely() -> None:
    assert ended(Octt(stop="PowerPathClosed").stop_authorized(remote=True)).stopped_reason == "Remote"


@proves("E06.FR.06")
def test_tc_e_37_power_path_closed_by_a_cable_that_is_pulled_at_the_car() -> None:
    tool = Octt(stop="PowerPathClosed", TxCtrlr__StopTxOnEVSideDisconnect="false")
    tool.energy_transfer_suspended()
    event = ended(tool.unplug())
    assert (event.trigger_reason, event.charging_state) == ("EVCommunicationLost", "Idle")
    assert event.stopped_reason in ("EVDisconnected", "StoppedByEV")


@proves("E06.FR.07")
def test_tc_e_08_energy_stopped_by_the_driver() -> None:
    event = ended(Octt(stop="EnergyTransfer").stop_authorized())
    assert (event.trigger_reason, event.charging_state) == ("ChargingStateChanged", "EVConnected")
    assert event.stopped_reason in (None, "Local")


@proves("E06.FR.07")
def test_tc_e_22_energy_stopped_by_the_ev() -> None:
    event = ended(Octt(stop="EnergyTransfer").energy_transfer_suspended())
    assert (event.trigger_reason, event.charging_state) == ("ChargingStateChanged", "EVConnected")
    assert event.stopped_reason == "StoppedByEV"


@proves("E06.FR.02")
@pytest.mark.parametrize("remote", [False, True])
def test_tc_e_14_disconnected_at_the_station(remote: bool) -> None:
    tool = Octt(stop="EVConnected")
    tool.stop_authorized(remote=remote)
    event = ended(tool.ev_disconnected())
    assert (event.trigger_reason, event.charging_state) == ("EVCommunicationLost", "Idle")
    assert event.stopped_reason == ("Remote" if remote else "Local")


@proves("E06.FR.02")
def test_tc_e_20_disconnected_at_the_ev() -> None:
    tool = Octt(stop="EVConnected", TxCtrlr__StopTxOnEVSideDisconnect="false")
    tool.energy_transfer_suspended()
    event = ended(tool.unplug())
    assert (event.trigger_reason, event.charging_state) == ("EVCommunicationLost", "Idle")
    assert event.stopped_reason == "EVDisconnected"


@proves("E06.FR.03")
def test_tc_e_15_stopped_locally() -> None:
    event = ended(Octt(stop="Authorized").stop_authorized())
    assert (event.trigger_reason, event.stopped_reason) == ("StopAuthorized", "Local")


@proves("E06.FR.03", "F03.FR.09")
def test_tc_e_21_stopped_remotely() -> None:
    event = ended(Octt(stop="Authorized").stop_authorized(remote=True))
    assert (event.trigger_reason, event.stopped_reason) == ("RemoteStop", "Remote")


@proves("E06.FR.01")
def test_tc_e_19_the_parking_bay_is_left() -> None:
    tool = Octt(stop="ParkingBayOccupancy")
    tool.parking_bay_occupied()
    tool.energy_transfer_started()
    tool.parking_bay_unoccupied()
    assert not tool.runs


# -- the cable at the car -------------------------------------------------------------------------


@proves("E09.FR.01", "E09.FR.02")
@pytest.mark.parametrize("locks", [False, True])
def test_tc_e_24_and_25_a_cable_that_is_pulled_at_the_car_deauthorizes(locks: bool) -> None:
    tool = Octt(**LOCKED if locks else {})
    tool.energy_transfer_suspended()
    sent = tool.unplug()
    event = only_event(sent)
    assert (event.trigger_reason, event.charging_state) == ("EVCommunicationLost", "Idle")
    if locks:
        assert len(sent) == 1
        sent = tool.present()
    status = sent[-1]
    assert isinstance(status, StatusNotification)
    assert status.status == "Available"


@proves("E10.FR.01", "E10.FR.03")
@pytest.mark.parametrize("stop", ["Authorized", "ParkingBayOccupancy", "ParkingBayOccupancy,Authorized"])
def test_tc_e_26_a_transaction_waits_for_its_car(stop: str) -> None:
    tool = Octt(stop=stop, **NO_STOP_ON_PULL)
    tool.energy_transfer_started()
    pulled = only_event(tool.unplug())
    assert (pulled.event_type, pulled.trigger_reason, pulled.charging_state) == (
        "Updated",
        "EVCommunicationLost",
        "Idle",
    )
    back, charging = events(tool.plug_in() + tool.wait(1))
    assert (back.event_type, back.trigger_reason, back.charging_state) == ("Updated", "CablePluggedIn", "EVConnected")
    assert (charging.event_type, charging.trigger_reason) == ("Updated", "ChargingStateChanged")
    assert charging.charging_state == "Charging"


# -- asking for the status of a transaction -------------------------------------------------------


@proves("GetTransactionStatus", "E14.FR.01", "E14.FR.06", "E14.FR.08")
def test_tc_e_28_and_34_of_what_was_never_there() -> None:
    tool = Octt()
    assert tool.ask(GetTransactionStatus("no-such"))[0] == TransactionStatusAnswer(False, False)
    assert tool.ask(GetTransactionStatus())[0] == TransactionStatusAnswer(False)


@proves("GetTransactionStatus", "E14.FR.02", "E14.FR.03", "E14.FR.05")
def test_tc_e_30_and_32_without_a_message_in_the_queue() -> None:
    tool = Octt()
    tool.energy_transfer_started()
    transaction_id = tool.transaction_id
    assert tool.ask(GetTransactionStatus(transaction_id))[0] == TransactionStatusAnswer(False, True)
    tool.parking_bay_unoccupied()
    assert tool.ask(GetTransactionStatus(transaction_id))[0] == TransactionStatusAnswer(False, False)


@proves("GetTransactionStatus", "E14.FR.03", "E14.FR.04", "E14.FR.06", "E14.FR.07")
@pytest.mark.parametrize("stops", [False, True])
def test_tc_e_29_31_and_33_with_a_message_in_the_queue(stops: bool) -> None:
    """The question comes the moment the connection is there again."""
    tool = Octt(SampledDataCtrlr__TxUpdatedInterval="5")
    tool.energy_transfer_started()
    transaction_id = tool.transaction_id
    tool.lose_link()
    tool.wait(21)
    if stops:
        tool.present()
        tool.event(UnplugAtStation(1))
    tool.csms.keep_silent(TransactionEvent)
    before = len(tool.sent)
    tool.link()
    assert tool.ask(GetTransactionStatus(transaction_id))[0] == TransactionStatusAnswer(True, not stops)
    assert tool.ask(GetTransactionStatus())[0] == TransactionStatusAnswer(True)
    tool.answer()
    sends = [send for send in tool.sent[before:] if isinstance(send.message, TransactionEvent)]
    assert all(send.offline for send in sends)
    kinds = [event.event_type for event in events([send.message for send in sends])]
    assert kinds[:4] == ["Updated"] * 4
    assert (kinds[-1] == "Ended") is stops


# -- without a link -------------------------------------------------------------------------------


@proves("E11.FR.01", "E11.FR.02", "E11.FR.03")
def test_tc_e_40_a_link_that_is_lost_during_a_transaction() -> None:
    tool = Octt(SampledDataCtrlr__TxUpdatedInterval="5")
    tool.energy_transfer_started()
    tool.lose_link()
    tool.wait(21)
    before = len(tool.sent)
    tool.link()
    sends = [send for send in tool.sent[before:] if isinstance(send.message, TransactionEvent)]
    assert len(sends) == 4
    for send in sends:
        assert isinstance(send.message, TransactionEvent)
        assert (send.message.event_type, send.offline) == ("Updated", True)
        assert send.message.meter_values


@proves("E12.FR.01", "E12.FR.02", "E04.FR.01", "E04.FR.02")
def test_tc_e_43_a_whole_transaction_without_a_link() -> None:
    tool = Octt(**UNKNOWN_MAY)
    tool.lose_link()
    tool.present()
    tool.plug_in()
    tool.wait(10)
    tool.present()
    tool.unplug()
    before = len(tool.sent)
    tool.link()
    sends = [send for send in tool.sent[before:] if isinstance(send.message, TransactionEvent)]
    assert all(send.offline for send in sends)
    kinds = [event.event_type for event in events([send.message for send in sends])]
    assert (kinds[0], kinds[-1]) == ("Started", "Ended")


@proves("E08.FR.01", "E08.FR.02", "E08.FR.04", "E08.FR.05", "E08.FR.06", "E08.FR.07")
@pytest.mark.parametrize("card", [CARD, OTHER_CARD])
def test_tc_e_44_and_45_a_transaction_that_is_stopped_without_a_link(card: IdToken) -> None:
    """By the identifier that began it, or one of its group, which the cache knows."""
    family = IdTokenInfo(AuthorizationStatus.ACCEPTED, group_id_token=OTHER_CARD)
    tool = Octt(AuthCacheCtrlr__Enabled="true")
    tool.csms.tokens = {CARD.id_token: family, OTHER_CARD.id_token: family}
    for each in (card, CARD):  # the cache gets to know them
        tool.present(each)
        tool.stop()
    tool.plug_in()
    tool.present()
    tool.wait(1)
    tool.lose_link()
    tool.present(card)
    tool.event(UnplugAtStation(1))
    before = len(tool.sent)
    tool.link()
    sends = [send for send in tool.sent[before:] if isinstance(send.message, TransactionEvent)]
    assert all(send.offline for send in sends)
    last = sends[-1].message
    assert isinstance(last, TransactionEvent)
    assert (last.event_type, last.id_token) == ("Ended", card)


# -- a CSMS that does not accept ------------------------------------------------------------------

TRIES = {
    "OCPPCommCtrlr__MessageAttempts[TransactionEvent]": "3",
    "OCPPCommCtrlr__MessageAttemptInterval[TransactionEvent]": "10",
}


@proves("E13.FR.01", "E13.FR.02", "E13.FR.03", "E13.FR.04")
@pytest.mark.parametrize("code", ["InternalError", "Timeout"])
def test_tc_e_41_and_50_a_message_is_given_up_after_its_last_attempt(code: str) -> None:
    """A CALLERROR, or no answer within MessageTimeout; each wait is longer by the interval."""
    tool = Octt(**TRIES)
    tool.authorized()
    tool.csms.keep_silent(TransactionEvent)
    (started,) = events(tool.plug_in())
    for attempt in (1, 2):
        refuse(tool, code)
        assert tool.wait(10 * attempt - 0.1) == []
        assert tool.wait(0.2) == [started]
    refuse(tool, code)
    following = tool.outstanding
    assert following is not None
    assert isinstance(following.message, TransactionEvent)
    assert (following.message.seq_no, following.attempt) == (1, 1)
    assert tool.said(NoticeKind.DISCARDED) == [f"TransactionEvent of tx-1, seqNo 0, failed 3 times ({code})"]


@proves("E13.FR.02", "E13.FR.03")
@pytest.mark.parametrize("code", ["InternalError", "Timeout"])
def test_tc_e_42_and_51_a_message_that_is_taken_at_last_is_not_sent_again(code: str) -> None:
    tool = Octt(**TRIES)
    tool.authorized()
    tool.csms.keep_silent(TransactionEvent)
    tool.plug_in()
    refuse(tool, code)
    tool.csms.behave(TransactionEvent)
    tool.wait(200)
    told = [(m.seq_no, send.attempt) for send in tool.sent if isinstance(m := send.message, TransactionEvent)]
    assert told[:3] == [(0, 1), (0, 2), (1, 1)]


def refuse(tool: Octt, code: str) -> None:
    """The CSMS fails what is in flight: at once with a CALLERROR, or by its silence."""
    send, tool.outstanding = tool.outstanding, None
    assert send is not None
    if code == "Timeout":
        tool.elapsed_s += 30
    tool.event(Failed(send.ref, code))
