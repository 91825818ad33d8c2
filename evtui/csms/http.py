"""The CSMS over HTTP: its state, connections and newest frames. Imported when it is needed: fastapi is heavy."""

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import FastAPI, Query
from pydantic import BaseModel

from evtui.csms.http_requests import add_requests
from evtui.csms.http_uploads import add_uploads
from evtui.csms.moment import to_wire
from evtui.web import serving
from evtui.web.guard import App, Guard

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_MESSAGES = 1000


class Status(BaseModel):
    """The state of the server. `uptime` is in seconds."""

    status: str
    uptime: float
    total_messages: int
    active_connections: int
    last_activity: str | None


class Connection(BaseModel):
    """A connected station."""

    station_id: str
    ocpp_version: str
    registration: str | None
    connected_since: str | None
    last_seen: str | None
    messages_received: int
    messages_sent: int


class Message(BaseModel):
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


def app(csms: "Csms") -> App:
    """The HTTP API of a CSMS, guarded."""
    # No exporters of schema and documentation yet: their pages load from other hosts.
    api = FastAPI(title="evtui CSMS", openapi_url=None, docs_url=None, redoc_url=None)

    @api.get("/api/status")
    async def status() -> Status:
        """The state of the server."""
        now = csms.clock()
        return Status(
            status="online",
            uptime=round(now - (csms.started_at or now), 3),
            total_messages=csms.tap.total,
            active_connections=len(csms.connected),
            last_activity=_moment(csms.tap.last_at),
        )

    @api.get("/api/connections")
    async def connections() -> list[Connection]:
        """The stations that are connected, in order of their connecting."""
        records = (csms.books.registry.station(station_id) for station_id in csms.connected)
        return [
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

    @api.get("/api/messages")
    async def messages(limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = 100) -> list[Message]:
        """The newest frames, oldest first."""
        return [
            Message(
                number=frame.number,
                timestamp=to_wire(frame.at),
                station_id=frame.station,
                direction=frame.direction.name,
                type=frame.type.name,
                action=frame.action,
                message_id=frame.message_id,
                fault=frame.fault,
                text=frame.text,
            )
            for frame in csms.tap.newest(limit)
        ]

    add_uploads(api, csms)
    add_requests(api, csms)
    return Guard(cast(App, api))


def _moment(at: float | None) -> str | None:
    return None if at is None else to_wire(at)


async def serve(csms: "Csms", sockets: Sequence[socket.socket], closing: asyncio.Event) -> None:
    """Serves on listening sockets until `closing` is set."""
    await serving.serve(app(csms), sockets, closing)
