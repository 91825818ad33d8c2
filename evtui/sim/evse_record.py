"""What an EVSE keeps over a power cut: one row of what changes now and then, one of what moves while a car charges."""

from datetime import datetime
from functools import cache

import msgspec

from evtui.sim.authorization import Authorization
from evtui.sim.connector import Cable
from evtui.sim.messages import IdToken
from evtui.sim.metering.reading import Setting
from evtui.sim.transaction import TransactionRecord


class EvseRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`cables` of its connectors; `ev` is the car's model at `connector_id`; `arrivals` counts what chance has decided
    of cars. `settings` are the limits of controllers outside. The driver's authorization is kept for a running
    transaction alone, and so is what an invalid identifier may still charge: up to the register `until_wh`."""

    cables: tuple[Cable, ...]
    connector_id: int = 1
    ev: str | None = None
    arrivals: int = 0
    in_bay: bool = False
    parked: bool = False
    paused: bool = False
    key: IdToken | None = None
    last_wh: float = 0.0
    target_wh: float | None = None
    transaction: TransactionRecord | None = None
    authorization: Authorization | None = None
    remote_start_id: int | None = None
    until_wh: float | None = None
    settings: tuple[Setting, ...] = ()


class MeterRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """As of the moment `at`: `events` and `charging_s` are those of the running transaction so far, `series_wh` where
    its series of samples stand; `phase_wh` is what of the register went over each phase."""

    at: datetime
    register_wh: float
    soc_percent: float | None = None
    events: int = 0
    charging_s: float = 0.0
    series_wh: tuple[float, ...] = ()
    phase_wh: tuple[float, ...] = ()


@cache
def evse_key(evse_id: int) -> str:
    """Of the EvseRecord."""
    return f"evse/{evse_id}"


@cache
def meter_key(evse_id: int) -> str:
    """Of the MeterRecord."""
    return f"evse/{evse_id}/meter"


@cache
def values_key(evse_id: int) -> str:
    """What the keys of its KeptValues begin with."""
    return f"evse/{evse_id}/value/"
