"""The fleet as a node: its EVSEs are the node's instances, kept up to date; what controllers order is done there."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path

from evtui.echonet.charger import Charger, Order
from evtui.echonet.frame import decode
from evtui.echonet.identity import node_identity
from evtui.echonet.node import Node, Outgoing
from evtui.echonet.node_object import NodeObject
from evtui.echonet.notebook import Notebook
from evtui.echonet.profile import MOST_INSTANCES
from evtui.echonet.properties import Rule
from evtui.echonet.reading import read
from evtui.echonet.server import Server
from evtui.echonet.wire import Wire
from evtui.engine.beside import NodeView, ObjectRow, PropertyRow
from evtui.engine.door import Command, Door, Target, View
from evtui.ocppj.fault import printable
from evtui.ocppj.frame import Direction

EV_CHARGER = 0x02A1
MOST_CODES = 0x7F
"""Instance codes are 01 to 7F."""

MOST_ORDERS = 16
"""Orders of one charger that wait for their turn; a Set beyond that is refused."""

_SILENT = frozenset(("sample",))
"""Events that nothing announced depends on."""

Note = Callable[[str, str], None]
Record = Callable[[str, Direction, str, str, str], None]
"""Takes a frame: station, direction seen from there, service, text, and what is wrong with it."""

NODE = "echonet"
"""Stands for a station where a frame is about none, or about several."""


def unrecorded(station_id: str, direction: Direction, service: str, text: str, fault: str) -> None:
    """Nobody wants the frames."""


Key = tuple[str, int]
"""A station's id and the number of its EVSE."""


class House:
    """Runs a node on a wire for the fleet behind a door."""

    name = "echonet"

    def __init__(
        self,
        door: Door,
        wire: Wire,
        note: Note,
        order: Sequence[str] = (),
        extra: Mapping[int, str] | None = None,
        wait_s: Callable[[], float] | None = None,
        record: Record = unrecorded,
        file: Path | None = None,
    ) -> None:
        """`order` names stations or EVSEs that come first; `extra` are properties beyond the standard; `note` takes
        sentences for people, `record` every frame; `file` keeps what outlasts the program."""
        self._door = door
        self._record = record
        self._note = note
        self._order = tuple(order)
        self._extra = dict(extra or {})
        self.address = wire.address
        self._notebook = Notebook(file, node_identity(wire.address), note)
        self.node = Node(self._notebook.identity)
        self.server = Server(wire, self.node, self._refresh, told=self._told)
        if wait_s is not None:
            self.server.wait_s = wait_s
        self._chargers: dict[Key, Charger] = {}
        self._used = 0  # the highest instance code that was ever given
        self._versions: dict[str, int] = {}
        self._full = False
        self._orders: dict[Charger, deque[Order]] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Shows the fleet until cancelled."""
        self._orders.clear()
        for charger in self._chargers.values():
            charger.settled()
        await self._survey()
        for name in self._order:
            if not await self._named(name):
                self._note("", f"echonet.order: there is no {printable(name, 60)}")
        async with asyncio.TaskGroup() as group:
            self._group = group
            group.create_task(self.server.run(), name="echonet answers")
            group.create_task(self._watch(), name="echonet watches")

    def crashed(self, error: Exception) -> None:
        """It will run again; what was ordered is lost."""
        self._group = None

    async def view(self) -> NodeView:
        """The node as a controller would find it now."""
        await self._update({key[0] for key in self._chargers})
        chargers = {charger.eoj: key for key, charger in self._chargers.items()}
        objects = [object_row(self.node.profile, "node profile")]
        for eoj, device in self.node.devices.items():
            station_id, evse_id = chargers.get(eoj, (NODE, 0))
            objects.append(object_row(device, f"{station_id} EVSE {evse_id}"))
        return NodeView(self.address, tuple(objects))

    # -- instances --------------------------------------------------------------------------------

    async def _survey(self) -> list[Outgoing]:
        """Takes away chargers whose station is gone, and adds others as long as there is room."""
        kept = {
            key: each
            for key, each in self._chargers.items()
            if await self._door.station(key[0], whole=False) is not None
        }
        full = False
        async for key in self._candidates():
            if key in kept:
                continue
            if full := len(kept) >= MOST_INSTANCES:
                break
            charger = await self._charger(key, {each.eoj & 0xFF for each in kept.values()})
            if charger is not None:
                kept[key] = charger
        if full and not self._full:
            self._note("", f"ECHONET Lite shows {MOST_INSTANCES} EVSEs, the most that an instance list holds")
        self._full = full
        self._chargers = kept
        return self.node.replace(sorted(kept.values(), key=lambda each: each.eoj))

    async def _candidates(self) -> AsyncIterator[Key]:
        """EVSEs in the order in which they become instances."""
        for name in self._order:
            for key in await self._named(name):
                yield key
        view = await self._door.fleet(View(count=MOST_INSTANCES + len(self._order) + 1))
        for row in view.rows:
            for each in row.evses:
                yield row.id, each.evse_id

    async def _named(self, name: str) -> list[Key]:
        """The EVSEs of an entry of `order`, CP002 or CP002/2; none, if there is no such station or EVSE (yet)."""
        station_id, slash, _ = name.partition("/")
        detail = await self._door.station(station_id, whole=False)
        keys = [] if detail is None else [(station_id, number) for number in range(1, len(detail.evses) + 1)]
        return [key for key in keys if not slash or _name(*key) == name]

    async def _charger(self, key: Key, taken: Iterable[int]) -> Charger | None:
        station = await self._door.station(key[0], whole=False)
        if station is None:
            return None
        code = self._used + 1
        if code > MOST_CODES:  # all were given once: those that are free again
            code = min(set(range(1, MOST_CODES + 1)).difference(taken))
        self._used = max(self._used, code)
        return Charger(
            EV_CHARGER << 8 | code,
            station,
            key[1],
            self._notebook.identity,
            self._take,
            self._extra,
            self._notebook.charger(_name(*key)),
            lambda charger, kept: self._notebook.keep(_name(charger.station_id, charger.evse_id), kept),
        )

    def _told(self, datagram: bytes, address: str, sent: bool) -> None:
        """A frame went over the wire: it is recorded with the station that it is about."""
        frame = decode(datagram)
        own = 0 if frame is None else frame.seoj if sent else frame.deoj
        device = self.node.devices.get(own)
        station_id = device.station_id if isinstance(device, Charger) else NODE
        direction = Direction.SENT if sent else Direction.RECEIVED
        self._record(station_id, direction, *read(datagram, frame, address))

    # -- what the fleet shows ---------------------------------------------------------------------

    async def _refresh(self, deoj: int) -> None:
        """Before an object is asked: what the screen shows at this instant."""
        stations = {each.station_id for each in self.node.addressed(deoj) if isinstance(each, Charger)}
        if stations:
            await self._update(stations)

    async def _update(self, stations: Iterable[str]) -> None:
        version = (await self._door.fleet(View(count=0))).version
        for station_id in stations:
            if self._versions.get(station_id) == version:
                continue
            detail = await self._door.station(station_id, whole=False)
            if detail is not None:
                self._versions[station_id] = detail.version
                for key, charger in self._chargers.items():
                    if key[0] == station_id:
                        charger.update(detail)

    async def _watch(self) -> None:
        """Tells all what changes, whoever changed it."""
        last = 0
        while True:
            events = await self._door.events(last)
            last = events[-1].number
            if any(each.kind in ("station-added", "station-removed") for each in events):
                self.server.tell(await self._survey())
            shown = {key[0] for key in self._chargers}
            changed = {each.station_id for each in events if each.kind not in _SILENT} & shown
            if changed:
                await self._update(changed)
                self.server.announce()

    # -- what controllers order -------------------------------------------------------------------

    def _take(self, charger: Charger, order: Order) -> bool:
        """Orders of a charger are carried out one after the other."""
        if self._group is None:
            return False
        waiting = self._orders.get(charger)
        if waiting is None:
            self._orders[charger] = deque((order,))
            self._group.create_task(self._carry_out(charger), name=f"echonet orders {charger.station_id}")
        elif len(waiting) < MOST_ORDERS:
            waiting.append(order)
        else:
            return False
        return True

    async def _carry_out(self, charger: Charger) -> None:
        waiting = self._orders[charger]
        target = Target(charger.station_id, charger.evse_id)
        while waiting:
            order = waiting.popleft()
            outcome = await self._door.submit(Command(order.command, (target,), order.arguments))
            if not outcome.done:
                self._note(charger.station_id, f"ECHONET Lite: {order.command} was not done: {outcome.text}")
        del self._orders[charger]
        await self._update((charger.station_id,))
        if charger not in self._orders:  # nothing came meanwhile
            charger.settled()
        self.server.announce()


def _name(station_id: str, evse_id: int) -> str:
    """As the order of instances has it, too."""
    return f"{station_id}/{evse_id}"


def object_row(each: NodeObject, about: str) -> ObjectRow:
    """An object as a controller finds it; `about` says what stands behind it."""
    return ObjectRow(each.eoj, about, tuple(_property_row(each, rule) for rule in each.rules.values()))


def _property_row(each: NodeObject, rule: Rule) -> PropertyRow:
    edt = each.notify(rule.epc)
    access = " ".join(word for word, may in (("get", rule.get), ("set", rule.set), ("inf", rule.inf)) if may)
    text = "" if edt is None else printable(rule.text(edt), 200)
    return PropertyRow(rule.epc, rule.name, text, "" if edt is None else edt.hex(" ").upper(), access)
