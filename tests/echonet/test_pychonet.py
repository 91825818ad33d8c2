"""A controller that is not ours: pychonet, as the Home Assistant integration uses it."""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.echonet.controller import loopback
from tests.echonet.demo import Demo, demo
from tests.need import need

pytestmark = [
    pytest.mark.xdist_group("echonet"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"),
]

GET, SET_C = 0x62, 0x61
PATIENCE_S = 20.0
TICKS = 20
"""Of 0.1 s, which it waits for an answer; it never takes one to a multicast for the answer, so this is lost time."""


class Pychonet:
    """Its API client, asking the charger of one node."""

    def __init__(self, client: Any, node: str) -> None:
        self.client = client
        self.node = node
        self.heard: set[str] = set()
        self.news = asyncio.Event()

    @property
    def state(self) -> dict[int, Any]:
        """What it knows of the charger: raw bytes, and its maps as lists."""
        known: dict[int, Any] = self.client._state[self.node]["instances"][0x02][0xA1][0x01]
        return known

    async def discover(self) -> None:
        """By multicast, then the node itself, as the integration does."""
        await self.client.discover()
        async with asyncio.timeout(PATIENCE_S):
            while self.node not in self.heard:
                await self.news.wait()
                self.news.clear()
        await self.client.discover(self.node)
        assert self.client._state[self.node]["discovered"]

    async def hear(self, host: str) -> None:
        """A node that it did not know has answered."""
        self.heard.add(host)
        self.news.set()

    async def get(self, *codes: int) -> bool:
        return bool(
            await self.client.echonetMessage(self.node, 0x02, 0xA1, 0x01, GET, [{"EPC": code} for code in codes])
        )

    async def set(self, code: int, value: int, size: int = 1) -> bool:
        """A SetC; False when it was refused."""
        opc = [{"EPC": code, "PDC": size, "EDT": value}]
        return bool(await self.client.echonetMessage(self.node, 0x02, 0xA1, 0x01, SET_C, opc))

    async def until(self, code: int, value: int) -> None:
        """Asks again and again, as it does every so often, until a property has a value."""
        async with asyncio.timeout(PATIENCE_S):
            while int.from_bytes(self.state.get(code, b""), "big") != value:
                await self.get(code)


@asynccontextmanager
async def pychonet(node: str) -> AsyncIterator[Pychonet]:
    need(importlib.util.find_spec("pychonet"), "pychonet is not installed")
    from pychonet.echonetapiclient import ECHONETAPIClient
    from pychonet.lib.udpserver import UDPServer

    address = loopback()
    server = UDPServer(local_ip=address)
    server.run(address, 3610, loop=asyncio.get_running_loop())
    client = ECHONETAPIClient(server)
    it = Pychonet(client, node)
    client.configure(message_timeout=TICKS, logger=lambda *_: None, discover_callback=it.hear)
    tasks = list(server._tasks)
    try:
        yield it
    finally:
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def subject() -> Iterator[Demo]:
    with demo() as running:
        yield running


async def test_it_discovers_reads_and_controls_a_charger(subject: Demo) -> None:
    async with pychonet(subject.address) as it:
        await it.discover()
        assert it.client._state[subject.address]["manufacturer"] is not None

        assert await it.client.getAllPropertyMaps(subject.address, 0x02, 0xA1, 0x01)
        assert set(bytes.fromhex("80 81 82 83 88 8A C5 C7 CC D3 D8 DA E2 E4 E6 EB ED")) <= set(it.state[0x9F])
        assert set(it.state[0x9E]) == set(bytes.fromhex("81 CD D9 DA E7 EB ED"))
        assert set(it.state[0x9D]) == set(bytes.fromhex("80 81 88 C7 DA E7 EB ED"))

        readable = [code for code in it.state[0x9F] if code not in (0x9D, 0x9E, 0x9F)]
        for batch in (readable[:10], readable[10:20], readable[20:]):
            assert await it.get(*batch)
        assert all(it.state.get(code) is not None for code in readable)
        assert it.state[0xC7] == b"\x41"
        assert it.state[0xDA] == b"\x47"

        subject.refuse("Invalid")
        assert await it.set(0xDA, 0x42)
        subject.csms.wait_for(lambda frame: frame.action == "Authorize")
        await it.until(0xDA, 0x47)
        subject.accept()

        assert await it.set(0xDA, 0x42)
        subject.saw("Started")
        subject.saw("Updated", chargingState="Charging")
        await it.until(0xDA, 0x42)

        assert await it.set(0xEB, 5_000, 4)
        async with asyncio.timeout(PATIENCE_S):
            while not 4_000 < int.from_bytes(it.state[0xD3], "big") <= 5_000:
                await it.get(0xD3)

        assert await it.set(0xDA, 0x44)
        subject.saw("Updated", chargingState="SuspendedEVSE")
        await it.until(0xD3, 0)

        assert await it.set(0xDA, 0x42)
        await it.until(0xDA, 0x42)
        assert await it.set(0xDA, 0x47)
        subject.saw("Ended")
        await it.until(0xDA, 0x47)
        assert not await it.set(0xDA, 0x40), "other is no mode to be set"
