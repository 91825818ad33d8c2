"""The plain `ocpp` library's loop, as its documentation shows it, for comparison: boots, then a TransactionEvent each
second, and nothing else. Run as `python -m evtui.bench.plain URL STATIONS SECONDS`, prints Figures as JSON."""

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from ocpp.v201 import ChargePoint, call, enums
from websockets.asyncio.client import connect

from evtui.bench.figures import Figures, percentile
from evtui.bench.fleet import SETTLE_S, cpu_used_s, rss_kb
from evtui.host.limits import raise_open_files
from evtui.host.loop import run

_AGAIN_S = 1.0  # between two cancellations

_MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "Frequency",
    "SoC",
)


def _event(seq_no: int, kind: str) -> call.TransactionEvent:
    """Six samples, as evtui's stations send."""
    at = datetime.now(UTC).isoformat()
    sampled = [
        {"value": 12345.678 + seq_no, "context": "Sample.Periodic", "measurand": each, "unit_of_measure": {"unit": "W"}}
        for each in _MEASURANDS
    ]
    return call.TransactionEvent(
        event_type=kind,
        timestamp=at,
        trigger_reason="MeterValuePeriodic",
        seq_no=seq_no,
        transaction_info={"transaction_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "charging_state": "Charging"},
        meter_value=[{"timestamp": at, "sampled_value": sampled}],
    )


class _Plain:
    def __init__(self) -> None:
        self.calls = 0
        self.rtts_ms: list[float] = []
        self.late_ms: list[float] = []
        self.counting = False

    async def station(self, url: str, number: int, booted: asyncio.Semaphore) -> None:
        name = f"PLAIN{number:05d}"
        async with connect(f"{url}/{name}", subprotocols=["ocpp2.0.1"], ping_interval=None) as link:  # type: ignore[list-item]
            point: Any = ChargePoint(name, link)
            async with asyncio.TaskGroup() as group:
                group.create_task(point.start())
                await point.call(
                    call.BootNotification(
                        charging_station={"model": "AC22", "vendor_name": "evtui"},
                        reason=enums.BootReasonEnumType.power_up,
                    )
                )
                booted.release()
                began = time.monotonic() + (number % 100) / 100
                for seq_no in range(1_000_000):
                    due = began + seq_no
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                    left = time.monotonic()
                    await point.call(_event(seq_no, "Updated" if seq_no else "Started"))
                    if self.counting:
                        self.calls += 1
                        self.late_ms.append((left - due) * 1000)
                        self.rtts_ms.append((time.monotonic() - left) * 1000)


async def measure(url: str, stations: int, seconds: float) -> Figures:
    """As `evtui.bench.fleet.measure`, for the library's loop."""
    empty_kb, plain, booted = rss_kb(), _Plain(), asyncio.Semaphore(0)
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(plain.station(url, number, booted)) for number in range(stations)]
        for _ in range(stations):
            await booted.acquire()
        booted_s = time.monotonic() - began
        await asyncio.sleep(SETTLE_S)
        gc.collect()
        gc.freeze()
        plain.counting, began, cpu_s = True, time.monotonic(), cpu_used_s()
        await asyncio.sleep(seconds)
        cpu_s, lasted_s, full_kb = cpu_used_s() - cpu_s, time.monotonic() - began, rss_kb()
        await end(tasks)
    rtts_ms, late_ms = sorted(plain.rtts_ms), sorted(plain.late_ms)
    return Figures(
        "plain ocpp",
        stations,
        round(lasted_s, 3),
        round(booted_s, 3),
        plain.calls,
        round(cpu_s, 3),
        round(1000 * cpu_s / max(1, plain.calls), 4),
        (percentile(rtts_ms, 0.5), percentile(rtts_ms, 0.99)),
        (percentile(late_ms, 0.5), percentile(late_ms, 0.99)),
        full_kb,
        round((full_kb - empty_kb) / stations, 1),
        0,
    )


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels them until all have ended: where an answer comes just then, the library's wait for it swallows that
    (`asyncio.wait_for` of Python 3.11), and a station would go on for ever."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_AGAIN_S)


async def _main(url: str, stations: str, seconds: str) -> int:
    print(msgspec.json.encode(await measure(url, int(stations), float(seconds))).decode())
    return 0


if __name__ == "__main__":
    raise_open_files()
    logging.disable(logging.INFO)
    sys.exit(run(_main(*sys.argv[1:])))
