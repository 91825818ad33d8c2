"""The premises: what drivers, cars and operators do at a station, and why it cannot be done where it cannot."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from evtui.errors import LocalError
from evtui.sim.actions import NoticeKind
from evtui.sim.chance import Chance
from evtui.sim.connector import Connector
from evtui.sim.events import (
    ClearFaults,
    Event,
    EvFull,
    EvWants,
    Fault,
    OccupyBay,
    PlugIn,
    PresentToken,
    SetEnergyTarget,
    SetLimit,
    StopLocally,
    Unplug,
    UnplugAtStation,
)
from evtui.sim.evse import Evse
from evtui.sim.faults import Faults
from evtui.sim.happenings import Happening, Happenings
from evtui.sim.instant import Instant
from evtui.sim.metering.reading import Setting
from evtui.sim.physics import ev
from evtui.sim.reader import Reader
from evtui.sim.spec import StationSpec
from evtui.sim.surroundings import Say


class Premises:
    """Takes what happens there. A notice IMPOSSIBLE says why nothing changed. LocalError: a car that does not exist."""

    __slots__ = ("_arrivals", "_evs", "_evses", "_faults", "_happenings", "_reader", "_say")

    def __init__(self, spec: StationSpec, evses: Sequence[Evse], reader: Reader, faults: Faults, say: Say) -> None:
        for share in spec.evs:
            ev.find(share.model)
        self._evs = spec.evs
        self._arrivals = Chance(spec.seed, spec.id, "arrivals")
        self._evses = evses
        self._reader = reader
        self._faults = faults
        self._happenings = Happenings(say)
        self._say = say

    def take(self, event: Event, now: Instant) -> None:
        """One of the events in HANDLERS."""
        HANDLERS[type(event)](self, event, now)

    def _plug_in(self, event: PlugIn, now: Instant) -> None:
        evse = self._evse(event.evse_id)
        if evse is None:
            return
        if not 1 <= event.connector_id <= len(evse.connectors):
            self._say(NoticeKind.IMPOSSIBLE, f"there is no connector {event.connector_id} here", evse.id)
            return
        connector = evse.connectors[event.connector_id - 1]
        if evse.plugged:
            self._say(NoticeKind.IMPOSSIBLE, "a cable is in already", evse.id)
        elif not evse.bay.takes(connector):
            self._say(NoticeKind.IMPOSSIBLE, "the other connector is still in use", evse.id)
        else:
            try:
                model = ev.find(event.ev) if event.ev else self._next_car(connector)
            except LocalError as error:
                self._say(NoticeKind.IMPOSSIBLE, str(error), evse.id)
                return
            evse.bay.plug_in(connector, model, now)
            self._reader.welcome(evse, now)

    def _next_car(self, connector: Connector) -> ev.EvModel:
        return ev.pick(self._evs, self._arrivals, connector.spec.type.is_dc)

    def _unplug(self, event: Unplug, now: Instant) -> None:
        evse = self._evse(event.evse_id)
        if evse is None:
            return
        if evse.plugged:
            evse.bay.unplug(now)
        else:
            self._say(NoticeKind.IMPOSSIBLE, "no cable is in", evse.id)

    def _happen(self, event: Happening, now: Instant) -> None:
        evse = self._evse(event.evse_id)
        if evse is not None:
            self._happenings.happen(event, evse, now)

    def _strike(self, event: Fault, now: Instant) -> None:
        evse = self._evse(event.evse_id) if event.evse_id else None
        if evse is None and event.evse_id:
            return
        if event.connector_id and not (evse and 1 <= event.connector_id <= len(evse.connectors)):
            self._say(NoticeKind.IMPOSSIBLE, f"there is no connector {event.connector_id} here", event.evse_id)
            return
        self._faults.strike(event, now)

    def _clear(self, event: ClearFaults, now: Instant) -> None:
        self._faults.clear(event, now)

    def _present(self, event: PresentToken, now: Instant) -> None:
        evse = self._evse(event.evse_id)
        if evse is not None:
            self._reader.present(evse, event.id_token, now)

    def _stop_locally(self, event: StopLocally, now: Instant) -> None:
        evse = self._evse(event.evse_id)
        if evse is not None:
            self._reader.stop_locally(evse, now)

    def _limit(self, event: SetLimit, now: Instant) -> None:
        evse = self._evse(event.evse_id)
        if evse is not None:
            evse.limit(Setting(event.source, event.name, event.power_w, event.current_a), now)

    def _aim(self, event: SetEnergyTarget, now: Instant) -> None:
        evse = self._evse(event.evse_id)
        if evse is not None:
            evse.aim(event.energy_wh, now)

    def _evse(self, evse_id: int) -> Evse | None:
        if 1 <= evse_id <= len(self._evses):
            return self._evses[evse_id - 1]
        self._say(NoticeKind.IMPOSSIBLE, f"there is no EVSE {evse_id}: this station has {len(self._evses)}")
        return None


HANDLERS: Mapping[type[Event], Callable[..., None]] = MappingProxyType(
    {
        PlugIn: Premises._plug_in,
        Unplug: Premises._unplug,
        UnplugAtStation: Premises._happen,
        OccupyBay: Premises._happen,
        EvWants: Premises._happen,
        EvFull: Premises._happen,
        Fault: Premises._strike,
        ClearFaults: Premises._clear,
        PresentToken: Premises._present,
        StopLocally: Premises._stop_locally,
        SetLimit: Premises._limit,
        SetEnergyTarget: Premises._aim,
    }
)
