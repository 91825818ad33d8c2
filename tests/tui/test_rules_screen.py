"""Rules on the wire in the window: seen, added, removed; and what becomes of held frames."""

import pytest

from evtui.engine.door import Command, HeldRow, Outcome, RuleRow, Target
from evtui.tui.screens.rules import RulesScreen
from tests.tui.conftest import OpenWindow
from tests.tui.fake_door import FakeDoor

CALL = '[2,"a-1","Authorize",{}]'


def holding(type: str = "CALL", *, text: str = CALL, masked: bool = False, size: int | None = None) -> FakeDoor:
    door = FakeDoor()
    size = len(text) if size is None else size
    door.stations[1].held = (HeldRow(7, "SENT", type, "Authorize", door.at - 9.0, "hold", text, size, masked),)
    door.stations[0].rules = (RuleRow("drop", "drop: 5 % of all frames", 3, 0),)
    return door


def released(**arguments: str) -> Command:
    given = {key.replace("_", "-"): value for key, value in arguments.items()}
    return Command("release", (Target("CP002"),), {"frame": "7", **given})


async def test_a_rule_is_chosen_then_filled_in_for_the_station_under_the_cursor(open_window: OpenWindow) -> None:
    door = FakeDoor()
    async with open_window(door) as window:
        await window.press("right", "R")
        assert "rules on the wire · a adds to CP002" in window.text
        assert "no rule is at work: a adds one to CP002, A to the whole fleet" in window.text
        await window.press("a", "3")
        assert "delay-ms: for delay and defer: 200, or 200+-50" in window.text
        await window.press(*"200+-50", "enter")
        assert door.submitted == [
            Command("add-rule", (Target("CP002"),), {"action": "delay", "delay-ms": "200+-50"}),
        ]
        assert window.toasts == ["add-rule is done"]


async def test_a_rule_for_the_whole_fleet_has_no_targets_but_a_filter_that_lets_all_through(
    open_window: OpenWindow,
) -> None:
    door = FakeDoor()
    async with open_window(door) as window:
        await window.press("R", "A", "8", "5", *"~in", "enter")
        arguments = {"action": "answer", "code": "SecurityError", "filter": "~in"}
        assert door.submitted == [Command("add-rule", (), arguments, "")]


async def test_what_was_refused_can_be_mended(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.refusal = Outcome(False, "CP001: filter: ~q is no filter")
    async with open_window(door) as window:
        await window.press("R", "a", "2", *"~q", "enter")
        assert window.toasts == ["CP001: filter: ~q is no filter"]
        assert "Rule: drop" in window.text
        door.refusal = None
        await window.press("backspace", "e", "enter")
        assert door.submitted[-1].arguments == {"action": "drop", "filter": "~e"}


async def test_the_marked_stations_share_a_rule(open_window: OpenWindow) -> None:
    door = FakeDoor()
    async with open_window(door) as window:
        await window.press("space", "right", "space", "R")
        assert "a adds to 2 stations" in window.text
        await window.press("a", "2", "enter")
        assert door.submitted[0].targets == (Target("CP001"), Target("CP002"))


async def test_under_a_filter_a_rule_is_for_all_that_it_shows(open_window: OpenWindow) -> None:
    door = FakeDoor()
    async with open_window(door) as window:
        await window.press("slash", *"CP00", "enter", "R")
        assert "a adds to 4 stations of CP00" in window.text
        await window.press("a")
        assert "What becomes of frames of 4 stations of CP00?" in window.text
        await window.press("2", "enter")
        assert door.submitted == [Command("add-rule", (), {"action": "drop"}, "CP00")]


async def test_under_a_filter_marked_stations_go_first(open_window: OpenWindow) -> None:
    door = FakeDoor()
    async with open_window(door) as window:
        await window.press("slash", *"CP00", "enter", "space", "R", "a", "2", "enter")
        assert door.submitted == [Command("add-rule", (Target("CP001"),), {"action": "drop"})]


async def test_a_filter_that_shows_no_station_gets_no_rule(open_window: OpenWindow) -> None:
    door = FakeDoor()
    async with open_window(door) as window:
        await window.press("slash", *"CP9", "enter", "R", "a")
        assert window.toasts[-1] == "there is no station to add a rule to"
        assert not door.submitted


async def test_held_frames_stand_first_with_station_frame_and_time(open_window: OpenWindow) -> None:
    async with open_window(holding()) as window:
        assert "1 held" in window.text.splitlines()[0]
        await window.press("R")
        assert "─ 1 rule · 1 held frame ─" in window.text
        assert f"▶ CP002 held 7 → CALL Authorize {CALL}" in window.text
        assert "00:09" in window.text
        assert "  CP001 drop       drop: 5 % of all frames" in window.text
        assert "3 met" in window.text


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (("p",), released(do="pass")),
        (("x",), released(do="drop")),
        (("enter", "1"), released(do="pass")),
        (("enter", "5"), released(do="duplicate")),
        (("enter", "4", "0", "enter"), released(do="delay", delay_ms="2000")),
        (("enter", "6", "2"), released(do="answer", code="GenericError")),
        (("e", "ctrl+o"), released(do="pass")),
    ],
)
async def test_keys_decide_what_becomes_of_a_held_frame(
    open_window: OpenWindow, keys: tuple[str, ...], command: Command
) -> None:
    door = holding()
    async with open_window(door) as window:
        await window.press("R", *("space" if key == " " else key for key in keys))
        assert door.submitted == [command]


async def test_an_answer_is_not_to_be_answered(open_window: OpenWindow) -> None:
    async with open_window(holding("CALLRESULT")) as window:
        await window.press("R", "enter")
        assert "Drop it" in window.text
        assert "CALLERROR" not in window.text


TOKEN = '[2,"a-1","Authorize",{"idToken": {"idToken":"04\u009b9F","type":"ISO14443"},"x":1.10e0}]'


async def test_a_held_frame_is_edited_indented_and_judged_while_it_is_typed(open_window: OpenWindow) -> None:
    door = holding(text=TOKEN.replace("ISO14443", "ISO14444"))
    async with open_window(door) as window:
        await window.press("R", "e")
        assert '"idToken": "04\\u009b9F"' in window.text, "an escape sequence is not let through to the terminal"
        assert "✗ idToken.type" in window.text
        await window.press(*["down"] * 3, "end", "left", "backspace", "3")
        assert "✗ x: is no field of this message" in window.text
        await window.press("ctrl+o")
        assert "x: is no field of this message; ^o again sends it all the same" in window.text
        assert not door.submitted
        await window.press("down", "down", "end", "ctrl+u", "up", "end", "backspace")
        assert "✓" in window.text
        await window.press("ctrl+o")
        text = '[2,"a-1","Authorize",{"idToken":{"idToken":"04\\u009b9F","type":"ISO14443"}}]'
        assert door.submitted == [released(do="edit", text=text)]


async def test_what_is_invalid_can_be_meant(open_window: OpenWindow) -> None:
    door = holding(text=TOKEN)
    async with open_window(door) as window:
        await window.press("R", "e", "backspace", "delete", "ctrl+o")
        assert "not JSON" in window.text
        assert not door.submitted
        await window.press("ctrl+o")
        assert door.submitted[0].arguments["text"].startswith('2, "a-1", "Authorize", {"idToken": {')


async def test_what_was_not_edited_passes_as_it_was_although_it_is_invalid(open_window: OpenWindow) -> None:
    door = holding(text=TOKEN)
    async with open_window(door) as window:
        await window.press("R", "e", "x", "backspace", "ctrl+o")
        assert door.submitted == [released(do="pass")]


async def test_what_was_written_is_dropped_only_when_that_is_meant(open_window: OpenWindow) -> None:
    door = holding()
    async with open_window(door) as window:
        await window.press("R", "e", "escape")
        assert isinstance(window.app.screen, RulesScreen)
        await window.press("e", "x", "escape")
        assert "esc again drops what was written" in window.text
        await window.press("escape")
        assert isinstance(window.app.screen, RulesScreen)
        assert not door.submitted


async def test_the_editor_fits_small_terminals_and_follows_their_size(open_window: OpenWindow) -> None:
    door = holding(text=TOKEN)
    async with open_window(door, (60, 15)) as window:
        await window.press("R", "e")
        for columns, lines in ((40, 8), (200, 50), (60, 15)):
            await window.pilot.resize_terminal(columns, lines)
            await window.press()
            assert "^o sends it" in window.text
            assert "Authorize" in window.text


@pytest.mark.parametrize(
    ("door", "reason"),
    [
        (holding(masked=True), "a secret in it is not shown, and an edit would send the mask instead"),
        (holding(size=99_999), "99,999 characters are too long to be edited here"),
        (holding(text="no JSON\x1b[2J"), "it has characters in it that cannot be edited here"),
    ],
)
async def test_what_cannot_be_edited_says_why(open_window: OpenWindow, door: FakeDoor, reason: str) -> None:
    async with open_window(door) as window:
        await window.press("R", "e")
        assert window.toasts == [reason]
        assert not door.submitted


async def test_a_rule_is_removed_and_keys_of_held_frames_say_that_it_is_none(open_window: OpenWindow) -> None:
    door = holding()
    async with open_window(door) as window:
        await window.press("R", "down", "p")
        assert window.toasts == ["no held frame is under the cursor"]
        await window.press("minus")
        assert "Remove the rule drop of CP001?" in window.text
        assert "drop: 5 % of all frames" in window.text
        await window.press("escape")
        assert not door.submitted
        await window.press("minus", "y")
        assert door.submitted == [Command("remove-rule", (Target("CP001"),), {"name": "drop"})]
        await window.press("up", "minus")
        assert window.toasts[-1] == "no rule is under the cursor"


async def test_clearing_asks_once(open_window: OpenWindow) -> None:
    door = holding()
    async with open_window(door) as window:
        await window.press("R", "C", "escape")
        assert not door.submitted
        await window.press("C", "y")
        assert door.submitted == [Command("clear-rules", (), {}, "")]


async def test_the_cursor_stays_on_its_rule_when_a_held_frame_goes(open_window: OpenWindow) -> None:
    door = holding()
    async with open_window(door) as window:
        await window.press("R", "down")
        door.stations[1].held = ()
        await window.pass_time(1)
        screen = window.app.screen
        assert isinstance(screen, RulesScreen)
        assert screen.table.here is not None
        assert screen.table.here.key == ("CP001", "drop")
        await window.press("escape")
        assert not isinstance(window.app.screen, RulesScreen)


async def test_a_held_frame_is_told_aloud_with_the_key_that_decides(open_window: OpenWindow) -> None:
    door = holding()
    async with open_window(door) as window:
        door.shout("frame-held", "CP002", "Authorize SENT")
        await window.pass_time(1)
        assert window.toasts == ["CP002 holds Authorize SENT: R decides"]


async def test_a_read_only_window_shows_rules_and_changes_none(open_window: OpenWindow) -> None:
    door = holding()
    async with open_window(door, read_only=True) as window:
        await window.press("R", "p", "a", "C")
        assert window.toasts == ["this window is read-only"] * 3
        assert not door.submitted


async def test_the_station_view_counts_rules_and_held_frames_and_opens_them(open_window: OpenWindow) -> None:
    async with open_window(holding()) as window:
        await window.press("right", "enter")
        assert "1 held" in window.text.splitlines()[0]
        await window.press("R")
        assert "a adds to CP002" in window.text


async def test_a_frame_says_what_a_rule_did_and_what_it_was_before(open_window: OpenWindow) -> None:
    from tests.tui.test_snapshots import meddled_fleet

    async with open_window(meddled_fleet()) as window:
        await window.press("tab", "end")
        assert "≈ edited by edit" in window.text
        await window.press("enter")
        assert "≈ a rule: edited by edit; delayed 212 ms by delay" in window.text
        assert "before the rule, it was:" in window.text
        assert '"Heartbeat"' in window.text
