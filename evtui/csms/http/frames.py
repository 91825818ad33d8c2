"""Frames, by filter and cursor: every one that is kept."""

from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.responses import Response

from evtui.csms.http.history import history_of
from evtui.errors import LocalError
from evtui.web.answers import json
from evtui.web.docs import answers
from evtui.web.frame_record import DirectionName, FrameRecord, Narrowing, TypeName, filter_of, frame_record

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_FRAMES = 1000


class FramesPage(msgspec.Struct, frozen=True):
    """Frames, oldest first. All from `first` to `last` have been looked at: go on to newer ones with `after` = `last`,
    to older ones with `before` = `first`; `more` says whether there are any in the direction of the search."""

    frames: tuple[FrameRecord, ...]
    first: int
    last: int
    more: bool


def add_frames(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records they answer."""

    @api.get("/api/frames", tags=["frames"], response_model=None, responses=answers(FramesPage, "Frames."))
    async def frames(
        after: Annotated[
            int | None, Query(ge=-1, le=2**62, description="The next ones numbered above this; oldest first.")
        ] = None,
        before: Annotated[
            int | None, Query(ge=0, le=2**62, description="The newest ones numbered below this; of all if left out.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_FRAMES, description="How many at most.")] = 100,
        station: Annotated[str, Query(max_length=255, description="Those of this station.")] = "",
        action: Annotated[str, Query(max_length=255, description="Those of this action, and their answers.")] = "",
        direction: Annotated[DirectionName | None, Query(description="Seen from the station.")] = None,
        type: Annotated[TypeName | None, Query(description="Those of this message type.")] = None,
        text: Annotated[str, Query(max_length=1000, description="Those with this in their text.")] = "",
        filter: Annotated[
            str, Query(max_length=1000, description="Those that a filter lets through: `~s CP00* & (~e | ~rtt >500)`.")
        ] = "",
    ) -> Response:
        """OCPP frames as they were on the wire. A search looks at a bounded number of frames, so it may find nothing
        although there is `more`: go on then."""
        try:
            wanted = filter_of(Narrowing(station, action, direction, type, text, filter))
        except LocalError as error:
            raise HTTPException(422, f"filter: {error}") from None
        page = await history_of(csms).frames(wanted, after=after, before=before, limit=limit)
        return json(FramesPage(tuple(map(frame_record, page.frames)), page.first, page.last, page.more))

    @api.get(
        "/api/frames/{number}",
        tags=["frames"],
        response_model=None,
        responses=answers(FrameRecord, "The frame.", 404),
    )
    async def frame(number: Annotated[int, Path(ge=0, le=2**62, description="Its number.")]) -> Response:
        """A frame; `pair` is the number of its answer, or of the CALL that it answers."""
        found = await history_of(csms).frame(number)
        if found is None:
            raise HTTPException(404, f"there is no frame {number}, or it is kept no longer")
        return json(frame_record(found))

    return (FramesPage, FrameRecord)
