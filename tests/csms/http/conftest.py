"""A CSMS that keeps what it knows and answers HTTP, and a client of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from evtui.csms.server import Csms
from tests.api.client import Client


@pytest_asyncio.fixture
async def csms(tmp_path: Path) -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=0, db=lambda port: tmp_path / "csms.db", uploads=tmp_path / "up") as running:
        yield running


@pytest_asyncio.fixture
async def client(csms: Csms) -> Client:
    assert csms.web_port is not None
    return Client(csms.web_port)
