"""Writing a message as a form: filled with what is true, judged at each field, sent, answered, recalled."""

import json
import stat
import sys
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from evtui.engine.door import Command, LinkState, Target
from evtui.tui.editor import editor_of
from evtui.tui.screens.message import MessageScreen
from tests.tui.conftest import OpenWindow, Window, settle
from tests.tui.fake_door import FakeDoor, charging_fleet


async def write(window: Window, action: str, text: str | None = None) -> MessageScreen:
    """Opens the form of a message of the station under the cursor."""
    window.app.composer.write_from((Target("CP001"),), 1, action, text)
    await settle(window.pilot)
    screen = window.app.screen
    assert isinstance(screen, MessageScreen)
    return screen


def sent(window: Window) -> dict[str, str]:
    """The arguments of the newest command."""
    command = window.door.submitted[-1]
    assert (command.name, command.targets) == ("send", (Target("CP001"),))
    return command.arguments


async def test_the_palette_finds_every_message_of_the_station_s_version(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.stations[0].version = "1.6"
    async with open_window(door) as window:
        await window.press("colon", *"stoptrans")
        assert "Send: StopTransaction" in window.text
        assert "CP001 (OCPP 1.6)" in window.text
        await window.press("enter")
        assert "send StopTransaction · OCPP 1.6" in window.text


async def test_it_begins_with_what_is_true_now(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        screen = await write(window, "TransactionEvent")
        running = (await window.door.station("CP001")).transactions[-1]  # type: ignore[union-attr]
        assert screen.draft.payload["transactionInfo"] == {"transactionId": running.transaction_id}
        assert screen.draft.payload["seqNo"] == running.events
        assert screen.draft.payload["timestamp"].startswith("2025-")
        assert "valid against the schema" in window.text
        assert "SHALL contain" in window.text, "the standard's words on the field"


async def test_s_sends_it_and_the_answer_shows(open_window: OpenWindow) -> None:
    async with open_window() as window:
        window.door.answer = '{"currentTime":"2025-10-09T08:53:20Z"}'
        await write(window, "Heartbeat")
        assert "it has no fields" in window.text
        await window.press("s")
        assert sent(window) == {"action": "Heartbeat", "payload": "{}"}
        assert "CP001: Heartbeat: CALLRESULT in 12 ms" in window.text
        assert '"currentTime": "2025-10-09T08:53:20Z"' in window.text
        assert window.toasts[-1].startswith("CP001: Heartbeat: CALLRESULT")


async def test_a_callerror_and_its_details_show_too(open_window: OpenWindow) -> None:
    async with open_window() as window:
        window.door.rejection = "CP001: Heartbeat: CALLERROR NotSupported: \x1b[31mno"
        window.door.answer = '{"errorCode":"NotSupported"}'
        await write(window, "Heartbeat")
        await window.press("s")
        assert "CALLERROR NotSupported: ␛[31mno" in window.text
        assert '"errorCode": "NotSupported"' in window.text


async def test_a_choice_turns_and_what_is_wrong_stands_at_its_field(open_window: OpenWindow) -> None:
    async with open_window() as window:
        screen = await write(window, "StatusNotification")
        await window.press("down", "right")
        assert screen.draft.payload["connectorStatus"] == "Occupied"
        await window.press("left", "left")
        assert screen.draft.payload["connectorStatus"] == "Faulted"
        await window.press("enter", *"nope", "enter")
        row = next(line for line in window.text.splitlines() if "connectorStatus" in line)
        assert "nope  ✗" in row
        assert '"nope" is not one of Available' in window.text


async def test_an_invalid_message_is_refused_with_the_reason_unless_it_is_allowed(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await write(window, "StatusNotification", '{"evseId":"x"}')
        assert "4 faults" in window.text
        before = len(window.door.submitted)
        await window.press("s")
        assert len(window.door.submitted) == before
        assert "not sent: " in window.toasts[-1]
        assert "(and 3 more); i allows it" in window.toasts[-1]
        await window.press("i", "s")
        assert sent(window) == {"action": "StatusNotification", "payload": '{"evseId":"x"}', "invalid": "send"}


async def test_typing_is_judged_at_once_and_escape_keeps_what_there_was(open_window: OpenWindow) -> None:
    async with open_window() as window:
        screen = await write(window, "StatusNotification")
        await window.press("G", "enter")
        assert "whole number: enter keeps it" in window.text
        await window.press(*"1x")
        assert "must be of type integer, is a string" in window.text
        await window.press("escape")
        assert screen.draft.payload["connectorId"] == 1
        await window.press("enter", *"7", "enter")
        assert screen.draft.payload["connectorId"] == 7


async def test_tab_completes_a_choice(open_window: OpenWindow) -> None:
    async with open_window() as window:
        screen = await write(window, "StatusNotification")
        await window.press("down", "enter", *"un", "tab", "enter")
        assert screen.draft.payload["connectorStatus"] == "Unavailable"


async def test_lists_and_objects_are_added_folded_and_taken_out(open_window: OpenWindow) -> None:
    async with open_window() as window:
        screen = await write(window, "TransactionEvent")
        place = next(i for i, row in enumerate(screen.draft.rows) if row.place == "meterValue")
        await window.press(*["down"] * place, "plus")
        assert len(screen.draft.payload["meterValue"]) == 1
        assert screen.draft.faults == {}, "what is added is filled with all that it needs"
        await window.press("plus")
        assert len(screen.draft.payload["meterValue"]) == 2
        assert screen.draft.row is not None
        assert screen.draft.row.place == "meterValue[1]"
        await window.press("left")
        assert screen.draft.row.place == "meterValue[1]"
        assert screen.draft.rows[screen.draft.here].folded
        await window.press("minus")
        assert len(screen.draft.payload["meterValue"]) == 1
        await window.press("minus", "minus")
        assert "meterValue" not in screen.draft.payload


async def test_what_was_taken_out_with_all_that_it_held_comes_back(open_window: OpenWindow) -> None:
    async with open_window() as window:
        screen = await write(window, "TransactionEvent")
        place = next(i for i, row in enumerate(screen.draft.rows) if row.place == "meterValue")
        await window.press(*["down"] * place, "plus", "plus", "minus")
        assert window.toasts[-1] == "meterValue[1] is out: + on its list puts it back"
        whole = screen.draft.payload
        place = next(i for i, row in enumerate(screen.draft.rows) if row.place == "meterValue")
        screen.draft.here = place
        await window.press("plus")
        assert len(screen.draft.payload["meterValue"]) == 2
        before = screen.draft.payload
        screen.draft.here = place
        await window.press("minus")
        assert window.toasts[-1] == "meterValue is out: + puts it back"
        assert "meterValue" not in screen.draft.payload
        await window.press("plus")
        assert screen.draft.payload == before
        assert whole != before


async def test_items_come_back_in_turn_and_nothing_comes_back_into_another(open_window: OpenWindow) -> None:
    async with open_window() as window:
        draft = (await write(window, "TransactionEvent")).draft
        items: list[dict[str, Any]] = [
            {"timestamp": f"2025-01-01T00:00:0{n}Z", "sampledValue": [{"value": n}]} for n in range(3)
        ]
        draft.replace({**draft.payload, "meterValue": items})

        def stand_on(place: str) -> None:
            draft.here = next(i for i, row in enumerate(draft.rows) if row.place == place)

        for _ in range(2):
            stand_on("meterValue[0]")
            draft.remove()
        for _ in range(2):
            stand_on("meterValue")
            draft.add()
        assert draft.payload["meterValue"] == items
        stand_on("meterValue[1].sampledValue")
        draft.remove()
        stand_on("meterValue[0]")
        draft.remove()
        stand_on("meterValue[1].sampledValue")
        draft.add()
        assert draft.payload["meterValue"][1] == items[2] | {"sampledValue": [*items[2]["sampledValue"], ANY]}


async def test_what_is_required_and_taken_out_is_missed(open_window: OpenWindow) -> None:
    async with open_window() as window:
        screen = await write(window, "StatusNotification")
        await window.press("minus")
        assert "timestamp" not in screen.draft.payload
        assert "✗ is missing" in window.text
        await window.press("G", "n")
        assert screen.draft.row is not None
        assert screen.draft.row.place == "timestamp"
        await window.press("plus")
        assert screen.draft.faults == {}


async def test_what_was_sent_before_comes_back_with_up(open_window: OpenWindow) -> None:
    async with open_window() as window:
        screen = await write(window, "StatusNotification")
        await window.press("G", "enter", *"7", "enter", "s", "enter", *"8", "enter", "s", "escape")
        screen = await write(window, "StatusNotification")
        assert screen.draft.payload["connectorId"] == 1
        await window.press("up")
        assert screen.draft.payload["connectorId"] == 8
        await window.press("up")
        assert screen.draft.payload["connectorId"] == 7
        await window.press("right_square_bracket")
        assert screen.draft.payload["connectorId"] == 8
        await window.press("right_square_bracket")
        assert window.toasts[-1] == "no newer StatusNotification was sent from this window"


async def test_a_station_without_a_connection_says_so(open_window: OpenWindow) -> None:
    door = FakeDoor()
    door.stations[0].link = LinkState.WAITING
    async with open_window(door) as window:
        await write(window, "Heartbeat")
        await window.press("s")
        assert window.toasts[-1] == "CP001 has no connection"


async def test_a_read_only_window_sends_nothing(open_window: OpenWindow) -> None:
    async with open_window(read_only=True) as window:
        await write(window, "Heartbeat")
        await window.press("s")
        assert window.toasts[-1] == "this window is read-only"
        assert window.door.submitted == []


async def test_marked_stations_send_together(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("space", "right", "space")
        window.app.composer.write("Heartbeat")
        await settle(window.pilot)
        assert "CP001 and 1 more" in window.text
        await window.press("s")
        assert window.door.submitted[-1] == Command(
            "send", (Target("CP001"), Target("CP002")), {"action": "Heartbeat", "payload": "{}"}
        )


async def test_what_comes_from_elsewhere_is_shown_harmlessly(open_window: OpenWindow) -> None:
    async with open_window() as window:
        hostile = {"vendorId": "\x1b[2J", "[bold]": "\x07", "data": {"\u202e": 1}}
        await write(window, "DataTransfer", json.dumps(hostile))
        assert "\x1b" not in window.text
        assert "␛[2J" in window.text
        assert "[bold]" in window.text
        assert "is no field of this message" in window.text
        await window.press("enter")
        assert window.toasts[-1] == "it has control characters: e edits them"


# -- the editor -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "command"), [({"EDITOR": "nano -w"}, ["nano", "-w"]), ({"VISUAL": "a", "EDITOR": "b"}, ["a"])]
)
def test_the_editor_is_the_user_s(environ: dict[str, str], command: list[str]) -> None:
    assert editor_of(environ) == command


async def test_without_an_editor_it_says_how_to_have_one(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    async with open_window() as window:
        await write(window, "Heartbeat")
        await window.press("e")
        assert window.toasts[-1].startswith("there is no editor: set EDITOR")


async def test_a_window_without_a_terminal_cannot_give_it_away(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    async with open_window() as window:
        await write(window, "Heartbeat")
        await window.press("e")
        assert window.toasts[-1] == "this window has no terminal of its own to give to an editor"


def editor(tmp_path: Path, code: str) -> str:
    """An editor that does this to the `text` of its file."""
    script = tmp_path / "editor"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\nfile = pathlib.Path(sys.argv[1])\ntext = file.read_text()\n{code}\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


@pytest.fixture
def suspendable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that has a terminal to give away."""
    from contextlib import nullcontext

    from textual.app import App

    monkeypatch.setattr(App, "suspend", lambda self: nullcontext())


@pytest.mark.usefixtures("suspendable")
@pytest.mark.parametrize(
    ("code", "payload", "said"),
    [
        ("file.write_text(text.replace('{}', '{\"a\": 1}'))", {"a": 1}, None),
        ("sys.exit(1)", {}, "the editor ended without success: nothing is changed"),
        ("file.write_text('{oops')", {}, "what was written is no JSON"),
        ("file.write_bytes(b'\\xff')", {}, "cannot read what"),
    ],
)
async def test_what_is_written_there_is_the_message(
    open_window: OpenWindow,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    code: str,
    payload: Any,
    said: str | None,
) -> None:
    monkeypatch.setenv("EDITOR", editor(tmp_path, code))
    async with open_window() as window:
        screen = await write(window, "Heartbeat")
        await window.press("e")
        assert screen.draft.payload == payload
        if said:
            assert window.toasts[-1].startswith(said)


@pytest.mark.usefixtures("suspendable")
async def test_what_is_no_json_can_be_sent_as_it_is(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDITOR", editor(tmp_path, "file.write_text('{oops')"))
    async with open_window() as window:
        await write(window, "Heartbeat")
        await window.press("e", "s")
        assert "not sent: what was written is no JSON" in window.toasts[-1]
        await window.press("i", "s")
        assert sent(window) == {"action": "Heartbeat", "payload": "{oops", "invalid": "send"}
