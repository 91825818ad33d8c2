"""The fleets of this user that run: found by name, listed, stopped. What `evtui ls` and `evtui stop` do."""

import asyncio
import sys
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from evtui.errors import ConfigError, EvtuiError, LocalError
from evtui.options import Options

if TYPE_CHECKING:
    from evtui.host.runtime import FleetRecord

DONE, FAILED = 0, 1
ANSWER_S = 3.0
"""How long a host may take to say how it does."""

STOP_S = 15.0
"""How long a fleet may take to end its transactions and deliver them."""

_CLEARED_S = 4.0  # a host that has stopped is gone within 3 s
_LOOK_S = 0.05


class FleetState(msgspec.Struct, frozen=True):
    """A running fleet as `evtui ls` tells of it. `since` is Unix time; `windows` counts those that only read, too;
    `keeps`: it goes on without a window. Where `answers` is false, the rest is what it said when it started."""

    name: str
    pid: int
    since: float
    stations: int
    sessions: int
    csms_url: str
    windows: int
    keeps: bool
    answers: bool


def found(name: str | None) -> "list[FleetRecord]":
    """The running fleets, or the one with this name or process. LocalError: there is none."""
    from evtui.host.runtime import running

    records = running()
    if not records:
        raise LocalError("no fleet of yours is running; `evtui` starts one")
    if name is None:
        return records
    named = [record for record in records if name in (record.name, str(record.pid))]
    if not named:
        raise LocalError(f"no fleet of yours is called {name!r}; there are {', '.join(each.name for each in records)}")
    return named


def is_wanted(pid: int) -> bool:
    """Whether the fleet of a process has windows, or was told to stay."""
    from evtui.host.runtime import running

    record = next((record for record in running() if record.pid == pid), None)
    if record is None:
        return False
    state = asyncio.run(_state(record))
    return state.answers and (state.keeps or state.windows > 0)


# -- ls -------------------------------------------------------------------------------------------


def list_fleets(options: Options) -> int:
    """Tells of all, as a table or as JSON; 0, also when there is none."""
    from evtui.host.runtime import running

    states = asyncio.run(_states(running()))
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(states)).decode())
    elif not states:
        print("no fleet of yours is running; `evtui` starts one", file=sys.stderr)
    else:
        print("\n".join(table(states)))
    return DONE


def table(states: list[FleetState]) -> list[str]:
    """A line each, below a line of headings."""
    rows = [("FLEET", "SINCE", "STATIONS", "SESSIONS", "WINDOWS", "CSMS"), *map(_row, states)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(state: FleetState) -> tuple[str, ...]:
    since = datetime.fromtimestamp(state.since).astimezone()
    windows = f"{state.windows}, stays" if state.keeps else str(state.windows)
    return (
        state.name,
        f"{since:%m-%d %H:%M}",
        str(state.stations),
        str(state.sessions) if state.answers else "?",
        windows if state.answers else "does not answer",
        "".join(each if each.isprintable() else "?" for each in state.csms_url),
    )


async def _states(records: "list[FleetRecord]") -> list[FleetState]:
    return list(await asyncio.gather(*map(_state, records)))


async def _state(record: "FleetRecord") -> FleetState:
    from evtui.engine.door import View
    from evtui.host.remote import RemoteDoor
    from evtui.host.wire import Role

    stations, sessions, windows, keeps, answers = record.stations, 0, 0, False, False
    with suppress(EvtuiError, OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            door = await RemoteDoor.connect(record.socket, Role.VISITOR)
            try:
                totals = (await door.fleet(View(count=0))).totals
                there = await door.attendance()
            finally:
                door.close()
        stations, sessions, answers = totals.stations, totals.transactions, True
        windows, keeps = there.windows + there.readers, there.stays
    return FleetState(
        record.name, record.pid, record.started_at, stations, sessions, record.csms_url, windows, keeps, answers
    )


# -- stop -----------------------------------------------------------------------------------------


def stop_fleets(options: Options) -> int:
    """Stops the one that is named, the only one, or all: 0 when all of them are gone, 1 when one is not. LocalError:
    there is none, or it is not clear which one is meant."""
    if options.all and options.fleet is not None:
        raise ConfigError("--all and a fleet are both given; keep one")
    records = found(options.fleet)
    if len(records) > 1 and not options.all:
        names = ", ".join(record.name for record in records)
        raise LocalError(f"{len(records)} fleets of yours are running: name one of {names}, or --all")
    return asyncio.run(_stop_all(records))


async def _stop_all(records: "list[FleetRecord]") -> int:
    return max(await asyncio.gather(*map(_stop, records)))


async def _stop(record: "FleetRecord") -> int:
    from evtui.host.remote import RemoteDoor
    from evtui.host.wire import Role

    try:
        async with asyncio.timeout(STOP_S):
            door = await RemoteDoor.connect(record.socket, Role.VISITOR)
            try:
                await door.stop("evtui stop")
            finally:
                door.close()
    except (EvtuiError, OSError, TimeoutError) as error:
        reason = str(error) or f"not within {STOP_S:g} s"
        print(f"evtui: {record.name}: does not stop: {reason}; kill {record.pid} ends it", file=sys.stderr)
        return FAILED
    if not await _gone(record):
        print(f"evtui: {record.name}: has stopped, but process {record.pid} is still there", file=sys.stderr)
        return FAILED
    print(f"{record.name} has stopped")
    return DONE


async def _gone(record: "FleetRecord") -> bool:
    """Waits until the process has cleared its things away."""
    from evtui.host.runtime import running

    by = time.monotonic() + _CLEARED_S
    while any(each.name == record.name for each in running()):
        if time.monotonic() >= by:
            return False
        await asyncio.sleep(_LOOK_S)
    return True
