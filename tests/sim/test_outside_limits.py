"""What a controller outside may do to a session: limit it, suspend it, end it at an amount of energy."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import SetEnergyTarget, SetLimit
from evtui.sim.physics.limits import STANDBY
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ChargingState, ConnectorType, StoppedReason, TransactionEventType, TriggerReason
from tests.proof import proves
from tests.sim.playbook import Playbook, script

pytestmark = proves("TransactionEvent", "E02.FR.17")

HOUSE = ("echonet", "ECHONET controller")
SUSPEND = SetLimit(1, STANDBY, "Suspended", 0.0)
RESUME = SetLimit(1, STANDBY, "Suspended")


def test_a_limit_in_w_is_kept_and_named_in_the_chain() -> None:
    book = Playbook().charging()
    book.event(SetLimit(1, *HOUSE, power_w=5_000.0))
    book.wait(5)
    reading = book.reading()
    assert reading.limited_by == "echonet"
    assert reading.limits[-1].name == "ECHONET controller"
    assert 4_500.0 < reading.power_w <= 5_000.0  # the limit is one of current: power factor
    assert book.said(NoticeKind.LIMIT) == ["ECHONET controller: 5000 W"]


def test_a_limit_in_a_holds_for_each_phase_that_the_car_uses() -> None:
    book = Playbook()
    book.event(SetLimit(1, *HOUSE, current_a=10.0))
    book.link()
    book.plug_in(ev="nissan-leaf")
    book.present()
    book.wait(5)
    assert [limit.power_w for limit in book.reading().limits if limit.source == "echonet"] == [2_300.0]
    assert book.reading().current_a[0] <= 10.0


def test_a_limit_in_a_on_direct_current() -> None:
    book = Playbook(evses=(EvseSpec((ConnectorSpec(ConnectorType.CCCS2, 0, 400.0),), 150_000.0),)).charging()
    book.event(SetLimit(1, *HOUSE, current_a=20.0))
    book.wait(5)
    assert book.reading().limited_by == "echonet"
    assert book.reading().current_a[0] == pytest.approx(20.0, rel=0.01)


def test_a_limit_that_is_taken_away_limits_no_more() -> None:
    book = Playbook().charging()
    book.wait(1)
    before_w = book.reading().power_w
    book.event(SetLimit(1, *HOUSE, power_w=5_000.0))
    book.event(SetLimit(1, *HOUSE))
    book.wait(1)
    assert book.reading().power_w == pytest.approx(before_w, rel=0.05)
    assert book.said(NoticeKind.LIMIT)[-1] == "ECHONET controller: no limit"


@pytest.mark.parametrize(
    ("significance", "power_w", "told"),
    [
        ("5", 20_000.0, True),
        ("5", 21_500.0, False),
        ("0", 21_500.0, True),
        ("60", 11_000.0, False),
        ("5", 90_000.0, False),
    ],
)
def test_a_rate_that_changes_by_more_than_the_significance_is_told(
    significance: str, power_w: float, told: bool
) -> None:
    """E02.FR.17, K12: ChargingRateChanged; the EVSE's own 22 kW is the limit before."""
    book = Playbook(variables={"SmartChargingCtrlr.LimitChangeSignificance": significance}).charging()
    before = len(book.events())
    book.event(SetLimit(1, *HOUSE, power_w=power_w))
    assert script(book.events()[before:]) == ["Updated ChargingRateChanged"] * told


def test_small_changes_of_the_rate_add_up_until_they_are_told() -> None:
    """Samples in between say nothing of the rate."""
    book = Playbook().charging()
    for power_w in (21_500.0, 21_000.0, 20_500.0, 20_000.0):
        book.event(SetLimit(1, *HOUSE, power_w=power_w))
        book.wait(1)
    assert [event.trigger_reason for event in book.events()].count(TriggerReason.CHARGING_RATE_CHANGED) == 1


def test_a_rate_is_told_of_no_car_that_is_offered_none() -> None:
    book = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected"}).booted()
    book.plug_in()
    book.event(SetLimit(1, *HOUSE, power_w=10_000.0))
    assert len(book.events()) == 1
    book.event(SetLimit(1, *HOUSE))
    book.present()
    book.wait(1)
    assert "ChargingRateChanged" not in " ".join(script(book.events()))


def test_suspending_keeps_the_transaction_and_the_csms_hears_of_it() -> None:
    book = Playbook().charging()
    before = len(book.events())
    book.event(SUSPEND)
    (told,) = book.events()[before:]
    assert told.event_type is TransactionEventType.UPDATED
    assert told.trigger_reason is TriggerReason.CHARGING_STATE_CHANGED
    assert told.charging_state is ChargingState.SUSPENDED_EVSE
    assert book.reading().power_w == 0.0
    assert book.reading().limited_by == STANDBY


def test_resuming_charges_on_in_the_same_transaction() -> None:
    book = Playbook().charging()
    transaction_id = book.reading().transaction_id
    book.event(SUSPEND)
    book.event(RESUME)
    book.wait(1)
    assert book.reading().charging_state is ChargingState.CHARGING
    assert book.reading().transaction_id == transaction_id


def test_the_next_session_is_not_suspended_but_still_limited() -> None:
    book = Playbook().charging()
    book.event(SetLimit(1, *HOUSE, power_w=5_000.0))
    book.event(SUSPEND)
    book.stop()
    book.present()
    book.wait(5)
    assert book.reading().limited_by == "echonet"
    assert 4_500.0 < book.reading().power_w <= 5_000.0


@pytest.mark.parametrize("before", [True, False])
def test_a_target_ends_the_transaction_when_it_is_reached(before: bool) -> None:
    book = Playbook()
    if before:
        book.event(SetEnergyTarget(1, 500.0))
        book.charging()
    else:
        book.charging()
        book.event(SetEnergyTarget(1, 500.0))
    book.wait(30)
    last = book.events()[-1]
    assert last.event_type is TransactionEventType.ENDED
    assert last.trigger_reason is TriggerReason.ENERGY_LIMIT_REACHED
    assert last.stopped_reason is StoppedReason.ENERGY_LIMIT_REACHED
    assert book.reading().session_energy_wh == pytest.approx(500.0, abs=10.0)


def test_a_target_is_for_one_transaction() -> None:
    book = Playbook().charging()
    book.event(SetEnergyTarget(1, 500.0))
    book.wait(30)
    book.present()
    book.wait(10)
    assert book.reading().transaction_id is not None
    assert book.reading().session_energy_wh > 600.0


def test_a_target_can_be_taken_away() -> None:
    book = Playbook().charging()
    book.event(SetEnergyTarget(1, 500.0))
    book.event(SetEnergyTarget(1))
    book.wait(10)
    assert book.reading().session_energy_wh > 600.0


# -- over a power cut -----------------------------------------------------------------------------


def test_limits_outlast_a_power_cut() -> None:
    book = Playbook().booted()
    book.event(SetLimit(1, *HOUSE, power_w=5_000.0))
    book.event(SetLimit(1, "house-current", "House (current)", current_a=10.0))
    before = book.reading().settings
    assert [(each.power_w, each.current_a) for each in before] == [(5_000.0, None), (None, 10.0)]
    book.cut_power()
    assert book.reading().settings == before
    book.charging()
    book.wait(5)
    assert book.reading().limited_by == "echonet"
    assert 4_500.0 < book.reading().power_w <= 5_000.0


def test_a_limit_that_was_taken_away_does_not_come_back_with_the_power() -> None:
    book = Playbook().booted()
    book.event(SetLimit(1, *HOUSE, power_w=5_000.0))
    book.event(SetLimit(1, *HOUSE))
    book.cut_power()
    assert book.reading().settings == ()


def test_a_target_outlasts_a_power_cut_before_its_transaction() -> None:
    book = Playbook().booted()
    book.event(SetEnergyTarget(1, 500.0))
    book.cut_power()
    assert book.reading().target_wh == 500.0
    book.charging()
    book.wait(30)
    assert book.events()[-1].trigger_reason is TriggerReason.ENERGY_LIMIT_REACHED
    assert book.reading().target_wh is None


@pytest.mark.parametrize("resume_on_boot", [True, False])
def test_a_suspension_goes_on_with_its_transaction_or_ends_with_it(resume_on_boot: bool) -> None:
    book = Playbook(resume_on_boot=resume_on_boot).charging()
    book.event(SUSPEND)
    book.cut_power()
    assert [each.source for each in book.reading().settings] == [STANDBY] * resume_on_boot
    book.link()
    if not resume_on_boot:
        book.present()
    book.wait(5)
    assert (book.reading().power_w == 0.0) is resume_on_boot
    assert (book.reading().charging_state is ChargingState.SUSPENDED_EVSE) is resume_on_boot


def test_there_is_nothing_to_limit_at_an_evse_that_is_not_there() -> None:
    book = Playbook().booted()
    book.event(SetLimit(2, *HOUSE, power_w=1.0))
    book.event(SetEnergyTarget(2, 1.0))
    assert len(book.said(NoticeKind.IMPOSSIBLE)) == 2
