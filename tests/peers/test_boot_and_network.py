"""Registration and network profiles over real sockets: the real program before strict CSMSs that are not ours."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.peers.driven import Driven, driven
from tests.peers.ocpp_rpc import StrictCsms, strict_csms
from tests.program import Household, until
from tests.proof import proves

pytestmark = pytest.mark.timeout(60)

TOKEN = {"idToken": "DEADBEEF", "type": "ISO14443"}
AFTER_BOOT = ("StatusNotification Available", "SecurityEventNotification ResetOrReboot")


def profile(csms: StrictCsms, **change: Any) -> dict[str, Any]:
    return {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": csms.url,
        "messageTimeout": 30,
        "securityProfile": 0,
        "ocppInterface": "Wired0",
    } | change


def not_yet(status: str) -> dict[str, Any]:
    """What a CSMS answers to the boot of a station that has to wait two seconds."""
    return {"currentTime": datetime.now(UTC).isoformat(), "interval": 2, "status": status}


def set_variable(play: Driven, component: str, variable: str, value: str) -> str:
    row = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    status: str = play.ask("SetVariables", setVariableData=[row])["setVariableResult"][0]["attributeStatus"]
    return status


@proves("SetNetworkProfile", "SetVariables", "Reset", "B09.FR.01", "B09.FR.02", "B09.FR.05", "B10.FR.01", "B10.FR.04")
def test_a_csms_moves_its_station_to_another(house: Household) -> None:
    with strict_csms() as other, driven(house) as play:
        data = profile(other)
        wrong = play.ask("SetNetworkProfile", configurationSlot=9, connectionData=data)
        assert (wrong["status"], wrong["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidConfSlot")
        wrong = play.ask("SetNetworkProfile", configurationSlot=2, connectionData=profile(other, ocppTransport="SOAP"))
        assert (wrong["status"], wrong["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidNetworkConf")
        assert set_variable(play, "OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "Rejected"
        assert play.ask("SetNetworkProfile", configurationSlot=2, connectionData=data)["status"] == "Accepted"
        assert set_variable(play, "OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "RebootRequired"
        play.quiet()
        assert play.ask("Reset", type="OnIdle")["status"] == "Accepted"
        there = play.before(other)
        there.script("BootNotification RemoteReset", *AFTER_BOOT)
        assert other.violations() == []


@proves("SetNetworkProfile", "BootNotification", "B10.FR.03", "B10.FR.08", "B10.FR.10")
def test_a_station_that_cannot_reach_its_csms_goes_to_the_next_and_boots_there(house: Household) -> None:
    with strict_csms() as other, driven(house, OCPPCommCtrlr__NetworkProfileConnectionAttempts="1") as play:
        play.ask("SetNetworkProfile", configurationSlot=2, connectionData=profile(other))
        set_variable(play, "OCPPCommCtrlr", "NetworkConfigurationPriority", "1,2")
        play.do("start")
        play.until("TransactionEvent Started Authorized")
        there = play.before(other)
        play.csms.leave()
        there.until("BootNotification Unknown", "StatusNotification Occupied")
        there.do("stop")
        there.until("TransactionEvent Ended StopAuthorized")
        play.csms.come_back()
        other.leave()
        play.until("BootNotification Unknown", "StatusNotification Occupied")
        assert other.violations() == []


@proves("BootNotification", "B02.FR.01", "B02.FR.02", "B02.FR.04", "B02.FR.05")
def test_a_pending_station_answers_and_says_only_what_it_is_asked(house: Household) -> None:
    with driven(house) as play:
        play.csms.answer("BootNotification", not_yet("Pending"))
        play.ask("Reset", type="Immediate")
        play.script("BootNotification RemoteReset")
        until(lambda: "versionNumber" in play.ask("GetLocalListVersion"))
        assert play.ask("RequestStartTransaction", remoteStartId=1, idToken=TOKEN)["status"] == "Rejected"
        assert set_variable(play, "OCPPCommCtrlr", "OfflineThreshold", "5") == "Accepted"
        play.do("plug-in")
        play.quiet()
        play.ask("TriggerMessage", requestedMessage="StatusNotification", evse={"id": 1, "connectorId": 1})
        play.script("StatusNotification Occupied")
        first, second = play.until("BootNotification RemoteReset"), play.until("BootNotification RemoteReset")
        assert second[-1].at - first[-1].at == pytest.approx(2.0, abs=0.8)


@proves("BootNotification", "B03.FR.02", "B03.FR.06", "B03.FR.08")
def test_a_rejected_station_is_silent_until_its_time_comes(house: Household) -> None:
    with driven(house) as play:
        play.csms.answer("BootNotification", not_yet("Rejected"))
        play.ask("Reset", type="Immediate")
        (first,) = play.script("BootNotification RemoteReset")
        assert play.ask("GetLocalListVersion") == {"error": "SecurityError"}
        assert play.ask("TriggerMessage", requestedMessage="Heartbeat") == {"error": "SecurityError"}
        play.do("plug-in")
        (second,) = play.script("BootNotification RemoteReset")
        assert second.at - first.at == pytest.approx(2.0, abs=0.8)


@proves("BootNotification", "B01.FR.10")
def test_a_csms_that_has_forgotten_the_station_gets_another_boot(house: Household) -> None:
    with driven(house) as play:
        play.csms.answer("StatusNotification", error="SecurityError")
        play.do("plug-in")
        play.until("StatusNotification Occupied", "BootNotification Unknown", "StatusNotification Occupied")
