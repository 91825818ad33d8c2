"""A CSMS of each test's own, on a port of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio
from hypothesis import settings

from evtui.csms.server import Csms

# How long an example takes says more of the machine than of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=None) as running:
        yield running
