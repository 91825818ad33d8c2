"""What a session dials: network profiles, passwords, certificates, and how it goes on when that fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from evtui.config import CsmsConfig, NetworkConfig
from evtui.engine.door import LinkState
from evtui.engine.endpoints import endpoint_at, network_of
from evtui.errors import ConnectError
from evtui.ocppj.endpoint import Endpoint, Secret
from evtui.sim.link.network_profile import NetworkProfile
from tests.engine.scripted import REFUSED, Bench, ScriptedCsms, bench
from tests.proof import proves
from tests.sim.playbook import Playbook

pytestmark = proves("SetNetworkProfile", "SetVariables", "A01", "B09", "B10")

TWO = CsmsConfig(network=(NetworkConfig("ws://backup.test"),))
QUICK = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
    "OCPPCommCtrlr.NetworkProfileConnectionAttempts": "2",
}
UNAUTHORIZED = ConnectError("http", "the CSMS answered HTTP 401", "check the password", "unauthorized")
NEW = "correct horse battery"


def set_variable(component: str, variable: str, value: str) -> dict[str, Any]:
    row = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    return {"setVariableData": [row]}


def connection_data(**change: Any) -> dict[str, Any]:
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "ws://backup.test/ocpp",
        "messageTimeout": 17,
        "securityProfile": 0,
        "ocppInterface": "Wired0",
    }
    return {"configurationSlot": 2, "connectionData": data | change}


async def ask(it: Bench, action: str, payload: dict[str, Any]) -> list[Any]:
    """The station's answer."""
    it.csms.links["CP001"].push(json.dumps([2, f"ask-{len(it.csms.replies)}", action, payload]))
    await it.advance(0)
    return it.csms.replies[-1]


def urls(it: Bench) -> list[str]:
    return [endpoint.url for _, endpoint in it.csms.dials]


async def test_b10_the_next_profile_is_dialled_after_the_attempts_of_the_first(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = REFUSED

    async with bench(tmp_path, csms=TWO, variables=QUICK, before=prepare) as it:
        await it.advance(4.5)
        assert [url.split("/")[2] for url in urls(it)] == ["csms.test"] * 2 + ["backup.test"] * 2 + ["csms.test"]
        assert (await it.events("network"))[0].text == "network profile 2 is tried next"


async def test_b10_fr_10_another_profile_means_another_boot(tmp_path: Path) -> None:
    async with bench(tmp_path, csms=TWO, variables=QUICK) as it:
        it.csms.refusal = REFUSED
        it.csms.links["CP001"].cut()
        await it.advance(2.5)
        it.csms.refusal = None
        await it.advance(1)
        assert urls(it)[-1] == "ws://backup.test/CP001"
        assert it.csms.actions().count("BootNotification") == 2
        kinds = [event.kind for event in await it.events("booting", "online")]
        assert kinds == ["booting", "online"] * 2
        detail = await it.door.station("CP001")
        assert detail is not None
        assert (detail.url, detail.variables["OCPPCommCtrlr.ActiveNetworkProfile"]) == ("ws://backup.test/CP001", "2")


async def test_b09_b10_a_csms_moves_its_station(tmp_path: Path) -> None:
    """SetNetworkProfile, NetworkConfigurationPriority, Reset."""
    async with bench(tmp_path, variables=QUICK) as it:
        assert (await ask(it, "SetNetworkProfile", connection_data()))[2] == {"status": "Accepted"}
        priority = set_variable("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1")
        answer = await ask(it, "SetVariables", priority)
        assert answer[2]["setVariableResult"][0]["attributeStatus"] == "RebootRequired"
        assert (await ask(it, "Reset", {"type": "OnIdle"}))[2] == {"status": "Accepted"}
        await it.advance(0)
        assert urls(it) == ["ws://csms.test/CP001", "ws://backup.test/ocpp/CP001"]
        it.csms.answers["Heartbeat"] = lambda payload: None
        await ask(it, "TriggerMessage", {"requestedMessage": "Heartbeat"})
        await it.advance(16.9)
        assert (await it.row()).trouble == ""
        await it.advance(0.2)
        assert (await it.row()).trouble == "Heartbeat failed (Timeout)"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ocppCsmsUrl": "ftp://backup.test"}, "InvalidNetworkConf"),
        ({"ocppTransport": "SOAP"}, "InvalidNetworkConf"),
        (
            {"vpn": {"server": "x", "user": "x", "password": "hush", "key": "hush", "type": "IKEv2"}},
            "InvalidNetworkConf",
        ),
    ],
)
async def test_b09_fr_02_what_cannot_be_used_is_rejected_with_the_reason(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    async with bench(tmp_path) as it:
        answer = await ask(it, "SetNetworkProfile", connection_data(**change))
        assert (answer[2]["status"], answer[2]["statusInfo"]["reasonCode"]) == ("Rejected", reason)
        assert "hush" not in repr(it.frames())


async def test_b09_the_secrets_of_a_modem_reach_no_frame(tmp_path: Path) -> None:
    apn = {"apn": "internet", "apnAuthentication": "PAP", "apnPassword": "hush-hush", "simPin": 73914628}
    async with bench(tmp_path) as it:
        answer = await ask(it, "SetNetworkProfile", connection_data(ocppInterface="Wireless0", apn=apn))
        assert answer[2] == {"status": "Accepted"}
        frames = repr(it.frames())
        assert "hush" not in frames
        assert "73914628" not in frames


async def test_a01_a_password_that_the_csms_refuses_gives_way_to_the_one_before(tmp_path: Path) -> None:
    async with bench(tmp_path, csms=CsmsConfig(password_env="PATH"), variables=QUICK) as it:
        old = it.csms.dials[0][1].password
        assert old is not None
        it.csms.refusal = UNAUTHORIZED
        await ask(it, "SetVariables", set_variable("SecurityCtrlr", "BasicAuthPassword", NEW))
        await it.advance(2.5)
        tried = [endpoint.password for _, endpoint in it.csms.dials]
        assert tried == [old, Secret(NEW), old, Secret(NEW)]
        it.csms.refusal = None
        await it.advance(1)
        assert (await it.row()).link is LinkState.ONLINE
        assert it.csms.dials[-1][1].password == old
        for told in (it.frames(), await it.events(), await it.door.station("CP001")):
            assert NEW not in repr(told)


async def test_a_password_that_is_set_while_the_station_waits_is_tried_at_once(tmp_path: Path) -> None:
    def prepare(csms: ScriptedCsms) -> None:
        csms.refusal = UNAUTHORIZED

    slow = QUICK | {"OCPPCommCtrlr.RetryBackOffWaitMinimum": "1000"}
    async with bench(tmp_path, variables=slow, before=prepare) as it:
        from evtui.sim.events import SetVariable

        session = it.fleet.session("CP001")
        assert session is not None
        session.post(SetVariable("SecurityCtrlr", "BasicAuthPassword", NEW))
        it.csms.refusal = None
        await it.advance(0.1)
        assert it.csms.dials[-1][1].password == Secret(NEW)
        assert (await it.row()).link is LinkState.ONLINE


async def test_a_reset_while_the_station_dials_begins_anew(tmp_path: Path) -> None:
    async with bench(tmp_path, csms=TWO, variables=QUICK) as it:
        await it.order("start", "CP001")
        await ask(it, "Reset", {"type": "OnIdle"})
        it.csms.refusal = REFUSED
        it.csms.links["CP001"].cut()
        await it.advance(2.5)
        it.csms.hangs = True
        await it.advance(1)
        assert urls(it)[-1].startswith("ws://backup.test")
        it.csms.hangs, it.csms.refusal = False, None
        await it.order("stop", "CP001")
        await it.order("unplug", "CP001")
        await it.advance(0.5)
        assert urls(it)[-1].startswith("ws://csms.test")
        boots = [payload["reason"] for _, action, payload in it.csms.calls if action == "BootNotification"]
        assert boots == ["PowerUp", "ScheduledReset"]


# -- variables that hold at once -----------------------------------------------------------------------


async def test_the_ping_interval_holds_at_once(tmp_path: Path) -> None:
    """OCPP-J 5.2; 0 sends none."""
    async with bench(tmp_path) as it:
        assert it.csms.pings == []
        for seconds in ("7", "0"):
            await ask(it, "SetVariables", set_variable("OCPPCommCtrlr", "WebSocketPingInterval", seconds))
        assert [interval_s for _, interval_s in it.csms.pings] == [7, 0]
        answer = await ask(it, "SetVariables", set_variable("OCPPCommCtrlr", "WebSocketPingInterval", "-1"))
        assert answer[2]["setVariableResult"][0]["attributeStatus"] == "Rejected"


async def test_the_back_off_is_what_the_variables_say_when_the_link_is_lost(tmp_path: Path) -> None:
    async with bench(tmp_path, variables=QUICK) as it:
        await ask(it, "SetVariables", set_variable("OCPPCommCtrlr", "RetryBackOffWaitMinimum", "5"))
        it.csms.links["CP001"].cut()
        await it.advance(4.9)
        assert len(it.csms.dials) == 1
        await it.advance(0.2)
        assert len(it.csms.dials) == 2


# -- endpoints -------------------------------------------------------------------------------------------

PLAIN = Endpoint("ws://csms.test/CP001")
FULL = Endpoint("wss://csms.test/CP001", "CP001", Secret("configured one"), cert="cp.pem", key="cp.key", ca="ca.pem")


@pytest.mark.parametrize(
    ("url", "endpoint", "security_profile"),
    [
        ("ws://csms.test", PLAIN, 0),
        ("ws://csms.test", Endpoint("", password=Secret("x")), 1),
        ("wss://csms.test", PLAIN, 2),
        ("wss://csms.test", Endpoint("", password=Secret("x")), 2),
        ("wss://csms.test", FULL, 3),
    ],
)
def test_the_security_profile_is_what_the_configuration_makes_of_it(
    url: str, endpoint: Endpoint, security_profile: int
) -> None:
    """A00: 1 basic auth, 2 over TLS, 3 a client certificate; plain is none of them."""
    assert network_of(CsmsConfig(), url, endpoint).profiles[0].security_profile == security_profile


def dialled(base: Endpoint, profile: NetworkProfile) -> Endpoint:
    book = Playbook(network=network_of(CsmsConfig(), "wss://csms.test", base)).booted()
    book.station.uplink.network.profile = profile
    return endpoint_at(base, book.station.uplink, "CP001")


def test_a_profile_brings_its_own_way_to_prove_who_one_is() -> None:
    """A00.FR.001: one security profile at a time."""
    certified = dialled(FULL, NetworkProfile("wss://new.test", 3))
    assert (certified.cert, certified.key, certified.url) == ("cp.pem", "cp.key", "wss://new.test/CP001")
    basic = dialled(FULL, NetworkProfile("wss://new.test", 2))
    assert (basic.cert, basic.key, basic.password, basic.username) == (None, None, Secret("configured one"), "CP001")
    plain = dialled(FULL, NetworkProfile("ws://new.test", 0))
    assert (plain.cert, plain.password, plain.username) == (None, None, "")


def test_a_profile_of_one_version_offers_no_other() -> None:
    """The handshake decides (ERR-201 4.2)."""
    assert dialled(PLAIN, NetworkProfile("ws://new.test", version="OCPP20")).subprotocols == ("ocpp2.0.1",)
