"""What tests of meter values look at."""

from evtui.sim.messages import Sample, TransactionEvent
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType, Measurand, TriggerReason
from tests.sim.playbook import Playbook

DC = (EvseSpec(connectors=(ConnectorSpec(type=ConnectorType.CCCS2, phases=0),), rated_w=150_000.0),)
REGISTER = str(Measurand.ENERGY_REGISTER)


def samples_of(play: Playbook, trigger: TriggerReason = TriggerReason.METER_VALUE_PERIODIC) -> list[TransactionEvent]:
    return [event for event in play.events() if event.trigger_reason is trigger]


def ended(play: Playbook) -> TransactionEvent:
    return next(event for event in play.events() if event.event_type == "Ended")


def by(values: tuple[Sample, ...], measurand: Measurand) -> list[float]:
    return [sample.value for sample in values if sample.measurand is measurand]
