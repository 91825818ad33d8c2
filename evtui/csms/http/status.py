"""The three paths of the original simulator: status, connections, messages."""

from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import FastAPI, Query
from fastapi.responses import Response

from evtui.csms.moment import to_wire
from evtui.web.answers import json
from evtui.web.docs import answers
from evtui.web.frame_record import encodable

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_MESSAGES = 1000


class Status(msgspec.Struct, frozen=True):
    """The state of the server. `uptime` is in seconds."""

    status: str
    uptime: float
    total_messages: int
    active_connections: int
    last_activity: str | None


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
        now = csms.clock()
        return json(
            Status(
                status="online",
                uptime=round(now - (csms.started_at or now), 3),
                total_messages=csms.tap.total,
                active_connections=len(csms.connected),
                last_activity=_moment(csms.tap.last_at),
            )
        )

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

    return (Status, Connection, Message)


def _moment(at: float | None) -> str | None:
    return None if at is None else to_wire(at)
