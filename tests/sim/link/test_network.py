"""A05, B09, B10: network profiles, their order, and the security that never falls."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import ConfigError
from evtui.ocppj.urls import dialled_url
from evtui.sim.actions import NoticeKind
from evtui.sim.link import network_profile
from evtui.sim.link.network_profile import Apn, NetworkProfile, NetworkSpec
from evtui.sim.requests import (
    Reset,
    ResetType,
    SetNetworkProfile,
    SetVariables,
    SetVariablesAnswer,
    SetVariableTo,
    StatusAnswer,
)
from evtui.sim.terms import RegistrationStatus
from evtui.sim.variables.reports import VariableRef
from tests.proof import proves
from tests.sim.playbook import Playbook, script

pytestmark = proves("SetNetworkProfile", "A05", "B09", "B10")

BACKUP = NetworkProfile("ws://backup.test/ocpp", 1, 30, "OCPP20")
SECURE = msgspec.structs.replace(BACKUP, csms_url="wss://secure.test/ocpp", security_profile=2)
CERTIFIED = msgspec.structs.replace(SECURE, security_profile=3)


def fleet(*profiles: NetworkProfile, password: bool = False, certificate: bool = False) -> NetworkSpec:
    return NetworkSpec(profiles or (NetworkProfile("ws://first.test"),), password, certificate)


def written(book: Playbook, slot: int, profile: NetworkProfile) -> tuple[str, str]:
    """Status and reason code of a SetNetworkProfile."""
    answer, sent = book.ask(SetNetworkProfile(slot, profile))
    assert isinstance(answer, StatusAnswer)
    assert not sent
    return answer.status, answer.info.reason_code if answer.info else ""


def prefer(book: Playbook, priority: str) -> str:
    """Status of a SetVariables of NetworkConfigurationPriority."""
    ref = VariableRef("OCPPCommCtrlr", "NetworkConfigurationPriority")
    answer, _ = book.ask(SetVariables((SetVariableTo(ref, priority),)))
    assert isinstance(answer, SetVariablesAnswer)
    return answer.rows[0].status


def value(book: Playbook, variable: str) -> str:
    return book.station.variables.get(variable)


def dialled(book: Playbook) -> tuple[int, str]:
    network = book.station.uplink.network
    return network.slot, network.profile.csms_url


# -- B09: writing a slot ------------------------------------------------------------------------------


def test_b09_fr_01_a_profile_that_can_be_used_is_stored_and_nothing_changes_yet() -> None:
    book = Playbook().booted()
    assert written(book, 2, BACKUP) == ("Accepted", "")
    assert dialled(book) == (1, "ws://localhost:9000")
    assert book.hangups == 0


@pytest.mark.parametrize("slot", [0, 4, -1, 2**31 - 1])
def test_b09_fr_05_a_slot_that_the_station_does_not_have_is_rejected(slot: int) -> None:
    assert written(Playbook().booted(), slot, BACKUP) == ("Rejected", "InvalidConfSlot")


@pytest.mark.parametrize(
    "change",
    [
        {"csms_url": "http://backup.test"},
        {"csms_url": "backup.test"},
        {"csms_url": ""},
        {"csms_url": "ws://"},
        {"csms_url": "ws://backup.test:0"},
        {"csms_url": "ws://backup.test:99999"},
        {"csms_url": "ws://user:secret@backup.test"},
        {"csms_url": "ws://backup.test/#x"},
        {"csms_url": "ws://back up.test"},
        {"csms_url": "ws://backup.test/\x1b[2J"},
        {"csms_url": "ws://bäckup.test"},
        {"csms_url": "ws://[::1"},
        {"csms_url": "ws://backup.test/" + "x" * 512},
        {"csms_url": "wss://backup.test"},
        {"security_profile": 2},
        {"security_profile": 3},
        {"security_profile": 4},
        {"security_profile": -1},
        {"message_timeout_s": 0},
        {"message_timeout_s": -30},
        {"transport": "SOAP"},
        {"version": "OCPP15"},
        {"version": "OCPP16"},
        {"interface": "Wired1"},
        {"interface": "Wireless3"},
        {"vpn": True},
    ],
)
def test_b09_fr_02_a_profile_that_cannot_be_used_is_rejected(change: dict[str, Any]) -> None:
    book = Playbook().booted()
    assert written(book, 2, msgspec.structs.replace(BACKUP, **change)) == ("Rejected", "InvalidNetworkConf")
    assert prefer(book, "2") == "Rejected", "the slot is still empty"


@pytest.mark.parametrize("interface", ["Wired0", "Wireless0"])
def test_b09_what_the_modem_needs_is_kept(interface: str) -> None:
    profile = msgspec.structs.replace(BACKUP, interface=interface, apn=Apn("internet", "CHAP", password="hush"))
    book = Playbook().booted()
    assert written(book, 2, profile) == ("Accepted", "")
    assert "hush" not in repr(book.notices)


def test_b09_fr_04_a_lower_security_profile_than_that_in_use_is_rejected() -> None:
    book = Playbook(network=fleet(SECURE, password=True)).booted()
    assert value(book, "SecurityCtrlr.SecurityProfile") == "2"
    assert written(book, 2, BACKUP) == ("Rejected", "NoSecurityDowngrade")
    assert written(book, 2, CERTIFIED) == ("Accepted", "")


@pytest.mark.parametrize(("allowed", "status"), [("true", "Accepted"), ("false", "Rejected")])
def test_b09_fr_31_from_3_to_2_only_where_it_is_allowed_and_never_to_1(allowed: str, status: str) -> None:
    """ERR-201 2.5, 2.12; A00.FR.005."""
    book = Playbook(
        network=fleet(CERTIFIED, certificate=True),
        variables={"SecurityCtrlr.AllowSecurityProfileDowngrade": allowed},
    ).booted()
    assert written(book, 2, SECURE)[0] == status
    assert written(book, 3, BACKUP) == ("Rejected", "NoSecurityDowngrade")
    if status == "Accepted":
        assert prefer(book, "2,1") == "RebootRequired"


def test_b09_a_plain_link_may_go_to_another_plain_one() -> None:
    """0 is no security profile of the standard, and what test setups use."""
    book = Playbook().booted()
    assert value(book, "SecurityCtrlr.SecurityProfile") == "0"
    assert written(book, 2, msgspec.structs.replace(BACKUP, security_profile=0)) == ("Accepted", "")


def test_b09_what_is_written_into_the_slot_in_use_counts_from_the_next_reboot_on() -> None:
    """B09, remark."""
    book = Playbook().booted()
    assert written(book, 1, BACKUP) == ("Accepted", "")
    book.lose_link()
    book.fail_to_connect()
    assert dialled(book) == (1, "ws://localhost:9000")
    book.link()
    book.ask(Reset(ResetType.IMMEDIATE))
    assert dialled(book) == (1, BACKUP.csms_url)


# -- B10: which slot is dialled -------------------------------------------------------------------------


def test_b10_fr_01_a_new_priority_needs_a_reboot_which_begins_with_its_first_entry() -> None:
    """B10.FR.04, A05.FR.05."""
    book = Playbook().booted()
    written(book, 2, BACKUP)
    assert prefer(book, "2,1") == "RebootRequired"
    assert value(book, "OCPPCommCtrlr.ActiveNetworkProfile") == "1"
    book.ask(Reset(ResetType.ON_IDLE))
    assert (book.hangups, dialled(book)) == (1, (2, BACKUP.csms_url))
    assert script(book.link())[0] == "BootNotification RemoteReset"
    assert value(book, "OCPPCommCtrlr.ActiveNetworkProfile") == "2"
    assert value(book, "OCPPCommCtrlr.MessageTimeout[Default]") == "30"


@pytest.mark.parametrize("priority", ["2", "2,1", "1,3"])
def test_b10_fr_02_a_priority_with_an_empty_slot_is_rejected(priority: str) -> None:
    book = Playbook().booted()
    assert prefer(book, priority) == "Rejected"
    assert value(book, "OCPPCommCtrlr.NetworkConfigurationPriority") == "1"


@pytest.mark.parametrize(("certificate", "status"), [(False, "Rejected"), (True, "RebootRequired")])
def test_a05_fr_03_a_client_certificate_has_to_be_there_before_it_is_wanted(certificate: bool, status: str) -> None:
    book = Playbook(network=fleet(certificate=certificate)).booted()
    assert written(book, 2, CERTIFIED) == ("Accepted", "")
    assert prefer(book, "2,1") == status


def test_a_profile_that_cannot_be_dialled_is_not_written_where_it_would_be() -> None:
    """B10.FR.09: never a stranded asset."""
    book = Playbook(network=fleet(NetworkProfile("ws://first.test"), BACKUP)).booted()
    assert written(book, 2, CERTIFIED) == ("Rejected", "InvalidNetworkConf")
    assert written(book, 3, CERTIFIED) == ("Accepted", "")


def test_b10_fr_07_what_worked_last_is_tried_when_nothing_else_works() -> None:
    """Also when the CSMS has overwritten it with what does not, and after a power cut."""
    book = Playbook(network=fleet(NetworkProfile("ws://first.test", 1), password=True)).booted()
    written(book, 1, BACKUP)
    book.ask(Reset(ResetType.IMMEDIATE))
    book.cut_power()
    assert dialled(book) == (1, BACKUP.csms_url)
    book.fail_to_connect(times=3)
    assert dialled(book) == (1, "ws://first.test")
    book.fail_to_connect(times=3)
    assert dialled(book) == (1, BACKUP.csms_url)
    book.fail_to_connect(times=3)
    book.link()
    assert written(book, 2, BACKUP) == ("Accepted", "")


def test_b10_fr_03_each_profile_gets_its_attempts_and_the_first_comes_after_the_last() -> None:
    """B10.FR.08, FR.09: it never stops."""
    book = Playbook(
        network=fleet(NetworkProfile("ws://first.test"), BACKUP, NetworkProfile("ws://third.test")),
        variables={"OCPPCommCtrlr.NetworkProfileConnectionAttempts": "2"},
    )
    assert value(book, "OCPPCommCtrlr.NetworkConfigurationPriority") == "1,2,3"
    slots = []
    for _ in range(8):
        slots.append(dialled(book)[0])
        book.fail_to_connect()
    assert slots == [1, 1, 2, 2, 3, 3, 1, 1]
    assert book.said(NoticeKind.NETWORK)[0] == "network profile 2 is tried next"


def test_b10_after_a_lost_link_the_profile_in_use_is_tried_first_and_then_the_others() -> None:
    """B10.FR.03 as corrected: after a reboot or when the connection is lost."""
    book = Playbook(network=fleet(NetworkProfile("ws://first.test"), BACKUP)).booted()
    book.lose_link()
    book.fail_to_connect(times=2)
    assert dialled(book)[0] == 1
    book.fail_to_connect()
    assert dialled(book)[0] == 2


def test_b10_attempts_before_a_connection_do_not_count_after_it() -> None:
    book = Playbook(network=fleet(NetworkProfile("ws://first.test"), BACKUP))
    book.fail_to_connect(times=2)
    book.link()
    book.lose_link()
    book.fail_to_connect(times=2)
    assert dialled(book)[0] == 1


def test_b10_fr_10_another_profile_means_another_boot() -> None:
    """Erratum 2.13; what happened meanwhile waits until the new CSMS has accepted the station."""
    book = Playbook(network=fleet(NetworkProfile("ws://first.test"), BACKUP)).charging()
    book.lose_link()
    book.fail_to_connect(times=3)
    book.csms.boot = RegistrationStatus.PENDING
    assert script(book.link()) == ["BootNotification Unknown"]
    assert not book.station.registered
    assert book.reading().charging_state == "Charging"
    book.csms.boot = RegistrationStatus.ACCEPTED
    sent = script(book.wait(book.csms.interval_s))
    assert sent[:2] == ["BootNotification Unknown", "StatusNotification 1/1 Occupied"]
    assert "SecurityEvent StartupOfTheDevice" not in sent, "it did not start"
    assert any(line.startswith("Updated") for line in sent)
    assert book.said(NoticeKind.NETWORK)[-1] == "connected by network profile 2"


def test_b10_the_same_profile_means_no_boot() -> None:
    """OCPP-J 5.3."""
    book = Playbook(network=fleet(NetworkProfile("ws://first.test"), BACKUP)).booted()
    book.lose_link()
    book.fail_to_connect(times=6)
    assert dialled(book)[0] == 1
    assert script(book.link()) == []


def test_b10_a_reset_while_another_profile_is_dialled_does_not_confuse_the_station() -> None:
    from evtui.sim.events import Linked

    book = Playbook(network=fleet(NetworkProfile("ws://first.test"), BACKUP)).booted()
    book.lose_link()
    book.event(Linked(slot=2))
    assert dialled(book)[0] == 2


# -- A05: security only rises ---------------------------------------------------------------------------


def test_a05_fr_06_what_is_less_secure_goes_once_the_better_one_has_worked() -> None:
    book = Playbook(network=fleet(NetworkProfile("ws://first.test", 1), password=True)).booted()
    written(book, 2, SECURE)
    prefer(book, "2,1")
    book.ask(Reset(ResetType.IMMEDIATE))
    assert value(book, "SecurityCtrlr.SecurityProfile") == "1", "not before it has worked"
    book.link()
    assert value(book, "SecurityCtrlr.SecurityProfile") == "2"
    assert value(book, "OCPPCommCtrlr.NetworkConfigurationPriority") == "2"
    assert prefer(book, "2,1") == "Rejected"
    book.lose_link()
    book.fail_to_connect(times=10)
    assert dialled(book)[0] == 2, "never back to the lower one"
    told = "ReconfigurationOfSecurityParameters: security profile 2; network profiles removed: 1"
    assert told in book.said(NoticeKind.SECURITY)


def test_a05_an_upgrade_that_does_not_work_falls_back() -> None:
    book = Playbook(network=fleet(NetworkProfile("ws://first.test", 1), password=True)).booted()
    written(book, 2, SECURE)
    prefer(book, "2,1")
    book.ask(Reset(ResetType.IMMEDIATE))
    book.fail_to_connect(times=3)
    assert dialled(book)[0] == 1
    assert script(book.link())[0] == "BootNotification RemoteReset"
    assert value(book, "SecurityCtrlr.SecurityProfile") == "1"


def test_a05_where_a_downgrade_is_allowed_profile_2_stays_beside_3() -> None:
    book = Playbook(
        network=fleet(SECURE, CERTIFIED, certificate=True, password=True),
        variables={
            "SecurityCtrlr.AllowSecurityProfileDowngrade": "true",
            "OCPPCommCtrlr.NetworkConfigurationPriority": "2,1",
        },
    ).booted()
    assert value(book, "OCPPCommCtrlr.ActiveNetworkProfile") == "2"
    assert value(book, "OCPPCommCtrlr.NetworkConfigurationPriority") == "2,1"


def test_a05_what_a_csms_has_made_of_the_slots_outlasts_a_power_cut() -> None:
    book = Playbook(network=fleet(NetworkProfile("ws://first.test", 1), password=True)).booted()
    written(book, 2, SECURE)
    prefer(book, "2,1")
    book.ask(Reset(ResetType.IMMEDIATE))
    book.link()
    book.cut_power()
    assert value(book, "OCPPCommCtrlr.NetworkConfigurationPriority") == "2"
    assert dialled(book) == (2, SECURE.csms_url)
    assert value(book, "SecurityCtrlr.SecurityProfile") == "2"
    book.link()
    assert written(book, 1, BACKUP) == ("Rejected", "NoSecurityDowngrade")


# -- rules of urls --------------------------------------------------------------------------------------

_URLISH = st.text(alphabet="ws:/[]@?#%.{}id0123456789-a_é \x1b", max_size=40)


@given(_URLISH | _URLISH.map("ws://h/{}".format) | _URLISH.map("ws://{}".format))
def test_a_url_that_is_accepted_can_be_dialled(url: str) -> None:
    if network_profile.problem(msgspec.structs.replace(BACKUP, csms_url=url), ("OCPP20",)) is None:
        try:
            dialled_url(url, "CP001", explicit_station_id=True, stations=1)
        except ConfigError as error:
            pytest.fail(f"{url!r}: {error}")
