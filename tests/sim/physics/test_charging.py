"""The power path of an EVSE: what flows, what the meter shows, and that nothing contradicts anything else."""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evtui.sim.instant import Instant
from evtui.sim.physics.charging import MAX_GAP_S, Charging
from evtui.sim.physics.ev import CATALOGUE, EvModel, find
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from tests.sim.instants import at

AC22 = EvseSpec()
DC150 = EvseSpec((ConnectorSpec(ConnectorType.CCCS2, phases=0),), rated_w=150_000.0)
DC350 = EvseSpec((ConnectorSpec(ConnectorType.CCCS2, phases=0),), rated_w=350_000.0)

SEEDS = st.integers(0, 2**64 - 1)
SPEEDS = st.sampled_from([1.0, 7.3, 60.0, 300.0, 3600.0])
KW_LIMITS = st.sampled_from([None, 0.0, 2_000.0, 4_200.0, 7_000.0, 11_000.0, 30_000.0, 200_000.0])


def arriving(model_id: str, soc_percent: float) -> EvModel:
    return msgspec.structs.replace(find(model_id), arrival_percent=(soc_percent, soc_percent))


def begun(
    model: EvModel, spec: EvseSpec = AC22, *, seed: int = 1, speed: float = 60.0, station_id: str = "CP001"
) -> Charging:
    """A session that begins at 0 s: plugged in, energy offered."""
    charging = Charging(spec, seed, station_id, 1, speed)
    charging.plug(model, at(0.0, speed))
    charging.offer(True, at(0.0, speed))
    return charging


def run(charging: Charging, to_s: float, speed: float = 60.0, from_s: float = 0.0) -> None:
    """Advances each second of wall time."""
    second = int(from_s) + 1
    while second < to_s:
        charging.advance(at(float(second), speed))
        second += 1
    charging.advance(at(to_s, speed))


# -- the default session --------------------------------------------------------------------------


@given(SEEDS, st.floats(80.0, 82.0))
def test_the_default_ev_takes_8_to_9_kwh_in_30_s_and_ends_in_its_taper(seed: int, arrival: float) -> None:
    charging = begun(arriving("default", arrival), seed=seed)
    before_wh = charging.register_wh
    run(charging, 30.0)
    assert 8_000.0 < charging.register_wh - before_wh < 9_000.0
    assert 2_000.0 < charging.power_w < 3_500.0
    assert charging.limited_by == "ev"


@given(SEEDS)
def test_the_default_ev_arrives_at_80_to_82_percent(seed: int) -> None:
    charging = Charging(AC22, seed, "CP001", 1)
    charging.plug(find("default"), at(0.0))
    soc = charging.soc_percent
    assert soc is not None
    assert 80.0 <= soc <= 82.0


def test_at_speed_1_half_a_minute_is_half_a_minute_of_21_kw() -> None:
    charging = begun(find("default"), speed=1.0)
    before_wh = charging.register_wh
    run(charging, 30.0, 1.0)
    assert charging.register_wh - before_wh == pytest.approx(27.0 * 21_100.0 / 3600.0, rel=0.03)


def test_the_flow_begins_after_contactor_and_soft_start() -> None:
    charging = begun(find("default"), speed=1.0)
    table = []
    for tenth in range(0, 50, 5):
        charging.advance(at(tenth / 10, 1.0))
        table.append((tenth / 10, charging.flowing, round(charging.power_w / 1000)))
    assert table == [
        (0.0, False, 0),
        (0.5, False, 0),
        (1.0, False, 0),
        (1.5, False, 0),
        (2.0, True, 0),
        (2.5, True, 5),
        (3.0, True, 11),
        (3.5, True, 16),
        (4.0, True, 21),
        (4.5, True, 21),
    ]


@given(SEEDS, st.floats(98.0, 99.99))
def test_a_full_car_stops_drawing_and_stays_full(seed: int, arrival: float) -> None:
    charging = begun(arriving("default", arrival), seed=seed)
    before_wh = charging.register_wh
    run(charging, 60.0)
    assert charging.register_wh - before_wh == pytest.approx((100.0 - arrival) / 100.0 * 41_000.0 / 0.9, abs=1e-5)
    assert (charging.flowing, charging.ev_wants, charging.power_w) == (False, False, 0.0)
    assert charging.soc_percent == 100.0
    assert charging.offered_w == 22_000.0
    assert charging.limited_by == "ev"
    assert charging.deadline_s is None
    full_wh = charging.register_wh
    charging.offer(False, at(61.0))
    charging.offer(True, at(62.0))
    run(charging, 80.0, from_s=62.0)
    assert charging.register_wh == full_wh
    assert not charging.flowing


def test_energy_in_the_pack_is_energy_drawn_times_efficiency() -> None:
    charging = begun(arriving("default", 80.0))
    before_wh = charging.register_wh
    run(charging, 20.0)
    soc = charging.soc_percent
    assert soc is not None
    assert (soc - 80.0) / 100.0 * 41_000.0 == pytest.approx(0.9 * (charging.register_wh - before_wh), rel=1e-9)


def test_at_the_default_speed_the_taper_follows_the_state_of_charge() -> None:
    model = arriving("default", 95.0)
    charging = begun(model)
    for half_second in range(1, 25):
        charging.advance(at(half_second / 2))
        soc = charging.soc_percent
        assert soc is not None
        assert charging.limits[0].power_w == pytest.approx(model.curve.at(soc) / 0.9, rel=0.03)


@given(st.floats(0.0, 1e6))
def test_a_session_brings_the_same_energy_whenever_it_begins(begin_s: float) -> None:
    drawn = []
    for start_s in (0.0, begin_s):
        charging = Charging(DC150, 1, "CP001", 1)  # DC, because the grid's voltage has no part in it
        charging.plug(arriving("vw-id4", 70.0), at(start_s))
        charging.offer(True, at(start_s + 0.05))
        before_wh = charging.register_wh
        run(charging, start_s + 10.0, from_s=start_s)
        drawn.append(charging.register_wh - before_wh)
    assert drawn[0] == pytest.approx(drawn[1], abs=1e-3)


def test_the_deadline_names_the_moment_when_the_flow_begins_and_when_the_car_is_full() -> None:
    charging = begun(arriving("default", 99.5), speed=1.0)
    moments = []
    now_s = 0.0
    flowing = False
    while (due_s := charging.deadline_s) is not None:
        assert now_s < due_s <= now_s + 1.0
        now_s = due_s
        charging.advance(at(now_s, 1.0))
        if charging.flowing != flowing:
            flowing = charging.flowing
            moments.append((flowing, now_s))
    (_, begins_s), (_, ends_s) = moments
    assert begins_s == pytest.approx(2.0, abs=0.01)
    assert charging.soc_percent == 100.0
    assert now_s == ends_s


# -- the chain of limits --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model_id", "connector", "phases", "low_kw", "high_kw", "limited_by"),
    [
        ("default", ConnectorSpec(), 3, 20.9, 21.6, "evse"),
        ("default", ConnectorSpec(cable_a=20.0), 3, 13.0, 13.7, "cable"),
        ("default", ConnectorSpec(phases=1, cable_a=32.0), 1, 6.9, 7.3, "cable"),
        ("tesla-model-3-lr", ConnectorSpec(), 3, 10.4, 11.0, "onboard-charger"),
        ("nissan-leaf", ConnectorSpec(), 1, 6.2, 6.6, "onboard-charger"),
        ("phev", ConnectorSpec(), 1, 3.45, 3.68, "onboard-charger"),
    ],
)
def test_the_weakest_link_decides(
    model_id: str, connector: ConnectorSpec, phases: int, low_kw: float, high_kw: float, limited_by: str
) -> None:
    charging = begun(arriving(model_id, 30.0), EvseSpec((connector,)))
    run(charging, 3.0)
    assert low_kw < charging.power_w / 1000 < high_kw
    assert (charging.limited_by, charging.phases) == (limited_by, phases)
    assert len(charging.voltage_v) == len(charging.current_a) == connector.phases
    assert [a > 0 for a in charging.current_a] == [n < phases for n in range(connector.phases)]


def test_a_new_limit_is_followed_within_5_s_of_physics() -> None:
    charging = begun(arriving("default", 30.0), speed=1.0)
    run(charging, 10.0, 1.0)
    charging.set_limit("csms", "Profile 1", 7_000.0, at(10.0, 1.0))
    assert charging.power_w > 20_000.0
    assert charging.offered_w == 7_000.0
    run(charging, 15.0, 1.0, from_s=10.0)
    assert 6_500.0 < charging.power_w <= 7_000.0
    assert charging.limited_by == "csms"
    charging.set_limit("csms", "Profile 1", None, at(15.0, 1.0))
    run(charging, 20.0, 1.0, from_s=15.0)
    assert charging.power_w > 20_000.0
    assert charging.limited_by == "evse"


def test_an_offer_below_6_a_suspends_and_a_larger_one_resumes() -> None:
    charging = begun(arriving("default", 30.0), speed=1.0)
    run(charging, 10.0, 1.0)
    charging.set_limit("house", "HEMS", 4_100.0, at(10.0, 1.0))
    assert (charging.suspended_by_evse, charging.flowing, charging.ev_wants) == (True, False, True)
    assert (charging.power_w, charging.offered_w) == (0.0, 0.0)
    charging.set_limit("house", "HEMS", 4_200.0, at(20.0, 1.0))
    assert (charging.suspended_by_evse, charging.flowing, charging.ev_wants) == (False, False, True)
    run(charging, 25.0, 1.0, from_s=20.0)
    assert 3_800.0 < charging.power_w <= 4_200.0


def test_withdrawing_the_offer_ends_the_flow_at_once() -> None:
    charging = begun(find("default"))
    run(charging, 10.0)
    charging.offer(False, at(10.0))
    ended_wh = charging.register_wh
    assert (charging.power_w, charging.offered_w, charging.flowing) == (0.0, 0.0, False)
    assert charging.current_a == (0.0, 0.0, 0.0)
    run(charging, 20.0, from_s=10.0)
    assert charging.register_wh == ended_wh


def test_pulling_the_cable_ends_the_flow_and_leaves_the_register() -> None:
    charging = begun(find("default"))
    run(charging, 10.0)
    before_wh = charging.register_wh
    charging.unplug(at(10.5))
    assert charging.register_wh > before_wh
    assert (charging.ev, charging.soc_percent, charging.limits, charging.limited_by) == (None, None, (), None)
    assert (charging.flowing, charging.offered_w, charging.phases) == (False, 0.0, 3)


def test_without_a_car_nothing_is_offered() -> None:
    charging = Charging(AC22, 1, "CP001", 1)
    charging.offer(True, at(0.0))
    assert (charging.offering, charging.offered_w, charging.ev_wants) == (False, 0.0, False)


def test_a_limit_set_before_the_car_comes_holds_for_it() -> None:
    charging = Charging(AC22, 1, "CP001", 1)
    charging.set_limit("csms", "Profile 1", 11_000.0, at(0.0))
    charging.plug(arriving("default", 30.0), at(1.0))
    charging.offer(True, at(1.0))
    run(charging, 5.0, from_s=1.0)
    assert charging.limited_by == "csms"


# -- direct current -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model_id", "mean_kw", "minutes"),
    [("tesla-model-3-lr", 106, 26), ("hyundai-ioniq-5", 144, 15), ("vw-id4", 91, 31), ("vw-id3", 70, 30)],
)
def test_real_cars_charge_from_20_to_80_percent_as_measured(model_id: str, mean_kw: float, minutes: float) -> None:
    charging = begun(arriving(model_id, 19.0), DC350, speed=1.0)
    marks = []
    second = 0
    for mark in (20.0, 80.0):
        while (charging.soc_percent or 0.0) < mark:
            second += 1
            charging.advance(at(float(second), 1.0))
        marks.append((second, charging.register_wh))
    (begin_s, begin_wh), (end_s, end_wh) = marks
    assert (end_s - begin_s) / 60 == pytest.approx(minutes, rel=0.08)
    assert (end_wh - begin_wh) * 3.6 / (end_s - begin_s) == pytest.approx(mean_kw, rel=0.06)


def test_dc_begins_with_a_precharge_and_a_ramp_of_the_current() -> None:
    charging = begun(arriving("vw-id4", 20.0), DC150, speed=1.0)
    charging.advance(at(4.0, 1.0))
    assert (charging.flowing, charging.current_a) == (False, (0.0,))
    assert 330.0 < charging.voltage_v[0] < 410.0
    charging.advance(at(8.0, 1.0))
    assert (charging.flowing, charging.power_w) == (True, 0.0)
    charging.advance(at(12.0, 1.0))
    assert charging.current_a[0] == pytest.approx(120.0, rel=0.05)
    run(charging, 30.0, 1.0, from_s=12.0)
    assert charging.power_w == pytest.approx(127_000.0, rel=0.01)
    assert charging.phases == 0
    assert charging.power_factor == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("spec", "limited_by"),
    [
        (EvseSpec(DC150.connectors, rated_w=50_000.0), "evse"),
        (DC350, "ev"),
        (EvseSpec((ConnectorSpec(ConnectorType.CG105, phases=0),), rated_w=350_000.0), "cable"),
    ],
)
def test_dc_is_capped_by_the_car_the_evse_and_the_amperes_of_the_plug(spec: EvseSpec, limited_by: str) -> None:
    charging = begun(arriving("vw-id4", 20.0), spec)
    run(charging, 2.0)
    assert charging.limited_by == limited_by
    winner = next(limit for limit in charging.limits if limit.source == limited_by)
    assert charging.power_w == pytest.approx(winner.power_w, rel=1e-3)
    assert charging.current_a[0] <= winner.current_a * (1 + 1e-9)


# -- the three times ------------------------------------------------------------------------------


def test_a_gap_of_more_than_5_s_of_wall_time_is_told_and_not_integrated() -> None:
    charging, steady = begun(find("default")), begun(find("default"))
    run(charging, 10.0)
    run(steady, 10.0)
    before_wh = charging.register_wh
    assert charging.advance(at(3610.0)) == 3600.0
    assert (charging.register_wh, charging.flowing) == (before_wh, True)
    assert charging.advance(at(3611.0)) == 0.0
    steady.advance(at(11.0))
    assert charging.register_wh == pytest.approx(steady.register_wh, rel=1e-12)


def test_up_to_5_s_are_integrated() -> None:
    charging = begun(find("default"))
    assert charging.advance(at(MAX_GAP_S)) == 0.0
    assert charging.power_w > 20_000.0


def test_a_gap_while_nothing_flows_is_none() -> None:
    charging = Charging(AC22, 1, "CP001", 1)
    charging.plug(find("default"), at(0.0))
    assert charging.advance(at(500.0)) == 0.0
    assert charging.offer(True, at(1000.0)) == 0.0
    assert charging.advance(at(1001.0)) == 0.0
    assert charging.flowing


def test_every_event_tells_the_gap_that_it_meets() -> None:
    assert begun(find("default")).offer(False, at(100.0)) == 100.0
    assert begun(find("default")).unplug(at(100.0)) == 100.0
    assert begun(find("default")).set_limit("csms", "Profile", 7e3, at(100.0)) == 100.0


# -- properties -----------------------------------------------------------------------------------


@given(SEEDS, SPEEDS, st.sampled_from(sorted(CATALOGUE)), st.lists(st.floats(0.0, 12.0), max_size=30))
@settings(max_examples=60)
def test_advancing_at_more_moments_changes_nothing(
    seed: int, speed: float, model_id: str, moments: list[float]
) -> None:
    spec = DC150 if find(model_id).dc and seed % 2 else AC22
    one, other = (begun(find(model_id), spec, seed=seed, speed=speed) for _ in range(2))
    events = {3.0: 5_000.0, 5.25: None, 9.0: 0.0}
    stops = sorted({*range(1, 13), *events})
    for moment in sorted({*stops, *moments}):
        now = at(moment, speed)
        other.advance(now)
        if moment in stops:
            one.advance(now)
            assert one.register_wh == other.register_wh
            assert one.soc_percent == other.soc_percent
            assert one.power_w == other.power_w
            assert (one.voltage_v, one.current_a) == (other.voltage_v, other.current_a)
        if moment in events:
            for charging in (one, other):
                charging.set_limit("csms", "Profile", events[moment], now)


FIGURES = (
    "power_w",
    "register_wh",
    "phase_register_wh",
    "phases",
    "voltage_v",
    "current_a",
    "frequency_hz",
    "offered_w",
    "soc_percent",
    "flowing",
    "suspended_by_evse",
    "deadline_s",
    "limits",
    "limit_w",
)
BOTH = EvseSpec((ConnectorSpec(), ConnectorSpec(ConnectorType.CCCS2, phases=0)), rated_w=50_000.0)
HAPPENINGS: dict[str, Callable[[Charging, Instant, EvModel], object]] = {
    "advance": lambda charging, now, car: charging.advance(now),
    "plug": lambda charging, now, car: charging.plug(car, now),
    "plug, DC": lambda charging, now, car: charging.plug(car, now, 2),
    "unplug": lambda charging, now, car: charging.unplug(now),
    "offer": lambda charging, now, car: charging.offer(True, now),
    "withdraw": lambda charging, now, car: charging.offer(False, now),
    "pause": lambda charging, now, car: charging.pause(True, now),
    "go on": lambda charging, now, car: charging.pause(False, now),
    "fill": lambda charging, now, car: charging.fill(now),
    "limit power": lambda charging, now, car: charging.set_limit("csms", "Profile", 5_000.0, now),
    "limit current": lambda charging, now, car: charging.set_limit("csms", "Profile", None, now, 10.0),
    "suspend": lambda charging, now, car: charging.set_limit("csms", "Profile", 0.0, now),
    "no limit": lambda charging, now, car: charging.set_limit("csms", "Profile", None, now),
}


def shown(charging: Charging) -> dict[str, object]:
    return {name: getattr(charging, name) for name in FIGURES}


@given(
    st.sampled_from(["default", "hyundai-ioniq"]),
    st.lists(st.tuples(st.sampled_from(sorted(HAPPENINGS)), st.floats(0.0, 0.9 * MAX_GAP_S)), max_size=20),
)
def test_every_figure_is_that_of_what_happened_last(model_id: str, story: list[tuple[str, float]]) -> None:
    charging, moment = begun(find(model_id), BOTH), 0.0
    for name, after_s in [("limit power", 0.2), ("plug, DC", 0.2), ("offer", 0.2), *story]:
        moment += after_s
        HAPPENINGS[name](charging, at(moment), find(model_id))
        then = shown(charging)
        charging.advance(at(moment))
        assert then == shown(charging), f"after {name}"


def test_a_meter_that_is_restored_shows_it_at_once() -> None:
    charging = Charging(AC22, 1, "CP001", 1)
    charging.restore(2e6, (8e5, 7e5, 5e5), 3)
    assert (charging.register_wh, charging.phase_register_wh, charging.arrivals) == (2e6, (8e5, 7e5, 5e5), 3)


@given(SEEDS, st.sampled_from([1.0, 60.0]))
@settings(max_examples=30)
def test_energy_is_the_integral_of_power_at_every_moment(seed: int, speed: float) -> None:
    charging = begun(arriving("default", 95.0), seed=seed, speed=speed)
    step_s = 0.005
    begin_wh = charging.register_wh
    sum_wh = 0.0
    for n in range(1, 1201):
        charging.advance(at((n - 0.5) * step_s, speed))
        sum_wh += charging.power_w * step_s * speed / 3600.0
        charging.advance(at(n * step_s, speed))
        assert charging.register_wh - begin_wh == pytest.approx(sum_wh, rel=2e-4, abs=0.3 * speed / 60.0)


@pytest.mark.parametrize("model_id", sorted(name for name, model in CATALOGUE.items() if model.dc))
def test_in_real_time_power_is_what_the_pack_takes_at_its_state_of_charge(model_id: str) -> None:
    """Between two moments of the grid it is a straight line: they are near enough for every bend of a curve."""
    model = arriving(model_id, 40.0)
    charging = begun(model, DC350, speed=1.0)
    most_w = max(power_w for _, power_w in model.curve.points)
    second = 0
    while not charging.full:
        second += 1
        charging.advance(at(float(second), 1.0))
        if second > 60 and charging.soc_percent is not None and charging.soc_percent < 99.5:
            wants_w = min(model.curve.at(charging.soc_percent), charging.limit_w or 0.0)
            assert charging.power_w == pytest.approx(wants_w, abs=0.005 * most_w)


@given(SEEDS, st.floats(0.1, 20.0), st.sampled_from([AC22, DC150]))
def test_a_limit_that_is_set_makes_no_figure_jump(seed: int, moment_s: float, spec: EvseSpec) -> None:
    charging = begun(arriving("default", 60.0), spec, seed=seed)
    run(charging, moment_s)

    def shown() -> list[float]:
        figures = [charging.power_w, charging.register_wh, charging.soc_percent or 0.0, charging.limits[0].power_w]
        return [*figures, *charging.voltage_v, *charging.current_a]

    before = shown()
    charging.set_limit("csms", "Profile", 6_000.0, at(moment_s))
    assert shown() == pytest.approx(before, rel=1e-12)


@given(
    SEEDS,
    st.sampled_from(sorted(CATALOGUE)),
    st.sampled_from([AC22, DC150, EvseSpec((ConnectorSpec(phases=1, cable_a=20.0),), 7_400.0)]),
    st.floats(0.0, 99.9),
    st.lists(st.tuples(st.floats(0.2, 4.0), KW_LIMITS), min_size=1, max_size=12),
)
@settings(max_examples=150)
def test_nothing_shown_contradicts_anything_else(
    seed: int, model_id: str, spec: EvseSpec, soc: float, events: list[tuple[float, float | None]]
) -> None:
    charging = begun(arriving(model_id, soc), spec, seed=seed)
    now_s, last_wh, last_soc = 0.0, charging.register_wh, soc
    for wait_s, limit_w in events:
        charging.set_limit("csms", "Profile", limit_w, at(now_s))
        settled_s = now_s + 5.0 / 60.0  # an EV follows a new limit within 5 s of physics
        end_s = now_s + wait_s
        while now_s < end_s:
            now_s = min(now_s + 0.37, end_s)
            charging.advance(at(now_s))
            power_w, chain = charging.power_w, charging.limits
            volts, amperes = charging.voltage_v, charging.current_a
            if now_s >= settled_s:
                assert all(power_w <= limit.power_w * (1 + 1e-9) for limit in chain)
                currents = [limit.current_a for limit in chain if limit.source != "ev"]
                assert max(amperes) <= min(currents) * (1 + 1e-9) or not charging.flowing
                assert power_w <= charging.offered_w * (1 + 1e-9)
            apparent_va = sum(v * a for v, a in zip(volts, amperes, strict=True))
            assert apparent_va * charging.power_factor == pytest.approx(power_w)
            assert 0.0 < charging.power_factor <= 1.0 + 1e-9
            if not spec.connectors[0].type.is_dc:
                assert all(220.0 <= v <= 240.0 for v in volts)
            assert 49.8 <= charging.frequency_hz <= 50.2
            assert last_wh <= charging.register_wh
            now_soc = charging.soc_percent
            assert now_soc is not None
            assert last_soc <= now_soc <= 100.0
            assert charging.flowing == (power_w > 0.0)
            last_wh, last_soc = charging.register_wh, now_soc


@given(SEEDS)
def test_the_register_begins_between_1_000_and_50_000_kwh_and_survives_sessions(seed: int) -> None:
    charging = Charging(AC22, seed, "CP001", 1)
    readings = [charging.register_wh]
    assert 1e6 <= readings[0] <= 50e6
    for session in range(3):
        begin_s = session * 10.0
        charging.plug(find("default"), at(begin_s))
        charging.offer(True, at(begin_s))
        readings.append(charging.register_wh)
        run(charging, begin_s + 5.0, from_s=begin_s)
        charging.unplug(at(begin_s + 5.0))
        readings.append(charging.register_wh)
    assert all(a <= b for a, b in pairwise(readings))
    assert readings[-1] > readings[0] + 3_000.0


@given(SEEDS)
def test_the_same_seed_gives_the_same_physics_and_another_station_other_physics(seed: int) -> None:
    one, same, other = (begun(find("default"), seed=seed, station_id=name) for name in ("CP1", "CP1", "CP2"))
    for charging in (one, same, other):
        run(charging, 5.0)
    assert (one.register_wh, one.soc_percent, one.voltage_v) == (same.register_wh, same.soc_percent, same.voltage_v)
    assert (one.register_wh, one.soc_percent, one.voltage_v) != (other.register_wh, other.soc_percent, other.voltage_v)


def test_each_evse_has_its_own_register_and_cars() -> None:
    one, other = (Charging(AC22, 1, "CP001", evse_id) for evse_id in (1, 2))
    for charging in (one, other):
        charging.plug(find("vw-id3"), at(0.0))
    assert one.register_wh != other.register_wh
    assert one.soc_percent != other.soc_percent


def test_each_car_arrives_at_a_state_of_charge_of_its_own() -> None:
    charging = Charging(AC22, 1, "CP001", 1)
    arrivals = set()
    for n in range(10):
        charging.plug(find("vw-id3"), at(float(n)))
        arrivals.add(charging.soc_percent)
    assert len(arrivals) == 10


def test_the_register_goes_on_where_physics_begins_late() -> None:
    """A process that runs for long has large times; steps of the grid still come out whole."""
    begin_s = 1e7
    charging = Charging(AC22, 1, "CP001", 1)
    charging.plug(find("default"), at(begin_s))
    charging.offer(True, at(begin_s))
    before_wh = charging.register_wh
    run(charging, begin_s + 30.0, from_s=begin_s)
    assert 8_000.0 < charging.register_wh - before_wh < 9_000.0


def test_a_clock_that_stands_still_or_steps_back_moves_nothing() -> None:
    charging = begun(find("default"))
    run(charging, 10.0)
    shown = (charging.register_wh, charging.power_w, charging.soc_percent)
    now = at(10.0)
    for physics_s in (9.9 * 60.0, 10.0 * 60.0):
        charging.advance(Instant(now.utc, 10.0, physics_s))
        assert (charging.register_wh, charging.power_w, charging.soc_percent) == shown
