"""The state of the server; its paths `status`, `connections` and `messages` are those of the original simulator."""

from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import FastAPI, Query
from fastapi.responses import Response

from evtui.csms.moment import to_wire
from evtui.csms.views.status import Status, Trace
from evtui.web.answers import json
from evtui.web.docs import answers
from evtui.web.frame_record import encodable

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_MESSAGES = 1000


class Connection(msgspec.Struct, frozen=True):
    """A connected station."""

    station_id: str
    ocpp_version: str
    registration: str | None
    connected_since: str | None
    last_seen: str | None
    messages_received: int
    messages_sent: int


class Message(msgspec.Struct, frozen=True):
    """A frame. `direction` is seen from the station; `text` is what was on the wire."""

    number: int
    timestamp: str
    station_id: str
    direction: str
    type: str
    action: str
    message_id: str
    fault: str
    text: str


def add_status(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records they answer."""

    @api.get("/api/status", tags=["server"], response_model=None, responses=answers(Status, "The state."))
    async def status() -> Response:
        """The state of the server."""
        return json(csms.status())

    @api.get("/api/trace", tags=["server"], response_model=None, responses=answers(Trace, "The trace."))
    async def trace() -> Response:
        """The last quarter of an hour, a point each second."""
        return json(Trace(tuple(csms.watch.trace)))

    @api.get(
        "/api/connections", tags=["server"], response_model=None, responses=answers(list[Connection], "Connections.")
    )
    async def connections() -> Response:
        """The stations that are connected, in order of their connecting."""
        records = (csms.books.registry.station(station_id) for station_id in csms.connected)
        return json(
            [
                Connection(
                    station_id=record.id,
                    ocpp_version=record.version,
                    registration=record.registration,
                    connected_since=_moment(record.connected_since),
                    last_seen=_moment(record.last_seen),
                    messages_received=record.frames_received,
                    messages_sent=record.frames_sent,
                )
                for record in records
            ]
        )

    @api.get("/api/messages", tags=["server"], response_model=None, responses=answers(list[Message], "Frames."))
    async def messages(
        limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES, description="How many at most.")] = 100,
    ) -> Response:
        """The newest frames, oldest first; `/api/frames` finds the older ones."""
        return json(
            [
                Message(
                    number=frame.number,
                    timestamp=to_wire(frame.at),
                    station_id=frame.station,
                    direction=frame.direction.name,
                    type=frame.type.name,
                    action=encodable(frame.action),
                    message_id=encodable(frame.message_id),
                    fault=encodable(frame.fault),
                    text=encodable(frame.text),
                )
                for frame in csms.tap.newest(limit)
            ]
        )

    return (Status, Trace, Connection, Message)


def _moment(at: float | None) -> str | None:
    return None if at is None else to_wire(at)
