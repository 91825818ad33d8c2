"""Events as they happen, as server-sent events."""

import asyncio
from pathlib import Path

import pytest

from evtui.engine.door import FleetEvent
from evtui.errors import LocalError
from evtui.web import event_stream as limits
from tests.api.client import fleet, serving
from tests.host.fake_door import FakeDoor


async def test_every_change_of_state_is_told_with_a_number_and_its_record(tmp_path: Path) -> None:
    async with fleet(tmp_path) as (client, it), client.events() as stream:
        assert stream.status == 200
        assert "content-type: text/event-stream" in stream.head
        await client.post("/api/stations/CP001/commands/start")
        kinds = []
        while "session-started" not in kinds:
            event = await stream.next()
            kinds.append(event["event"])
            assert event["data"]["number"] == len(kinds)
            assert event["data"]["kind"] == event["event"]
        assert kinds.index("online") < kinds.index("plugged-in")
        assert event["data"]["transaction_id"] == (await it.evse()).transaction_id


async def test_a_client_goes_on_after_the_last_event_it_saw() -> None:
    door = FakeDoor()
    for kind in ("one", "two", "three"):
        await door.tell(kind)
    async with serving(door) as client:
        async with client.events() as stream:
            ids = [(await stream.next())["id"] for _ in range(3)]
        async with client.events(**{"Last-Event-ID": ids[1]}) as stream:
            assert (await stream.next())["event"] == "three"


@pytest.mark.parametrize("last", ["7", "feedfeed-2", "x" * 3000, "-1", "<script>"])
async def test_an_id_of_another_run_is_nothing_to_go_on_from(last: str) -> None:
    """Numbers begin anew with each run: waiting for the old one's next would be for ever."""
    door = FakeDoor()
    await door.tell("one")
    async with serving(door) as client, client.events(**{"Last-Event-ID": last}) as stream:
        assert (await stream.next())["event"] == "one"


async def test_a_client_may_ask_for_what_comes_after_a_number() -> None:
    door = FakeDoor()
    for kind in ("one", "two", "three"):
        await door.tell(kind)
    async with serving(door) as client:
        async with client.events("?after=2") as stream:
            assert (await stream.next())["event"] == "three"
            await door.tell("four")
            assert (await stream.next())["event"] == "four"
        assert (await client.get("/api/events?after=-1")).status == 422


class _Forgetful(FakeDoor):
    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        if after >= 10:
            return await super().events(after)
        return (FleetEvent(10, 1.0, "ten", "CP001", 0, ""),)


async def test_events_that_are_kept_no_longer_are_told_as_missed() -> None:
    async with serving(_Forgetful()) as client, client.events() as stream:
        missed = await stream.next()
        assert (missed["event"], missed["data"]) == ("missed", {"first": 1, "last": 9})
        assert (await stream.next())["event"] == "ten"


async def test_texts_of_others_cannot_forge_an_event() -> None:
    door = FakeDoor()
    await door.tell("one", text="a\n\ndata: forged\r\n\r\nevent: x")
    async with serving(door) as client, client.events() as stream:
        event = await stream.next()
        assert event["data"]["text"] == "a\n\ndata: forged\r\n\r\nevent: x"


async def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "QUIET_S", 0.01)
    async with serving(FakeDoor()) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.write(b"GET /api/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b": quiet\n\n")
        await reader.readuntil(b": quiet\n\n")
        writer.close()
        await writer.wait_closed()


async def test_streams_are_bounded_and_one_that_ends_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_STREAMS", 1)
    door = FakeDoor()
    await door.tell("one")
    async with serving(door) as client:
        async with client.events() as stream:
            await stream.next()
            refused = await client.get("/api/events")
            assert (refused.status, refused.json["error"]) == (429, "1 event streams are open already")
        while b"evtui_event_streams 0.0" not in (await client.get("/metrics")).body:
            pass  # the server has not seen yet that its client is gone
        async with client.events() as stream:
            assert (await stream.next())["event"] == "one"


async def test_closing_ends_streams_without_waiting() -> None:
    door = FakeDoor()
    await door.tell("one")
    async with asyncio.timeout(20):
        async with serving(door) as client:
            stream_context = client.events()
            stream = await stream_context.__aenter__()
            await stream.next()
        assert await stream.ended()
        await stream_context.__aexit__(None, None, None)
    assert door.polls == 0


class _Gone(FakeDoor):
    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        raise LocalError("the fleet's process is gone")


async def test_a_fleet_that_is_gone_ends_the_stream() -> None:
    async with serving(_Gone()) as client, client.events() as stream:
        assert await stream.ended()
