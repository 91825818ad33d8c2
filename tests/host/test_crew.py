"""A fleet in several processes: one door, one feed, one end; who dies comes back, and nobody outlives the lead."""

import asyncio
import os
import signal
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from evtui.config import CsmsConfig, EchonetConfig, FleetConfig, GroupConfig
from evtui.config_rules import RuleConfig
from evtui.engine.door import Command, FleetEvent, FleetView, LinkState, Target, View
from evtui.engine.part import SILENT_S
from evtui.errors import ConfigError
from evtui.host import crew, limits, process
from evtui.host.crew import worker_configs
from evtui.host.limits import check_open_files
from evtui.host.process import HostProcess
from evtui.host.site import CrewConfig, Site, open_site
from evtui.host.start import HostConfig, WorkerConfig
from evtui.ocppj.spool_merged import MergedReader

pytestmark = pytest.mark.timeout(60)

FLEET = FleetConfig(groups=(GroupConfig(count=5),), csms=CsmsConfig(port=0, web_port=0))
IDS = tuple(f"CP{n:03d}" for n in range(1, 6))
ALL = tuple(Target(each, 1) for each in IDS)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short path."""
    with tempfile.TemporaryDirectory(prefix="evtui-", dir="/tmp") as directory:
        yield Path(directory)


@asynccontextmanager
async def site(
    place: Path, fleet: FleetConfig = FLEET, workers: int = 2, state: str | None = None, ramp_s: float = 0.0
) -> AsyncIterator[Site]:
    crew = CrewConfig(workers, place / "door")
    async with open_site(fleet, place / "frames", web=False, state=state, ramp_s=ramp_s, crew=crew) as made:
        yield made


async def seen(it: Site, there: Callable[[FleetView], bool], timeout_s: float = 20.0) -> FleetView:
    """Waits for something in other processes."""
    async with asyncio.timeout(timeout_s):
        while not there(view := await it.door.fleet(View(count=50))):  # noqa: ASYNC110 (nobody tells a test)
            await asyncio.sleep(0.05)
    return view


async def written(state: Path, text: str) -> None:
    """Waits until a text is on the disk, and all that was put before it."""
    while not is_in(state, text):  # noqa: ASYNC110 (nobody tells a test)
        await asyncio.sleep(0.05)


def is_in(state: Path, text: str) -> bool:
    (file,) = state.glob("*/state.db")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        found = database.execute("select 1 from row where instr(record, ?)", (text.encode(),)).fetchone()
    return found is not None


def names_in(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def online(view: FleetView) -> bool:
    return view.totals.online == view.totals.stations


def children() -> list[int]:
    """The workers of this process that run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(parent) == os.getpid() and state != "Z" and b"evtui.host.worker" in command:
                found.append(int(entry.name))
    return sorted(found)


async def test_workers_look_like_one_fleet_and_end_with_it(place: Path) -> None:
    async with site(place, workers=3) as it:
        await seen(it, online)
        assert len(children()) == 3
        assert (await it.door.submit(Command("start", ALL))).text == "5 started"
        view = await seen(it, lambda view: view.totals.power_w > 50_000)
        assert tuple(row.id for row in view.rows) == IDS
        spools = await it.door.frames()
        assert [spool.name for spool in spools] == ["worker 1", "worker 2", "worker 3"]
        with MergedReader([spool.directory for spool in spools], lambda: 1e12) as reader:
            frames = [reader.frame(number) for number in range(reader.refresh())]
        assert {frame.station for frame in frames} == set(IDS)
        assert [frame.at for frame in frames] == sorted(frame.at for frame in frames)
        it.note("CP002", "a word")
        assert await it.stations.shutdown(5.0) == {}
        events = await it.door.events(0)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert {event.station_id for event in events if event.kind == "session-ended"} == set(IDS)
        assert [event.kind for event in events if event.kind == "stopped"] == ["stopped"]
        assert events[-1].kind == "stopped"
        assert any((event.kind, event.station_id, event.text) == ("warning", "CP002", "a word") for event in events)
    assert not children()
    assert names_in(place) == ["frames"]


async def test_what_is_owed_is_told_by_all_workers(place: Path) -> None:
    async with site(place) as it:
        await seen(it, online)
        await it.door.submit(Command("start", ALL))
        await it.door.submit(Command("cut-network", ALL))
        owed = await it.stations.shutdown(0.5)
        assert tuple(owed) == IDS
        assert all(count >= 1 for count in owed.values())


@pytest.mark.parametrize("state", [None, "kept"])
async def test_a_killed_worker_is_told_of_and_comes_back_while_the_others_go_on(place: Path, state: str | None) -> None:
    async with site(place, state=None if state is None else str(place / state)) as it:
        await seen(it, online)
        assert (await it.door.submit(Command("add-stations", (), {"count": "1"}))).text == "added CP006"
        assert (await it.door.submit(Command("remove-station", (Target("CP004"),)))).done
        await it.door.submit(Command("start", (*ALL[:3], Target("CP006", 1))))
        await seen(it, lambda view: online(view) and view.totals.energy_wh > 300)
        before = await it.door.fleet(View(count=50, addable=True))
        first, second = children()
        os.kill(second, signal.SIGKILL)
        view = await seen(it, lambda view: view.totals.online == 2)
        told = f"worker 2 (process {second}) was killed (SIGKILL); it is started again"
        view = await seen(it, lambda view: view.rows[2].trouble == told)
        assert [row.link for row in view.rows] == [LinkState.ONLINE] * 2 + [LinkState.CRASHED] * 3
        assert view.rows[0].evses[0].transaction_id == before.rows[0].evses[0].transaction_id is not None
        assert view.totals.frames >= before.totals.frames
        assert view.totals.energy_wh >= before.totals.energy_wh
        outcome = await it.door.submit(Command("start", (Target("CP003", 1),)))
        assert outcome.text == f"CP003: {told}"
        view = await seen(it, online)
        assert [row.id for row in view.rows] == ["CP001", "CP002", "CP003", "CP005", "CP006"]
        assert view.rows[0].evses[0].transaction_id == before.rows[0].evses[0].transaction_id
        assert view.rows[2].trouble == ""
        assert first in children()
        assert len(children()) == 2
        events = await it.door.events(0)
        assert {event.station_id for event in events if event.kind == "crashed"} == {"CP003", "CP005", "CP006"}
        texts = [event.text for event in events if (event.kind, event.station_id) == ("warning", "")]
        assert any(text.startswith(f"{told}, and its 3 stations are gone until then") for text in texts)
        assert (await it.door.submit(Command("start", (Target("CP005", 1),)))).done
        assert (await it.door.submit(Command("add-stations", (), {"count": "1"}))).text == "added CP007"
        after = await it.door.fleet(View(addable=True))
        assert after.round_trips is not None
        assert before.round_trips is not None
        assert sum(after.round_trips.counts) > sum(before.round_trips.counts)
        owed = await it.stations.shutdown(5.0)
        assert set(owed) <= ({"worker 2 before it died"} if state is None else set())


def warnings(events: tuple[FleetEvent, ...]) -> str:
    return "\n".join(event.text for event in events if (event.kind, event.station_id) == ("warning", ""))


@pytest.mark.parametrize("state", [None, "kept"])
async def test_what_people_have_set_on_stations_is_set_on_them_again(place: Path, state: str | None) -> None:
    rules = (RuleConfig("drop", filter="~a Heartbeat", name="of-all"), RuleConfig("duplicate", times=1000))
    async with site(place, replace(FLEET, rules=rules), state=None if state is None else str(place / state)) as it:
        await seen(it, online)

        async def do(command: str, station_id: str, evse_id: int = 0, **arguments: str) -> None:
            given = {key.replace("_", "-"): text for key, text in arguments.items()}
            outcome = await it.door.submit(Command(command, (Target(station_id, evse_id),), given))
            assert outcome.done, outcome.text

        await do("remove-rule", "CP003", name="of-all")
        await do("clear-rules", "CP005")
        await do("add-rule", "CP004", action="drop", filter="~a MeterValues")
        await do("add-rule", "CP004", action="drop", filter="~a StatusNotification")
        await do("set-variable", "CP004", variable="TxCtrlr.EVConnectionTimeOut", value="77")
        await do("set-variable", "CP004", variable="TxCtrlr.EVConnectionTimeOut", value="78")
        await do("limit", "CP004", 1, power_w="5000")
        await do("limit", "CP003", 1, power_w="5000")
        await do("limit", "CP003", 1)
        await do("cut-network", "CP005")
        assert (await it.door.submit(Command("add-stations"))).done
        await seen(it, lambda view: view.totals.stations == 6)
        before = {row.station_id: row.rules for row in (await it.door.fleet(View(ruled=True))).ruled}
        assert [rule.name for rule in before["CP004"]] == ["of-all", "duplicate", "drop", "drop-2"]

        if state is not None:
            await do("set-variable", "CP003", variable="TxCtrlr.EVConnectionTimeOut", value="4711")
            await written(place / state, "4711")
        os.kill(children()[1], signal.SIGKILL)
        await seen(it, lambda view: view.rows[3].link is LinkState.CRASHED)
        view = await seen(it, lambda view: view.totals.online >= 5 and view.totals.stations == 6)
        after = {row.station_id: row.rules for row in (await it.door.fleet(View(ruled=True))).ruled}
        assert {each: [rule.name for rule in rules] for each, rules in after.items()} == {
            each: [rule.name for rule in rules] for each, rules in before.items()
        }
        assert after["CP004"][2].text == before["CP004"][2].text
        assert 0 < after["CP004"][1].left < 1000, "it has met frames before"
        assert [row.network_cut for row in view.rows] == [False] * 4 + [True, False]
        fourth, third = await it.door.station("CP004"), await it.door.station("CP003")
        assert fourth is not None
        assert third is not None
        assert fourth.variables["TxCtrlr.EVConnectionTimeOut"] == "78"
        assert [each.power_w for each in fourth.evses[0].settings] == [5000.0]
        assert third.evses[0].settings == ()
        told = warnings(await it.door.events(0))
        assert "with what was set on them: 7 rules on the wire, 1 cut network" in told
        assert ("1 variable, 1 limit" in told) is (state is None)
        assert (await it.door.submit(Command("add-stations", (), {"count": "1"}))).text == "added CP007"
        added = (await it.door.fleet(View(ruled=True, ids=("CP007",)))).ruled
        assert [rule.name for row in added if row.station_id == "CP007" for rule in row.rules] == [
            "of-all",
            "duplicate",
        ]


async def test_stations_of_a_worker_that_is_started_again_come_as_they_came_at_first(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ramps: list[float] = []

    class Process(HostProcess):
        def configure(self, config: HostConfig | WorkerConfig | None = None) -> None:
            assert isinstance(config, WorkerConfig)
            ramps.append(config.ramp_s)
            super().configure(config)

    for module in (process, crew):
        monkeypatch.setattr(module, "HostProcess", Process)
    async with site(place, ramp_s=0.3) as it:
        await seen(it, online)
        os.kill(children()[1], signal.SIGKILL)
        await seen(it, lambda view: view.totals.online == 2)
        await seen(it, online)
        assert ramps == [0.3] * 3
        assert "its 3 stations start like new, over 0.3 s" in warnings(await it.door.events(0))


@pytest.mark.parametrize("state", [None, "kept"])
async def test_what_is_lost_with_a_worker_is_told_there_and_at_the_end(place: Path, state: str | None) -> None:
    async with site(place, state=None if state is None else str(place / state)) as it:
        await seen(it, online)
        await it.door.submit(Command("start", ALL[2:]))
        await it.door.submit(Command("cut-network", ALL[2:4]))
        await it.door.submit(Command("unplug", ALL[2:3]))
        await seen(it, lambda view: view.rows[3].queued > 2)  # the first are written
        owed = it.crew.door.parts[1].owed if it.crew is not None else 0
        os.kill(children()[1], signal.SIGKILL)
        await seen(it, lambda view: view.totals.online == 2)
        view = await seen(it, lambda view: view.totals.online >= 3)
        told = warnings(await it.door.events(0))
        at_the_end = await it.stations.shutdown(3.0)
        if state is None:
            (lost,) = it.lost
            assert lost.worker.startswith("worker 2 (process ")
            assert (lost.spell, lost.stations, lost.transactions) == (1, 3, 2)
            assert lost.undelivered >= owed > 0
            assert f"gone until then; with it went 2 transactions and {lost.undelivered} owed message" in told
            assert at_the_end == {"worker 2 before it died": lost.undelivered}
        else:
            assert it.lost == []
            assert "with it went" not in told
            assert "its 3 stations start going on from what was kept" in told
            assert view.totals.queued > 0
            assert not any("died" in who for who in at_the_end)


async def test_a_worker_that_cannot_start_again_tells_why_and_tries_on(place: Path) -> None:
    password = place / "password"
    password.write_text("sixteen-characters-or-more")
    fleet = replace(FLEET, csms=replace(FLEET.csms, password_file=str(password)))
    async with site(place, fleet) as it:
        await seen(it, online)
        password.unlink()
        os.kill(children()[0], signal.SIGKILL)
        view = await seen(it, lambda view: str(password) in view.rows[0].trouble)
        assert "it is started again" in view.rows[0].trouble
        password.write_text("sixteen-characters-or-more")
        await seen(it, online)
        assert len(children()) == 2
        events = await it.door.events(0)
        assert len([event for event in events if event.kind == "crashed"]) == 2, "once for each station"


async def test_a_worker_that_hangs_holds_nobody_up(place: Path) -> None:
    async with site(place) as it:
        assert it.crew is not None
        _, part = it.crew.door.parts
        await seen(it, online)
        await it.door.submit(Command("start", ALL))
        frames = (await seen(it, lambda view: view.totals.transactions == 5)).totals.frames
        _, second = children()
        os.kill(second, signal.SIGSTOP)
        part.silent_s = 0.3  # of this one, and only now: a busy machine holds the others up for as long
        view = await seen(it, lambda view: view.totals.online == 2)
        assert [row.link for row in view.rows] == [LinkState.ONLINE] * 2 + [LinkState.CRASHED] * 3
        assert view.rows[2].trouble == "worker 2 has not answered for 0.3 s"
        assert view.totals.frames >= frames
        async with asyncio.timeout(20.0):
            outcome = await it.door.submit(Command("stop", ALL[1:3]))
        assert outcome.results[0].done
        assert outcome.results[1].text == "worker 2 has not answered for 0.3 s"
        while "has not answered for" not in warnings(await it.door.events(0)):  # noqa: ASYNC110 (nobody tells a test)
            await asyncio.sleep(0.05)
        part.silent_s = SILENT_S
        os.kill(second, signal.SIGCONT)
        view = await seen(it, online)
        assert (await it.door.submit(Command("start", ALL[1:2]))).done
        view = await seen(it, online)
        assert all(row.evses[0].transaction_id for row in view.rows)
        os.kill(second, signal.SIGSTOP)
        async with asyncio.timeout(20.0):
            await it.stations.shutdown(0.5)
    assert not children()


async def test_an_id_that_another_worker_has_is_not_given_twice(place: Path) -> None:
    groups = (GroupConfig(id="CP{n}", first=3, count=2), GroupConfig(name="b", id="CP{n}", first=1, count=2))
    async with site(place, replace(FLEET, groups=groups)) as it:
        outcome = await it.door.submit(Command("add-stations", (), {"count": "1"}))
        assert not outcome.done
        assert "CP3 is there already" in outcome.text


async def test_what_one_worker_refuses_is_refused_in_its_words(place: Path) -> None:
    fleet = replace(FLEET, csms=CsmsConfig(url="ws://127.0.0.1:1", password_env="NOT_THERE"))
    with pytest.raises(ConfigError, match="NOT_THERE"):
        async with site(place, fleet):
            pass
    assert not children()
    assert "door-1" not in names_in(place)


def test_the_workers_leave_room_for_the_frames_of_the_house(place: Path) -> None:
    fleet = replace(FLEET, echonet=EchonetConfig(enabled=True))
    configs = worker_configs(fleet, 2, "ws://x", place, place / "door", 30 << 20)
    assert [each.frame_bytes for each in configs] == [10 << 20] * 2
    assert not any(each.fleet.echonet.enabled for each in configs)


def test_each_worker_has_a_share_of_all_and_the_last_knows_of_the_others(place: Path) -> None:
    configs = worker_configs(FLEET, 9, "ws://x", place, place / "door", 512 << 20, ramp_s=3.0, state="s")
    assert [sum(group.count for group in each.fleet.groups) for each in configs] == [1] * 5
    assert len({each.socket for each in configs}) == len({each.frames for each in configs}) == 5
    assert {(each.ramp_s, each.state, each.csms_url) for each in configs} == {(3.0, "s", "ws://x")}
    assert [sum(group.count for group in each.elsewhere) for each in configs] == [0, 0, 0, 0, 4]


def test_too_little_room_for_frames_is_refused_with_what_is_needed(place: Path) -> None:
    with pytest.raises(ConfigError, match="--log-max: 5 workers need 5M at least, 1M each"):
        worker_configs(FLEET, 5, "ws://x", place, place / "door", 4 << 20)


@pytest.mark.parametrize(
    ("url", "workers", "needed"),
    [("ws://x", 1, 1064), ("ws://x", 4, None), (None, 1, 2064), (None, 4, 1064)],
)
def test_more_stations_than_files_are_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, url: str | None, workers: int, needed: int | None
) -> None:
    monkeypatch.setattr(limits, "raise_open_files", lambda: 1024)
    fleet = FleetConfig(groups=(GroupConfig(count=1000),), csms=CsmsConfig(url=url))
    if needed is None:
        check_open_files(fleet, workers)
        return
    with pytest.raises(ConfigError, match=f"1000 stations need {needed} open files .* ulimit -Hn {needed}"):
        check_open_files(fleet, workers)


def test_a_worker_whose_lead_is_gone_leaves_no_socket(place: Path) -> None:
    (config,) = worker_configs(FLEET, 1, "ws://127.0.0.1:1", place / "frames", place / "door", 512 << 20)
    with process.hired(1) as (worker,):
        worker.configure(config)
        assert worker.ready() == str(place / "door-1")
        worker.hang_up()
        worker.end(10.0)
    assert names_in(place) == ["frames"]
