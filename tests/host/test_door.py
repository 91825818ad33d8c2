"""The door over a real Unix socket: what goes in at one end comes out at the other, and hostile input hurts nobody."""

import asyncio
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evtui.engine.beside import Attendance, Beside, HostDoor
from evtui.engine.door import Command, Door, FleetEvent, FleetView, Outcome, SpoolInfo, StationDetail, Target, View
from evtui.errors import DoorClosedError, LocalError, ProtocolError
from evtui.host.lifeline import Lifeline
from evtui.host.remote import RemoteDoor
from evtui.host.server import MAX_CALLS, DoorServer
from evtui.host.wire import (
    MAX_CALL,
    PROTOCOL,
    SETTLE,
    VERBS,
    Call,
    Hello,
    Reply,
    Role,
    Unpacker,
    Welcome,
    pack,
    raw,
)
from tests.host.fake_door import FakeDoor


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="evtui-") as directory:
        yield Path(directory) / "door"


@asynccontextmanager
async def serving(
    path: Path, door: Door | None = None, lifeline: Lifeline | None = None
) -> AsyncIterator[tuple[DoorServer, RemoteDoor]]:
    server = DoorServer(door or FakeDoor(), lifeline or Lifeline(stay=True))
    await server.listen(path)
    remote = await RemoteDoor.connect(path)
    try:
        yield server, remote
    finally:
        remote.close()
        await server.close()


async def until(condition: Callable[[], bool]) -> None:
    """Waits for others to bring the condition about; the test's timeout bounds it."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (the condition is a plain figure; turns of the loop, no time)
            await asyncio.sleep(0)


async def test_every_name_of_the_door_answers_as_the_door_behind_it(path: Path) -> None:
    door = FakeDoor(stations=3)
    async with serving(path, door) as (_, remote):
        view = View(first=1, count=2)
        assert await remote.fleet(view) == await door.fleet(view)
        assert await remote.station("CP002") == await door.station("CP002")
        assert await remote.station("nobody") is None
        door.asked.clear()
        await remote.station("CP001", whole=False)
        assert door.asked == [("CP001", False)]
        assert await remote.frames() == await door.frames()
        await door.tell("online")
        assert await remote.events(0) == await door.events(0)
        command = Command("start", (Target("CP001", 1),), {"id-token": "A"})
        assert await remote.submit(command) == Outcome(True, "start: done")
        assert door.commands == [command]


async def test_a_refusal_comes_out_as_the_same_words(path: Path) -> None:
    async with serving(path) as (_, remote):
        with pytest.raises(LocalError, match="the moon is in the wrong house"):
            await remote.submit(Command("impossible"))


async def test_waiting_for_events_holds_nothing_else_up(path: Path) -> None:
    door = FakeDoor()
    async with serving(path, door) as (_, remote), asyncio.TaskGroup() as group:
        poll = group.create_task(remote.events(0))
        await until(lambda: door.polls == 1)
        assert (await remote.fleet(View())).totals.stations == 1
        assert not poll.done()
        await door.tell("online")
        assert [event.kind for event in await poll] == ["online"]


async def test_who_no_longer_waits_leaves_nothing_waiting_in_the_host(path: Path) -> None:
    door = FakeDoor()
    async with serving(path, door) as (_, remote), asyncio.TaskGroup() as group:
        poll = group.create_task(remote.events(0))
        await until(lambda: door.polls == 1)
        poll.cancel()
        await until(lambda: door.polls == 0)
        assert await remote.frames()


async def test_only_its_user_can_open_the_socket(path: Path) -> None:
    async with serving(path):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


async def test_a_host_that_goes_ends_every_wait_with_door_closed(path: Path) -> None:
    door = FakeDoor()
    async with serving(path, door) as (server, remote):

        async def go() -> None:
            await until(lambda: door.polls == 1)
            await server.close()

        ended, _ = await asyncio.gather(remote.events(0), go(), return_exceptions=True)
        assert isinstance(ended, DoorClosedError)
        assert "gone" in str(ended)
        with pytest.raises(DoorClosedError):
            await remote.fleet(View())
        assert remote.closed


async def test_where_nobody_listens_is_said_in_one_line(path: Path) -> None:
    with pytest.raises(DoorClosedError, match="no fleet listens on"):
        await RemoteDoor.connect(path)


@asynccontextmanager
async def impostor(path: Path, said: bytes) -> AsyncIterator[None]:
    """A host that says these bytes to the one window that comes, and waits until it goes."""
    gone = asyncio.Event()

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    server = await asyncio.start_unix_server(other, path)
    yield
    await asyncio.wait_for(gone.wait(), 10)
    server.close()


async def test_a_host_of_another_protocol_is_named_with_its_version(path: Path) -> None:
    async with impostor(path, pack(Welcome(PROTOCOL + 1, "9.9.9"))):
        with pytest.raises(DoorClosedError, match=r"9\.9\.9"):
            await RemoteDoor.connect(path)


@pytest.mark.parametrize("said", [b"\xff\xff\xff\xff", pack("no reply"), b"\x00\x00\x00\x01\xc1"])
async def test_a_host_that_speaks_nonsense_closes_the_door(path: Path, said: bytes) -> None:
    async with impostor(path, pack(Welcome(PROTOCOL, "0")) + said):
        with pytest.raises(DoorClosedError, match="nonsense"):
            await (await RemoteDoor.connect(path)).fleet(View())


# -- windows that may less ------------------------------------------------------------------------


async def test_a_reader_sees_everything_and_changes_nothing_whatever_it_sends(path: Path) -> None:
    door, lifeline = FakeDoor(stations=3), Lifeline()
    async with serving(path, door, lifeline):
        reader = await RemoteDoor.connect(path, Role.READER)
        assert await reader.fleet(View()) == await door.fleet(View())
        assert await reader.station("CP002") == await door.station("CP002")
        assert await reader.frames() == await door.frames()
        assert await reader.attendance() == Attendance(windows=1, readers=1)
        start = Command("start", (Target("CP001", 1),))
        for refused in (reader.submit(start), reader.stop("quit"), reader.stop("detach")):
            with pytest.raises(LocalError, match="this window is read-only"):
                await refused
        assert door.commands == []
        assert not lifeline.stay
        assert not lifeline.reason
        reader.close()


async def test_readers_and_visitors_keep_nothing_up(path: Path) -> None:
    lifeline = Lifeline()
    async with serving(path, lifeline=lifeline) as (_, window):
        reader = await RemoteDoor.connect(path, Role.READER)
        visitor = await RemoteDoor.connect(path, Role.VISITOR)
        assert await visitor.attendance() == Attendance(windows=1, readers=1)
        window.close()
        assert await lifeline.ended() == "the last window is gone"
        reader.close()
        visitor.close()


async def test_a_visitor_that_goes_ends_nothing(path: Path) -> None:
    lifeline = Lifeline()
    async with serving(path, lifeline=lifeline):
        visitor = await RemoteDoor.connect(path, Role.VISITOR)
        await visitor.attendance()
        visitor.close()
        another = await RemoteDoor.connect(path, Role.VISITOR)
        await another.attendance()
        assert not lifeline.reason
        another.close()


# -- hostile windows ------------------------------------------------------------------------------


async def knock(path: Path, *said: bytes) -> bytes:
    """Says these bytes to the host and gives all it answers before it hangs up."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(b"".join(said))
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        (MAX_CALL + 1).to_bytes(4, "big"),
        b"\x00\x00\x00\x01\xc1",
        pack(["one", 2]),
        pack(Hello(PROTOCOL, "x")) + b"\xff\xff\xff\xff",
        pack(Hello(PROTOCOL, "x")) + pack("no call"),
        pack(Hello(PROTOCOL + 1, "x")) + pack(Call(1, "fleet", raw(View()))),
    ],
)
async def test_whoever_speaks_nonsense_is_hung_up_on_and_nobody_else_notices(path: Path, said: bytes) -> None:
    async with serving(path) as (_, remote):
        await knock(path, said)
        assert await remote.frames()


@pytest.mark.parametrize(
    "call",
    [
        Call(1, "no such name", raw(None)),
        Call(1, "fleet", raw("no view")),
        Call(1, "events", raw({"after": 0})),
        Call(1, "__class__", raw(None)),
    ],
)
async def test_a_call_that_makes_no_sense_is_refused_and_the_window_stays(path: Path, call: Call) -> None:
    async with serving(path):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(pack(Hello(PROTOCOL, "x")) + pack(call) + pack(Call(2, "frames", raw(None))))
        records: list[bytes] = []
        unpacker = Unpacker(MAX_CALL)
        async with asyncio.timeout(10):
            while len(records) < 3:
                records += unpacker.feed(await reader.read(65_536))
        replies = {reply.id: reply for reply in (msgspec.msgpack.decode(each, type=Reply) for each in records[1:])}
        assert replies[1].refused
        assert replies[2].refused is None
        writer.close()


async def test_a_window_may_ask_so_many_things_at_a_time_and_no_more(path: Path) -> None:
    door = FakeDoor()
    async with serving(path, door) as (_, remote):
        async with asyncio.TaskGroup() as group:
            polls = [group.create_task(remote.events(0)) for _ in range(MAX_CALLS)]
            await until(lambda: door.polls == MAX_CALLS)
            with pytest.raises(LocalError, match="too many"):
                await remote.frames()
            for poll in polls:
                poll.cancel()
        await until(lambda: door.polls == 0)
        assert await remote.frames()


async def test_a_lead_asks_its_worker_as_much_as_it_likes_and_a_window_cannot_settle(path: Path) -> None:
    asked: list[float] = []

    async def settle(drain_s: float) -> dict[str, int]:
        asked.append(drain_s)
        return {"CP001": 3}

    door, lifeline = FakeDoor(), Lifeline()
    server = DoorServer(door, lifeline, settle=settle)
    await server.listen(path)
    window = await RemoteDoor.connect(path)
    with pytest.raises(LocalError, match="only the lead"):
        await window.settle(1.5)
    lead = await RemoteDoor.connect(path, Role.LEAD)
    async with asyncio.TaskGroup() as group:
        polls = [group.create_task(lead.events(0)) for _ in range(3 * MAX_CALLS)]
        await until(lambda: door.polls == 3 * MAX_CALLS)
        assert await lead.settle(2.0) == {"CP001": 3}
        for poll in polls:
            poll.cancel()
    assert asked == [2.0]
    window.close()
    await until(lambda: lifeline.windows == 1)
    assert not lifeline.reason
    lead.close()  # it is gone: the worker ends
    assert await asyncio.wait_for(lifeline.ended(), 10)
    await server.close()


async def test_a_window_that_never_reads_holds_nobody_up(path: Path) -> None:
    async with serving(path, FakeDoor(stations=200)) as (_, remote):
        stalled = socket.socket(socket.AF_UNIX)
        stalled.connect(os.fspath(path))
        stalled.sendall(pack(Hello(PROTOCOL, "x")))
        view = pack(Call(1, "fleet", raw(View(count=200))))
        stalled.setblocking(False)
        sent = 0
        while sent < 200:
            try:
                stalled.send(view)
            except BlockingIOError:
                break
            sent += 1
            assert await remote.frames()
        assert await remote.frames()
        stalled.close()


# -- whoever goes ---------------------------------------------------------------------------------


async def test_the_host_ends_when_the_last_window_goes(path: Path) -> None:
    lifeline = Lifeline()
    async with serving(path, lifeline=lifeline) as (_, first):
        second = await RemoteDoor.connect(path)
        await second.frames()
        first.close()
        await until(lambda: lifeline.windows == 1)
        assert not lifeline.reason
        second.close()
        assert await asyncio.wait_for(lifeline.ended(), 10) == "the last window is gone"


async def test_a_window_that_detaches_leaves_the_host_running(path: Path) -> None:
    lifeline = Lifeline()
    async with serving(path, lifeline=lifeline) as (_, remote):
        await remote.stop("detach")
        remote.close()
        await until(lambda: lifeline.windows == 0)
        lifeline.starter_gone()
        assert not lifeline.reason


async def test_stop_is_answered_when_the_fleet_has_ended(path: Path) -> None:
    lifeline = Lifeline()
    async with serving(path, lifeline=lifeline) as (server, remote), asyncio.TaskGroup() as group:
        stopping = group.create_task(remote.stop("quit"))
        assert await asyncio.wait_for(lifeline.ended(), 10) == "quit"
        assert not stopping.done()
        server.stopped()
        await stopping


async def test_the_answer_to_stop_goes_out_before_the_door_closes(path: Path) -> None:
    lifeline = Lifeline()
    async with serving(path, lifeline=lifeline) as (server, _):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(pack(Hello(PROTOCOL, "")) + pack(Call(7, "stop", raw("quit"))))
        assert await asyncio.wait_for(lifeline.ended(), 10) == "quit"
        server.stopped()
        await server.close()
        _, answer = Unpacker(MAX_CALL).feed(await reader.read())
        assert msgspec.msgpack.decode(answer, type=Reply) == Reply(7, raw(None))
        writer.close()


async def test_a_host_that_is_gone_has_stopped(path: Path) -> None:
    async with serving(path) as (server, remote):
        await server.close()
        await remote.stop("quit")
        with pytest.raises(DoorClosedError):
            await remote.stop("detach")


def test_a_starter_that_goes_before_a_window_came_ends_the_host() -> None:
    lifeline = Lifeline()
    lifeline.starter_gone()
    assert lifeline.reason


def test_a_starter_that_goes_while_a_window_is_open_changes_nothing() -> None:
    lifeline = Lifeline()
    with lifeline.window():
        lifeline.starter_gone()
        assert not lifeline.reason
    assert lifeline.reason


def test_the_first_reason_counts() -> None:
    lifeline = Lifeline()
    lifeline.end("SIGTERM")
    lifeline.end("quit")
    assert lifeline.reason == "SIGTERM"


# -- records --------------------------------------------------------------------------------------

_PLAIN: dict[type, st.SearchStrategy[Any]] = {
    msgspec.inspect.StrType: st.text(max_size=8),
    msgspec.inspect.IntType: st.integers(-(2**63), 2**63 - 1),
    msgspec.inspect.FloatType: st.floats(allow_nan=False),
    msgspec.inspect.BoolType: st.booleans(),
    msgspec.inspect.NoneType: st.none(),
}


def made_as(kind: Any) -> st.SearchStrategy[Any]:
    """Anything that a msgspec type allows, within what msgpack can carry."""
    match kind:
        case msgspec.inspect.StructType():
            return st.builds(kind.cls, **{field.name: made_as(field.type) for field in kind.fields})
        case msgspec.inspect.VarTupleType():
            return st.lists(made_as(kind.item_type), max_size=2).map(tuple)
        case msgspec.inspect.DictType():
            return st.dictionaries(made_as(kind.key_type), made_as(kind.value_type), max_size=2)
        case msgspec.inspect.UnionType():
            return st.one_of(*(made_as(each) for each in kind.types))
        case msgspec.inspect.EnumType():
            return st.sampled_from(list(kind.cls))
        case _:
            return _PLAIN[type(kind)]


@pytest.mark.parametrize("kind", [FleetView, StationDetail, FleetEvent, SpoolInfo, Outcome, Command, View])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_record_of_the_door_survives_the_socket(data: st.DataObject, kind: type) -> None:
    record = data.draw(made_as(msgspec.inspect.type_info(kind)))
    [body] = Unpacker(1 << 26).feed(pack(record))
    assert msgspec.msgpack.decode(body, type=kind) == record


@given(st.lists(st.binary(max_size=40), max_size=10), st.integers(1, 17))
def test_records_arrive_whole_however_the_bytes_are_cut(bodies: list[bytes], step: int) -> None:
    stream = b"".join(pack(body) for body in bodies)
    unpacker = Unpacker(1 << 16)
    got = [record for start in range(0, len(stream), step) for record in unpacker.feed(stream[start : start + step])]
    assert [msgspec.msgpack.decode(record) for record in got] == bodies


def test_a_record_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProtocolError, match="at most 10"):
        Unpacker(10).feed(b"\x00\x00\x00\x0b")


def test_the_socket_knows_every_name_of_the_door() -> None:
    assert set(VERBS) == {SETTLE} | {
        name for side in (Door, Beside, HostDoor) for name in vars(side) if not name.startswith("_")
    }
