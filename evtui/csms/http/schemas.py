"""What the CSMS can ask for, and what each request looks like: for forms."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import FastAPI, HTTPException, Path
from fastapi.responses import Response

from evtui.csms.handlers import dialogues
from evtui.ocppj.fault import printable
from evtui.ocppj.schema_files import Version
from evtui.ocppj.schemas import schemas_of
from evtui.web.answers import json
from evtui.web.docs import answers

if TYPE_CHECKING:
    from evtui.csms.server import Csms

_VersionPath = Annotated[Version, Path(description="The OCPP version.")]


class Actions(msgspec.Struct, frozen=True):
    """The requests that a CSMS can send."""

    actions: tuple[str, ...]


def add_schemas(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records they answer."""
    requests = {each.version: _requests(each.version, each.handlers.keys()) for each in dialogues().values()}

    @api.get("/api/schemas/{version}", tags=["schemas"], response_model=None, responses=answers(Actions, "Requests."))
    async def actions(version: _VersionPath) -> Response:
        """The requests that a CSMS of that version can send."""
        return json(Actions(requests[version]))

    @api.get(
        "/api/schemas/{version}/{action}",
        tags=["schemas"],
        response_model=None,
        responses=answers(dict[str, Any], "The JSON schema of the request.", 404),
    )
    async def schema(
        version: _VersionPath, action: Annotated[str, Path(description="The request, such as Reset.")]
    ) -> Response:
        """The JSON schema that the payload of a request must fit."""
        if action not in schemas_of(version).actions:
            raise HTTPException(404, f"OCPP {version} has no action {printable(action, 60)}")
        return json(schemas_of(version).schema(action, "Request"))

    return (Actions,)


def _requests(version: Version, handled: Any) -> tuple[str, ...]:
    """All that a station does not send; DataTransfer goes both ways."""
    return tuple(sorted((schemas_of(version).actions - set(handled)) | {"DataTransfer"}))
