"""Requests of the CSMS over HTTP: the answer of the station, or why there is none."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from evtui.csms.server import Csms
from tests.csms.stations import RawStation, station
from tests.csms.test_uploads import request


@pytest_asyncio.fixture
async def csms(tmp_path: Path) -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=0) as running:
        yield running


async def ask(csms: Csms, path: str, body: bytes = b"{}") -> tuple[int, Any]:
    status, text = await request(csms, "POST", f"/api/stations/{path}", body)
    return status, json.loads(text)


async def _answer(link: RawStation, answer: list[Any]) -> Any:
    frame = await link.hear()
    await link.say([answer[0], frame[1], *answer[1:]])
    return frame


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ([3, {"status": "Accepted"}], 200, {"status": "Accepted"}),
        (
            [4, "NotSupported", "not here", {}],
            502,
            {
                "error": "Reset was refused: 'NotSupported' 'not here'",
                "code": "NotSupported",
                "description": "not here",
            },
        ),
    ],
)
async def test_the_answer_of_the_station_comes_back(csms: Csms, answer: list[Any], status: int, told: Any) -> None:
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        answering = group.create_task(_answer(link, answer))
        assert await ask(csms, "CP001/requests/Reset", b'{"type":"Immediate"}') == (status, told)
        assert (await answering)[2:] == ["Reset", {"type": "Immediate"}]


async def test_an_answer_that_breaks_the_schema_and_silence_are_told(csms: Csms) -> None:
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        group.create_task(_answer(link, [3, {"status": "Perhaps"}]))
        status, told = await ask(csms, "CP001/requests/Reset", b'{"type":"Immediate"}')
        assert status == 502
        assert "breaks the schema" in told["error"]
        status, told = await ask(csms, "CP001/requests/ClearCache?timeout=0.05", b"")
        assert (status, told) == (504, {"error": "CP001 did not answer ClearCache within 0.05 s"})
        status, told = await ask(csms, "CP001/requests/Reset?timeout=0.05", b"{}")
        assert status == 504
        assert told["error"].endswith("; the request breaks the schema: type: is missing")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("CP999/requests/Reset", b"{}", 404),
        ("CP001/requests/MakeCoffee", b"{}", 422),
        ("CP001/requests/Reset", b"[]", 422),
        ("CP001/requests/Reset", b"{", 422),
        ("CP001/requests/Reset", b" " * 600_000, 422),
    ],
)
async def test_what_cannot_be_asked_is_refused(csms: Csms, path: str, body: bytes, status: int) -> None:
    async with station(csms) as link:
        await link.boot()
        told = await ask(csms, path, body)
    assert told[0] == status
    assert told[1]["error"]
