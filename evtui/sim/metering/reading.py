"""What a station's display and its meter show at one instant: the only view others have into a station."""

from datetime import datetime

import msgspec

from evtui.sim.fault_kinds import FaultKind
from evtui.sim.terms import ChargingState, ConnectorStatus, ConnectorType


class Limit(msgspec.Struct, frozen=True):
    """One link in the chain of limits. `source` is a stable word (ev, onboard-charger, cable, evse, csms, ...), `name`
    is for people; both figures are always given, converted by phases and nominal voltage."""

    source: str
    name: str
    power_w: float
    current_a: float


class Setting(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A limit that a controller outside has set: at most so much power, or so much current on each phase."""

    source: str
    name: str
    power_w: float | None = None
    current_a: float | None = None


class EvseReading(msgspec.Struct, frozen=True):
    """An EVSE at one instant. Energy of the running (or last) transaction is `session_energy_wh`; the lifetime
    register is `register_wh`. `limits` is the whole chain, `limited_by` the source of its winner. `faults` stand there
    or above; `lock` is that of the connector, as LockState has it; `ev_paused`: the car has suspended by itself.
    `settings` hold without a car, too; the transaction, or else the next one, ends at `target_wh`."""

    evse_id: int
    connector_id: int
    connector_type: ConnectorType
    status: ConnectorStatus
    charging_state: ChargingState | None
    plugged: bool
    authorized: bool
    ev: str | None
    rated_w: float
    power_w: float
    offered_w: float
    session_energy_wh: float
    register_wh: float
    soc_percent: float | None
    transaction_id: str | None
    transaction_started: datetime | None
    phases: int
    voltage_v: tuple[float, ...]
    current_a: tuple[float, ...]
    frequency_hz: float
    limits: tuple[Limit, ...]
    limited_by: str | None
    faults: tuple[FaultKind, ...] = ()
    in_bay: bool = False
    lock: str = ""
    ev_paused: bool = False
    settings: tuple[Setting, ...] = ()
    target_wh: float | None = None


class Figures(msgspec.Struct, frozen=True, gc=False):
    """What moves at an EVSE from one second to the next, named as in EvseReading. `limit_w` is the smallest of its
    chain; without a car what the EVSE is rated for."""

    power_w: float
    offered_w: float
    session_energy_wh: float
    register_wh: float
    soc_percent: float | None
    transaction_id: str | None
    transaction_started: datetime | None
    voltage_v: tuple[float, ...]
    current_a: tuple[float, ...]
    frequency_hz: float
    limit_w: float
