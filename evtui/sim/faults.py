"""The faults of a station: what they put out of order, and what the CSMS hears of them (E06.FR.16, G01, N07)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from evtui.sim.actions import NoticeKind
from evtui.sim.connector import Connector
from evtui.sim.events import ClearFaults, Fault
from evtui.sim.evse import Evse
from evtui.sim.fault_kinds import FAULTS, FaultKind, FaultSpec, Level, shown
from evtui.sim.instant import Instant
from evtui.sim.link.line import Line
from evtui.sim.memory import Memory
from evtui.sim.surroundings import Surroundings
from evtui.sim.variables.notify_event import EventData, NotifyEvent
from evtui.sim.variables.reports import EvseRef, VariableRef

KEY = "faults"
QUEUING_SEVERITY = "MonitoringCtrlr.OfflineQueuingSeverity"

Place = tuple[int, int]
"""EVSE and connector; 0 for the station, and for an EVSE as a whole."""

_LONGEST_CODE, _LONGEST_INFO = 50, 500
_COMPONENTS = {Level.STATION: "ChargingStation", Level.EVSE: "EVSE", Level.CONNECTOR: "Connector"}


class Standing(msgspec.Struct, frozen=True):
    """A fault that has not been cleared. `told`: the CSMS knows of it, or will."""

    kind: FaultKind
    place: Place
    tech_code: str
    tech_info: str
    told: bool = False


class FaultsRecord(msgspec.Struct, frozen=True):
    """What outlasts a power cut: broken things stay broken. `jammed` are the connectors whose locks do not work;
    `event_id` is the newest one used."""

    standing: tuple[Standing, ...] = ()
    jammed: tuple[Place, ...] = ()
    event_id: int = 0


class Faults:
    """Each stands until it is cleared. What is above or below it in the station has a Problem too."""

    __slots__ = ("_event_id", "_evses", "_jammed", "_line", "_memory", "_standing", "_station")

    def __init__(self, station: Surroundings, line: Line, evses: Sequence[Evse], memory: Memory) -> None:
        self._station = station
        self._line = line
        self._evses = evses
        self._memory = memory
        kept = memory.recall(KEY, FaultsRecord) or FaultsRecord()
        self._standing = {(each.kind, each.place): each for each in kept.standing}
        self._jammed = kept.jammed
        self._event_id = kept.event_id
        self._mark()

    # -- what others see --------------------------------------------------------------------------

    def at(self, evse_id: int) -> tuple[FaultKind, ...]:
        """Those of an EVSE: its own, its connectors' and the station's."""
        return tuple(kind for kind, (each, _) in self._standing if each in (0, evse_id))

    def stands(self, component: str, place: Place) -> bool:
        """The sensor of that component has detected something there."""
        return any(each == place and FAULTS[kind].component == component for kind, each in self._standing)

    def problem(self, place: Place) -> bool:
        """There is a fault at a place, above or below it, that puts something out of order."""
        return any(FAULTS[kind].blocking and _related(each, place) for kind, each in self._standing)

    def over(self, place: Place) -> Standing | None:
        """What is wrong at a place, or with what that is a part of; first what puts it out of order."""
        found = [each for each in self._standing.values() if _covers(each.place, place)]
        return next((each for each in found if FAULTS[each.kind].blocking), found[0] if found else None)

    # -- what happens -----------------------------------------------------------------------------

    def strike(self, event: Fault, now: Instant) -> None:
        """Something breaks."""
        place = (event.evse_id, event.connector_id)
        obstacle = self._obstacle(event, place)
        if obstacle is not None:
            self._station.say(NoticeKind.IMPOSSIBLE, obstacle, event.evse_id)
            return
        spec = FAULTS[event.kind]
        standing = Standing(event.kind, place, event.tech_code or spec.tech_code, event.tech_info or spec.tech_info)
        if not spec.blocking:
            self._jam(standing, now)
            return
        was_problem = self.problem(place)
        running = [each.transaction.id for each in self._under(place) if each.transaction is not None]
        before = self._statuses()
        self._standing[event.kind, place] = standing
        self._mark()
        self._station.say(NoticeKind.FAULT, _told(standing), place[0])
        self._tell(standing, now, running[0] if len(running) == 1 else None, propagated=not was_problem)
        for evse in self._under(place):
            if not evse.bay.operative:
                evse.break_off(now, spec.stopped_reason, f"there is a fault: {shown(event.kind)}")
        self._report(before, now)

    def clear(self, event: ClearFaults, now: Instant) -> None:
        """What is broken is repaired; an emergency stop is released by its own name only."""
        there = [
            each
            for each in self._standing.values()
            if each.place[0] in (0, event.evse_id) and event.kind in (None, each.kind)
        ]
        cleared = [each for each in there if event.kind is not None or each.kind is not FaultKind.EMERGENCY_STOP]
        mended = {place for place in self._jammed if place[0] == event.evse_id}
        if event.kind not in (None, FaultKind.LOCK_FAILURE):
            mended = set()
        if not cleared and not mended:
            why = "the emergency stop must be released" if there else "there is no fault"
            self._station.say(NoticeKind.IMPOSSIBLE, why, event.evse_id)
            return
        before = self._statuses()
        self._jammed = tuple([place for place in self._jammed if place not in mended])
        if mended:
            self._station.say(NoticeKind.FAULT_CLEARED, "lock failure", event.evse_id)
        for standing in cleared:
            was_problem = self.problem(standing.place)
            del self._standing[standing.kind, standing.place]
            self._mark()
            if standing.kind is not FaultKind.LOCK_FAILURE:
                self._station.say(NoticeKind.FAULT_CLEARED, _named(standing), standing.place[0])
            if standing.told:
                propagated = was_problem and not self.problem(standing.place)
                self._notify(standing, now, None, cleared=True, propagated=propagated)
        self._mark()
        self._keep()
        self._report(before, now)
        for evse in self._evses:
            evse.reconsider(now)

    def lock_failed(self, evse_id: int, now: Instant) -> None:
        """The plug of a driver who may charge cannot be locked (G05.FR.02)."""
        evse = self._evses[evse_id - 1]
        kind, place = FaultKind.LOCK_FAILURE, (evse.id, evse.bay.connector.id)
        if (kind, place) in self._standing:
            return
        spec = FAULTS[kind]
        standing = Standing(kind, place, spec.tech_code, spec.tech_info)
        self._standing[kind, place] = standing
        self._station.say(NoticeKind.FAULT, _told(standing), evse.id)
        transaction_id = None if evse.transaction is None else evse.transaction.id
        self._tell(standing, now, transaction_id, propagated=False)

    def tell_all(self, now: Instant) -> None:
        """The CSMS can hear again: what it has not heard of yet (N07.FR.04 and the remark there)."""
        for standing in tuple(self._standing.values()):
            if not standing.told:
                self._tell(standing, now, None, propagated=FAULTS[standing.kind].blocking)

    # -- how --------------------------------------------------------------------------------------

    def _obstacle(self, event: Fault, place: Place) -> str | None:
        kind, level = event.kind, _level(place)
        spec = FAULTS[kind]
        if len(event.tech_code) > _LONGEST_CODE or len(event.tech_info) > _LONGEST_INFO:
            return f"a techCode has at most {_LONGEST_CODE} characters, a techInfo {_LONGEST_INFO}"
        if level not in spec.levels:
            return f"{shown(kind)} is a fault of {' or '.join(spec.levels)}, not of {level}"
        if (kind, place) in self._standing:
            return f"it is there already: {shown(kind)}"
        if kind is FaultKind.LOCK_FAILURE:
            connector = self._evses[place[0] - 1].connectors[place[1] - 1]
            if not connector.spec.type.is_socket:
                return f"connector {connector.id} has a fixed cable, and no lock"
            if place in self._jammed:
                return "the lock fails already"
        return None

    def _jam(self, standing: Standing, now: Instant) -> None:
        """The lock fails from now on: it shows when it is to hold a plug."""
        evse_id, connector_id = standing.place
        self._jammed += (standing.place,)
        self._mark()
        self._keep()
        self._station.say(NoticeKind.FAULT, f"the lock of connector {connector_id} holds no plug any more", evse_id)
        self._evses[evse_id - 1].bay.try_lock(now)

    def _under(self, place: Place) -> Sequence[Evse]:
        return self._evses if place[0] == 0 else (self._evses[place[0] - 1],)

    def _mark(self) -> None:
        """Lets connectors know what fault they are under."""
        for evse in self._evses:
            for connector in evse.connectors:
                connector.fault = self._over((evse.id, connector.id))
                connector.jammed = (evse.id, connector.id) in self._jammed

    def _over(self, place: Place) -> FaultKind | None:
        found = (kind for kind, each in self._standing if FAULTS[kind].blocking and _covers(each, place))
        return next(found, None)

    def _statuses(self) -> list[str]:
        return [connector.status for _, connector in self._connectors()]

    def _connectors(self) -> Iterator[tuple[Evse, Connector]]:
        return ((evse, connector) for evse in self._evses for connector in evse.connectors)

    def _report(self, before: list[str], now: Instant) -> None:
        for (evse, connector), status in zip(self._connectors(), before, strict=True):
            if connector.status != status:
                self._station.report_status(evse.id, connector, now)

    def _tell(self, standing: Standing, now: Instant, transaction_id: str | None, *, propagated: bool) -> None:
        told = self._notify(standing, now, transaction_id, cleared=False, propagated=propagated)
        self._standing[standing.kind, standing.place] = msgspec.structs.replace(standing, told=told)
        self._keep()

    def _notify(
        self, standing: Standing, now: Instant, transaction_id: str | None, *, cleared: bool, propagated: bool
    ) -> bool:
        """Says whether the CSMS will hear of it: at once, or after having been away (N07.FR.04)."""
        at = self._station.clock.read(now)
        spec = FAULTS[standing.kind]
        itself = _COMPONENTS[_level(standing.place)]
        first = self._event(standing, at, spec, spec.component or itself, spec.variable, transaction_id, cleared)
        events = [first]
        if propagated and spec.component:
            problem = self._event(standing, at, spec, itself, "Problem", transaction_id, cleared)
            events.append(msgspec.structs.replace(problem, cause=first.event_id))
        queue = spec.severity <= self._station.model.integer(QUEUING_SEVERITY)
        return self._line.put(NotifyEvent(at, tuple(events)), standing.place[0], keep=queue)

    def _event(
        self,
        standing: Standing,
        at: datetime,
        spec: FaultSpec,
        component: str,
        variable: str,
        transaction_id: str | None,
        cleared: bool,
    ) -> EventData:
        evse_id, connector_id = standing.place
        evse = EvseRef(evse_id, connector_id or None) if evse_id else None
        self._event_id += 1
        return EventData(
            self._event_id,
            at,
            VariableRef(component, variable, evse=evse),
            "false" if cleared else "true",
            spec.trigger,
            tech_code=standing.tech_code,
            tech_info=standing.tech_info,
            cleared=cleared,
            transaction_id=transaction_id,
        )

    def _keep(self) -> None:
        self._memory.touch(KEY, self._record)

    def _record(self) -> FaultsRecord:
        return FaultsRecord(tuple(self._standing.values()), tuple(sorted(self._jammed)), self._event_id)


def _level(place: Place) -> Level:
    if place[0] == 0:
        return Level.STATION
    return Level.CONNECTOR if place[1] else Level.EVSE


def _covers(above: Place, place: Place) -> bool:
    """What is at `above` is true of `place`."""
    return above[0] in (0, place[0]) and above[1] in (0, place[1])


def _related(one: Place, other: Place) -> bool:
    return _covers(one, other) or _covers(other, one)


def _told(standing: Standing) -> str:
    """For people: "ground fault: residual current above 30 mA"."""
    return f"{_named(standing)}: {standing.tech_info}"


def _named(standing: Standing) -> str:
    where = f" of connector {standing.place[1]}" if standing.place[1] else ""
    return f"{shown(standing.kind)}{where}"
