"""How a connector is used right now: for versions that have more words for it than its status."""

import msgspec

from evtui.sim.connector import Connector
from evtui.sim.evse import Evse
from evtui.sim.faults import Standing
from evtui.sim.terms import ChargingState, ConnectorStatus


class ConnectorUse(msgspec.Struct, frozen=True):
    """`authorized`, `charging_state` and `transaction_id` are those of its EVSE, if this is the connector in use there.
    One that is Occupied while the state is Idle has lost its car, but not its cable or its transaction. `fault` is what
    is wrong with it or with what it is a part of, whether or not that makes it Faulted."""

    evse_id: int
    connector_id: int
    status: ConnectorStatus
    authorized: bool = False
    charging_state: ChargingState = ChargingState.IDLE
    transaction_id: str | None = None
    fault: Standing | None = None


def use_of(evse: Evse, connector: Connector, fault: Standing | None) -> ConnectorUse:
    """As of the last event."""
    if connector is not evse.bay.connector:
        return ConnectorUse(evse.id, connector.id, connector.status, fault=fault)
    transaction = evse.recorder.transaction
    return ConnectorUse(
        evse.id,
        connector.id,
        connector.status,
        evse.authorization is not None,
        evse.state,
        None if transaction is None else transaction.id,
        fault,
    )
