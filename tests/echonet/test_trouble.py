"""What goes wrong with a station, and what outlasts it: faults, reservations, power cuts, crashes, a new start."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from evtui.echonet.properties import EV_CHARGER
from evtui.sim.fault_kinds import FAULTS, FaultKind
from tests.echonet.neighbourhood import Neighbourhood, neighbourhood
from tests.engine.manual_store import disk
from tests.engine.test_crash import cursed

pytestmark = [
    pytest.mark.xdist_group("echonet"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"),
]

PROFILE = 0x0EF001
CHARGE, STANDBY, IDLE, OTHER = b"\x42", b"\x44", b"\x47", b"\x40"
OWN = {"idToken": "DEADBEEF", "type": "ISO14443"}
STRANGER = {"idToken": "STRANGER", "type": "ISO14443"}


async def reserve(it: Neighbourhood, token: dict[str, str]) -> None:
    expires = (it.it.clock.now().utc + timedelta(hours=1)).isoformat()
    answer = await it.ask("ReserveNow", id=1, expiryDateTime=expires, idToken=token, evseId=1)
    assert answer["status"] == "Accepted"


# -- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "description"),
    [
        ("ground-fault", "000a"),
        ("overcurrent", "000b"),
        ("emergency-stop", "000c"),
        ("power-quality", "000d"),
        ("over-temperature", "000e"),
        ("contactor-weld", "0014"),
        ("problem", "03ff"),
    ],
)
async def test_a_fault_is_told_described_and_over_when_it_is_repaired(
    tmp_path: Path, kind: str, description: str
) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        assert await it.get(0x88) == b"\x42"
        assert await it.get(0x86) == b"\0\xff\xff\xf0"
        await (it.order(kind) if kind == "emergency-stop" else it.order("fault", kind=kind))
        await it.until_told(0x88, "41")
        assert (await it.get(0x89) or b"").hex() == description
        code = FAULTS[FaultKind(kind)].tech_code or kind
        assert await it.get(0x86) == bytes((len(code),)) + b"\xff\xff\xf0" + code.encode()
        assert EV_CHARGER[0x89].fits(bytes.fromhex(description))
        assert await it.get(0x80) == b"\x30"
        assert await it.get(0xC7) == b"\x40"
        assert await it.get(0xDA) == OTHER
        assert not await it.set(0xDA, "42")
        await it.order("release-emergency-stop" if kind == "emergency-stop" else "clear-fault")
        await it.until_told(0x88, "42")
        assert await it.get(0x89) == b"\0\0"
        assert await it.get(0xC7) == b"\x41"
        assert await it.get(0xDA) == IDLE


async def test_a_lock_that_failed_is_a_fault_that_leaves_the_connector_in_service(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        await it.order("lock-failure")
        assert await it.get(0x88) == b"\x42", "nobody has tried it yet"
        assert not (await it.it.order("start", "CP001", within_s=3.0)).done
        await it.until_told(0x88, "41")
        assert (await it.get(0x89) or b"").hex() == "003c"
        assert await it.get(0xC7) == b"\x41"


async def test_a_fault_of_the_running_session_ends_it_for_both_sides(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(3.0)
        await it.order("fault", kind="ground-fault")
        await it.until_told(0xDA, "40")
        await it.it.advance(1.0)
        assert await it.number(0xD3) == 0
        assert it.it.csms.events()[-1]["transactionInfo"]["stoppedReason"] == "GroundFault"


# -- reservations ---------------------------------------------------------------------------------


async def test_what_is_reserved_for_another_cannot_be_charged(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await reserve(it, STRANGER)
        await it.until_told(0xDA, "40")
        assert await it.get(0xC7) == b"\x30"
        await it.order("plug-in")
        assert await it.get(0xC7) == b"\x40"
        assert not await it.set(0xDA, "42")
        assert (await it.ask("CancelReservation", reservationId=1))["status"] == "Accepted"
        await it.until_told(0xDA, "47")
        assert await it.get(0xC7) == b"\x41"


async def test_what_is_reserved_for_the_token_of_the_station_can_be_charged_with_it(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        await it.order("unplug")
        await reserve(it, OWN)
        assert await it.get(0xDA) == OTHER
        assert not await it.set(0xDA, "42"), "there is no car"
        await it.order("plug-in")
        assert await it.get(0xC7) == b"\x41"
        assert await it.set(0xDA, "42")
        await it.it.advance(3.0)
        assert await it.get(0xDA) == CHARGE
        assert it.it.csms.events()[0]["reservationId"] == 1


# -- power and crashes ----------------------------------------------------------------------------


async def test_a_station_without_power_is_off_and_takes_no_orders(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(3.0)
        await it.order("power-cut")
        await it.until_told(0x80, "31")
        assert await it.get(0xC7) == b"\xff"
        assert await it.get(0xDA) == OTHER
        assert await it.get(0x88) == b"\x42"
        assert await it.number(0xD3) == 0
        assert await it.number(0xD8) > 0
        for epc in (0xCE, 0xCF, 0xD0, 0xE2, 0xE4):
            assert await it.get(epc) is None, f"{epc:02X}"
        for epc, edt in ((0xDA, "42"), (0xEB, "00001388"), (0xED, "0064"), (0xE7, "000001F4")):
            assert not await it.set(epc, edt), f"{epc:02X}"
        await it.order("power-return")
        await it.until_told(0x80, "30")
        assert await it.get(0xC7) == b"\x41"
        assert await it.get(0xE4) is not None


async def test_what_a_controller_has_set_outlasts_a_power_cut(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await _set_everything(it)
        await it.order("power-cut")
        await it.order("power-return")
        await it.it.advance(1.0)
        await _is_everything_set(it)
        await it.order("start")
        await it.it.advance(5.0)
        assert 4_000 < await it.number(0xD3) <= 5_000


async def test_a_crashed_station_is_faulty_until_it_is_back_with_its_limits(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await _set_everything(it)
        with cursed("CP001"):
            await it.it.order("plug-in", "CP001", within_s=0.1)
            assert await it.get(0x80) == b"\x31"
            assert await it.get(0x88) == b"\x41"
            assert await it.get(0x89) == b"\x03\xff"
            assert await it.get(0xC7) == b"\xff"
        await it.it.advance(30.0)
        assert await it.get(0x80) == b"\x30"
        await _is_everything_set(it)


async def test_a_setting_that_the_station_does_not_take_is_taken_back(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("start")
        await it.it.advance(1.0)
        before = await it.get(0xEB)
        session = it.it.fleet.session("CP001")
        assert session is not None
        charger = it.house.node.devices[0x02A101]
        assert charger.set(0xEB, bytes.fromhex("00001388"))
        session.cut_power()  # before the order's turn
        await it.until_told(0x80, "31")
        assert await it.get(0xEB) == before
        assert "limit was not done" in it.notes[-1]


# -- a new start of the program -------------------------------------------------------------------


async def _set_everything(it: Neighbourhood) -> None:
    assert await it.set(0xEB, "00001388")
    assert await it.set(0xED, "0064")
    assert await it.set(0xE7, "00002710")
    assert await it.set(0x81, "08")
    assert await it.set(0xD9, "00")
    await it.it.advance(0.5)
    await _is_everything_set(it)


async def _is_everything_set(it: Neighbourhood) -> None:
    assert (await it.get(0xEB) or b"").hex() == "00001388"
    assert (await it.get(0xED) or b"").hex() == "0064"
    assert (await it.get(0xE7) or b"").hex() == "00002710"
    assert await it.get(0x81) == b"\x08"
    assert await it.number(0xD8) == 0


async def test_what_a_controller_has_set_outlasts_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "echonet.json"
    with disk(tmp_path) as store:
        async with neighbourhood(tmp_path / "one", store=store, file=file) as it:
            await _set_everything(it)
            home, numbers = it.home, [await it.get(0x83, at) for at in (PROFILE, 0x02A101)]
            store.at_once = False  # the disk gets nothing of the orderly end
    monkeypatch.setattr("socket.gethostname", lambda: "renamed")
    with disk(tmp_path) as store:
        async with neighbourhood(tmp_path / "two", store=store, file=file, home=home) as it:
            await _is_everything_set(it)
            assert [await it.get(0x83, at) for at in (PROFILE, 0x02A101)] == numbers
            assert it.notes == []


async def test_a_counter_of_another_meter_counts_from_its_beginning(tmp_path: Path) -> None:
    """The file of the node is there, that of the stations is not."""
    file = tmp_path / "echonet.json"
    async with neighbourhood(tmp_path / "one", file=file) as it:
        await it.order("start")
        await it.it.advance(5.0)
        assert await it.set(0xD9, "00")
    async with neighbourhood(tmp_path / "two", file=file) as it:
        detail = await it.it.door.station("CP001")
        assert detail is not None
        assert await it.number(0xD8) == round(detail.evses[0].register_wh)


@pytest.mark.parametrize("damage", ["{", "null", '{"identity":"AA=="}', '{"identity":1}', '"\udcff"'])
async def test_a_file_that_cannot_be_read_is_said_and_replaced(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "echonet.json"
    file.write_bytes(damage.encode("utf-8", "surrogateescape"))
    async with neighbourhood(tmp_path / "one", file=file) as it:
        assert [note.partition(" (")[0] for note in it.notes] == [f"{file}: cannot be read"]
        assert await it.set(0x81, "08")
        home = it.home
    async with neighbourhood(tmp_path / "two", file=file, home=home) as it:
        assert it.notes == []
        assert await it.get(0x81) == b"\x08"


async def test_a_file_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    file = tmp_path / "no" / "echonet.json"
    async with neighbourhood(tmp_path / "one", file=file) as it:
        assert await it.set(0x81, "08")
        assert await it.set(0x81, "09")
        assert [note.partition(" (")[0] for note in it.notes] == [f"{file}: cannot be written"]
        file.parent.mkdir()
        assert await it.set(0x81, "0a")
        assert file.exists()


# -- what the CSMS does ---------------------------------------------------------------------------


async def test_a_remote_start_and_stop_are_told(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        await it.ask("RequestStartTransaction", remoteStartId=1, idToken=STRANGER, evseId=1)
        await it.until_told(0xDA, "42")
        await it.it.advance(2.0)
        transaction_id = (await it.it.evse()).transaction_id
        await it.ask("RequestStopTransaction", transactionId=transaction_id)
        await it.until_told(0xDA, "47")


async def test_out_of_service_and_back_is_told(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        await it.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
        await it.until_told(0xDA, "40")
        assert await it.get(0xC7) == b"\x40"
        assert await it.get(0x88) == b"\x42", "that is no fault"
        assert not await it.set(0xDA, "42")
        await it.ask("ChangeAvailability", operationalStatus="Operative", evse={"id": 1})
        await it.until_told(0xDA, "47")
        assert await it.get(0xC7) == b"\x41"


async def test_a_reset_ends_the_session_and_keeps_the_settings(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await _set_everything(it)
        await it.order("start")
        await it.until_told(0xDA, "42")
        assert (await it.ask("Reset", type="Immediate"))["status"] == "Accepted"
        await it.until_told(0xDA, "47")
        await it.it.advance(5.0)
        assert it.it.csms.actions().count("BootNotification") == 2
        assert await it.get(0xDA) == IDLE
        assert await it.number(0xEB) == 5_000


async def test_what_a_controller_orders_is_seen_by_the_csms(tmp_path: Path) -> None:
    """Start, limit, suspend, resume, stop: one line each of what the CSMS is told."""
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        for epc, edt in ((0xDA, "42"), (0xEB, "00001388"), (0xDA, "44"), (0xDA, "42"), (0xDA, "47")):
            assert await it.set(epc, edt)
            await it.it.advance(2.5)
        told = [
            f"{event['triggerReason']} {event['transactionInfo'].get('chargingState')}"
            for event in it.it.csms.events()
            if event["triggerReason"] != "MeterValuePeriodic"
        ]
        assert told == [
            "Authorized EVConnected",
            "ChargingStateChanged Charging",
            "ChargingRateChanged None",
            "ChargingStateChanged SuspendedEVSE",
            "ChargingStateChanged Charging",
            "StopAuthorized EVConnected",
        ]
