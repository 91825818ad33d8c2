"""Stories are told at the pace of whoever listens, and nobody else waits for that."""

import asyncio
import os
import pty
import termios
import threading
from collections.abc import Iterable

import pytest

from evtui.engine.door import FleetEvent
from evtui.headless.frame_log import FrameLog
from evtui.headless.keyboard import on_key
from evtui.headless.teller import Teller
from evtui.headless.words import Line
from evtui.ocppj.frame import Direction, Frame, FrameType
from tests.headless.scripted_door import ScriptedDoor


class Listener:
    """A story that writes down what it is told; it can be made to wait, or to be gone."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.gone = False

    def say(self, line: Line) -> None:
        self._hear(line.text)

    def tell(self, events: Iterable[FleetEvent]) -> None:
        for event in events:
            self._hear(event.kind)

    def close(self) -> None:
        self._hear("close")

    def _hear(self, text: str) -> None:
        self.may_go_on.wait(10)
        if self.gone:
            raise BrokenPipeError
        self.told.append(text)


async def test_everything_is_told_in_order_and_the_last_words_come_last() -> None:
    door, story = ScriptedDoor(("CP001",)), Listener()
    teller = Teller(door, story, lambda: None)
    await teller.say(Line("", "", "hello"))
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(teller.run())
        last = door.feed.publish(1.0, "sample", "CP001").number
        await asyncio.wait_for(teller.until(last), 10)
        telling.cancel()
    await teller.close(Line("", "", "bye"))
    assert story.told == ["hello", "online", "sample", "close", "bye"]


async def test_a_story_that_stalls_holds_up_nothing_but_itself() -> None:
    door, story = ScriptedDoor(("CP001",)), Listener()
    teller = Teller(door, story, lambda: None)
    story.may_go_on.clear()
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(teller.run())
        for _ in range(100):
            door.feed.publish(1.0, "sample", "CP001")
            await asyncio.sleep(0)  # the loop turns
        assert story.told == []
        story.may_go_on.set()
        await asyncio.wait_for(teller.until(door.feed.last), 10)
        telling.cancel()
    assert len(story.told) == 101


async def test_a_listener_that_is_gone_ends_the_telling_and_is_reported() -> None:
    door, story = ScriptedDoor(("CP001",)), Listener()
    lost = asyncio.Event()
    teller = Teller(door, story, lost.set)
    story.gone = True
    await asyncio.wait_for(teller.run(), 10)
    assert lost.is_set()
    await asyncio.wait_for(teller.until(door.feed.last), 10)  # nobody waits for what nobody hears


# -- frames ---------------------------------------------------------------------------------------


def frame(text: str) -> Frame:
    return Frame(0, 1.0, "CP001", Direction.SENT, FrameType.CALL, "Heartbeat", "1", text)


async def test_frames_are_written_a_line_each_and_harmless() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as read, os.fdopen(writing, "w") as stream:
        log = FrameLog(stream)
        log.add(frame('[2,"1","Heartbeat",{}]'))
        log.add(frame("\x1b[2J\n"))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(log.run(lambda: None))
            first, second = await asyncio.to_thread(lambda: (read.readline(), read.readline()))
            task.cancel()
    assert '[2,"1","Heartbeat",{}]' in first
    assert "\x1b" not in second


async def test_a_slow_reader_misses_the_oldest_frames_and_is_told_how_many() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as read, os.fdopen(writing, "w") as stream:
        log = FrameLog(stream, keep=2)
        for number in range(5):
            log.add(frame(f"frame {number}"))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(log.run(lambda: None))
            lines = await asyncio.to_thread(lambda: [read.readline() for _ in range(3)])
            task.cancel()
    assert lines[0] == "... 3 frames left out: the reader is too slow\n"
    assert [line.split()[-1] for line in lines[1:]] == ["3", "4"]


async def test_a_reader_that_is_gone_ends_the_log() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    lost = asyncio.Event()
    with os.fdopen(writing, "w") as stream:
        log = FrameLog(stream)
        log.add(frame("x"))
        await asyncio.wait_for(log.run(lost.set), 10)
    assert lost.is_set()


# -- the keyboard ---------------------------------------------------------------------------------


async def test_without_a_keyboard_there_is_no_key() -> None:
    nowhere = os.open(os.devnull, os.O_RDONLY)
    with os.fdopen(nowhere) as stream, on_key(stream, "q", lambda: pytest.fail("no key was hit")):
        await asyncio.sleep(0)


async def test_a_terminal_that_is_not_ours_is_left_alone() -> None:
    """A run in the background may not read from the terminal or change it: the kernel would stop it."""
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    with (
        os.fdopen(leader, "rb", buffering=0),
        os.fdopen(follower) as stream,
        on_key(stream, "q", lambda: pytest.fail("no key was hit")),
    ):
        os.write(leader, b"q")
        assert termios.tcgetattr(follower) == before
        await asyncio.sleep(0)
