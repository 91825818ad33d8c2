"""The drivers who are at a station now: what it knows of them, and why it cannot forget them yet (N09, N10)."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from evtui.sim.authorization import Authorization, same
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken


class Place(Protocol):
    """An EVSE, as far as it knows drivers."""

    id: int
    asking: IdToken | None

    @property
    def authorization(self) -> Authorization | None:
        """The driver who may charge there."""


class Guests:
    """Those who are authorized at an EVSE, or about to be."""

    __slots__ = ("_evses",)

    def __init__(self, evses: Sequence[Place]) -> None:
        self._evses = evses

    def known_of(self, id_token: IdToken) -> Iterator[str]:
        """Where the driver is."""
        for evse in self._evses:
            authorization = evse.authorization
            if authorization is not None and same(authorization.id_token, id_token):
                group = authorization.info.group_id_token
                yield f"Authorized at EVSE {evse.id}{'' if group is None else f', of the group {group.id_token}'}"
            if evse.asking is not None and same(evse.asking, id_token):
                yield f"Waits for the word of the CSMS at EVSE {evse.id}"

    def busy_with(self, id_token: IdToken) -> bool:
        """As long as the driver is there."""
        return next(self.known_of(id_token), None) is not None

    def forget(self, id_token: IdToken, now: Instant) -> None:
        """Who is not there any more is not known any more."""
