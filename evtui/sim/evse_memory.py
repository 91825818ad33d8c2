"""The memory of EVSEs: what of each outlasts a power cut, and how it goes on from there."""

from collections.abc import Sequence

import msgspec

from evtui.errors import LocalError
from evtui.sim.charging_state import charging_state
from evtui.sim.connector import Cable
from evtui.sim.evse import Evse
from evtui.sim.evse_record import EvseRecord, MeterRecord, evse_key, meter_key
from evtui.sim.instant import Instant
from evtui.sim.link.line import Line
from evtui.sim.memory import Memory
from evtui.sim.physics.allowance import Allowance
from evtui.sim.physics.ev import CATALOGUE, DEFAULT
from evtui.sim.terms import StoppedReason


def remember(evses: Sequence[Evse], memory: Memory, now: Instant, *, ticked: bool) -> None:
    """Keeps what outlasts a power cut, as far as it has changed. `ticked`: nothing happened but that time passed; what
    it may change then says so itself."""
    for evse in evses:
        if evse.stirred or not ticked:
            evse.stirred = False
            memory.keep(evse_key(evse.id), record(evse))
        meter, reading = evse.recorder.meter(now), None
        if meter is None:
            charging = evse.charging
            reading = charging.register_wh, charging.soc_percent
            if reading != evse.kept_reading:
                meter = MeterRecord(now.utc, *reading, phase_wh=charging.phase_register_wh)
        if meter is not None:
            memory.keep(meter_key(evse.id), meter)
        evse.kept_reading = reading


def record(evse: Evse) -> EvseRecord:
    """What is kept of it, beside its meter."""
    charging, bay, outside, allowance = evse.charging, evse.bay, evse.outside, evse.allowance
    running = evse.recorder.record
    return EvseRecord(
        tuple([connector.cable for connector in evse.connectors]),
        bay.connector.id,
        None if charging.ev is None else charging.ev.id,
        charging.arrivals,
        bay.occupied,
        bay.parked,
        charging.paused,
        bay.key,
        evse.recorder.last_wh,
        outside.target_wh,
        running,
        None if running is None else evse.authorization,
        None if running is None else evse.remote_start_id,
        None if allowance is None else allowance.until_wh,
        outside.settings,
    )


def go_on(
    evses: Sequence[Evse], memory: Memory, line: Line, now: Instant, *, resume: bool, reason: StoppedReason
) -> None:
    """Takes up what was kept of an earlier life; the transactions that ran then `resume`, or have ended then, for
    `reason` (E06.FR.16). LocalError when an EVSE that is gone owes the CSMS something."""
    _forget_gone(len(evses), memory, line)
    for evse in evses:
        meter = _recall(evse, memory, now)
        if meter is None:
            continue
        if resume:
            evse.resume(now)
        else:
            evse.abort(msgspec.structs.replace(now, utc=meter.at), reason=reason)
            evse.restart()


def _forget_gone(count: int, memory: Memory, line: Line) -> None:
    """The configuration may have fewer EVSEs now."""
    evse_id = count
    while (kept := memory.recall(evse_key(evse_id + 1), EvseRecord)) is not None:
        evse_id += 1
        if kept.transaction is not None or line.owes_of(evse_id):
            raise LocalError(
                f"it had {evse_id} EVSEs and has {count} now, but EVSE {evse_id} owes the CSMS transaction "
                "messages: start it once as it was, or without its state"
            )
        memory.forget(evse_key(evse_id))
        memory.forget(meter_key(evse_id))


def _recall(evse: Evse, memory: Memory, now: Instant) -> MeterRecord | None:
    """Cable, car and meter are as they were when the power was cut, and so is the transaction that ran: then gives its
    meter, for somebody has to say whether it goes on."""
    kept, meter = memory.recall(evse_key(evse.id), EvseRecord), memory.recall(meter_key(evse.id), MeterRecord)
    if kept is None or meter is None:
        return None
    charging, bay, outside = evse.charging, evse.bay, evse.outside
    charging.restore(meter.register_wh, meter.phase_wh, kept.arrivals)
    evse.recorder.last_wh = kept.last_wh
    outside.target_wh = kept.target_wh
    for setting in kept.settings:
        outside.set(setting, now)
    bay.key, bay.occupied, bay.parked = kept.key, kept.in_bay, kept.parked
    for connector, cable in zip(evse.connectors, kept.cables, strict=False):
        connector.cable = cable
    if kept.connector_id <= len(evse.connectors):
        bay.connector = evse.connectors[kept.connector_id - 1]
    if bay.connector.cable is Cable.IN and kept.ev is not None:
        charging.plug(CATALOGUE.get(kept.ev, CATALOGUE[DEFAULT]), now, bay.connector.id, meter.soc_percent)
        charging.pause(kept.paused, now)
    evse.state = charging_state(charging, withheld=False, before=evse.state)
    if kept.transaction is None:
        return None
    evse.authorization, evse.remote_start_id = kept.authorization, kept.remote_start_id
    if kept.until_wh is not None:
        evse.allowance = Allowance(charging, kept.until_wh - meter.register_wh, evse.speed)
    evse.recorder.restore(kept.transaction, meter, now)
    return meter
