"""G01, E09, E10: the cable of a connector, and the status that follows."""

import pytest

from evtui.sim.connector import STATUS, TRANSITIONS, Cable, CableEvent, Connector
from evtui.sim.spec import ConnectorSpec
from evtui.sim.terms import ConnectorStatus


@pytest.mark.parametrize("cable", Cable)
@pytest.mark.parametrize("event", CableEvent)
def test_the_table_says_where_the_cable_goes_and_whether_the_status_changed(cable: Cable, event: CableEvent) -> None:
    connector = Connector(1, ConnectorSpec())
    connector.cable = cable
    changed = connector.move(event)
    assert connector.cable is TRANSITIONS.get((cable, event), cable)
    assert changed == (STATUS[connector.cable] is not STATUS[cable])


def test_a_connector_is_occupied_from_the_cable_going_in_until_it_is_out_or_released() -> None:
    connector = Connector(1, ConnectorSpec())
    steps = [
        CableEvent.PLUGGED,
        CableEvent.PULLED_KEPT,
        CableEvent.PLUGGED,
        CableEvent.PULLED_KEPT,
        CableEvent.RELEASED,
    ]
    seen = []
    for step in steps:
        connector.move(step)
        seen.append(connector.status)
    assert seen == [*[ConnectorStatus.OCCUPIED] * 4, ConnectorStatus.AVAILABLE]


def test_a_cable_that_is_out_cannot_be_pulled() -> None:
    connector = Connector(1, ConnectorSpec())
    assert not connector.move(CableEvent.PULLED)
    assert connector.status is ConnectorStatus.AVAILABLE
