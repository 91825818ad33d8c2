"""The display of an EVSE: what anybody may see of it."""

from evtui.sim.evse import Evse
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.metering.reading import EvseReading, Figures
from evtui.sim.physics.limits import winner


def show(evse: Evse, faults: tuple[FaultKind, ...] = ()) -> EvseReading:
    """As of the last event; `faults` are those that stand there."""
    charging, transaction, connector = evse.charging, evse.transaction, evse.bay.connector
    chain = charging.limits
    return EvseReading(
        evse_id=evse.id,
        connector_id=connector.id,
        connector_type=connector.spec.type,
        status=connector.status,
        charging_state=evse.state if transaction is not None else None,
        plugged=evse.plugged,
        authorized=evse.authorization is not None,
        ev=charging.ev.name if charging.ev is not None else None,
        rated_w=evse.spec.rated_w,
        power_w=charging.power_w,
        offered_w=charging.offered_w,
        session_energy_wh=evse.recorder.session_wh,
        register_wh=charging.register_wh,
        soc_percent=charging.soc_percent,
        transaction_id=transaction.id if transaction is not None else None,
        transaction_started=transaction.started_utc if transaction is not None else None,
        phases=charging.phases,
        voltage_v=charging.voltage_v,
        current_a=charging.current_a,
        frequency_hz=charging.frequency_hz,
        limits=chain,
        limited_by=winner(chain).source if chain else None,
        faults=faults,
        in_bay=evse.bay.occupied,
        lock=evse.bay.lock,
        ev_paused=charging.paused,
        settings=evse.outside.settings,
        target_wh=evse.outside.target_wh,
    )


def figures(evse: Evse) -> Figures:
    """What moves of that: a tenth of it, for those who look at every station each second."""
    charging, recorder = evse.charging, evse.recorder
    transaction, register_wh = recorder.transaction, charging.register_wh
    limit_w = charging.limit_w
    return Figures(
        charging.power_w,
        charging.offered_w,
        recorder.last_wh if transaction is None else register_wh - transaction.begin_wh,
        register_wh,
        charging.soc_percent,
        None if transaction is None else transaction.id,
        None if transaction is None else transaction.started_utc,
        charging.voltage_v,
        charging.current_a,
        charging.frequency_hz,
        evse.spec.rated_w if limit_w is None else limit_w,
    )
