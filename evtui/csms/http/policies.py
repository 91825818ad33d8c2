"""The policy of a station, and of all others, over HTTP."""

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Path, Request
from fastapi.responses import Response

from evtui.csms.http.bodies import read_body
from evtui.csms.identity import is_identity
from evtui.csms.policy import Misbehaviour, Policy, check_policy
from evtui.errors import LocalError
from evtui.web.answers import Problem, json
from evtui.web.docs import answers, body, refusals

if TYPE_CHECKING:
    from evtui.csms.server import Csms

_ALL = "/api/policy"
_ONE = "/api/stations/{station_id:whole}/policy"
Id = Annotated[str, Path(description="The station's id.")]


def add_policies(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records that they take and answer."""
    registry = csms.books.registry
    said = answers(Policy, "The policy.")
    taken = body(Policy)

    @api.get(_ALL, tags=["stations"], response_model=None, responses=said)
    async def policy() -> Response:
        """How stations are treated that have no policy of their own."""
        return json(registry.policy)

    @api.put(_ALL, tags=["stations"], response_model=None, responses=said, openapi_extra=taken)
    async def put_policy(request: Request) -> Response:
        """Changes that, at once and for good. A registration that was given stays until the next BootNotification."""
        return await _put(None, request)

    @api.get(_ONE, tags=["stations"], response_model=None, responses=said)
    async def station_policy(station_id: Id) -> Response:
        """How a station is treated."""
        return json(registry.policy_of(station_id))

    @api.put(_ONE, tags=["stations"], response_model=None, responses=said, openapi_extra=taken)
    async def put_station_policy(station_id: Id, request: Request) -> Response:
        """Gives a station its own policy, also one that has never come: what is left out is as by default."""
        return await _put(station_id, request)

    @api.delete(_ONE, tags=["stations"], status_code=204, response_model=None, responses=refusals())
    async def delete_station_policy(station_id: Id) -> Response:
        """Takes a station's own policy away: it is treated like all others."""
        csms.set_policy(None, station_id)
        await csms.committed()
        return Response(status_code=204)

    async def _put(station_id: str | None, request: Request) -> Response:
        try:
            if station_id is not None and not is_identity(station_id):
                raise LocalError("a station id has 1 to 48 printable characters and no colon")
            new: Policy = await read_body(request, Policy)
            check_policy(new)
        except LocalError as error:
            return json(Problem(str(error)), 422)
        csms.set_policy(new, station_id)
        await csms.committed()
        return json(new)

    return (Policy, Misbehaviour)
