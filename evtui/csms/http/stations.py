"""The stations that the CSMS knows."""

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.responses import Response

from evtui.csms.registry import StationRecord
from evtui.csms.views.station import StationsPage, StationView, station_row, station_view
from evtui.csms.views.transaction import transaction_view
from evtui.ocppj.fault import printable
from evtui.web.answers import json
from evtui.web.docs import answers

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_ROWS = 500
TRANSACTIONS = 50


def add_stations(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records they answer."""

    @api.get("/api/stations", tags=["stations"], response_model=None, responses=answers(StationsPage, "Stations."))
    async def stations(
        first: Annotated[int, Query(ge=0, le=1_000_000, description="The first one, from 0.")] = 0,
        count: Annotated[int, Query(ge=0, le=MOST_ROWS, description="How many at most.")] = 50,
        text: Annotated[str, Query(max_length=100, description="Those with this in id, vendor or model.")] = "",
        connected: Annotated[bool | None, Query(description="Those that are connected, or are not.")] = None,
    ) -> Response:
        """Stations in a row each, by id: those that are connected, and those that once were."""
        wanted = text.casefold()
        found = [
            record
            for record in csms.books.registry
            if (connected is None or connected == (record.connected_since is not None))
            and (not wanted or wanted in _words(record))
        ]
        found.sort(key=lambda record: record.id)
        rows = tuple(station_row(record, csms.books) for record in found[first : first + count])
        return json(StationsPage(rows, len(found), len(csms.connected)))

    @api.get(
        "/api/stations/{station_id:whole}",
        tags=["stations"],
        response_model=None,
        responses=answers(StationView, "All that is known of it.", 404),
    )
    async def station(
        station_id: Annotated[str, Path(description="The station's id.")],
        device_model: Annotated[bool, Query(description="With its device model, which may be long.")] = True,
    ) -> Response:
        """A station: state, connectors, boot data, meters, transactions, notices and, once it has reported it
        (GetBaseReport), its device model."""
        record = csms.books.registry.get(station_id)
        if record is None:
            raise HTTPException(404, f"there is no station {printable(station_id, 60)}")
        here = csms.books.transactions.of(station_id)
        newest = tuple(transaction_view(each.record()) for each in reversed(here[-TRANSACTIONS:]))
        return json(station_view(record, csms.books, newest, device_model))

    return (StationsPage, StationView)


def _words(record: StationRecord) -> str:
    boot = record.boot
    return "\n".join((record.id, boot.vendor, boot.model) if boot else (record.id,)).casefold()
