"""Stations and CSMS are killed dozens of times, and nothing is lost: what the CSMS was told is what the meters say.

EVTUI_KILLS is how often (10), EVTUI_SEED what chance begins with (1).
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evtui.engine.state_file import StateFile
from evtui.sim.evse_record import MeterRecord, meter_key
from tests.crash.recording_csms import Told
from tests.program import EVTUI, Household, until

KILLS, SEED = int(os.environ.get("EVTUI_KILLS", "10")), int(os.environ.get("EVTUI_SEED", "1"))
STATIONS = ("CP001", "CP002", "CP003")
ROOT = str(Path(__file__).parents[2])
QUICK = (
    *("--set", "OCPPCommCtrlr.RetryBackOffWaitMinimum=1"),
    *("--set", "OCPPCommCtrlr.RetryBackOffRandomRange=0"),
    *("--set", "OCPPCommCtrlr.RetryBackOffRepeatTimes=0"),
    *("--set", "AuthCtrlr.OfflineTxForUnknownIdEnabled=true"),
)

pytestmark = pytest.mark.timeout(60 + 20 * KILLS)


class World:
    """The two programs, each killed and started again."""

    def __init__(self, house: Household, version: str, *options: str) -> None:
        self.house = house
        self.version = version
        self.file = house.home / "told"
        self.file.touch()
        self.state = house.home / "stations"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/ocpp"
        self._options = ("--state", str(self.state), "--csms-url", self.url, "--ocpp", version, *QUICK, *options)
        self._csms: subprocess.Popen[bytes] | None = None
        self._run: subprocess.Popen[bytes] | None = None

    def start_csms(self) -> None:
        script = ("-m", "tests.crash.recording_csms", str(self.port), str(self.file), self.version)
        self._csms = self._started((sys.executable, *script), PYTHONPATH=ROOT)

    def start_stations(self) -> None:
        """Sessions of two seconds, one after the other."""
        self._run = self._running("--stations", str(len(STATIONS)), "--sessions", "1000", "--duration", "2")

    def kill_csms(self) -> None:
        _kill(self._csms)

    def kill_stations(self) -> None:
        _kill(self._run)

    def stop_stations(self) -> None:
        """In an orderly way."""
        assert self._run is not None
        self._run.send_signal(signal.SIGTERM)
        self._run.wait(10)

    def settle(self) -> None:
        """Stations that begin nothing any more deliver what they owe."""
        last = self._running("--stations", str(len(STATIONS)), "--sessions", "0", "--drain", "30")
        assert last.wait(45) == 0, (self.house.home / "log").read_text()[-3_000:]

    def work(self, seconds: float) -> None:
        """Both go on for a while, once the CSMS has heard something new."""
        before = self.file.stat().st_size
        until(lambda: self.file.stat().st_size > before or self._run_is_over(), 20)
        if self._run_is_over():  # it has given up a session that could not begin
            self.start_stations()
        time.sleep(seconds)

    def told(self) -> list[Told]:
        return [msgspec.json.decode(line, type=Told) for line in self.file.read_bytes().splitlines()]

    def registers_wh(self) -> dict[str, float]:
        """What the meters say, as the stations have kept it."""
        file = StateFile.open(self.state, self.url)
        try:
            kept = file.claim(STATIONS)
        finally:
            file.close()
        return {
            station: msgspec.msgpack.decode(each.rows[meter_key(1)], type=MeterRecord).register_wh
            for station, each in zip(STATIONS, kept, strict=True)
        }

    def _run_is_over(self) -> bool:
        return self._run is not None and self._run.poll() is not None

    def _running(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self._started((*EVTUI, "run", *self._options, *arguments))

    def _started(self, command: Sequence[str], **environment: str) -> subprocess.Popen[bytes]:
        with (self.house.home / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=self.house.environment(**environment),
                cwd=self.house.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    assert process is not None
    process.kill()
    process.wait()


def killed(world: World, kills: int, seed: int) -> list[Told]:
    """Kills one or the other, at any moment; gives all that the CSMS was told."""
    chance = random.Random(seed)
    world.start_csms()
    world.start_stations()
    for _ in range(kills):
        world.work(chance.uniform(0.0, 1.5))
        victim = chance.random()
        if victim < 0.35:
            world.kill_csms()
            time.sleep(chance.uniform(0.0, 1.5))
            world.start_csms()
        elif victim < 0.5:  # both, one after the other
            world.kill_csms()
            time.sleep(chance.uniform(0.0, 0.5))
            world.kill_stations()
            world.start_stations()
            time.sleep(chance.uniform(0.0, 0.5))
            world.start_csms()
        else:
            world.kill_stations()
            world.start_stations()
    world.work(0.5)
    world.stop_stations()
    world.settle()
    world.kill_csms()
    return world.told()


def firsts(told: Iterable[Told], *names: str) -> list[dict[str, Any]]:
    """Each message once, as it came first. A repeat equals its first, but for the offline flag."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in told:
        payload = {key: value for key, value in each.payload.items() if key != "offline"}
        name = (each.action, *(_at(payload, path) for path in names))
        assert seen.setdefault(name, payload) == payload, "a repeat equals its first"
    return list(seen.values())


def _at(payload: dict[str, Any], path: str) -> Any:
    value: Any = payload
    for key in path.split("."):
        value = value[key] if isinstance(value, dict) else None
    return value


def register_wh(meter_value: dict[str, Any]) -> float:
    return next(
        float(sample["value"])
        for sample in meter_value["sampledValue"]
        if sample["measurand"] == "Energy.Active.Import.Register"
    )


def readings(told: Iterable[Told], station: str) -> Iterator[tuple[datetime, float]]:
    """What the register was, and when, in whatever message it was told."""
    for each in told:
        if each.station == station:
            for value in each.payload.get("meterValue", ()):
                yield datetime.fromisoformat(value["timestamp"]), register_wh(value)


def assert_rising(values: Sequence[Any]) -> None:
    assert list(values) == sorted(values)


VARIANTS = {"PowerLoss": (), "resume_on_boot": ("--config", "resume.toml"), "classic": ("--flow", "classic")}


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_that_was_measured_is_missing(house: Household, variant: str) -> None:
    (house.home / "resume.toml").write_text("[[group]]\nresume_on_boot = true\n")
    world = World(house, "2.0.1", *VARIANTS[variant])
    told = killed(world, KILLS if variant != "classic" else max(KILLS // 2, 4), SEED + len(variant))
    registers = world.registers_wh()
    slack_wh = 50.0 if variant == "classic" else 0.0  # its transactions begin when energy flows, a hair late
    repeats = 0
    for station in STATIONS:
        mine = [each for each in told if each.station == station and each.action == "TransactionEvent"]
        events = firsts(mine, "transactionInfo.transactionId", "seqNo")
        repeats += len(mine) - len(events)
        transactions: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            transactions.setdefault(event["transactionInfo"]["transactionId"], []).append(event)
        assert len(transactions) > 1
        metered: list[float] = []
        stood = None
        for course in transactions.values():
            assert [event["seqNo"] for event in course] == list(range(len(course)))
            types = [event["eventType"] for event in course]
            assert types == ["Started", *["Updated"] * (len(course) - 2), "Ended"]
            assert_rising([datetime.fromisoformat(event["timestamp"]) for event in course])
            begin, end = (register_wh(course[-1]["meterValue"][index]) for index in (0, -1))
            assert stood is None or stood <= begin <= stood + slack_wh, "a meter goes on where it stood"
            samples = [register_wh(value) for event in course[1:-1] for value in event.get("meterValue", ())]
            metered += [begin, *samples, end]
            stood = end
        assert_rising(metered)
        assert metered[-1] == round(registers[station], 3), "what was told is what the meter says"
        reasons = {course[-1]["transactionInfo"].get("stoppedReason") for course in transactions.values()}
        assert ("PowerLoss" in reasons) is (variant != "resume_on_boot")
        assert_rising([wh for _, wh in sorted(readings(told, station))])
    assert repeats > 0, "some kill came between a message and its answer"


def test_nothing_is_missing_in_1_6(house: Household) -> None:
    """Numbers of transactions come from the CSMS, and outlast both."""
    world = World(house, "1.6")
    told = killed(world, max(KILLS // 2, 4), SEED + 7)
    registers = world.registers_wh()
    for station in STATIONS:
        mine = [each for each in told if each.station == station]
        begun = firsts([each for each in mine if each.action == "StartTransaction"], "timestamp")
        ended = firsts([each for each in mine if each.action == "StopTransaction"], "transactionId")
        numbers = [int(datetime.fromisoformat(each["timestamp"]).timestamp() * 1000) % 2**31 for each in begun]
        assert [each["transactionId"] for each in ended] == numbers
        marks = [
            mark for pair in zip(begun, ended, strict=True) for mark in (pair[0]["meterStart"], pair[1]["meterStop"])
        ]
        assert_rising(marks)
        assert marks[1:-1:2] == marks[2::2], "a meter goes on where it stood"
        assert marks[-1] == round(registers[station])
