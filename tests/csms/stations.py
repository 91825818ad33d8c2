"""A station that is nothing but a socket: it says what the test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from evtui.csms.server import Csms

PATIENCE_S = 10
BOOT: dict[str, Any] = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}


class RawStation:
    """Speaks OCPP-J by hand over an open connection."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link
        self._ids = count(1)

    async def say(self, frame: Any) -> None:
        """Sends a frame; a string or bytes as it is, anything else as JSON."""
        await self.link.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def hear(self) -> Any:
        """The next frame of the CSMS."""
        async with asyncio.timeout(PATIENCE_S):
            return json.loads(await self.link.recv())

    async def ask(self, action: str, payload: dict[str, Any]) -> Any:
        """Sends a CALL and gives the frame that comes next."""
        await self.say([2, str(next(self._ids)), action, payload])
        return await self.hear()

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Sends a CALL and gives the payload of its CALLRESULT."""
        answer = await self.ask(action, payload)
        assert answer[0] == 3, answer
        result: dict[str, Any] = answer[2]
        return result

    async def boot(self) -> dict[str, Any]:
        """Sends a BootNotification."""
        return await self.call("BootNotification", BOOT)

    async def closed(self) -> tuple[int | None, str | None]:
        """Waits until the CSMS closes the connection; gives code and reason."""
        async with asyncio.timeout(PATIENCE_S):
            await self.link.wait_closed()
        return self.link.close_code, self.link.close_reason


@asynccontextmanager
async def station(
    csms: Csms, station_id: str = "CP001", *, subprotocols: tuple[str, ...] = ("ocpp2.0.1",), **options: Any
) -> AsyncIterator[RawStation]:
    """A station's connection; `station_id` is what stands behind the CSMS's URL."""
    async with connect(
        f"{csms.url}/{station_id}",
        subprotocols=[Subprotocol(each) for each in subprotocols] or None,
        proxy=None,
        **{"compression": None, "close_timeout": 1, **options},
    ) as link:
        yield RawStation(link)


async def until(condition: Callable[[], object]) -> None:
    """Lets the CSMS work until something has come true."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - a turn of the loop is all that is waited for
            await asyncio.sleep(0)
