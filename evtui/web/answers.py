"""What HTTP answers look like: records as JSON, refusals in a line of it. Imported when needed: fastapi is heavy."""

from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from evtui.errors import BusyError, EvtuiError
from evtui.ocppj.fault import printable

JSON = "application/json"


class Problem(msgspec.Struct, frozen=True):
    """Why a request was not carried out, in a line."""

    error: str


def json(record: Any, status: int = 200) -> Response:
    """A record, or several, as the body of an answer."""
    return Response(msgspec.json.encode(record), status, media_type=JSON)


def add_refusals(api: FastAPI) -> None:
    """Whatever is refused is refused in a line of JSON."""

    @api.exception_handler(BusyError)
    async def busy(request: Request, error: BusyError) -> Response:
        return json(Problem(str(error)), 429)

    @api.exception_handler(EvtuiError)
    async def unavailable(request: Request, error: EvtuiError) -> Response:
        return json(Problem(str(error)), 503)

    @api.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        response = json(Problem(error.detail), error.status_code)
        response.headers.update(error.headers or {})
        return response

    @api.exception_handler(RequestValidationError)
    async def wrong(request: Request, error: RequestValidationError) -> Response:
        wrongs = [f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()]
        return json(Problem(printable("; ".join(wrongs))), 422)
