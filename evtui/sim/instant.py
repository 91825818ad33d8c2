"""The three times of a station, never mixed."""

from datetime import datetime

import msgspec


class Instant(msgspec.Struct, frozen=True, gc=False):
    """One moment, as each kind of rule reads it.

    `utc` is aware and goes into timestamps; `elapsed_s` is monotonic wall time for OCPP timers, schedules and
    retries; `physics_s` drives meter, battery and ramps and runs `speed` times faster than life.
    """

    utc: datetime
    elapsed_s: float
    physics_s: float
