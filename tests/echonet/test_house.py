"""The fleet as a node: what a controller reads, what it orders, what it is told, and what the CSMS hears of it."""

import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from evtui.echonet.identity import identity, node_identity
from evtui.echonet.properties import EV_CHARGER, read_map
from evtui.engine.views import station_detail
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from tests.echonet.neighbourhood import FIRST, Neighbourhood, neighbourhood
from tests.engine.scripted import ScriptedCsms

pytestmark = [
    pytest.mark.xdist_group("echonet"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"),
]

PROFILE = 0x0EF001
BATTERY = (0xCE, 0xCF, 0xD0, 0xE2, 0xE4)
CHARGE, STANDBY, IDLE, OTHER = b"\x42", b"\x44", b"\x47", b"\x40"


# -- what is read ---------------------------------------------------------------------------------


async def test_a_request_looks_only_at_what_a_controller_is_shown(tmp_path: Path) -> None:
    """The series and the whole device model, which no property shows, would cost ten times as much."""
    with patch("evtui.engine.local.station_detail", wraps=station_detail) as looked:
        async with neighbourhood(tmp_path) as it:
            await it.it.advance(2.0)
            await it.number(0xD3)
            assert looked.call_args_list
            assert not [each for each in looked.call_args_list if each.kwargs["whole"]]


async def test_every_property_of_the_get_map_has_a_value_that_fits_its_rule(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        named = read_map(await it.get(0x9F) or b"")
        assert named is not None
        for epc in named:
            edt = await it.get(epc)
            assert edt is not None, f"{epc:02X}"
            assert EV_CHARGER[epc].fits(edt), f"{epc:02X}"


async def test_a_battery_that_is_not_there_has_no_properties_and_the_map_stays(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        before = await it.get(0x9F)
        for epc in BATTERY:
            assert await it.get(epc) is None, f"{epc:02X}"
        await it.order("plug-in")
        assert await it.get(0x9F) == before
        full_wh = await it.number(0xCE)
        assert full_wh == 41_000
        assert await it.number(0xCF) + await it.number(0xE2) == pytest.approx(full_wh, abs=1)
        assert 80 <= await it.number(0xE4) <= 82
        await it.order("unplug")
        for epc in BATTERY:
            assert await it.get(epc) is None, f"{epc:02X}"


async def test_power_and_energy_are_those_of_the_screen_and_of_the_meter_values(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(20.0)
        detail = await it.it.door.station("CP001")
        assert detail is not None
        assert await it.number(0xD3) == round(detail.evses[0].row.power_w) > 10_000
        assert await it.number(0xD8) == round(detail.evses[0].register_wh)
        assert await it.number(0xE4) == round(detail.evses[0].row.soc_percent or 0)
        sent = [_register_wh(payload) for _, action, payload in it.it.csms.calls if action == "TransactionEvent"]
        assert await it.number(0xD8) == pytest.approx(max(filter(None, sent)), abs=400)


def _register_wh(payload: dict[str, Any]) -> float | None:
    for value in payload.get("meterValue", ()):
        for sample in value["sampledValue"]:
            if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register":
                return float(sample["value"])
    return None


@pytest.mark.parametrize(
    ("connector", "rated_w", "expected"),
    [
        (
            ConnectorSpec(),
            22_000.0,
            {0xC5: 22_000, 0xC8: (4_140 << 32) + 22_000, 0xCA: (60 << 16) + 319, 0xCC: 0x11, 0xD2: 230, 0xED: 319},
        ),
        (
            ConnectorSpec(ConnectorType.CTYPE1, 1),
            7_360.0,
            {0xC5: 7_360, 0xC8: (1_380 << 32) + 7_360, 0xCA: (60 << 16) + 320, 0xCC: 0x11, 0xEB: 7_360},
        ),
        (
            ConnectorSpec(ConnectorType.CCCS2, 0, 400.0),
            150_000.0,
            {0xC5: 150_000, 0xC8: 150_000, 0xCC: 0x51, 0xED: 65_533},
        ),
        (ConnectorSpec(ConnectorType.CCCS1, 0, 400.0), 150_000.0, {0xCC: 0x41}),
        (ConnectorSpec(ConnectorType.CG105, 0, 200.0), 50_000.0, {0xCC: 0x21}),
    ],
)
async def test_a_charger_tells_what_it_is_rated_for(
    tmp_path: Path, connector: ConnectorSpec, rated_w: float, expected: dict[int, int]
) -> None:
    async with neighbourhood(tmp_path, evses=(EvseSpec((connector,), rated_w),)) as it:
        for epc, value in expected.items():
            assert await it.number(epc) == value, f"{epc:02X}"


async def test_a_direct_current_charger_has_no_rated_current_and_voltage(tmp_path: Path) -> None:
    evse = EvseSpec((ConnectorSpec(ConnectorType.CCCS2, 0, 400.0),), 150_000.0)
    async with neighbourhood(tmp_path, evses=(evse,)) as it:
        named = read_map(await it.get(0x9F) or b"")
        assert named is not None
        assert not named & {0xCA, 0xD2}


async def test_a_charger_names_its_product_and_serial_number(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        assert await it.get(0x8C) == b"AC22".ljust(12, b"\0")
        assert await it.get(0x8D) == b"EVT-000001\0\0"
        assert await it.get(0x82) == b"\0\0R\0"
        assert await it.get(0x8A) == b"\xff\xff\xf0"


async def test_identification_numbers_depend_on_address_and_names_alone(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path, 2) as it:
        node = node_identity(it.home)
        assert await it.get(0x83, PROFILE) == node
        assert await it.get(0x83, FIRST) == identity(node.hex(), "CP001", "1")
        assert await it.get(0x83, FIRST + 1) == identity(node.hex(), "CP002", "1")


async def test_the_connection_is_told(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        assert await it.get(0xC7) == b"\x30"
        await it.order("plug-in")
        assert await it.told(0xC7) == b"\x41"
        assert await it.set(0xCD, "10")
        assert await it.get(0xC7) == b"\x41"
        await it.order("unplug")
        assert await it.told(0xC7) == b"\x30"


async def test_a_full_battery_is_not_chargeable(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(200.0)
        assert await it.number(0xE4) == 100
        assert await it.get(0xC7) == b"\x40"
        assert await it.get(0xDA) == STANDBY
        assert not await it.set(0xDA, "42")


# -- what is ordered ------------------------------------------------------------------------------


async def test_charge_starts_a_session_with_the_token_of_the_station(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        assert await it.get(0xDA) == IDLE
        assert await it.set(0xDA, "42")
        await it.until_told(0xDA, "42")
        await it.it.advance(2.0)
        assert await it.get(0xDA) == CHARGE
        assert (await it.it.evse()).charging_state == "Charging"
        actions = [action for _, action, _ in it.it.csms.calls]
        assert actions.index("Authorize") < actions.index("TransactionEvent")


async def test_charge_is_refused_without_a_car(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        assert not await it.set(0xDA, "42")
        assert await it.get(0xDA) == IDLE


async def test_charge_that_the_csms_refuses_is_answered_at_once_and_taken_back_by_an_inf(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        it.it.csms.answers["Authorize"] = lambda payload: {"idTokenInfo": {"status": "Invalid"}}
        await it.order("plug-in")
        assert await it.set(0xDA, "42")
        assert await it.told(0xDA) == CHARGE
        assert await it.told(0xDA) == IDLE
        assert await it.get(0xDA) == IDLE
        assert "start was not done" in it.notes[-1]


async def test_standby_suspends_and_charge_resumes_in_the_same_transaction(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(2.0)
        transaction_id = (await it.it.evse()).transaction_id
        assert await it.set(0xDA, "44")
        await it.until_told(0xDA, "44")
        await it.it.advance(1.0)
        evse = await it.it.evse()
        assert (evse.charging_state, evse.power_w) == ("SuspendedEVSE", 0.0)
        assert await it.number(0xD3) == 0
        assert _states(it)[-1] == "SuspendedEVSE"
        assert await it.set(0xDA, "42")
        await it.until_told(0xDA, "42")
        await it.it.advance(2.0)
        assert (await it.it.evse()).charging_state == "Charging"
        assert (await it.it.evse()).transaction_id == transaction_id


def _states(it: Neighbourhood) -> list[str]:
    """What the CSMS was told of the charging state, in order."""
    return [
        payload["transactionInfo"]["chargingState"]
        for _, action, payload in it.it.csms.calls
        if action == "TransactionEvent" and "chargingState" in payload["transactionInfo"]
    ]


async def test_idle_ends_the_transaction_as_a_local_stop(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(2.0)
        assert await it.set(0xDA, "47")
        await it.until_told(0xDA, "47")
        await it.it.advance(1.0)
        last = [payload for _, action, payload in it.it.csms.calls if action == "TransactionEvent"][-1]
        assert last["eventType"] == "Ended"
        assert last["triggerReason"] == "StopAuthorized"
        assert last["transactionInfo"].get("stoppedReason", "Local") == "Local"


async def test_a_station_of_ocpp_1_6_is_the_same_charger(tmp_path: Path) -> None:
    def old(csms: ScriptedCsms) -> None:
        csms.subprotocol = "ocpp1.6"

    async with neighbourhood(tmp_path, before=old) as it:
        await it.order("plug-in")
        assert await it.set(0xDA, "42")
        await it.it.advance(3.0)
        assert await it.get(0xDA) == CHARGE
        assert await it.number(0xD3) > 10_000
        assert await it.set(0xDA, "44")
        await it.it.advance(1.0)
        assert await it.get(0xDA) == STANDBY
        assert await it.set(0xDA, "47")
        await it.until_told(0xDA, "47")
        await it.it.advance(1.0)
        told = [(action, payload) for _, action, payload in it.it.csms.calls if "Transaction" in action]
        assert [action for action, _ in told] == ["StartTransaction", "StopTransaction"]
        assert told[1][1].get("reason", "Local") == "Local"
        assert told[1][1]["meterStop"] == await it.number(0xD8)
        statuses = [payload["status"] for _, action, payload in it.it.csms.calls if action == "StatusNotification"]
        assert statuses.index("Charging") < statuses.index("SuspendedEVSE") < statuses.index("Finishing")


async def test_a_stop_that_follows_a_start_at_once_is_carried_out_after_it(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        assert await it.set(0xDA, "42")
        assert await it.set(0xDA, "47")
        await it.until_told(0xDA, "47")
        await it.it.advance(1.0)
        assert (await it.it.evse()).transaction_id is None
        assert await it.get(0xDA) == IDLE


@pytest.mark.parametrize("mode", ["40", "43", "46", "00"])
async def test_a_mode_that_a_charger_does_not_have_is_refused(tmp_path: Path, mode: str) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        assert not await it.set(0xDA, mode)


async def test_standby_from_idle_is_refused_and_idle_in_idle_is_nothing_new(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        assert not await it.set(0xDA, "44")
        assert await it.set(0xDA, "47")


async def test_what_the_csms_or_the_driver_does_is_told(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.until_told(0xDA, "42")
        await it.order("stop")
        assert await it.told(0xDA) == IDLE


@pytest.mark.parametrize(
    ("epc", "edt", "most_w", "name"),
    [(0xEB, "00001388", 5_000.0, "ECHONET controller"), (0xED, "0064", 6_900.0, "ECHONET controller (current)")],
)
async def test_a_setting_of_power_or_current_limits_and_shows_why(
    tmp_path: Path, epc: int, edt: str, most_w: float, name: str
) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(2.0)
        assert await it.set(epc, edt)
        assert (await it.told(epc)).hex() == edt
        await it.it.advance(5.0)
        assert 0.85 * most_w < await it.number(0xD3) <= most_w
        detail = await it.it.door.station("CP001")
        assert detail is not None
        assert [limit.name for limit in detail.evses[0].limits if limit.wins] == [name]
        assert (await it.get(epc) or b"").hex() == edt


async def test_the_smaller_of_two_settings_wins(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        assert await it.set(0xEB, "00002710")
        assert await it.set(0xED, "0064")
        await it.it.advance(5.0)
        assert 6_000 < await it.number(0xD3) <= 6_900


async def test_an_amount_of_energy_ends_the_session_and_is_over_with_it(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        assert await it.number(0xE7) == 999_999_999
        assert await it.set(0xE7, "000001F4")
        assert await it.number(0xE7) == 500
        await it.order("start")
        await it.it.advance(15.0)
        assert await it.get(0xDA) == IDLE
        assert await it.number(0xE7) == 999_999_999
        last = [payload for _, action, payload in it.it.csms.calls if action == "TransactionEvent"][-1]
        assert last["transactionInfo"]["stoppedReason"] == "EnergyLimitReached"


async def test_the_counter_is_reset_for_the_controller_alone(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        assert await it.number(0xD8) > 0
        assert await it.set(0xD9, "00")
        assert await it.number(0xD8) == 0
        await it.order("start")
        await it.it.advance(10.0)
        evse = await it.it.evse()
        assert await it.number(0xD8) == pytest.approx(evse.energy_wh, abs=1)
        detail = await it.it.door.station("CP001")
        assert detail is not None
        assert detail.evses[0].register_wh > 1_000_000


async def test_the_place_of_installation_is_kept_and_told(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        assert await it.get(0x81) == b"\0"
        assert await it.set(0x81, "08")
        assert await it.told(0x81) == b"\x08"
        assert await it.get(0x81) == b"\x08"


async def test_orders_beyond_what_can_wait_are_refused(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        charger = it.house.node.devices[FIRST]
        assert charger.set(0xEB, bytes(4))
        taken = [charger.set(0xEB, bytes(4)) for _ in range(40)]
        assert True in taken
        assert taken[-1] is False


# -- instances ------------------------------------------------------------------------------------


async def test_each_evse_is_an_instance_in_the_order_of_the_fleet(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path, 2, evses=(EvseSpec(), EvseSpec())) as it:
        assert (await it.get(0xD6, PROFILE) or b"").hex() == "0402a10102a10202a10302a104"
        await it.order("plug-in", "CP002/1")
        assert await it.get(0xC7, FIRST + 2) == b"\x41"
        assert await it.get(0xC7, FIRST + 1) == b"\x30"


async def test_an_order_of_its_own_comes_first(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path, 3, order=("CP003", "CP002/1", "CP009", "CP001/7")) as it:
        await it.order("plug-in", "CP003")
        assert await it.get(0xC7, FIRST) == b"\x41"
        await it.order("plug-in", "CP002")
        assert await it.get(0xC7, FIRST + 1) == b"\x41"
        assert await it.get(0xC7, FIRST + 2) == b"\x30"
        assert it.notes == ["echonet.order: there is no CP009", "echonet.order: there is no CP001/7"]


async def test_stations_that_come_and_go_are_announced_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path, 2) as it:
        await it.it.order("add-stations", count="1")
        assert (await it.controller.told(0xD5, it.home)).hex() == "0302a10102a10202a103"
        await it.order("remove-station", "CP001")
        assert (await it.controller.told(0xD5, it.home)).hex() == "0202a10202a103"
        await it.order("plug-in", "CP002")
        assert await it.get(0xC7, FIRST + 1) == b"\x41"
        await it.it.order("add-stations", count="1")
        assert (await it.controller.told(0xD5, it.home)).hex() == "0302a10202a10302a104"


async def test_beyond_84_evses_the_rest_is_not_shown_and_that_is_said(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path, 43, evses=(EvseSpec(), EvseSpec())) as it:
        assert await it.number(0xD3, PROFILE) == 84
        assert it.notes == ["ECHONET Lite shows 84 EVSEs, the most that an instance list holds"]
        await it.order("remove-station", "CP001")
        told = await it.controller.told(0xD5, it.home)
        assert told[0] == 84
        assert told.endswith(bytes.fromhex("02A15502A156"))


async def test_extra_properties_are_there_when_asked_for(tmp_path: Path) -> None:
    extra = {0xB0: "availability", 0xE0: "energy", 0xE1: "power"}
    async with neighbourhood(tmp_path, extra=extra) as it:
        assert await it.get(0xB0) == b"\x30"
        await it.order("start")
        await it.it.advance(5.0)
        assert await it.get(0xB0) == b"\x31"
        assert await it.number(0xE0) == await it.number(0xD8)
        assert await it.number(0xE1) == pytest.approx(await it.number(0xD3) / 100, abs=1)


async def test_without_being_asked_for_there_are_no_extra_properties(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        assert await it.get(0xB0) is None


# -- what windows see -----------------------------------------------------------------------------


async def test_a_window_sees_what_a_controller_reads(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(5.0)
        view = await it.house.view()
        profile, charger = view.objects
        assert (view.address, profile.eoj, charger.eoj) == (it.home, PROFILE, FIRST)
        assert charger.about == "CP001 EVSE 1"
        rows = {row.epc: row for row in charger.properties}
        for epc in read_map(await it.get(0x9F) or b"") or ():
            edt = await it.get(epc)
            assert edt is not None
            assert rows[epc].edt == edt.hex(" ").upper(), f"{epc:02X}"
            assert rows[epc].text == EV_CHARGER[epc].text(edt)
        assert rows[0xD3].text.endswith(" W")
        assert (rows[0xDA].text, rows[0xDA].access) == ("charge", "get set inf")
        assert rows[0xCD].access == "set"
