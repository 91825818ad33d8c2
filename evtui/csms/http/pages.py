"""The dashboard's files: an HTML page, and what it loads from here."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

_ROOT = Path(__file__).parent.parent / "dashboard"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    "": "text/plain; charset=utf-8",
}
_HEADERS = {"cache-control": "no-cache"}


def add_pages(api: FastAPI) -> frozenset[str]:
    """Adds the files; gives their paths, which hold nothing of anybody's."""
    files = {
        f"/assets/{file.relative_to(_ROOT).as_posix()}": file
        for file in sorted(_ROOT.rglob("*"))
        if file.is_file() and file.suffix in _TYPES
    }
    for path, file in {"/": _ROOT / "index.html", **files}.items():
        api.add_api_route(path, _file(file), methods=["GET"], include_in_schema=False)
    return frozenset({"/", *files})


def _file(path: Path) -> Any:
    async def file() -> Response:
        return FileResponse(path, media_type=_TYPES[path.suffix], headers=_HEADERS)

    return file
