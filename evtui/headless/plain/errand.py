"""What an order acts on: the one station that is meant, one of its EVSEs, or as many as it says."""

from difflib import get_close_matches

import msgspec

from evtui.engine.commands import Scope
from evtui.engine.door import Command, Door, StationRow, Target, View
from evtui.errors import LocalError
from evtui.headless.plain.order import ALL, Order, brief
from evtui.ocppj.filter.language import quoted

MOST_NAMES = 10_000


class Errand(msgspec.Struct, frozen=True):
    """The command, and what is to be asked before it is carried out."""

    command: Command
    question: str | None = None


async def errand_of(door: Door, order: Order, filter: str) -> Errand:
    """`filter` says which stations `all` are. LocalError: it is not clear what is meant, or there is no such thing."""
    name = order.spec.name
    if order.spec.scope is Scope.FLEET:
        return Errand(Command(name, (), order.arguments))
    if order.station == ALL or set(order.station) & set("*?"):
        return await _of_many(door, order, filter)
    row = await _only(door, name) if not order.station else await row_of(door, order.station)
    evses = [evse.evse_id for evse in row.evses]
    if order.evse_id and order.evse_id not in evses:
        there = "no EVSE" if not evses else f"EVSE {', '.join(map(str, evses))}"
        example = f"{name} {row.id} {order.spec.arguments[0].name}={order.evse_id}" if order.spec.arguments else ""
        hint = f"; the argument is written {example}" if example else ""
        raise LocalError(f"{row.id} has no EVSE {order.evse_id}, it has {there}{hint}")
    command = Command(name, (Target(row.id, order.evse_id),), order.arguments)
    running = sum(evse.transaction_id is not None for evse in row.evses)
    if name == "remove-station" and running:
        return Errand(command, f"{row.id} has {transactions(running)} running. End it and remove the station?")
    return Errand(command)


async def _of_many(door: Door, order: Order, filter: str) -> Errand:
    name = order.spec.name
    if order.evse_id:
        raise LocalError(f"{name}: name one station with its EVSE, or write {name} {order.station}: all its EVSEs")
    if order.station != ALL:
        filter = f"~s {quoted(order.station)}"
    shown = (await door.fleet(View(count=0, filter=filter))).shown
    if not shown:
        raise LocalError(f"{name}: there is no station that {brief(order.station)} stands for")
    command = Command(name, (), order.arguments, filter)
    return Errand(command) if shown == 1 else Errand(command, f"{name} acts on {shown} stations. Do it?")


async def row_of(door: Door, station_id: str) -> StationRow:
    """The station of that id. LocalError: there is none."""
    rows = (await door.fleet(View(count=MOST_NAMES, filter=f"~s {quoted(station_id)}"))).rows
    for row in rows:
        if row.id == station_id:
            return row
    if len(rows) == 1:  # letters of another case
        return rows[0]
    names = [row.id for row in (await door.fleet(View(count=MOST_NAMES))).rows]
    near = get_close_matches(station_id, names, 1, 0.4)
    hint = (
        f"did you mean {near[0]}?" if near else f"list tells which there are{f', such as {names[0]}' if names else ''}"
    )
    raise LocalError(f"there is no station {brief(station_id)}; {hint}")


async def _only(door: Door, name: str) -> StationRow:
    view = await door.fleet(View(count=2))
    if len(view.rows) != 1:
        example = view.rows[0].id if view.rows else "CP001"
        raise LocalError(f"{name}: which station? Write {name} {example}, or {name} all")
    return view.rows[0]


def transactions(count: int) -> str:
    """So many, in words."""
    return "1 transaction" if count == 1 else f"{count} transactions"
