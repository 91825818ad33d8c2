"""The clock that leases are counted by: it goes on while the machine is suspended, where there is such a one."""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now_s() -> float:
    """Seconds since some moment; the same for all processes of this machine."""
    return time.clock_gettime(_CLOCK)
