"""Which function carries a command out, and the word for several that did it."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from evtui.engine.effects import cables, limits, sessions
from evtui.engine.effects.effect import Arguments, Effect, Spot


class Act(NamedTuple):
    """`done` is what a summary says of it: "3 started"."""

    carry_out: Callable[[Spot, Arguments], Awaitable[Effect]]
    done: str


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "start": Act(sessions.start, "started"),
        "stop": Act(sessions.stop, "stopped"),
        "authorize": Act(sessions.authorize, "authorized"),
        "plug-in": Act(cables.plug_in, "plugged in"),
        "unplug": Act(cables.unplug, "unplugged"),
        "toggle-plug": Act(cables.toggle_plug, "done"),
        "suspend": Act(limits.suspend, "suspended"),
        "resume": Act(limits.resume, "resumed"),
        "limit": Act(limits.limit, "limited"),
        "limit-energy": Act(limits.limit_energy, "limited"),
    }
)
"""Every command of an EVSE or of a station but remove-station, which the fleet itself carries out."""
