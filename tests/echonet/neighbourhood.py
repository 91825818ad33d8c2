"""A fleet with its scripted CSMS, the node that shows it, and a controller of the house, all on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from evtui.echonet.house import House
from evtui.echonet.wire import Wire
from evtui.engine.store import Store
from tests.echonet.controller import Controller, loopback
from tests.engine.scripted import Bench, ScriptedCsms, bench

FIRST = 0x02A101


class Neighbourhood:
    """`get` and `set` are the controller's; `at` is an EVSE's object."""

    def __init__(self, it: Bench, house: House, controller: Controller, home: str, notes: list[str]) -> None:
        self.it = it
        self.house = house
        self.controller = controller
        self.home = home
        self.notes = notes

    async def get(self, epc: int, at: int = FIRST) -> bytes | None:
        return await self.controller.get(self.home, at, epc)

    async def number(self, epc: int, at: int = FIRST) -> int:
        edt = await self.get(epc, at)
        assert edt is not None
        return int.from_bytes(edt, "big")

    async def set(self, epc: int, edt: str, at: int = FIRST) -> bool:
        return await self.controller.set(self.home, at, epc, bytes.fromhex(edt))

    async def told(self, epc: int, at: int = FIRST) -> bytes:
        return await self.controller.told(epc, self.home, at)

    async def until_told(self, epc: int, edt: str, at: int = FIRST) -> None:
        while await self.told(epc, at) != bytes.fromhex(edt):
            pass

    async def ask(self, action: str, **payload: Any) -> Any:
        """The CSMS asks the station; gives the payload of the answer."""
        number = len(self.it.csms.replies)
        self.it.csms.links["CP001"].push(json.dumps([2, f"ask-{number}", action, payload]))
        await self.it.advance(0.5)
        return self.it.csms.replies[number][2]

    async def order(self, name: str, *targets: str, **arguments: str) -> None:
        outcome = await self.it.order(name, *(targets or ("CP001",)), within_s=3.0, **arguments)
        assert outcome.done, outcome.text


@asynccontextmanager
async def neighbourhood(
    directory: Path,
    stations: int = 1,
    *,
    before: Callable[[ScriptedCsms], None] = lambda csms: None,
    order: tuple[str, ...] = (),
    extra: dict[int, str] | None = None,
    store: Store | None = None,
    file: Path | None = None,
    home: str | None = None,
    **group: Any,
) -> AsyncIterator[Neighbourhood]:
    home = home or loopback()
    notes: list[str] = []
    async with bench(directory, stations, before=before, store=store, **group) as it:
        with Controller(loopback()) as controller:
            wire = Wire(home)
            house = House(
                it.door,
                wire,
                lambda station, text: notes.append(text),
                order,
                extra,
                float,
                it.fleet.record_echonet,
                file,
            )
            try:
                async with asyncio.TaskGroup() as tasks:
                    running = tasks.create_task(house.run())
                    await controller.told(0xD5, home)
                    yield Neighbourhood(it, house, controller, home, notes)
                    running.cancel()
            finally:
                wire.close()
