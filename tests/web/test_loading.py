"""What is heavy is loaded while everything else goes on, and who closes meanwhile does not wait for it."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from evtui.api.server import open_api
from evtui.config import ApiConfig
from evtui.csms.server import Csms
from evtui.web import loading
from evtui.web.loading import loaded
from tests.csms.stations import until
from tests.host.fake_door import FakeDoor


@pytest_asyncio.fixture
async def busy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """A machine on which no module is ever there; which were wanted."""
    wanted: list[str] = []
    done = threading.Event()

    def load(name: str) -> None:
        wanted.append(name)
        done.wait()

    monkeypatch.setattr(loading, "import_module", load)
    yield wanted
    done.set()


async def test_a_module_is_given_when_it_is_there() -> None:
    assert await loaded("json", asyncio.Event()) is json


async def test_one_that_is_not_there_is_told() -> None:
    with pytest.raises(ModuleNotFoundError):
        await loaded("evtui.nothing", asyncio.Event())


async def test_who_closes_does_not_wait_for_a_module(busy: list[str]) -> None:
    closing = asyncio.Event()
    task = asyncio.ensure_future(loaded("heavy", closing))
    await until(lambda: busy)
    closing.set()
    assert await task is None
    assert await loaded("another", closing) is None
    assert busy == ["heavy"], "none is loaded once it closes"


async def test_a_csms_that_is_closed_does_not_wait_for_its_http(busy: list[str]) -> None:
    async with Csms(port=0, web_port=0):
        await until(lambda: busy)


async def test_an_api_that_is_closed_does_not_wait_for_itself(busy: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evtui.api.server.PATIENCE_S", 0.0)
    async with open_api(ApiConfig(port=0), FakeDoor()):
        await until(lambda: busy)
