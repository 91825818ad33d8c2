"""The documentation of an API: its OpenAPI description, and a page that shows it without a look at the network."""

from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from evtui.web.answers import Problem

_ASSETS: Final = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon.png")
PUBLIC: Final = frozenset({"/docs", "/docs/start.js", "/openapi.json", *(f"/docs/{name}" for name in _ASSETS)})
"""Paths that hold nothing of the fleet's: a browser cannot show a token for a page."""

_REFERENCE: Final = "#/components/schemas/{name}"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
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


def answers(record: Any, description: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a path as OpenAPI wants them: 200 with a record (or a list of them), and refusals."""
    return {200: answer(record, description), **refusals(*statuses)}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a path, and those that any path has."""
    return {status: answer(Problem, _REFUSALS[status]) for status in (*statuses, 422, 503)}


_REFUSALS = {
    404: "There is none of that name.",
    413: "It is too long.",
    415: "The body is not said to be JSON.",
    422: "An argument is wrong.",
    429: "Too many at a time.",
    502: "The station has refused, or has answered what is no answer.",
    503: "That cannot be answered now.",
    504: "The station has not answered in time.",
}


def answer(record: Any, description: str) -> dict[str, Any]:
    """An answer with a record, as OpenAPI wants it."""
    (schema,), _ = msgspec.json.schema_components((record,), ref_template=_REFERENCE)
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def body(record: Any, description: str = "") -> dict[str, Any]:
    """A body with a record, as OpenAPI wants it: for `openapi_extra`."""
    return {"requestBody": {**answer(record, description), "required": True}}


def add_documentation(api: FastAPI, records: tuple[type, ...], *, token: bool) -> None:
    """Adds the pages. `records` are all types that answers and bodies refer to; they describe themselves."""
    plain = api.openapi

    def openapi() -> dict[str, Any]:
        if not api.openapi_schema:
            description = plain()
            components = msgspec.json.schema_components((*records, Problem), ref_template=_REFERENCE)
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
        return HTMLResponse(_PAGE.format(title=escape(api.title)), headers=headers)

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
