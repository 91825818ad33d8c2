"""The documentation of the API: its OpenAPI description, and a page that shows it without a look at the network."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from evtui.api.records import CommandRecord, FramePage, Problem
from evtui.engine.door import FleetEvent, FleetView, StationDetail

RECORDS: Final = (FleetView, StationDetail, CommandRecord, FramePage, FleetEvent, Problem)

_ASSETS: Final = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon.png")
PUBLIC: Final = frozenset({"/docs", "/docs/start.js", "/openapi.json", *(f"/docs/{name}" for name in _ASSETS)})
"""Paths that hold nothing of the fleet's: a browser cannot show a token for a page."""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>evtui API</title>
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def answers(record: type, description: str, *refusals: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a path as OpenAPI wants them: 200 with a record, and refusals."""
    described: dict[int | str, dict[str, Any]] = {200: _answer(record, description)}
    for status in (*refusals, 422, 503):
        described[status] = _answer(Problem, _REFUSALS[status])
    return described


def accepted(description: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a command that is not done."""
    return {
        202: _answer(CommandRecord, "It still runs: ask about it by its id."),
        409: _answer(CommandRecord, description),
    }


_REFUSALS = {
    404: "There is none of that name.",
    415: "The body is not said to be JSON.",
    422: "An argument is wrong.",
    429: "Too many at a time.",
    503: "The fleet cannot answer.",
}


def _answer(record: type, description: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{record.__name__}"}}}
    return {"description": description, "content": content}


def add_documentation(api: FastAPI, bodies: tuple[type, ...], *, token: bool) -> None:
    """Adds the pages. The records are described by their own types, and `bodies` too."""
    plain = api.openapi

    def openapi() -> dict[str, Any]:
        if not api.openapi_schema:
            description = plain()
            components = msgspec.json.schema_components((*RECORDS, *bodies), ref_template="#/components/schemas/{name}")
            description.setdefault("components", {}).setdefault("schemas", {}).update(components[1])
            if token:
                description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
                description["security"] = [{"token": []}]
        return api.openapi_schema or {}

    api.openapi = openapi  # type: ignore[method-assign]
    headers = {"content-security-policy": _POLICY, "cache-control": "no-cache"}

    @api.get("/openapi.json", include_in_schema=False)
    async def description() -> Response:
        return JSONResponse(api.openapi())

    @api.get("/docs", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(_PAGE, headers=headers)

    @api.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript", headers=headers)

    for name in _ASSETS:
        api.add_api_route(f"/docs/{name}", _asset(name), include_in_schema=False)


def _asset(name: str) -> Any:
    path = _directory() / name

    async def asset() -> Response:
        return FileResponse(path, headers={"cache-control": "max-age=3600"})

    return asset


def _directory() -> Path:
    """Where the pages' assets lie: in a package of their own, which need not be imported."""
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "static"
