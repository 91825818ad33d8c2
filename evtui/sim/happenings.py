"""What happens at an EVSE besides drivers and their identifiers: cable, parking bay, and the car's own mind."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from evtui.sim.actions import NoticeKind
from evtui.sim.events import EvFull, EvWants, OccupyBay, UnplugAtStation
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.surroundings import Say

Happening = UnplugAtStation | OccupyBay | EvWants | EvFull


class Happenings:
    """Lets them happen, where they can."""

    __slots__ = ("_say",)

    def __init__(self, say: Say) -> None:
        self._say = say

    def happen(self, event: Happening, evse: Evse, now: Instant) -> None:
        """A notice IMPOSSIBLE says why it cannot."""
        obstacle = _HAPPENINGS[type(event)](self, event, evse, now)
        if obstacle is not None:
            self._say(NoticeKind.IMPOSSIBLE, obstacle, evse.id)

    def _unplug(self, event: UnplugAtStation, evse: Evse, now: Instant) -> str | None:
        """A lock holds the plug as long as a driver may charge, or has left the cable behind (E09.FR.03)."""
        if not evse.plugged and not evse.bay.left:
            return "no cable is in"
        if not evse.bay.connector.spec.type.is_socket:
            return f"connector {evse.bay.connector.id} has a fixed cable: it comes off at the EV only"
        if evse.bay.locked:
            return "the plug is locked into the socket until the session ends"
        if evse.plugged:
            evse.bay.unplug(now, "at the station")
        else:
            self._say(NoticeKind.UNPLUGGED, "at the station", evse.id)
            evse.bay.release(now)
        return None

    def _occupy(self, event: OccupyBay, evse: Evse, now: Instant) -> str | None:
        if evse.bay.occupied is event.occupied:
            return "the bay is occupied already" if event.occupied else "the bay is free already"
        if evse.plugged:
            return "the car is connected: it cannot leave"
        self._say(NoticeKind.BAY, "occupied" if event.occupied else "free", evse.id)
        evse.bay.occupy(event.occupied, now)
        return None

    def _want(self, event: EvWants, evse: Evse, now: Instant) -> str | None:
        charging = evse.charging
        if charging.ev is None:
            return "no car is connected"
        if charging.paused is not event.wants:
            return "the car has suspended already" if charging.paused else "the car has not suspended"
        charging.pause(not event.wants, now)
        self._say(NoticeKind.EV, "resumes" if event.wants else "suspends", evse.id)
        evse.observe(now)
        return None

    def _fill(self, event: EvFull, evse: Evse, now: Instant) -> str | None:
        if evse.charging.ev is None:
            return "no car is connected"
        if evse.charging.full:
            return "the battery is full already"
        evse.charging.fill(now)
        self._say(NoticeKind.EV, "is full", evse.id)
        evse.observe(now)
        return None


_HAPPENINGS: Mapping[type[Happening], Callable[..., str | None]] = MappingProxyType(
    {
        UnplugAtStation: Happenings._unplug,
        OccupyBay: Happenings._occupy,
        EvWants: Happenings._want,
        EvFull: Happenings._fill,
    }
)
