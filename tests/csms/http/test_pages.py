"""The dashboard's files: all there, all from here, and nothing in them that a policy would have to allow."""

import re
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest

import evtui.csms
from evtui.csms.server import Csms
from tests.api.client import Client

ROOT = Path(evtui.csms.__file__).parent / "dashboard"
OURS = [file for file in sorted(ROOT.rglob("*")) if file.is_file() and "uplot" not in file.parts]


async def test_the_page_and_all_that_it_loads_come_from_here(csms: Csms, client: Client) -> None:
    page = await client.get("/")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    wanted = {f"/{path}" for path in re.findall(r'(?:href|src)="(assets/[^"]+)"', page.body.decode())}
    seen: set[str] = set()
    while wanted - seen:
        path = sorted(wanted - seen)[0]
        answer = await client.get(path)
        assert answer.status == 200, path
        seen.add(path)
        for module in re.findall(r'^import [^;]*?from "(\.[^"]+)"', answer.body.decode(), re.MULTILINE):
            wanted.add(normpath(join(dirname(path), module)))
    modules = {f"/assets/{file.relative_to(ROOT).as_posix()}" for file in ROOT.rglob("*") if file.suffix == ".js"}
    assert modules <= seen, "a module that nothing loads"


async def test_there_is_a_licence_beside_the_library(client: Client) -> None:
    assert b"Copyright (c) 2022 Leon Sorokin" in (await client.get("/assets/uplot/LICENSE")).body


@pytest.mark.parametrize("path", ["/assets/", "/assets/../app.py", "/assets/%2e%2e/server.py", "/assets/nothing.js"])
async def test_nothing_else_is_there(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_nothing_is_loaded_from_elsewhere_or_written_as_html(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?://", text)
    for written in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert written not in text
    if file.suffix == ".html":
        assert not re.findall(r"\son\w+=|\sstyle=|<style|<script(?! type=\"module\" src=)", text)
