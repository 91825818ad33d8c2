"""A CSMS of each test's own, on a port of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from evtui.csms.server import Csms


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=None) as running:
        yield running
