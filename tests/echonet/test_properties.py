"""The property table, and the maps in both forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.config import _ECHONET_TAKEN
from evtui.echonet.properties import EV_CHARGER, NODE_PROFILE, read_map, write_map
from tests.echonet.device import VALUES, Device

VECTOR = "1721014121401040102100214010421212"
NAMED = "80 81 82 83 88 8A 9D 9E 9F C5 C7 CC CE CF D0 D3 D8 DA E2 E4 E6 EB ED"


def test_a_map_of_16_or_more_is_a_bitmap() -> None:
    codes = bytes.fromhex(NAMED)
    assert write_map(codes) == bytes.fromhex(VECTOR)
    assert read_map(bytes.fromhex(VECTOR)) == set(codes)


def test_a_map_below_16_is_a_list() -> None:
    assert write_map((0xDA, 0x80)) == b"\x02\x80\xda"
    assert write_map(()) == b"\x00"
    assert read_map(b"\x02\x80\xda") == {0x80, 0xDA}


@given(st.sets(st.integers(0x80, 0xFF)))
def test_every_map_reads_as_it_was_written(codes: set[int]) -> None:
    edt = write_map(codes)
    assert len(edt) == (17 if len(codes) >= 16 else 1 + len(codes))
    assert read_map(edt) == codes


@pytest.mark.parametrize("edt", ["", "02 80", "02 80 7F", "02 80 80", "10 FF", "11" + "00" * 16])
def test_what_is_no_map_is_told_from_one(edt: str) -> None:
    assert read_map(bytes.fromhex(edt)) is None


@pytest.mark.parametrize(
    ("access", "codes"),
    [
        ("get", "80 81 82 88 8A 9D 9E 9F C5 C7 CC CE CF D0 DA E2 E4 E6"),
        ("set", "81 CD DA"),
        ("inf", "80 81 88 C7 DA"),
    ],
)
def test_an_ev_charger_has_all_that_is_mandatory(access: str, codes: str) -> None:
    has = {rule.epc for rule in EV_CHARGER.values() if getattr(rule, access)}
    assert set(bytes.fromhex(codes)) <= has


def test_an_ev_charger_always_tells_power_and_energy() -> None:
    assert EV_CHARGER[0xD3].get
    assert EV_CHARGER[0xD8].get


def test_a_node_profile_has_all_that_is_mandatory() -> None:
    has = {rule.epc for rule in NODE_PROFILE.values() if rule.get}
    assert set(bytes.fromhex("80 82 83 8A 9D 9E 9F D3 D4 D6 D7")) <= has
    assert {rule.epc for rule in NODE_PROFILE.values() if rule.inf} == {0x80, 0xD5}


def test_every_property_in_the_get_map_has_a_value_in_the_tests() -> None:
    readable = {rule.epc for rule in EV_CHARGER.values() if rule.get} - {0x9D, 0x9E, 0x9F}
    assert readable == set(VALUES)
    assert all(EV_CHARGER[epc].fits(bytes.fromhex(text)) for epc, text in VALUES.items())


@pytest.mark.parametrize(
    ("epc", "edt", "text"),
    [
        (0xDA, "42", "charge"),
        (0xDA, "43", "43"),
        (0xD8, "00003039", "12.345 kWh"),
        (0xD8, "01CFC044", "30392.388 kWh"),
        (0xED, "013F", "31.9 A"),
        (0xD3, "000055F0", "22000 W"),
        (0xCA, "003C0140", "6 A to 32 A"),
        (0xE4, "50", "80 %"),
        (0xE4, "65", "65"),
        (0x9D, "0280DA", "2: 80 DA"),
        (0x8A, "FFFFF0", "FF FF F0"),
    ],
)
def test_a_value_is_told_in_words_and_units(epc: int, edt: str, text: str) -> None:
    assert EV_CHARGER[epc].text(bytes.fromhex(edt)) == text


def test_an_instance_list_is_told_object_by_object() -> None:
    assert NODE_PROFILE[0xD6].text(bytes.fromhex("0202A10102A102")) == "2: 02A101 02A102"


def test_a_device_announces_what_its_map_names() -> None:
    device = Device()
    assert read_map(device.get(0x9D) or b"") == set(device.announced())


def test_extra_properties_are_refused_where_the_class_has_one() -> None:
    assert {epc for epc in EV_CHARGER if epc >= 0xA0} == _ECHONET_TAKEN
