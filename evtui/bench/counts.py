"""What a station, and the embedded CSMS, cost in counts, which no clock and no neighbour on the machine changes: a
regression shows in them at once, where times would only look noisy. Run as `python -m evtui.bench.counts`;
`--functions 30` tells which functions are called most, `--csms-functions 30` those of the CSMS.

Counted is a fleet in memory, with OCPP 2.0.1, validation both ways, spool and durable state on, each station with a
sample a second; and a CSMS that answers such samples, with linter and store. Calls are those of Python functions, and
of coroutines that go on, outside of the event loop and of the thread that writes to the disk.
"""

import argparse
import asyncio
import gc
import selectors
import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import msgspec

from evtui.bench.in_memory import MemoryFleet, fleet_in_memory
from evtui.bench.rounds import csms_in_rounds
from evtui.bench.run import sink_process
from evtui.engine.clock import ManualClock
from evtui.ocppj.connection import connect
from evtui.ocppj.endpoint import Endpoint

STATIONS, SECONDS = 20, 20
"""Of the fleet whose CALLs are counted: 400 of them."""

FEW, MORE = 50, 200
"""Stations before memory is measured, and those that come then."""

ROUNDS = 30
"""Samples of each of STATIONS that the CSMS is counted with."""

IDLE_S = 600
"""How long idle stations are watched: heartbeats are a day apart here, so what is left is what nobody asked for."""

_WARM_S, _WARM_ROUNDS = 5.0, 10
_HERE = str(Path(__file__).parent)
_LOOP = frozenset(
    f"{Path(asyncio.__file__).parent}/{name}.py" for name in ("base_events", "events", "selector_events", "tasks")
) | {selectors.__file__}
_INLINED = frozenset(("<listcomp>", "<dictcomp>", "<setcomp>"))  # functions in Python 3.11 alone

Calls = Mapping[CodeType, int]


class Counts(msgspec.Struct, frozen=True):
    """Of one station: for each CALL that it sends and that is answered, a second of idling, and memory; and of the
    embedded CSMS."""

    calls_a_call: float  # Python function calls
    blocks_a_call: float  # blocks of memory that stay, without the garbage collector
    garbage_a_call: float  # objects that only the garbage collector frees
    calls_an_idle_minute: float
    idle_bytes: int  # for each station more, online
    charging_bytes: int  # the same, with a transaction
    connection_bytes: int  # for each WebSocket more, which those in memory have none of
    csms_calls_a_call: float  # Python function calls of the CSMS, for each CALL that it keeps and answers

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"{self.calls_a_call:>10.1f} function calls for a CALL and its answer",
            f"{self.blocks_a_call:>10.2f} blocks of memory that stay after a CALL",
            f"{self.garbage_a_call:>10.2f} objects of a CALL that only the garbage collector frees",
            f"{self.calls_an_idle_minute:>10.1f} function calls for a minute of an idle station",
            f"{self.idle_bytes:>10,} bytes for an idle station",
            f"{self.charging_bytes:>10,} bytes for a charging station",
            f"{self.connection_bytes:>10,} bytes for its WebSocket",
            f"{self.csms_calls_a_call:>10.1f} function calls of the embedded CSMS for a CALL",
        ]


async def measure() -> tuple[Counts, Calls, Calls]:
    """The counts, and which functions were called for the CALLs: by a fleet, and by a CSMS."""
    async with fleet_in_memory(STATIONS) as it:
        await it.start(1, STATIONS)
        await it.advance(_WARM_S)
        before = it.calls
        called = await _called(it.advance(SECONDS))
        calls_a_call = sum(called.values()) / (it.calls - before)
        blocks_a_call, garbage_a_call = await _kept(it)
    idle_bytes, charging_bytes = await _memory()
    idle_calls = await _idle()
    async with csms_in_rounds(STATIONS) as rounds:
        await rounds.go(_WARM_ROUNDS)
        called_by_csms = await _called(rounds.go(ROUNDS))
    counts = Counts(
        round(calls_a_call, 2),
        round(blocks_a_call, 2),
        round(garbage_a_call, 2),
        round(idle_calls, 2),
        idle_bytes,
        charging_bytes,
        await _connection_bytes(),
        round(sum(called_by_csms.values()) / (STATIONS * ROUNDS), 2),
    )
    return counts, called, called_by_csms


async def _called(work: Awaitable[None]) -> Calls:
    """How often each function is called meanwhile."""
    called: dict[CodeType, int] = defaultdict(int)

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            called[frame.f_code] += 1

    sys.setprofile(profile)
    try:
        await work
    finally:
        sys.setprofile(None)
    return {code: times for code, times in called.items() if _counts(code)}


_DRIVERS = frozenset(getattr(ManualClock, name).__code__ for name in ("advance", "settle", "_fire"))


def _counts(code: CodeType) -> bool:
    """It is evtui's work, or what that calls; not the loop's, nor ours."""
    if code in _DRIVERS or code.co_name in _INLINED or code.co_filename in _LOOP:
        return False
    return not code.co_filename.startswith(_HERE)


async def _kept(it: MemoryFleet) -> tuple[float, float]:
    """Blocks and garbage that a CALL leaves."""
    gc.collect()
    gc.disable()
    try:
        first = it.calls
        await it.advance(_WARM_S)  # the collector has emptied Python's free lists: what fills them again is no CALL's
        before, blocks = it.calls, sys.getallocatedblocks()
        await it.advance(SECONDS)
        blocks, calls = sys.getallocatedblocks() - blocks, it.calls - before
        return blocks / calls, gc.collect() / (it.calls - first)
    finally:
        gc.enable()


async def _idle() -> float:
    """Calls for each station more in a minute."""
    async with fleet_in_memory(1) as it:
        await it.advance(_WARM_S)
        one = sum((await _called(it.advance(IDLE_S))).values())
        it.fleet.add(STATIONS)
        await it.advance(_WARM_S)
        many = sum((await _called(it.advance(IDLE_S))).values())
    return (many - one) * 60 / IDLE_S / STATIONS


async def _memory() -> tuple[int, int]:
    """Bytes of one station more, idle and charging: Python's, not those of sockets and buffers of the system."""
    async with fleet_in_memory(FEW) as it:
        await it.start(1, FEW)
        await it.advance(_WARM_S)
        gc.collect()
        tracemalloc.start()
        try:
            it.fleet.add(MORE)
            await it.advance(_WARM_S)
            idle = _traced()
            await it.start(FEW + 1, FEW + MORE)
            await it.advance(_WARM_S)
            charging = _traced()
        finally:
            tracemalloc.stop()
    return idle // MORE, charging // MORE


async def _connection_bytes() -> int:
    """Bytes of one open WebSocket more: Python's, on the loop of the standard library."""
    with sink_process() as url:
        endpoint = Endpoint(url)
        connections = [await connect(endpoint) for _ in range(FEW)]
        gc.collect()
        tracemalloc.start()
        try:
            connections += [await connect(endpoint) for _ in range(MORE)]
            traced = _traced()
        finally:
            tracemalloc.stop()
        for connection in connections:
            connection.abort()
        await asyncio.sleep(0)
    return traced // MORE


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def functions(called: Calls, calls_a_call: float, most: int) -> list[str]:
    """Those called most often for a CALL."""
    calls = sum(called.values()) / calls_a_call
    ordered = sorted(called.items(), key=lambda each: -each[1])[:most]
    return [f"{times / calls:>10.2f} {_place(code)}" for code, times in ordered]


def _place(code: CodeType) -> str:
    where = Path(code.co_filename)
    return f"{'/'.join(where.parts[-3:])}:{code.co_firstlineno} {code.co_qualname}"


def main(arguments: Sequence[str]) -> int:
    """Prints the counts."""
    parser = argparse.ArgumentParser(prog="python -m evtui.bench.counts", description=__doc__)
    parser.add_argument("--functions", type=int, default=0, metavar="N", help="the N functions called most, too")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--csms-functions", type=int, default=0, metavar="N", help="those of the embedded CSMS")
    given = parser.parse_args(arguments)
    counts, called, by_csms = asyncio.run(measure())
    if given.json:
        print(msgspec.json.encode(counts).decode())
    else:
        most_called = functions(called, counts.calls_a_call, given.functions)
        most_by_csms = functions(by_csms, counts.csms_calls_a_call, given.csms_functions)
        print("\n".join([*counts.lines(), *most_called, *most_by_csms]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
