"""What a meterValue says, in SI units."""

from math import isnan, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.meter import Reading, merged, points, reading

REGISTER = "Energy.Active.Import.Register"


def _sample(value: float, measurand: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"value": value, **({} if measurand is None else {"measurand": measurand}), **fields}


def test_a_sample_without_measurand_is_the_energy_register() -> None:
    assert reading([_sample(12_345.678)]).energy_wh == 12_345.678


def test_each_quantity_is_read() -> None:
    measured = reading(
        [
            _sample(1000, REGISTER),
            _sample(22_000, "Power.Active.Import"),
            _sample(81.5, "SoC", location="EV"),
            _sample(231, "Voltage", phase="L1-N"),
            _sample(31.9, "Current.Import", phase="L1"),
            _sample(50.01, "Frequency"),
        ]
    )
    assert measured == Reading(22_000, 1000, 81.5, 231, 31.9)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ({"unit": "kWh"}, 1500.0),
        ({"unit": "Wh"}, 1.5),
        ({"unit": "Wh", "multiplier": 3}, 1500.0),
        ({"unit": "kWh", "multiplier": -3}, 1.5),
    ],
)
def test_units_and_multipliers_become_wh(unit: dict[str, Any], expected: float) -> None:
    assert reading([_sample(1.5, REGISTER, unitOfMeasure=unit)]).energy_wh == pytest.approx(expected)


def test_phases_add_up_where_there_is_no_total() -> None:
    phases = [_sample(1000, "Power.Active.Import", phase=phase) for phase in ("L1", "L2", "L3")]
    assert reading(phases).power_w == 3000
    assert reading([*phases, _sample(3001, "Power.Active.Import")]).power_w == 3001


def test_line_to_line_voltage_is_not_taken_for_the_voltage_of_a_phase() -> None:
    voltages = [_sample(400, "Voltage", phase="L1-L2"), _sample(230, "Voltage", phase="L1-N")]
    assert reading(voltages).voltage_v == 230


def test_what_is_measured_elsewhere_does_not_count() -> None:
    assert isnan(reading([_sample(5, "Power.Active.Import", location="Inlet")]).power_w)


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(_sample(10**400), id="an integer of 400 digits"),
        pytest.param(_sample(1, unitOfMeasure={"unit": "Wh", "multiplier": 10**9}), id="a multiplier of a billion"),
        pytest.param(_sample(1e308), id="more than a sum can hold"),
        pytest.param(_sample(1e308, unitOfMeasure={"unit": "Wh", "multiplier": 9}), id="more than a float can hold"),
    ],
)
def test_numbers_out_of_this_world_are_no_numbers(sample: dict[str, Any]) -> None:
    assert isnan(reading([sample]).energy_wh)


def test_times_that_no_calendar_has_become_the_time_of_arrival() -> None:
    values = [{"timestamp": "2026-06-30T23:59:60Z", "sampledValue": [_sample(1)]}]
    assert points(values, 1234.5) == [(1234.5, Reading(energy_wh=1))]


_numbers = st.one_of(st.just(nan), st.floats(-1e9, 1e9))
_readings = st.builds(Reading, _numbers, _numbers, _numbers, _numbers, _numbers)


@given(_readings, _readings, _readings)
def test_merging_does_not_depend_on_the_order(a: Reading, b: Reading, c: Reading) -> None:
    assert repr(merged(a, merged(b, c))) == repr(merged(merged(c, a), b))
    assert repr(merged(a, a)) == repr(a)


@pytest.mark.parametrize(
    ("sample", "energy_wh"),
    [
        ({"value": "1250.5"}, 1250.5),
        ({"value": "1.25", "unit": "kWh"}, 1250.0),
        ({"value": "1250", "unit": "Wh", "context": "Sample.Clock", "location": "Outlet"}, 1250.0),
        ({"value": " 1250 "}, 1250.0),
    ],
)
def test_values_of_16_are_text_with_a_unit(sample: dict[str, Any], energy_wh: float) -> None:
    assert reading([sample]).energy_wh == energy_wh


@pytest.mark.parametrize(
    "sample",
    [{"value": "much"}, {"value": ""}, {"value": "inf"}, {"value": "nan"}, {"value": "1234", "format": "SignedData"}],
)
def test_text_that_is_no_number_measures_nothing(sample: dict[str, Any]) -> None:
    assert isnan(reading([sample]).energy_wh)


def test_the_points_that_are_kept_are_those_of_one_message_at_one_moment() -> None:
    def message(value: float, at: str = "2026-01-02T03:04:05Z") -> list[dict[str, Any]]:
        return [{"timestamp": at, "sampledValue": [{"value": value}]}]

    first, same, other = message(1.0), message(1.0), message(2.0)
    assert points(first, 0.0) == points(same, 0.0)
    assert points(first, 0.0) is points(first, 0.0)
    assert points(other, 0.0)[0][1].energy_wh == 2.0
    assert points(first, 0.0)[0][1].energy_wh == 1.0
    undated = message(1.0, "2026-12-31T23:59:60Z")
    assert [points(undated, now)[0][0] for now in (5.0, 7.0)] == [5.0, 7.0]


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        ({"value": 1.5}, 1.5),
        ({"value": 1.5, "unitOfMeasure": {}}, 1.5),
        ({"value": 1.5, "unitOfMeasure": {"unit": "Wh"}}, 1.5),
        ({"value": 1.5, "unitOfMeasure": {"unit": "Wh", "multiplier": 0}}, 1.5),
        ({"value": 1.5, "unitOfMeasure": {"unit": "kWh"}}, 1500.0),
        ({"value": 1.5, "unitOfMeasure": {"unit": "kWh", "multiplier": 3}}, 1_500_000.0),
        ({"value": 1.5, "unitOfMeasure": {"multiplier": -1}}, 0.15),
        ({"value": 15}, 15.0),
        ({"value": "1.5", "unit": "kWh"}, 1500.0),
    ],
)
def test_a_value_counts_in_its_unit(sample: dict[str, Any], value: float) -> None:
    assert reading([sample]).energy_wh == pytest.approx(value)


@pytest.mark.parametrize("value", [1.1e30, -1.1e30, 10**40, 10**400])
def test_what_is_beyond_any_sense_is_nothing(value: float) -> None:
    assert isnan(reading([{"value": value}]).energy_wh)
