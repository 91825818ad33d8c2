"""Frames over HTTP: by filter, by cursor, as they were on the wire."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import pytest
import pytest_asyncio

from evtui.api import frames as limits
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool import SpoolWriter
from evtui.web.frame_record import DirectionName, TypeName
from tests.api.client import Client, fleet, serving
from tests.host.fake_door import FakeDoor


class _Spool(FakeDoor):
    """A door whose frames lie in a directory."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    async def frames(self) -> Any:
        [info] = await super().frames()
        return (type(info)("fleet", str(self._directory)),)


@pytest_asyncio.fixture
async def spool(tmp_path: Path) -> AsyncIterator[SpoolWriter]:
    """Ten stations that boot, each with its answer: twenty frames."""
    with SpoolWriter(tmp_path) as writer:
        for n in range(10):
            station, number = f"CP{n:03d}", f"m{n}"
            action = "BootNotification" if n % 2 else "Heartbeat"
            text = f'[2,"{number}","{action}",{{"n":{n}}}]'
            writer.append(100.0 + n, station, Direction.SENT, FrameType.CALL, action, number, text)
            answer = f'[3,"{number}",{{"status":"Accepted"}}]'
            writer.append(100.5 + n, station, Direction.RECEIVED, FrameType.CALLRESULT, action, number, answer)
        writer.flush()
        yield writer


@pytest_asyncio.fixture
async def client(spool: SpoolWriter, tmp_path: Path) -> AsyncIterator[Client]:
    async with serving(_Spool(tmp_path)) as client:
        yield client


async def numbers(client: Client, query: str) -> list[int]:
    answer = await client.get(f"/api/frames?{query}")
    assert answer.status == 200, answer.body
    return [frame["number"] for frame in answer.json["frames"]]


async def test_a_frame_is_what_was_on_the_wire(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it):
        await it.advance(1)
        sent, received = (await client.get("/api/frames?action=BootNotification")).json["frames"]
        expected, answer = it.frames()[:2]
        assert sent["text"] == expected.text
        assert (sent["direction"], sent["type"], sent["station_id"]) == ("SENT", "CALL", "CP001")
        assert (received["direction"], received["type"], received["text"]) == ("RECEIVED", "CALLRESULT", answer.text)
        assert (sent["pair"], received["pair"]) == (1, 0)
        assert sent["at"] == expected.at


async def test_frames_come_oldest_first_and_the_cursor_goes_on(client: Client) -> None:
    first = (await client.get("/api/frames?limit=8")).json
    assert [frame["number"] for frame in first["frames"]] == list(range(8))
    assert (first["next"], first["more"], first["first"]) == (7, True, 0)
    rest = (await client.get(f"/api/frames?after={first['next']}")).json
    assert [frame["number"] for frame in rest["frames"]] == list(range(8, 20))
    assert (rest["next"], rest["more"]) == (19, False)


async def test_a_cursor_at_the_end_waits_for_what_comes(client: Client, spool: SpoolWriter) -> None:
    end = (await client.get("/api/frames?after=19")).json
    assert (end["frames"], end["next"], end["more"]) == ([], 19, False)
    spool.append(200.0, "CP000", Direction.SENT, FrameType.CALL, "Heartbeat", "x", "[]")
    spool.flush()
    assert await numbers(client, f"after={end['next']}") == [20]


async def test_a_cursor_below_0_counts_from_the_newest(client: Client) -> None:
    assert await numbers(client, "after=-3") == [17, 18, 19]
    assert await numbers(client, "after=-1000&limit=2") == [0, 1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("station=CP003", [6, 7]),
        ("station=CP999", []),
        ("action=Heartbeat&direction=SENT", [0, 4, 8, 12, 16]),
        ("action=Nothing", []),
        ("type=CALLRESULT&limit=2", [1, 3]),
        ("type=CALLERROR", []),
        ("direction=RECEIVED&after=15", [17, 19]),
        ("text=%22N%22:3", [6]),
        ("text=accepted&station=CP001", [3]),
        ("text=%00", []),
        ("filter=~s%20CP00[34]", []),
        ("filter=~s%20CP00?%20%26%20!~a%20heartbeat%20~in", [3, 7, 11, 15, 19]),
        ("filter=~t%20call%20(~s%20CP001%20%7C%20~s%20CP002)&action=Heartbeat", [4]),
        ("filter=~e", []),
        ("station=CP003&type=CALL&direction=SENT&action=BootNotification&text=boot", [6]),
    ],
)
async def test_filters_let_through_what_matches_all_of_them(client: Client, query: str, expected: list[int]) -> None:
    assert await numbers(client, query) == expected


async def test_a_filter_that_matches_nothing_still_moves_the_cursor(client: Client) -> None:
    for query in ("station=CP999", "text=nowhere"):
        page = (await client.get(f"/api/frames?{query}")).json
        assert (page["next"], page["more"]) == (19, False)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "direction=sent", "type=3", "after=x", f"text={'x' * 1001}", f"after={'9' * 30}"],
)
async def test_a_query_out_of_bounds_is_refused_in_a_line_that_names_it(client: Client, query: str) -> None:
    answer = await client.get(f"/api/frames?{query}")
    assert answer.status == 422
    assert answer.json["error"].startswith(query.partition("=")[0])


@pytest.mark.parametrize(
    ("filter", "why"),
    [
        ("~y", "filter: "),
        ("(~e", "filter: "),
        ("~in | !~b [0-9]", "filter: ~b is for the window"),
    ],
)
async def test_a_filter_that_is_none_or_costs_too_much_is_refused(client: Client, filter: str, why: str) -> None:
    answer = await client.get(f"/api/frames?filter={quote(filter)}")
    assert answer.status == 422
    assert answer.json["error"].startswith(why)


async def test_a_spool_that_is_not_there_is_not_found(client: Client) -> None:
    assert (await client.get("/api/frames?spool=fleet&limit=1")).status == 200
    answer = await client.get("/api/frames?spool=..%2f..%2fetc")
    assert (answer.status, answer.json["error"]) == (404, "there is no such spool; there are: fleet")


@pytest.mark.parametrize(("limit", "most"), [("MOST_LOOKED_AT", 5), ("MOST_BYTES", 1)])
async def test_a_long_search_answers_piece_by_piece(
    client: Client, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(limits, limit, most)
    monkeypatch.setattr(limits, "CHUNK", 3)
    found, after, more, pieces = [], -1000, True, 0
    while more:
        page = (await client.get(f"/api/frames?text=heartbeat&after={after}")).json
        assert page["next"] > after
        found += [frame["number"] for frame in page["frames"]]
        after, more, pieces = page["next"], page["more"], pieces + 1
    assert found == [0, 4, 8, 12, 16]
    assert pieces > 3


async def test_a_search_goes_on_from_segment_to_segment(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, max_bytes=1 << 20) as spool:
        for n in range(3000):
            spool.append(1.0, "CP001", Direction.SENT, FrameType.CALL, "Heartbeat", str(n), "x" * 600)
        spool.flush()
        async with serving(_Spool(tmp_path)) as client:
            page = (await client.get("/api/frames?limit=1000")).json
            first = page["first"]
            assert first > 0  # the oldest are gone
            assert [frame["number"] for frame in page["frames"]] == list(range(first, first + 1000))


async def test_hostile_texts_are_json_all_the_same(client: Client, spool: SpoolWriter) -> None:
    hostile = '<script>\x1b[31m\x00\ud800"\\ 電'
    spool.append(1.0, "CP000", Direction.RECEIVED, FrameType.UNREADABLE, hostile, hostile, hostile, "odd \ud800")
    spool.flush()
    answer = await client.get("/api/frames?after=19")
    assert answer.headers["content-type"] == "application/json"
    assert b"\x1b" not in answer.body
    [frame] = answer.json["frames"]
    assert frame["text"] == hostile.replace("\ud800", "\\ud800")
    assert frame["fault"] == "odd \\ud800"


def test_the_names_of_directions_and_types_are_those_of_frames() -> None:
    assert set(get_args(DirectionName)) == set(Direction.__members__)
    assert set(get_args(TypeName)) == set(FrameType.__members__)
