"""What the operating system allows a process."""

import resource
import sys

from evtui.config import FleetConfig
from evtui.errors import ConfigError

NEEDED_BESIDES = 64
"""Open files that a process has besides the sockets of its stations."""


def raise_open_files() -> int:
    """Raises the number of files that may be open as far as this user may; gives it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def check_open_files(fleet: FleetConfig, workers: int) -> None:
    """Raises that number so that each station has a socket, and another one where it ends in the embedded CSMS.
    ConfigError: this user may not have as many."""
    stations = fleet.stations
    shared = -(-stations // workers)
    here = (stations if fleet.csms.url is None else 0) + (0 if workers > 1 else stations)
    needed, allowed = max(shared, here) + NEEDED_BESIDES, raise_open_files()
    if needed > allowed:
        raise ConfigError(
            f"{stations} stations need {needed} open files in one process, and this user may have {allowed}: "
            f"ulimit -Hn {needed}" + ("" if workers > 1 else ", or share them out with --workers")
        )


def shortfall(stations: int, allowed: int) -> str:
    """Why so many stations cannot have a socket each; "" if they can."""
    needed = stations + NEEDED_BESIDES
    if needed <= allowed:
        return ""
    return f"{stations} stations need {needed} open files, and this user may have {allowed}: ulimit -Hn {needed}"
