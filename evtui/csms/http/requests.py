"""Asking a station over HTTP: the body is the payload of an OCPP request, the answer that of its CALLRESULT."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response

from evtui.csms.http.bodies import read_body
from evtui.errors import BusyError, CallRefusedError, EvtuiError, LocalError, NoAnswerError, OfflineError, ProtocolError
from evtui.ocppj.fault import printable
from evtui.web.answers import json
from evtui.web.docs import answer, answers

if TYPE_CHECKING:
    from evtui.csms.server import Csms

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


def add_requests(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds a path for every request of a CSMS, GetLog among them; gives the records it answers."""

    @api.post(
        "/api/stations/{station_id:whole}/requests/{action}",
        tags=["stations"],
        response_model=None,
        responses={
            **answers(dict[str, Any], "The payload of the CALLRESULT.", 404, 429, 504),
            502: answer(Refused, "A CALLERROR, or an answer that breaks the schema."),
        },
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def ask(
        station_id: Annotated[str, Path(description="The station's id.")],
        action: Annotated[str, Path(description="The request, such as Reset.")],
        request: Request,
        timeout: Annotated[float, Query(gt=0, le=600, description="Seconds that it may take to answer.")] = 30.0,
    ) -> Response:
        """Sends a CALL and gives what it was answered: 502 for a CALLERROR, 504 for silence, 404 when the station is
        not connected. A payload that breaks the schema is sent, too, to see what the station makes of it: the frame
        is marked, and silence is told with what was wrong."""
        try:
            return json(await csms.call(station_id, action, await _payload(request), timeout))
        except EvtuiError as error:
            status = next(status for kind, status in _STATUSES if isinstance(error, kind))
            refused = Refused(printable(str(error), 500))
            if isinstance(error, CallRefusedError):
                refused.code, refused.description = printable(error.code), printable(error.description)
            return json(refused, status)

    return (Refused,)


async def _payload(request: Request) -> dict[str, Any]:
    payload = await read_body(request)
    if not isinstance(payload, dict):
        raise LocalError("the body is no JSON object")
    return payload
