"""Pictures of every screen in every layout. `pytest tests/tui --snapshot-update` takes them anew: look at them then."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import pytest
from textual.pilot import Pilot

from evtui.echonet.frame import decode
from evtui.echonet.house import object_row
from evtui.echonet.profile import Profile
from evtui.echonet.reading import read
from evtui.engine.beside import NodeView
from evtui.engine.door import HeldRow, LinkState, RuleRow
from evtui.ocppj.frame import Direction, FrameType
from evtui.settings import Settings
from evtui.tui.app import EvtuiApp
from evtui.tui.layout import Form
from tests.echonet.device import CHARGER, IDENTITY, SECOND, Device
from tests.tui.conftest import make_app, settle
from tests.tui.csms_scene import embedded
from tests.tui.fake_door import FakeDoor, charging_fleet
from tests.tui.test_fleet_sizes import mixed_fleet

SIZES = [(80, 24), (120, 36), (200, 50)]
IDS = ["80x24", "120x36", "200x50"]


class SnapCompare(Protocol):
    """The fixture of pytest-textual-snapshot."""

    def __call__(
        self, app: Any, *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[Any]], Awaitable[None]]
    ) -> bool: ...


def troubled_fleet() -> FakeDoor:
    """What can go wrong, side by side."""
    door = charging_fleet(8)
    waiting, faulted, suspended, rejected, crashed = door.stations[1:6]
    waiting.link, waiting.retry_at, waiting.queued = LinkState.WAITING, door.at + 11.2, 3
    waiting.trouble = "connection refused (tcp): is the CSMS running?"
    faulted.evses[0].status, faulted.evses[0].state, faulted.evses[0].transaction_id = "Faulted", None, None
    suspended.evses[0].state = "SuspendedEV"
    rejected.link, rejected.trouble = LinkState.REJECTED, "the CSMS answered Rejected"
    crashed.link, crashed.trouble = LinkState.CRASHED, "KeyError: restarting"
    door.banner = "--insecure: certificates are not checked"
    return door


def broken_fleet(stations: int = 6) -> FakeDoor:
    """What one breaks on purpose, side by side."""
    door = charging_fleet(stations)
    faulted, dark, cut, away, jammed, bay = door.stations[:6]
    for station in (faulted, dark, jammed, bay):
        station.evses[0].transaction_id = station.evses[0].state = None
    faulted.evses[0].status, faulted.evses[0].faults = "Faulted", ("ground-fault", "over-temperature")
    dark.link = LinkState.DARK
    cut.network_cut = True
    away.network_cut, away.link, away.retry_at = True, LinkState.WAITING, door.at + 11.2
    away.trouble = "no answer within 10 s (tcp): the network is cut: restore-network lets it pass again"
    jammed.evses[0].lock = "jammed"
    bay.evses[0].plugged, bay.evses[0].in_bay, bay.evses[0].status = False, True, "Available"
    return door


def meddled_fleet() -> FakeDoor:
    """Rules on the wire, what they hold, and what they did."""
    door = charging_fleet()
    first, second = door.stations[:2]
    first.rules = (
        RuleRow("drop", "drop: 5 % of ~out & ~a TransactionEvent", 3, 0),
        RuleRow("delay", "delay 200+-50 ms: all frames", 127, 0),
        RuleRow("cut", "cut the connection every 60+-10 s", 1, 0),
    )
    second.rules = (RuleRow("answer", "answer with SecurityError: ~a Authorize, 2 times", 0, 2),)
    text = '[2,"a-1","Authorize",{"idToken":{"idToken":"DEADBEEF","type":"ISO14443"}}]'
    second.held = (HeldRow(1, "SENT", "CALL", "Authorize", door.at - 7.0, "hold", text, len(text), False),)
    beat, beet = '[2,"h-1","Heartbeat",{}]', '[2,"h-1","Heartbeet",{}]'
    note = "edited by edit; delayed 212 ms by delay"
    door.reader.add(
        door.at, "CP001", Direction.SENT, FrameType.CALL, "Heartbeet", beet, note=note, original=beat, fault="no action"
    )
    return door


def household() -> FakeDoor:
    """The same fleet, and the node that shows it to a home."""
    door = charging_fleet()
    profile = Profile(IDENTITY, (CHARGER, SECOND))
    chargers = ((Device(CHARGER), "CP001 EVSE 1"), (Device(SECOND), "CP002 EVSE 1"))
    door.node_view = NodeView("127.0.0.1", tuple(object_row(*each) for each in ((profile, "node profile"), *chargers)))
    request = bytes.fromhex("10810007 05FF01 02A101 62 02 D300 DA00")
    service, text, fault = read(request, decode(request), "127.0.0.2")
    door.reader.add(5.0, "CP001", Direction.RECEIVED, FrameType.ECHONET, service, text, fault=fault)
    return door


SCENES: dict[str, tuple[Callable[[], FakeDoor], tuple[str, ...]]] = {
    "fleet": (charging_fleet, ()),
    "idle": (FakeDoor, ()),
    "list": (lambda: charging_fleet(60), ("down", "down", "space", "down")),
    "troubled": (troubled_fleet, ("f", "right")),
    "broken": (broken_fleet, ("f",)),
    "broken-list": (lambda: broken_fleet(60), ()),
    "faulted": (broken_fleet, ("enter",)),
    "fault": (charging_fleet, ("enter", "exclamation_mark", "down")),
    "log": (charging_fleet, ("tab", "up", "up", "up")),
    "station": (charging_fleet, ("enter",)),
    "reading": (charging_fleet, ("enter", "g", "left", "left", "left", "left", "left", "left")),
    "charts": (charging_fleet, ("C", "left", "left", "left", "left")),
    "model": (charging_fleet, ("enter", "m", "right", "right", "right", "down", "down", "down")),
    "value": (charging_fleet, ("enter", "m", "slash", "t", "x", "s", "t", "enter", "enter", "tab")),
    "frame": (charging_fleet, ("tab", "up", "enter")),
    "echonet": (household, ("e",)),
    "help": (charging_fleet, ("question_mark",)),
    "quit": (charging_fleet, ("q",)),
    "rules": (meddled_fleet, ("R",)),
    "decide": (meddled_fleet, ("R", "enter")),
    "meddled-frame": (meddled_fleet, ("tab", "end", "enter")),
}


def compare(
    snap_compare: SnapCompare, scene: str, size: tuple[int, int], settings: Settings | None = None, **options: Any
) -> bool:
    fleet, keys = SCENES[scene]

    async def go(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return snap_compare(make_app(fleet(), settings, **options), terminal_size=size, run_before=go)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
@pytest.mark.parametrize("scene", [name for name in SCENES if name not in ("value", "help", "quit", "fault", "decide")])
def test_screens(snap_compare: SnapCompare, scene: str, size: tuple[int, int]) -> None:
    assert compare(snap_compare, scene, size)


@pytest.mark.parametrize("scene", ["value", "help", "quit", "fault", "decide"])
def test_dialogs(snap_compare: SnapCompare, scene: str) -> None:
    assert compare(snap_compare, scene, (80, 24))


@pytest.mark.parametrize("scene", list(SCENES))
def test_screens_in_ascii(snap_compare: SnapCompare, scene: str) -> None:
    assert compare(snap_compare, scene, (80, 24), ascii=True)


@pytest.mark.parametrize("size", SIZES[:2], ids=IDS[:2])
@pytest.mark.parametrize("stations", [4, 40, 400, 4_000])
@pytest.mark.parametrize("form", list(Form))
def test_fleets_of_any_size_in_each_form(
    snap_compare: SnapCompare, stations: int, form: Form, size: tuple[int, int]
) -> None:
    async def go(pilot: Pilot[Any]) -> None:
        assert isinstance(pilot.app, EvtuiApp)
        await settle(pilot)
        for _ in Form:
            if pilot.app.fleet_screen.grid.plan.form is form:
                break
            await pilot.press("v")
            await settle(pilot)

    assert snap_compare(make_app(mixed_fleet(stations)), terminal_size=size, run_before=go)


@pytest.mark.parametrize("keys", [("slash", *"~tx ~kw >7", "enter", "z", "z", "z"), ("slash", *"~tx", "enter", "x")])
def test_a_filter_and_what_acts_on_it(snap_compare: SnapCompare, keys: tuple[str, ...]) -> None:
    async def go(pilot: Pilot[Any]) -> None:
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    assert snap_compare(make_app(mixed_fleet(400)), terminal_size=(80, 24), run_before=go)


@pytest.mark.parametrize("theme", ["evtui-light", "ansi-dark", "nord"])
def test_themes(snap_compare: SnapCompare, theme: str) -> None:
    assert compare(snap_compare, "fleet", (80, 24), Settings(theme=theme))


def test_two_evses_in_a_panel(snap_compare: SnapCompare) -> None:
    async def go(pilot: Pilot[Any]) -> None:
        await settle(pilot)

    door = charging_fleet(2, evses=2)
    assert snap_compare(make_app(door), terminal_size=(80, 24), run_before=go)


@pytest.mark.parametrize("size", SIZES[:2], ids=IDS[:2])
def test_a_message(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert _message(snap_compare, size)


def test_a_message_in_ascii(snap_compare: SnapCompare) -> None:
    assert _message(snap_compare, (80, 24), ascii=True)


@pytest.mark.parametrize("size", SIZES[:2], ids=IDS[:2])
@pytest.mark.parametrize("book", ["1", "2", "4"])
def test_the_csms(snap_compare: SnapCompare, book: str, size: tuple[int, int]) -> None:
    async def go(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in ("c", book):
            await pilot.press(key)
            await settle(pilot)

    assert snap_compare(make_app(embedded()), terminal_size=size, run_before=go)


def _message(snap_compare: SnapCompare, size: tuple[int, int], **options: Any) -> bool:
    """With a list in it, something wrong, and the answer to the one before."""
    door = charging_fleet()
    door.answer = '{"idTokenInfo":{"status":"Accepted"}}'
    app = make_app(door, **options)

    async def go(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        app.composer.write("TransactionEvent")
        await settle(pilot)
        for key in ("s", "end", "up", "up", "up", "up", "up", "up", "plus", "home", "down", "enter", *"now", "enter"):
            await pilot.press(key)
            await settle(pilot)
        app.clear_notifications()
        await settle(pilot)

    return snap_compare(app, terminal_size=size, run_before=go)
