"""What happens, as server-sent events: all changes, few enough for a page, and a sample of the frames."""

import asyncio
import json
from typing import Any

import pytest

from evtui.csms import watch as limits
from evtui.csms.books import Books
from evtui.csms.feed import Feed
from evtui.csms.meter import Reading
from evtui.csms.server import Csms
from evtui.csms.views.status import Status
from evtui.csms.watch import Watch
from evtui.ocppj.frame import Direction, Frame, FrameType
from tests.api.client import Client, EventReader
from tests.csms.http.charging import charge, event
from tests.csms.stations import station


async def told(stream: EventReader, *kinds: str) -> dict[str, Any]:
    """The first event of each kind."""
    found: dict[str, Any] = {}
    while set(kinds) - found.keys():
        event = await stream.next()
        found.setdefault(event["event"], event["data"]["data"])
    return found


async def test_a_session_is_seen_as_it_happens(csms: Csms, client: Client) -> None:
    async with client.events() as stream, station(csms) as link:
        await link.boot()
        await charge(link)
        found = await told(stream, "frame", "station", "transaction", "meter", "status")
    assert (found["frame"]["action"], found["frame"]["direction"]) == ("BootNotification", "SENT")
    assert found["transaction"]["transaction_id"] == "tx-1"
    assert found["meter"][0]["last"]["power_w"] == 11_000
    assert found["station"]["station_id"] == "CP001"
    assert found["status"]["total_messages"] >= 2


async def test_a_client_goes_on_after_the_last_event_it_saw(csms: Csms, client: Client) -> None:
    async with client.events() as stream, station(csms) as link:
        await link.boot()
        seen = await stream.next()
        await link.call("Heartbeat", {})
    async with client.events(**{"Last-Event-ID": seen["id"]}) as stream:
        assert (await stream.next())["data"]["number"] == seen["data"]["number"] + 1


async def test_a_client_that_was_away_while_nothing_was_told_hears_that_it_has_missed_something(
    csms: Csms, client: Client
) -> None:
    async with client.events() as stream, station(csms) as link:
        await link.boot()
        seen = await stream.next()
    csms.watch.tick()
    csms.watch._alone = 10_000  # ticks
    csms.books.registry.station("CP001").changed()
    csms.watch.tick()
    async with client.events(**{"Last-Event-ID": seen["id"]}) as stream:
        while (come := await stream.next())["event"] != "missed":
            assert come["data"]["number"] > seen["data"]["number"]
        assert come["data"]["first"] == come["data"]["last"]


def _frame(number: int, at: float, text: str = "[]") -> Frame:
    return Frame(number, at, "CP001", Direction.SENT, FrameType.CALL, "Heartbeat", str(number), text)


class Bench:
    """A watch on books, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.books = Books()
        self.watch = Watch(self.books, lambda: self.now, self.status)
        self.books.journal.watcher = self.watch
        self.watch.feed.asked = True

    def status(self) -> Status:
        watch = self.watch
        return Status(
            "online",
            0,
            0,
            0,
            None,
            "",
            "",
            0,
            watch.transactions,
            watch.power_w,
            watch.messages_per_s,
            watch.skipped,
            "",
        )

    async def told(self) -> list[tuple[str, str, Any]]:
        """All events."""
        events = await self.watch.feed.after(0)
        return [(each.kind, each.station_id, json.loads(bytes(each.data))) for each in events]


async def test_of_a_thousand_frames_a_second_a_sample_is_told_and_the_rest_is_counted() -> None:
    bench = Bench()
    for number in range(10_000):
        bench.watch.frame(_frame(number, 1000.0 + number / 1000))
    bench.now = 1010.0
    bench.watch.tick()
    kinds = [kind for kind, _, _ in await bench.told()]
    wanted = limits.BURST + 10 * limits.FRAMES_PER_S
    assert wanted - 2 <= kinds.count("frame") <= wanted + 2
    assert bench.watch.skipped == 10_000 - kinds.count("frame")
    assert bench.watch.messages_per_s == 1000


async def test_a_clock_that_is_set_back_silences_nothing() -> None:
    bench = Bench()
    for at in (5000.0, 1000.0):
        for number in range(limits.BURST):
            bench.watch.frame(_frame(number, at))
    bench.watch.frame(_frame(0, 1001.0))
    assert [kind for kind, _, _ in await bench.told()].count("frame") > limits.BURST


async def test_a_long_text_is_cut() -> None:
    bench = Bench()
    bench.watch.frame(_frame(1, 1000.0, "x" * 500_000))
    ((_, _, frame),) = await bench.told()
    assert len(frame["text"]) == limits.MOST_CHARACTERS


async def test_what_changes_often_is_told_once_a_tick() -> None:
    bench = Bench()
    record = bench.books.registry.station("CP001")
    for number in range(100):
        record.set_connector(1, 1, "Occupied", float(number))
        record.set_reading(1, float(number), Reading(power_w=float(number)))
        bench.books.transactions.take("CP001", event("Updated", number), 1000.0)
    bench.watch.tick()
    told = await bench.told()
    assert [(kind, station_id) for kind, station_id, _ in told] == [
        ("transaction", "CP001"),
        ("meter", "CP001"),
        ("station", "CP001"),
    ]
    assert told[0][2]["events"] == 100
    assert told[1][2][0]["last"]["power_w"] == 99
    bench.watch.tick()
    assert len(await bench.told()) == 3


async def test_thousands_of_stations_take_turns() -> None:
    bench = Bench()
    for number in range(1000):
        bench.books.registry.station(f"CP{number}")
    ticks = 0
    while len({station_id for _, station_id, _ in (await bench.told() if ticks else [])}) < 500:
        bench.watch.tick()
        ticks += 1
        assert ticks <= 500 / limits.MOST_CHANGES
    assert len(await bench.told()) == 500  # as many as are given at once


async def test_what_waits_to_be_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_WAITING", 10)
    bench = Bench()
    for number in range(30):
        bench.books.transactions.take("CP001", event("Started", 0, f"tx-{number}"), 1000.0)
    bench.watch.tick()
    told = [data["transaction_id"] for kind, _, data in await bench.told() if kind == "transaction"]
    assert told == [f"tx-{number}" for number in range(20, 30)]


async def test_changes_that_nobody_asks_for_are_not_told_and_who_comes_back_is_told_to_have_missed_some() -> None:
    bench = Bench()
    feed = bench.watch.feed
    record = bench.books.registry.station("CP001")

    def tick(seconds: float) -> None:
        for _ in range(int(seconds / limits.TICK_S)):
            record.set_connector(1, 1, "Occupied", bench.now)
            bench.now += limits.TICK_S
            bench.watch.tick()

    tick(limits.ALONE_S - 10)
    before = feed.last
    tick(5)  # it has lost the connection, and comes back
    assert {"station", "status"} <= {each.kind for each in await feed.after(before)}
    tick(limits.ALONE_S)
    cursor = feed.last
    tick(limits.ALONE_S)
    gone_on = await feed.after(cursor)
    assert {each.kind for each in gone_on} == {"status"}
    assert gone_on[0].number == cursor + 2  # which is what "missed" tells of
    newest = feed.last
    tick(1)
    assert sorted(each.kind for each in await feed.after(newest)) == ["station", "station", "status"]


async def test_a_number_that_is_left_out_is_missed_once_by_who_goes_on_from_before_it() -> None:
    feed = Feed()
    for kind in ("a", "b"):
        feed.publish(0.0, kind, "", None)
    feed.skip()
    waiting = asyncio.ensure_future(feed.after(2))
    await asyncio.sleep(0)
    assert not waiting.done()
    feed.publish(0.0, "c", "", None)
    assert [(each.number, each.kind) for each in await feed.after(0)] == [(1, "a"), (2, "b")]
    assert [(each.number, each.kind) for each in await waiting] == [(4, "c")]


async def test_a_client_that_comes_when_nobody_was_there_misses_nothing_of_what_follows(
    csms: Csms, client: Client
) -> None:
    async with station(csms) as link:
        await link.boot()
        csms.watch.tick()
        async with client.events() as stream:
            await link.call("Heartbeat", {})
            csms.books.registry.station("CP001").changed()
            csms.watch.tick()
            await told(stream, "station")


async def test_what_the_linter_finds_is_told(csms: Csms, client: Client) -> None:
    async with client.events() as stream, station(csms) as link:
        await link.boot()
        await link.ask("Heartbeat", {"no": "field"})
        found = await told(stream, "finding")
    assert found["finding"]["rule"] == "schema"
    assert found["finding"]["station_id"] == "CP001"


async def test_each_second_has_its_point_in_the_trace() -> None:
    bench = Bench()
    for second in range(1, limits.TRACE_S + 11):
        bench.now = 1000.0 + second
        bench.watch.tick()
    assert len(bench.watch.trace) == limits.TRACE_S
    assert (bench.watch.trace[0].at, bench.watch.trace[-1].at) == (1011.0, 1000.0 + limits.TRACE_S + 10)
