"""The event feed: numbered from 1, bounded, read by cursor."""

import asyncio

from evtui.engine.feed import BATCH, Feed


def filled(count: int, keep: int = 20_000) -> Feed:
    feed = Feed(keep)
    for number in range(count):
        feed.publish(1.0, "online", f"CP{number}")
    return feed


async def test_a_reader_gets_what_came_after_its_cursor() -> None:
    feed = filled(3)
    assert [event.number for event in await feed.after(0)] == [1, 2, 3]
    assert [event.station_id for event in await feed.after(2)] == ["CP2"]


async def test_a_reader_at_the_end_waits_for_the_next() -> None:
    feed = filled(3)
    waiting = [asyncio.ensure_future(feed.after(3)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    feed.publish(2.0, "waiting", "CP001", 1, "text", "tx", 1.5, 2.5)
    for task in waiting:
        (event,) = await task
        assert (event.number, event.text, event.transaction_id) == (4, "text", "tx")
        assert (event.power_w, event.energy_wh) == (1.5, 2.5)


async def test_a_reader_that_gives_up_disturbs_no_other() -> None:
    feed = Feed()
    impatient = asyncio.ensure_future(feed.after(0))
    patient = asyncio.ensure_future(feed.after(0))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    feed.publish(1.0, "online", "CP001")
    assert len(await patient) == 1


async def test_a_slow_reader_sees_a_gap_in_the_numbers() -> None:
    feed = filled(25, keep=10)
    assert [event.number for event in await feed.after(0)] == list(range(16, 26))


async def test_memory_is_bounded() -> None:
    feed = filled(1000, keep=10)
    assert feed.last == 1000
    assert len(await feed.after(0)) == 10
    for number in range(BATCH):
        feed.publish(1.0, "online", f"CP{number}")
        assert len(feed._events) < 10 + BATCH


async def test_one_answer_is_bounded_and_the_next_goes_on() -> None:
    feed = filled(BATCH + 5)
    first = await feed.after(0)
    assert len(first) == BATCH
    assert len(await feed.after(first[-1].number)) == 5
