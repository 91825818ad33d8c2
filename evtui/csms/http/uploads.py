"""Where stations upload their logs, and people read them: a station's folder is /uploads/{its id}/."""

from typing import TYPE_CHECKING

import msgspec
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, Response
from starlette.requests import ClientDisconnect

from evtui.csms.moment import to_wire
from evtui.csms.uploads import TooLongError
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.web.answers import json
from evtui.web.docs import answers, refusals

if TYPE_CHECKING:
    from evtui.csms.server import Csms

_PATH = "/uploads/{station_id:whole}/{name}"


class Upload(msgspec.Struct, frozen=True):
    """A file that a station has uploaded; `path` is where it can be read."""

    station_id: str
    name: str
    timestamp: str
    size: int


def add_uploads(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds PUT and GET of files, and their list; gives the records they answer. Only stations that the CSMS knows have
    a folder."""

    @api.get("/api/uploads", tags=["uploads"], response_model=None, responses=answers(list[Upload], "The files."))
    async def uploads() -> Response:
        """The files that stations have uploaded, oldest first."""
        return json(
            [
                Upload(station_id=each.station_id, name=each.name, timestamp=to_wire(each.at), size=each.size)
                for each in csms.uploads.files
            ]
        )

    @api.put(
        _PATH,
        tags=["uploads"],
        response_class=Response,
        status_code=201,
        responses={**refusals(404, 413), 201: {"description": "It is kept."}},
        openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}}},
    )
    async def upload(station_id: str, name: str, request: Request) -> Response:
        """Takes a file of a station."""
        if csms.books.registry.get(station_id) is None:
            raise HTTPException(404, f"there is no station {printable(station_id, 60)}")
        try:
            with csms.uploads.take(station_id, name) as taking:
                async for piece in request.stream():
                    taking.write(piece)
        except TooLongError as error:
            raise HTTPException(413, str(error), {"connection": "close"}) from None
        except LocalError as error:
            raise HTTPException(422, str(error)) from None
        except ClientDisconnect:
            pass  # nobody is there to be told
        return Response(status_code=201)

    @api.get(
        _PATH,
        tags=["uploads"],
        response_class=Response,
        responses={**refusals(404), 200: {"description": "The file.", "content": {"text/plain": {}}}},
    )
    async def download(station_id: str, name: str) -> Response:
        """A file of a station, as plain text."""
        path = csms.uploads.path(station_id, name)
        if path is None:
            raise HTTPException(404, "there is no such file")
        return FileResponse(path, media_type="text/plain; charset=utf-8")

    return (Upload,)
