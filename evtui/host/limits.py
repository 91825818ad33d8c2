"""What the operating system allows a process."""

import resource
import sys

NEEDED_BESIDES = 64
"""Open files that a process has besides the sockets of its stations."""


def raise_open_files() -> int:
    """Raises the number of files that may be open as far as this user may; gives it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def shortfall(stations: int, allowed: int) -> str:
    """Why so many stations cannot have a socket each; "" if they can."""
    needed = stations + NEEDED_BESIDES
    if needed <= allowed:
        return ""
    return f"{stations} stations need {needed} open files, and this user may have {allowed}: ulimit -Hn {needed}"
