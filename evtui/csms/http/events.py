"""What happens, as server-sent events."""

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Header, Query
from fastapi.responses import Response, StreamingResponse

from evtui.csms.feed import CsmsEvent
from evtui.web.docs import refusals
from evtui.web.event_stream import EventStreams

if TYPE_CHECKING:
    from evtui.csms.server import Csms


def add_events(api: FastAPI, csms: "Csms", streams: EventStreams) -> tuple[type, ...]:
    """Adds the path; gives the records it tells."""

    @api.get(
        "/api/events",
        tags=["events"],
        response_model=None,
        responses={
            200: {"description": "A CsmsEvent each.", "content": {"text/event-stream": {}}},
            **refusals(429),
        },
    )
    async def events(
        after: Annotated[
            int | None,
            Query(ge=0, le=2**62, description="Events numbered above this; those that come when left out."),
        ] = None,
        last_event_id: Annotated[
            str, Header(max_length=100, description="Go on after this one, which a browser does by itself.")
        ] = "",
    ) -> Response:
        """What happens: "frame" (of more than twenty a second a sample, long texts cut; `/api/frames` has all),
        "station", "transaction" and "meter" when they have changed, "finding", and "status" each second. `missed` tells
        of events that were dropped before they could be read."""
        streams.admit()
        csms.watch.feed.asked = True  # from now on: what happens before it reads is after the cursor
        cursor = streams.after(last_event_id) or (csms.watch.feed.last if after is None else after)
        return StreamingResponse(
            streams.tell(cursor), media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )

    return (CsmsEvent,)
