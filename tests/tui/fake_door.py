"""A fleet that never was: deterministic, with a clock that only tests move, behind the same door as the real one."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from math import sin
from typing import Any

import msgspec
from msgspec.structs import replace

from evtui.engine.beside import Attendance, Book, CsmsAnswer, CsmsQuery, CsmsRequest, CsmsView, NodeView
from evtui.engine.commands import COMMANDS
from evtui.engine.door import (
    Command,
    EvseDetail,
    EvseRow,
    FleetEvent,
    FleetSeries,
    FleetView,
    HeldRow,
    LimitRow,
    LinkState,
    Outcome,
    RuledRow,
    RuleRow,
    SpoolInfo,
    StationDetail,
    StationRow,
    Target,
    TargetOutcome,
    Totals,
    TransactionRow,
    VariableRow,
    View,
)
from evtui.engine.sorting import KEYS
from evtui.engine.station_filter import parse
from evtui.engine.summary import summarize
from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.spool_format import FAULTY, MASKED, MEDDLED, TYPE_SHIFT
from tests.tui.fake_events import happen

BEGIN = 1_760_000_000.0  # 2025-10-09T08:53:20Z
SPEED = 60.0
TRACE = 400


POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer")
VARIABLES = (
    VariableRow(
        "ChargingStation.AvailabilityState",
        "OptionList",
        "ReadOnly",
        "",
        None,
        None,
        ("Available", "Occupied", "Reserved", "Unavailable", "Faulted"),
        False,
        False,
    ),
    VariableRow("EVSE(1).Power", "decimal", "ReadOnly", "W", None, 22_000.0, (), False, False),
    VariableRow("AuthCtrlr.AuthorizeRemoteStart", "boolean", "ReadWrite", "", None, None, (), True, False),
    VariableRow("AuthCtrlr.MasterPassGroupId", "string", "ReadWrite", "", None, 36, (), True, False),
    VariableRow("OCPPCommCtrlr.HeartbeatInterval", "integer", "ReadWrite", "s", 1, None, (), True, False),
    VariableRow(
        "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]", "integer", "ReadWrite", "s", 0, None, (), True, False
    ),
    VariableRow("OCPPCommCtrlr.MessageTimeout[Default]", "integer", "ReadOnly", "s", 1, None, (), True, False),
    VariableRow(
        "OCPPCommCtrlr.NetworkConfigurationPriority",
        "SequenceList",
        "ReadWrite",
        "",
        1,
        1000,
        ("1", "2", "3"),
        True,
        True,
    ),
    VariableRow("SecurityCtrlr.BasicAuthPassword", "string", "WriteOnly", "", 16, 64, (), True, False),
    VariableRow(
        "SmartChargingCtrlr.LimitChangeSignificance", "decimal", "ReadWrite", "Percent", 0, 100, (), True, False
    ),
    VariableRow("TxCtrlr.EVConnectionTimeOut", "integer", "ReadWrite", "s", 1, None, (), True, False),
    VariableRow("TxCtrlr.StopTxOnInvalidId", "boolean", "ReadWrite", "", None, None, (), True, False),
    VariableRow("TxCtrlr.TxStartPoint", "MemberList", "ReadWrite", "", 1, 1000, POINTS, True, False),
    VariableRow("TxCtrlr.TxStopPoint", "MemberList", "ReadWrite", "", 1, 1000, POINTS, True, False),
)
VALUES = {
    "ChargingStation.AvailabilityState": "Available",
    "EVSE(1).Power": "0.000",
    "AuthCtrlr.AuthorizeRemoteStart": "true",
    "AuthCtrlr.MasterPassGroupId": "",
    "OCPPCommCtrlr.HeartbeatInterval": "300",
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "10",
    "OCPPCommCtrlr.MessageTimeout[Default]": "30",
    "OCPPCommCtrlr.NetworkConfigurationPriority": "1",
    "SecurityCtrlr.BasicAuthPassword": "",
    "SmartChargingCtrlr.LimitChangeSignificance": "5",
    "TxCtrlr.EVConnectionTimeOut": "120",
    "TxCtrlr.StopTxOnInvalidId": "true",
    "TxCtrlr.TxStartPoint": "PowerPathClosed",
    "TxCtrlr.TxStopPoint": "EVConnected,Authorized",
}


@dataclass
class FakeEvse:
    """An EVSE that charges at its rated power, a little noisy, until the car is full."""

    evse_id: int
    rated_w: float = 22_000.0
    plugged: bool = False
    transaction_id: str | None = None
    started_at: float | None = None
    energy_wh: float = 0.0
    soc_percent: float | None = None
    status: str = "Available"
    state: str | None = None
    powers: list[float] = field(default_factory=list)
    energies: list[float] = field(default_factory=list)
    faults: tuple[str, ...] = ()
    lock: str = "open"
    in_bay: bool = False
    ev_paused: bool = False

    def power_w(self, at: float) -> float:
        if self.state != "Charging" or self.started_at is None:
            return 0.0
        running = at - self.started_at
        ramp = min(1.0, running / 4)
        return self.rated_w * ramp * (0.97 + 0.03 * sin(running + self.evse_id))

    def row(self, at: float, trace: int) -> EvseRow:
        return EvseRow(
            evse_id=self.evse_id,
            status=self.status,
            charging_state=self.state,
            plugged=self.plugged,
            authorized=self.transaction_id is not None,
            power_w=self.power_w(at),
            rated_w=self.rated_w,
            energy_wh=self.energy_wh,
            soc_percent=self.soc_percent,
            transaction_id=self.transaction_id,
            started_at=self.started_at,
            power_trace=tuple(self.powers[-trace:]) if trace else (),
            energy_trace=tuple(self.energies[-trace:]) if trace else (),
            faults=self.faults,
            lock="locked" if self.transaction_id and self.lock == "open" else self.lock,
            in_bay=self.in_bay or self.plugged,
            ev_paused=self.ev_paused,
        )


@dataclass
class FakeStation:
    id: str
    evses: list[FakeEvse]
    version: str = "2.0.1"
    link: LinkState = LinkState.ONLINE
    retry_at: float | None = None
    trouble: str = ""
    queued: int = 0
    network_cut: bool = False
    rules: tuple[RuleRow, ...] = ()
    held: tuple[HeldRow, ...] = ()
    group: str = "stations"
    errors: int = 0
    transactions: list[TransactionRow] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def row(self, at: float, trace: int) -> StationRow:
        evses = tuple(evse.row(at, trace) for evse in self.evses)
        link = (self.version, self.link, self.retry_at, self.trouble, self.queued)
        rules, held = len(self.rules), len(self.held)
        return StationRow(
            self.id, *link, evses, self.network_cut, group=self.group, errors=self.errors, rules=rules, held=held
        )


class FakeChunk:
    """Frames in a row, field by field, and their texts."""

    def __init__(self, reader: "FakeReader", frames: list[Frame]) -> None:
        self._frames = frames
        self.first, self.count = frames[0].number, len(frames)
        stations, actions = reader.stations, reader.actions
        self.stations = [stations.index(frame.station) for frame in frames]
        self.actions = [actions.index(frame.action) for frame in frames]
        self.flags = memoryview(
            bytes(
                frame.direction
                | frame.type << TYPE_SHIFT
                | bool(frame.fault) * FAULTY
                | frame.masked * MASKED
                | bool(frame.note) * MEDDLED
                for frame in frames
            )
        )
        self.pairs = [int(frame.pair is not None) for frame in frames]
        self.rtts_us = [int((frame.rtt_s or 0.0) * 1e6) for frame in frames]
        texts = [frame.text.encode() for frame in frames]
        self.whole = b"".join(texts)
        self.starts = list(accumulate((len(text) for text in texts[:-1]), initial=0))

    def text(self, position: int) -> bytes:
        return self._frames[position].text.encode()


class FakeReader:
    """Frames in memory, numbered as a spool's."""

    def __init__(self) -> None:
        self.first = 0
        self.dropped = 0
        self.arrived: list[Frame] = []

    def add(
        self,
        at: float,
        station: str,
        direction: Direction,
        type: FrameType,
        action: str,
        text: str,
        *,
        message_id: str = "m",
        fault: str = "",
        masked: bool = False,
        pair: int | None = None,
        rtt_s: float | None = None,
        note: str = "",
        original: str = "",
    ) -> int:
        number = len(self.arrived)
        told = (fault, masked, pair, rtt_s, note, original)
        self.arrived.append(Frame(number, at, station, direction, type, action, message_id, text, *told))
        if pair is not None:
            self.arrived[pair] = replace(self.arrived[pair], pair=number)
        return number

    def exchange(self, at: float, station: str, action: str, request: str, response: str, rtt_s: float = 0.012) -> None:
        """A CALL of the station and its answer."""
        message_id = f"{station}-{len(self.arrived)}"
        call = f'[2,"{message_id}","{action}",{request}]'
        number = self.add(at, station, Direction.SENT, FrameType.CALL, action, call, message_id=message_id)
        answer = f'[3,"{message_id}",{response}]'
        self.add(
            at + rtt_s,
            station,
            Direction.RECEIVED,
            FrameType.CALLRESULT,
            action,
            answer,
            message_id=message_id,
            pair=number,
            rtt_s=rtt_s,
        )

    def refresh(self) -> int:
        return len(self.arrived)

    def frame(self, number: int) -> Frame:
        if not self.first <= number < len(self.arrived):
            raise IndexError(number)
        return self.arrived[number]

    @property
    def stations(self) -> list[str]:
        return sorted({frame.station for frame in self.arrived})

    @property
    def actions(self) -> list[str]:
        return sorted({frame.action for frame in self.arrived})

    def chunks(self, start: int, size: int) -> Iterator[tuple[FakeChunk, FakeChunk]]:
        for first in range(max(start, self.first), len(self.arrived), size):
            chunk = FakeChunk(self, self.arrived[first : first + size])
            yield chunk, chunk


class FakeDoor:
    """The six names, and `advance` to let time pass."""

    def __init__(self, stations: int = 4, evses: int = 1) -> None:
        self.at = BEGIN
        self.version = 1
        self.banner = ""
        self.node_view: NodeView | None = None
        self.looking_on = Attendance()
        self.csms_url = "ws://127.0.0.1:9000"
        self.web_url = ""
        self.reader = FakeReader()
        self.stations = [self._new(number, evses) for number in range(1, stations + 1)]
        self.submitted: list[Command] = []
        self.stopped: list[str] = []
        self.views: list[View] = []
        self.pace: dict[str, Any] = {}  # frames a second and round trips, among the totals
        self.noise: list[FleetEvent] = []
        self.gone = False
        self.refusal: Outcome | None = None  # what comes of commands on rules, if not that they are done
        self.answer = "{}"  # to what is sent by hand
        self.rejection = ""
        self.csms_view: CsmsView | None = None
        self.csms_rows: dict[Book, tuple[Any, ...]] = {}
        self.asked: list[CsmsRequest] = []  # of the embedded CSMS
        self.hold_stop: asyncio.Event | None = None
        self._news = asyncio.Event()

    def _new(self, number: int, evses: int) -> FakeStation:
        station = FakeStation(f"CP{number:03}", [FakeEvse(each) for each in range(1, evses + 1)])
        boot = '{"reason":"PowerUp","chargingStation":{"model":"AC22","vendorName":"evtui"}}'
        accepted = '{"currentTime":"2025-10-09T08:53:20.000Z","interval":300,"status":"Accepted"}'
        self.reader.exchange(self.at + number / 100, station.id, "BootNotification", boot, accepted)
        return station

    async def node(self) -> NodeView | None:
        return self.node_view

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        if self.csms_view is None:
            return None
        rows = self.csms_rows.get(query.book, ())
        rows = tuple(row for row in rows if query.station_id in ("", getattr(row, "station_id", "")))
        return msgspec.structs.replace(
            self.csms_view, book=query.book, first=query.first, rows=rows[query.first : query.first + query.count]
        )

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        self.asked.append(request)
        name = f"{request.station_id}: {request.action}"
        if self.rejection:
            return CsmsAnswer(False, f"{name}: {self.rejection}")
        return CsmsAnswer(True, f"{name}: CALLRESULT {self.answer}", self.answer)

    async def attendance(self) -> Attendance:
        self._check()
        return self.looking_on

    # -- what tests do ----------------------------------------------------------------------------

    def advance(self, seconds: int) -> None:
        """Lets time pass, a second at a time."""
        for _ in range(seconds):
            self.at += 1.0
            self.version += 1
            for station in self.stations:
                for evse in station.evses:
                    power = evse.power_w(self.at)
                    evse.energy_wh += power * SPEED / 3600
                    if evse.soc_percent is not None:
                        evse.soc_percent = min(100.0, evse.soc_percent + power * SPEED / 3600 / 410)
                    evse.powers = [*evse.powers, power][-TRACE:]
                    evse.energies = [*evse.energies, evse.energy_wh][-TRACE:]
                    if evse.transaction_id and station.link is LinkState.ONLINE:
                        self._meter(station, evse)

    def _meter(self, station: FakeStation, evse: FakeEvse) -> None:
        power = evse.power_w(self.at)
        request = (
            '{"eventType":"Updated","timestamp":"2025-10-09T08:53:20.000Z","triggerReason":"MeterValuePeriodic",'
            f'"seqNo":{int(self.at - (evse.started_at or self.at))},"transactionInfo":{{"transactionId":'
            f'"{evse.transaction_id}","chargingState":"Charging"}},"meterValue":[{{"timestamp":'
            f'"2025-10-09T08:53:20.000Z","sampledValue":[{{"value":{evse.energy_wh:.3f},"measurand":'
            f'"Energy.Active.Import.Register"}},{{"value":{power:.3f},"measurand":"Power.Active.Import"}}]}}]}}'
        )
        self.reader.exchange(self.at, station.id, "TransactionEvent", request, "{}")

    def start(self, station: int, evse: int = 0) -> None:
        """A session begins."""
        where, which = self.stations[station], self.stations[station].evses[evse]
        which.plugged, which.status, which.state = True, "Occupied", "Charging"
        which.started_at, which.soc_percent, which.energy_wh = self.at, 80.0, 0.0
        which.transaction_id = f"{station + 1:02x}7b3c{evse + 1:02x}-5f21-4f0e-9a77-0d6c1e2b3a4f"
        self.version += 1
        self._meter(where, which)

    def stop_session(self, station: int, evse: int = 0) -> None:
        """A session ends."""
        where, which = self.stations[station], self.stations[station].evses[evse]
        assert which.transaction_id is not None
        assert which.started_at is not None
        where.transactions.append(
            TransactionRow(
                which.transaction_id, which.evse_id, "DEADBEEF", which.started_at, self.at, which.energy_wh, 12, "Local"
            )
        )
        which.transaction_id, which.started_at, which.state = None, None, None
        self.version += 1

    def shout(self, kind: str, station_id: str, text: str) -> None:
        """An event."""
        self.noise.append(FleetEvent(len(self.noise) + 1, self.at, kind, station_id, 0, text))
        self._news.set()

    def lose(self) -> None:
        """The host dies."""
        self.gone = True
        self._news.set()

    # -- the door ---------------------------------------------------------------------------------

    def _check(self) -> None:
        if self.gone:
            raise ConnectionResetError("connection reset by the test")

    async def fleet(self, view: View) -> FleetView:
        self._check()
        self.views.append(view)
        filter = parse(view.filter.strip())
        seen = [each for each in self.stations if filter.lets(each.row(self.at, 0))] if view.filter else self.stations
        if view.sort is not None:
            key = KEYS[view.sort]
            seen = sorted(seen, key=lambda each: key(each.row(self.at, 0)), reverse=view.descending)
        rows = tuple(each.row(self.at, view.trace) for each in seen[view.first : view.first + view.count])
        energies = ((each.row(self.at, 0), [evse.energy_wh for evse in each.evses]) for each in seen)
        summary = summarize(energies) if view.summary else ()
        every = [evse for station in self.stations for evse in station.evses]
        totals = Totals(
            stations=len(self.stations),
            online=sum(station.link is LinkState.ONLINE for station in self.stations),
            transactions=sum(evse.transaction_id is not None for evse in every),
            power_w=sum(evse.power_w(self.at) for evse in every),
            energy_wh=sum(evse.energy_wh for evse in every),
            frames=len(self.reader.arrived),
            queued=sum(station.queued for station in self.stations),
            rules=sum(len(station.rules) for station in self.stations),
            held=sum(len(station.held) for station in self.stations),
            errors=sum(station.errors for station in self.stations),
            **self.pace,
        )
        ruled = tuple(
            RuledRow(each.id, each.version, each.rules, each.held) for each in self.stations if each.rules or each.held
        )
        return FleetView(
            self.version,
            self.at,
            SPEED,
            self.csms_url,
            self.banner,
            min(view.first, len(seen)),
            rows,
            totals,
            shown=len(seen),
            summary=summary,
            ruled=ruled if view.ruled else (),
            series=_fleet_series(len(self.stations)) if view.series else None,
            web_url=self.web_url,
        )

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        self._check()
        station = next((each for each in self.stations if each.id == station_id), None)
        if station is None:
            return None
        running = [
            TransactionRow(e.transaction_id, e.evse_id, "DEADBEEF", e.started_at, None, e.energy_wh, 7, None)
            for e in station.evses
            if e.transaction_id is not None and e.started_at is not None
        ]
        return StationDetail(
            version=self.version,
            at=self.at,
            row=station.row(self.at, 0),
            url=f"{self.csms_url}/{station_id}",
            vendor="evtui",
            model="AC22",
            serial_number="EVT-000001",
            firmware_version="1.0",
            evses=tuple(self._evse(evse) for evse in station.evses),
            transactions=(*station.transactions, *running),
            variables={**VALUES, **station.variables},
            definitions=VARIABLES,
        )

    def _evse(self, evse: FakeEvse) -> EvseDetail:
        row = evse.row(self.at, 0)
        length = int(self.at - evse.started_at) if evse.started_at is not None else 0
        t = tuple(float(second) for second in range(length))
        powers = tuple(evse.powers[-length:]) if length else ()
        amperes = tuple(power / 690 for power in powers)
        limits = (
            LimitRow("ev", "EV curve at 82 %", 22_000.0, 31.9, False),
            LimitRow("onboard-charger", "onboard charger", 21_900.0, 31.7, True),
            LimitRow("cable", "cable 32 A", 22_080.0, 32.0, False),
            LimitRow("evse", "EVSE rating", 22_000.0, 31.9, False),
        )
        return EvseDetail(
            row=row,
            connector_type="sType2",
            phases=3,
            ev="Default EV 41 kWh" if evse.plugged else None,
            register_wh=1_204_000.0 + evse.energy_wh,
            offered_w=evse.rated_w if evse.transaction_id else 0.0,
            voltage_v=(229.8, 230.4, 231.1),
            current_a=tuple(row.power_w / 690 for _ in range(3)),
            frequency_hz=50.01,
            limits=limits if evse.transaction_id else (),
            settings=(),
            target_wh=None,
            barred=False,
            series_t=t,
            series_power_w=powers,
            series_limit_w=tuple(21_900.0 for _ in t),
            series_energy_wh=tuple(evse.energies[-length:]) if length else (),
            series_voltage_v=tuple(230.0 + sin(second / 3) for second in t),
            series_current_a=amperes,
            series_frequency_hz=tuple(50.0 + 0.02 * sin(second / 5) for second in t),
            series_soc_percent=tuple(80.0 + second * 0.8 for second in t),
        )

    async def frames(self) -> tuple[SpoolInfo, ...]:
        self._check()
        return (SpoolInfo("fleet", "nowhere"),)

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        while True:
            self._check()
            if news := tuple(event for event in self.noise if event.number > after):
                return news
            self._news.clear()
            await self._news.wait()

    async def submit(self, command: Command) -> Outcome:
        self._check()
        self.submitted.append(command)
        carry_out: dict[str, Callable[[Target], str | None]] = {
            "start": self._start,
            "stop": self._stop,
            "toggle-plug": self._plug,
            "plug-in": self._plug,
            "unplug": self._plug,
            "authorize": lambda target: None,
        }
        if command.name in ("add-rule", "remove-rule", "clear-rules", "release"):
            return self.refusal or Outcome(True, f"{command.name} is done")
        if command.name == "send":
            return self._send(command)
        if command.name == "send-raw":
            (target, *_) = command.targets
            size = len(command.arguments["text"].encode())
            return Outcome(True, f"{target.station_id}: sent {size} bytes")
        if command.name == "set-variable":
            return self._set(command.targets[0], command.arguments["variable"], command.arguments["value"])
        if command.name == "add-stations":
            self.stations.append(self._new(len(self.stations) + 1, len(self.stations[0].evses)))
            self.version += 1
            return Outcome(True, f"{self.stations[-1].id} added")
        if command.name == "remove-station":
            gone = {target.station_id for target in command.targets}
            if not gone and command.filter is not None:
                gone = {each.id for each in self.stations if parse(command.filter).lets(each.row(self.at, 0))}
            self.stations = [each for each in self.stations if each.id not in gone]
            self.version += 1
            return Outcome(True, f"{' '.join(sorted(gone))} removed")
        results = []
        targets = command.targets
        if not targets and command.filter is not None:
            chosen = [each for each in self.stations if parse(command.filter).lets(each.row(self.at, 0))]
            targets = tuple(Target(each.id, evse.evse_id) for each in chosen for evse in each.evses)
        for target in targets:
            if (text := happen(self, command.name, target, command.arguments)) is not None:
                return Outcome(True, f"{target.station_id}: {text}", (TargetOutcome(target, True, text),))
            why = carry_out[command.name](target)
            results.append(TargetOutcome(target, why is None, why or COMMANDS[command.name].title))
        done = all(result.done for result in results)
        failed = next((result.text for result in results if not result.done), "")
        return Outcome(done, f"{command.name}: {len(results)} EVSEs" if done else failed, tuple(results))

    def _send(self, command: Command) -> Outcome:
        station, action = command.targets[0].station_id, command.arguments["action"]
        text = self.rejection or f"{station}: {action}: CALLRESULT in 12 ms {self.answer}"
        done = not self.rejection
        return Outcome(done, text, tuple(TargetOutcome(each, done, text, self.answer) for each in command.targets))

    def _set(self, target: Target, name: str, value: str) -> Outcome:
        if name.endswith("Interval") and not value.isdecimal():
            text = f"{target.station_id}: {name}: {value!r} is not a whole number"
            return Outcome(False, text, (TargetOutcome(target, False, text),))
        self.stations[self._find(target)[0]].variables[name] = value
        self.version += 1
        text = f"{target.station_id}: {name} is {value} now"
        return Outcome(True, text, (TargetOutcome(target, True, text),))

    def _find(self, target: Target) -> tuple[int, int]:
        station = next(i for i, each in enumerate(self.stations) if each.id == target.station_id)
        return station, target.evse_id - 1

    def _start(self, target: Target) -> str | None:
        station, evse = self._find(target)
        if target.station_id == "CP666":
            return "CP666: the CSMS says Blocked for DEADBEEF"
        self.start(station, evse)
        return None

    def _stop(self, target: Target) -> str | None:
        self.stop_session(*self._find(target))
        return None

    def _plug(self, target: Target) -> str | None:
        station, evse = self._find(target)
        which = self.stations[station].evses[evse]
        which.plugged = not which.plugged
        which.status = "Occupied" if which.plugged else "Available"
        self.version += 1
        return None

    async def stop(self, reason: str) -> None:
        self._check()
        if self.hold_stop is not None:
            await self.hold_stop.wait()
        self.stopped.append(reason)


def charging_fleet(stations: int = 4, evses: int = 1, seconds: int = 40) -> FakeDoor:
    """A fleet in the middle of the day: most charge, one is idle."""
    door = FakeDoor(stations, evses)
    door.advance(3)
    for number in range(max(0, stations - 1)):
        door.start(number)
        door.advance(seconds // max(1, stations))
    door.advance(seconds // 2)
    return door


def _fleet_series(stations: int) -> FleetSeries:
    """Ten minutes of a fleet that starts one session after the other."""
    t = tuple(float(second) for second in range(600))
    running = tuple(float(min(stations, int(second // 60))) for second in t)
    power_w = tuple(count * (21_000.0 + 500.0 * sin(second / 20)) for count, second in zip(running, t, strict=True))
    energy_wh = tuple(sum(power_w[:second]) / 60 for second in range(len(t)))
    return FleetSeries(t, power_w, tuple(22_000.0 * count for count in running), energy_wh, running)
