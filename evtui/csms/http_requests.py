"""Asking a station over HTTP: the body is the payload of an OCPP request, the answer that of its CALLRESULT."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from evtui.errors import BusyError, CallRefusedError, EvtuiError, LocalError, NoAnswerError, OfflineError, ProtocolError
from evtui.ocppj.fault import printable

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_BODY = 1 << 19

_STATUSES: tuple[tuple[type[EvtuiError], int], ...] = (
    (OfflineError, 404),
    (BusyError, 429),
    (LocalError, 422),
    (NoAnswerError, 504),
    (CallRefusedError, 502),
    (ProtocolError, 502),
)


class Refused(msgspec.Struct, omit_defaults=True):
    """Why there is no answer; `code` and `description` are those of a CALLERROR."""

    error: str
    code: str = ""
    description: str = ""


def add_requests(api: FastAPI, csms: "Csms") -> None:
    """A path for every request of a CSMS, GetLog among them."""

    @api.post("/api/stations/{station_id:path}/requests/{action}")
    async def ask(
        station_id: str,
        action: str,
        request: Request,
        timeout: Annotated[float, Query(gt=0, le=600)] = 30.0,
    ) -> Response:
        """Sends a CALL and gives what it was answered: 502 for a CALLERROR, 504 for silence, 404 when the station is
        not connected."""
        try:
            return _json(await csms.call(station_id, action, await _payload(request), timeout))
        except EvtuiError as error:
            status = next(status for kind, status in _STATUSES if isinstance(error, kind))
            refused = Refused(printable(str(error), 500))
            if isinstance(error, CallRefusedError):
                refused.code, refused.description = printable(error.code), printable(error.description)
            return _json(refused, status)


async def _payload(request: Request) -> dict[str, Any]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY:
            raise LocalError(f"a payload has at most {MOST_BODY} bytes")
    try:
        payload = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise LocalError("the body is no JSON") from None
    if not isinstance(payload, dict):
        raise LocalError("the body is no JSON object")
    return payload


def _json(record: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(record), status, media_type="application/json")
