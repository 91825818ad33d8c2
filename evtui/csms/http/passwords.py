"""The password of a station over HTTP: written, never read."""

from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import FastAPI, Path, Request
from fastapi.responses import Response

from evtui.csms.http.bodies import read_body
from evtui.csms.identity import is_identity
from evtui.errors import LocalError
from evtui.web.answers import Problem, json
from evtui.web.docs import body, refusals

if TYPE_CHECKING:
    from evtui.csms.server import Csms

_PATH = "/api/stations/{station_id:whole}/password"
Id = Annotated[str, Path(description="The station's id.")]


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a station shows in basic auth; the user is its id. 16 to 64 printable characters (A00.FR.205)."""

    password: str

    def __repr__(self) -> str:
        return "NewPassword(***)"


def add_passwords(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds PUT and DELETE of a station's password; gives the records that they take."""

    @api.put(
        _PATH,
        tags=["stations"],
        status_code=204,
        response_model=None,
        responses=refusals(),
        openapi_extra=body(NewPassword),
    )
    async def put_password(station_id: Id, request: Request) -> Response:
        """Gives a station its own password, also one that has never come: it must show it from its next connection on.
        It is stored as a hash, and never shown."""
        keeper = csms.keeper
        try:
            if not is_identity(station_id):
                raise LocalError("a station id has 1 to 48 printable characters and no colon")
            new: NewPassword = await read_body(request, NewPassword)
            if keeper is not None:
                await keeper.passwords.set(station_id, new.password)
        except LocalError as error:
            return json(Problem(str(error)), 422)
        await csms.committed()
        return Response(status_code=204)

    @api.delete(_PATH, tags=["stations"], status_code=204, response_model=None, responses=refusals())
    async def delete_password(station_id: Id) -> Response:
        """Takes a station's own password away: it shows what all others show, if anything."""
        if csms.keeper is not None:
            csms.keeper.passwords.remove(station_id)
        await csms.committed()
        return Response(status_code=204)

    return (NewPassword,)
