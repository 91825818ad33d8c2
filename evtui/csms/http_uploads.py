"""Where stations upload their logs, and people read them: a station's folder is /uploads/{its id}/."""

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from evtui.csms.moment import to_wire
from evtui.csms.uploads import TooLongError
from evtui.errors import LocalError

if TYPE_CHECKING:
    from evtui.csms.server import Csms

_PATH = "/uploads/{station_id:path}/{name}"


class Upload(BaseModel):
    """A file that a station has uploaded; `path` is where it can be read."""

    station_id: str
    name: str
    timestamp: str
    size: int


def add_uploads(api: FastAPI, csms: "Csms") -> None:
    """PUT and GET of files, and their list. Only stations that the CSMS knows have a folder."""

    @api.get("/api/uploads")
    async def uploads() -> list[Upload]:
        """The files that stations have uploaded, oldest first."""
        return [
            Upload(station_id=each.station_id, name=each.name, timestamp=to_wire(each.at), size=each.size)
            for each in csms.uploads.files
        ]

    @api.put(_PATH)
    async def upload(station_id: str, name: str, request: Request) -> Response:
        """Takes a file of a station."""
        if csms.books.registry.get(station_id) is None:
            return JSONResponse({"error": "there is no such station"}, 404)
        try:
            with csms.uploads.take(station_id, name) as taking:
                async for piece in request.stream():
                    taking.write(piece)
        except TooLongError as error:
            return JSONResponse({"error": str(error)}, 413, {"connection": "close"})
        except LocalError as error:
            return JSONResponse({"error": str(error)}, 422)
        except ClientDisconnect:
            pass  # nobody is there to be told
        return Response(status_code=201)

    @api.get(_PATH)
    async def download(station_id: str, name: str) -> Response:
        """A file of a station, as plain text."""
        path = csms.uploads.path(station_id, name)
        if path is None:
            return PlainTextResponse("There is no such file.\n", 404)
        return FileResponse(path, media_type="text/plain; charset=utf-8")
