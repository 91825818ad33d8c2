"""The supervisor: wards run on their own, crash on their own, and end when told."""

import asyncio

from evtui.engine.clock import ManualClock, sleep_until
from evtui.engine.supervisor import Supervisor


class Ward:
    """Crashes as often as told, then runs until it is let go."""

    def __init__(self, name: str, crashes: int = 0) -> None:
        self.name = name
        self.crashes = crashes
        self.runs = 0
        self.errors: list[Exception] = []
        self.go = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        if self.crashes:
            self.crashes -= 1
            raise ValueError(f"crash {self.runs}")
        await self.go.wait()

    def crashed(self, error: Exception) -> None:
        self.errors.append(error)


def tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}


async def test_each_ward_has_a_task_of_its_name() -> None:
    supervisor = Supervisor(ManualClock())
    supervisor.start(Ward("CP001"))
    supervisor.start(Ward("CP002"))
    assert {"CP001", "CP002"} <= tasks()
    await supervisor.stop(["CP001", "CP002"], 0.0)
    assert not {"CP001", "CP002"} & tasks()


async def test_a_crash_is_told_and_the_ward_runs_again_after_a_wait() -> None:
    clock = ManualClock()
    supervisor = Supervisor(clock)
    ward = Ward("CP001", crashes=2)
    supervisor.start(ward)
    await clock.advance(0.9)
    assert (ward.runs, [str(error) for error in ward.errors]) == (1, ["crash 1"])
    await clock.advance(0.2)
    assert ward.runs == 2
    await clock.advance(2.0)
    assert (ward.runs, len(ward.errors)) == (3, 2)
    await supervisor.stop(["CP001"], 0.0)


async def test_the_wait_is_short_again_after_a_long_good_run() -> None:
    clock = ManualClock()

    class Late(Ward):
        async def run(self) -> None:
            self.runs += 1
            await sleep_until(clock, clock.now().elapsed_s + (100.0 if self.runs == 4 else 0.0))
            raise ValueError

    supervisor = Supervisor(clock)
    ward = Late("CP001")
    supervisor.start(ward)
    await clock.advance(1 + 2 + 4 + 100.5)
    assert ward.runs == 4
    await clock.advance(1)
    assert ward.runs == 5
    await supervisor.stop(["CP001"], 0.0)


async def test_stop_lets_a_ward_end_by_itself_until_the_time_is_over() -> None:
    clock = ManualClock()
    supervisor = Supervisor(clock)
    willing, stubborn = Ward("willing"), Ward("stubborn")
    supervisor.start(willing)
    supervisor.start(stubborn)
    stopping = asyncio.ensure_future(supervisor.stop(["willing", "stubborn", "unknown"], 2.0))
    willing.go.set()
    await clock.advance(1.9)
    assert "willing" not in tasks()
    assert "stubborn" in tasks()
    await clock.advance(0.2)
    assert stopping.done()
    assert "stubborn" not in tasks()


async def test_stop_does_not_wait_for_a_ward_that_waits_for_its_restart() -> None:
    clock = ManualClock()
    supervisor = Supervisor(clock)
    supervisor.start(Ward("CP001", crashes=1))
    await clock.settle()
    await supervisor.stop(["CP001"], 100.0)
    assert "CP001" not in tasks()
