"""Reservations: EVSEs that are kept for a driver until a time (H01-H04).

A reservation names an EVSE, or is *open*: any EVSE will do, or any with a connector of some type. An EVSE that is
named, or that the open reservations cannot do without, is Reserved. Each reservation ends in one of four ways, and the
CSMS hears of each: it is cancelled, expires, is removed because its EVSE is gone, or is claimed by its driver.
"""

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Protocol

import msgspec

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import same
from evtui.sim.connector import Connector
from evtui.sim.diagnostics.lines import stamp
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.memory import Memory
from evtui.sim.messages import IdToken, ReservationStatusUpdate
from evtui.sim.places import place, spare
from evtui.sim.requests import CancelReservation, ReserveNow, StatusAnswer, StatusInfo
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import ConnectorStatus, ReservationUpdateStatus
from evtui.sim.variables.device_model import DeviceModel

Effect = Callable[[Instant], None]
Served = tuple[StatusAnswer, Effect | None]

KEY = "reservation/"

_OUT = (ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED)


class Reservation(msgspec.Struct, frozen=True):
    """One that was accepted, as it outlasts a power cut (B01.FR.13) until it is over or a transaction has told it.
    `number` counts them: when there is no room for all of them any more, the last ones go."""

    number: int
    wanted: ReserveNow


class Back(Protocol):
    """The station behind the reservations."""

    def say(self, kind: NoticeKind, text: str, evse_id: int = 0) -> None:
        """A notice."""

    def report_status(self, evse_id: int, connector: Connector, now: Instant) -> None:
        """Takes note that a connector's status changed."""

    def report_reservation(self, update: ReservationStatusUpdate) -> None:
        """Takes a message for the CSMS."""


class Reservations:
    """Those of one station. `keep_up` is to be called after whatever happened."""

    __slots__ = ("_claimed", "_clock", "_evses", "_held", "_memory", "_model", "_numbers", "_station")

    def __init__(
        self, station: Back, model: DeviceModel, clock: StationClock, evses: Sequence[Evse], memory: Memory
    ) -> None:
        self._station = station
        self._model = model
        self._clock = clock
        self._evses = evses
        self._memory = memory
        kept = sorted(memory.recall_all(KEY, Reservation).values(), key=lambda each: each.number)
        self._held: dict[int, Reservation] = {}
        for each in kept:
            claimed = self._held.get(each.wanted.id)
            if claimed is not None:  # its claim came to nothing, and its id was given anew meanwhile (H01.FR.02)
                self._forget(claimed)
            self._held[each.wanted.id] = each
        self._claimed: dict[int, Reservation] = {}  # by EVSE, until a transaction there has told it
        self._numbers = kept[-1].number if kept else 0

    @property
    def held(self) -> tuple[Reservation, ...]:
        """Those that stand: neither over nor claimed."""
        return tuple(self._held.values())

    def due_s(self, now: Instant) -> float:
        """The elapsed time at which the next one expires by the station's clock; infinite when there is none."""
        if not self._held:
            return inf
        first = min(each.wanted.expires for each in self._held.values())
        return now.elapsed_s + max(0.0, (first - self._clock.read(now)).total_seconds())

    # -- what the CSMS asks -----------------------------------------------------------------------

    def reserve(self, request: ReserveNow, now: Instant) -> Served:
        """H01. The same id replaces (H01.FR.02); what is refused changes nothing."""
        targets = self._targets(request)
        refusal = targets if isinstance(targets, StatusInfo) else self._refusal(request, now)
        if refusal is not None:
            return StatusAnswer("Rejected", refusal), None
        assert not isinstance(targets, StatusInfo)
        if not self._has_room(request):
            return StatusAnswer(_why_not([self._status(each, request) for each in targets])), None
        return StatusAnswer("Accepted"), lambda at: self._hold(request, at)

    def cancel(self, request: CancelReservation) -> Served:
        """H02."""
        held = self._held.get(request.reservation_id)
        if held is None:
            return StatusAnswer("Rejected", StatusInfo("NotFound")), None

        def give_up(now: Instant) -> None:
            self._drop(held)
            self._show(now)

        return StatusAnswer("Accepted"), give_up

    def _refusal(self, request: ReserveNow, now: Instant) -> StatusInfo | None:
        model = self._model
        if not (model.flag("ReservationCtrlr.Available") and model.flag("ReservationCtrlr.Enabled")):  # H01.FR.01
            return StatusInfo("NotEnabled")
        if request.evse_id is None and not model.flag("ReservationCtrlr.NonEvseSpecific"):  # H01.FR.19
            return StatusInfo("NotEnabled", "only for an EVSE: ReservationCtrlr.NonEvseSpecific is false")
        if request.expires <= self._clock.read(now):
            return StatusInfo("InvalidValue", "expiryDateTime has passed")
        return None

    def _targets(self, request: ReserveNow) -> list[Evse] | StatusInfo:
        """The EVSEs that would do if they were free."""
        if request.evse_id is not None and not 1 <= request.evse_id <= len(self._evses):
            return StatusInfo("UnknownEvse")
        targets = [evse for evse in self._evses if request.evse_id in (None, evse.id) and list(_fitting(evse, request))]
        return targets or StatusInfo("UnknownConnectorType")

    def _hold(self, request: ReserveNow, now: Instant) -> None:
        self._numbers += 1
        old = self._held.get(request.id)
        if old is not None:
            self._drop(old)
        self._held[request.id] = held = Reservation(self._numbers, request)
        self._memory.keep(f"{KEY}{self._numbers}", held)
        self._show(now)

    def _has_room(self, request: ReserveNow) -> bool:
        """There is a free EVSE for it, and enough are left for the open ones (H01.FR.07, FR.09)."""
        old = self._held.get(request.id)
        others = [each for each in self._open() if each is not old]
        if request.evse_id is None:
            wanted = [*(each.wanted for each in others), request]
            places = [each for each in self._places(wanted) if each.asking is None and not each.bay.closed]
        else:
            evse = self._evses[request.evse_id - 1]
            named = self._named(evse)
            free = _is_free(evse) or (old is not None and _stays_reserved(evse))
            if not free or evse.bay.closed or evse.asking is not None or named not in (None, old):
                return False
            if not any(each.usable for each in _fitting(evse, request)):
                return False
            wanted = [each.wanted for each in others]
            places = [each for each in self._places(wanted) if each is not evse]
        return len(place(_wishes(wanted, places))) == len(wanted)

    def _status(self, evse: Evse, request: ReserveNow) -> ConnectorStatus:
        """Why an EVSE cannot be had: Faulted, Unavailable or Occupied (H01.FR.11, FR.12, FR.14)."""
        statuses = {each.status for each in _fitting(evse, request)}
        if not statuses.issubset(_OUT):
            return ConnectorStatus.OCCUPIED
        return ConnectorStatus.FAULTED if ConnectorStatus.FAULTED in statuses else ConnectorStatus.UNAVAILABLE

    # -- what drivers do --------------------------------------------------------------------------

    def holds_for(self, evse: Evse, id_token: IdToken, group: IdToken | None = None) -> bool:
        """There is a reservation that this identifier, or its group, can claim at the EVSE (H03.FR.01 to 06)."""
        return self._claimable(evse, id_token, group) is not None

    def bars(self, evse: Evse, id_token: IdToken, group: IdToken | None = None) -> bool:
        """The EVSE is kept for others (H01.FR.07, F01.FR.21, FR.22)."""
        if not self._held or evse.id in self._claimed or self.holds_for(evse, id_token, group):
            return False
        return self._named(evse) is not None or not self._spares(evse, [each.wanted for each in self._open()])

    def claim(self, evse: Evse, id_token: IdToken, group: IdToken | None, now: Instant) -> None:
        """The identifier was presented there: if it has a reservation, that is used up (H03.FR.09), whatever comes of
        it, and the EVSE no longer Reserved (H03.FR.10)."""
        held = None if evse.id in self._claimed else self._claimable(evse, id_token, group)
        if held is None:
            return
        del self._held[held.wanted.id]
        self._claimed[evse.id] = held
        evse.claimed = held.wanted.id
        self._station.say(NoticeKind.RESERVATION, f"reservation {held.wanted.id} is used", evse.id)
        self._show(now)

    def admit(self, evse: Evse, id_token: IdToken, group: IdToken | None, now: Instant) -> bool:
        """The identifier is accepted, and so its group is known: says whether it may charge there (H03.FR.04)."""
        self.claim(evse, id_token, group, now)
        return not self.bars(evse, id_token, group)

    def _claimable(self, evse: Evse, id_token: IdToken, group: IdToken | None) -> Reservation | None:
        named = self._named(evse)
        if named is not None:
            return named if _is_for(named.wanted, id_token, group) else None
        for held in self._open():
            wanted = held.wanted
            if _is_for(wanted, id_token, group) and list(_fitting(evse, wanted)):
                others = [each.wanted for each in self._open() if each is not held]
                if self._spares(evse, others):
                    return held
        return None

    def _spares(self, evse: Evse, wanted: Sequence[ReserveNow]) -> bool:
        """All that is wanted can be had elsewhere."""
        places = [each for each in self._places(wanted) if each is not evse]
        return len(place(_wishes(wanted, places))) == len(wanted)

    # -- what time and the world do ---------------------------------------------------------------

    def keep_up(self, now: Instant) -> None:
        """Ends what has expired (H04) or lost its EVSE (H01.FR.16, FR.17), shows what is Reserved, then tells."""
        if self._held:
            ended = [(each, ReservationUpdateStatus.EXPIRED) for each in self._expired(now)]
            for held, _ in ended:
                self._drop(held)
            for held in self._homeless():
                self._drop(held)
                ended.append((held, ReservationUpdateStatus.REMOVED))
            self._show(now)
            for held, status in ended:
                self._tell(held, status)
        for evse_id in list(self._claimed):
            self._settle(self._evses[evse_id - 1])

    def recall(self, now: Instant) -> None:
        """Goes on with what was kept, once cables and drivers are as they were when the power was cut."""
        if not self._held:
            return
        for evse in self._evses:
            evse.connectors[0].reserved = evse.plugged and evse.authorization is None
        reserved = self._reserved()
        for evse in self._evses:
            for connector in evse.connectors:
                connector.reserved = evse.id in reserved
        self.keep_up(now)

    def _expired(self, now: Instant) -> list[Reservation]:
        time = self._clock.read(now)
        return [each for each in self._held.values() if each.wanted.expires <= time]

    def _homeless(self) -> list[Reservation]:
        """Those whose EVSE is out of service, or was taken away."""
        evses, open_ = {evse.id: evse for evse in self._evses}, self._open()
        wanted = [each.wanted for each in open_]
        placed = set(place(_wishes(wanted, self._places(wanted))).values())
        lost = [each for number, each in enumerate(open_) if number not in placed]
        for held in self._held.values():
            evse = None if held.wanted.evse_id is None else evses.get(held.wanted.evse_id)
            if held not in open_ and (evse is None or not any(each.usable for each in _fitting(evse, held.wanted))):
                lost.append(held)
        return lost

    def _settle(self, evse: Evse) -> None:
        """A claim is over when a transaction has told it, or when it came to nothing."""
        if evse.claimed is None:
            self._forget(self._claimed.pop(evse.id))
        elif evse.authorization is None and evse.asking is None:
            evse.claimed = None
            held = self._claimed.pop(evse.id)
            self._forget(held)
            self._tell(held, ReservationUpdateStatus.REMOVED)

    def _tell(self, held: Reservation, status: ReservationUpdateStatus) -> None:
        wanted = held.wanted
        self._station.say(NoticeKind.RESERVATION, f"reservation {wanted.id}: {status}", wanted.evse_id or 0)
        self._station.report_reservation(ReservationStatusUpdate(wanted.id, status))

    def _drop(self, held: Reservation) -> None:
        del self._held[held.wanted.id]
        self._forget(held)

    def _forget(self, held: Reservation) -> None:
        self._memory.forget(f"{KEY}{held.number}")

    def _show(self, now: Instant) -> None:
        """All connectors of an EVSE that is kept for somebody are Reserved (H01.FR.20, FR.23, FR.24)."""
        reserved = self._reserved()
        for evse in self._evses:
            for connector in evse.connectors:
                before, connector.reserved = connector.status, evse.id in reserved
                if connector.status is not before:
                    self._station.report_status(evse.id, connector, now)

    def _reserved(self) -> set[int]:
        """The EVSEs that are named, and those that the open reservations cannot do without."""
        wanted = [each.wanted for each in self._open()]
        places = self._places(wanted)
        wishes, ids = _wishes(wanted, places), {each.id for each in places}
        named = {evse.id for evse in self._evses if self._named(evse) is not None}
        return named | (ids - spare(wishes, place(wishes), ids))

    # -- as a keeper of customers' data (N09, N10) ------------------------------------------------

    def known_of(self, id_token: IdToken) -> Iterator[str]:
        """The reservations of a customer."""
        for held in self._of(id_token):
            where = "any EVSE" if held.wanted.evse_id is None else f"EVSE {held.wanted.evse_id}"
            yield f"Reservation {held.wanted.id} of {where} until {stamp(held.wanted.expires)}"

    def busy_with(self, id_token: IdToken) -> bool:
        """Never: a claimed one is the driver's who is there."""
        return False

    def forget(self, id_token: IdToken, now: Instant) -> None:
        """They are removed, and the CSMS is told."""
        removed = self._of(id_token)
        for held in removed:
            self._drop(held)
        self._show(now)
        for held in removed:
            self._tell(held, ReservationUpdateStatus.REMOVED)

    def _of(self, id_token: IdToken) -> list[Reservation]:
        return [each for each in self._held.values() if same(each.wanted.id_token, id_token)]

    # -- where there is room ----------------------------------------------------------------------

    def _open(self) -> list[Reservation]:
        return [each for each in self._held.values() if each.wanted.evse_id is None]

    def _named(self, evse: Evse) -> Reservation | None:
        return next((each for each in self._held.values() if each.wanted.evse_id == evse.id), None)

    def _places(self, wanted: Sequence[ReserveNow]) -> list[Evse]:
        """Where open reservations can be: free EVSEs; and Reserved ones with somebody's cable in, as far as needed."""
        unnamed = [evse for evse in self._evses if self._named(evse) is None]
        places = [evse for evse in unnamed if _is_free(evse)]
        room = len(place(_wishes(wanted, places)))
        for evse in unnamed:
            if room == len(wanted):
                break
            if _stays_reserved(evse) and evse not in places:
                more = len(place(_wishes(wanted, [*places, evse])))
                if more > room:
                    places.append(evse)
                    room = more
        return places


def _why_not(statuses: Sequence[ConnectorStatus]) -> str:
    if all(each is ConnectorStatus.FAULTED for each in statuses):
        return "Faulted"
    return "Unavailable" if all(each in _OUT for each in statuses) else "Occupied"


def _is_for(wanted: ReserveNow, id_token: IdToken, group: IdToken | None) -> bool:
    its = wanted.group_id_token
    return same(wanted.id_token, id_token) or (group is not None and its is not None and same(its, group))


def _fitting(evse: Evse, wanted: ReserveNow) -> Iterator[Connector]:
    return (each for each in evse.connectors if wanted.connector_type in (None, each.spec.type))


def _wishes(wanted: Sequence[ReserveNow], places: Sequence[Evse]) -> list[set[int]]:
    """The places that would do for each."""
    return [
        {evse.id for evse in places if any(connector.usable for connector in _fitting(evse, each))} for each in wanted
    ]


def _is_free(evse: Evse) -> bool:
    """Nobody is there, nor has claimed it; one whose identifier is being checked may yet be refused."""
    used = evse.plugged or evse.bay.left or evse.authorization is not None or evse.transaction is not None
    return evse.claimed is None and not used


def _stays_reserved(evse: Evse) -> bool:
    """A cable that was put into a Reserved connector does not take it from the driver whom it is kept for."""
    return evse.connectors[0].reserved and evse.authorization is None and evse.claimed is None
