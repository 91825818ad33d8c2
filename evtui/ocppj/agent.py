"""How a station of evtui introduces itself, so that a CSMS of evtui knows how fast its physics runs."""

import re
from functools import cache

from evtui import __version__

_AGENT = re.compile(r"evtui/\S+ \(physics x([0-9]{1,7}(?:\.[0-9]{1,6})?)\)")


@cache  # there are one or two of them
def user_agent(speed: float = 1.0) -> str:
    """The header User-Agent. Whose physics runs at the pace of life says nothing of it."""
    return f"evtui/{__version__}" + ("" if speed == 1.0 else f" (physics x{speed:.6f})".replace(".000000", ""))


def speed_of(agent: str) -> float | None:
    """How much faster than life its physics runs, None for a station that does not say."""
    found = _AGENT.fullmatch(agent)
    return None if found is None else float(found[1]) or None
