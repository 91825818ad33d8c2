"""Help is generated from the bindings; the palette has every command."""

import pytest
from textual.command import CommandList, CommandPalette
from textual.widgets import Input

from evtui.engine.commands import COMMANDS, Scope
from evtui.engine.door import Command, Target
from evtui.settings import Settings
from evtui.tui import figures
from evtui.tui.keys import Where, keys_of
from evtui.tui.paint import text_of
from evtui.tui.palette_commands import EvtuiCommands
from evtui.tui.screens.help import help_lines
from tests.tui.conftest import OpenWindow, Window, settle
from tests.tui.fake_door import FakeDoor, charging_fleet


async def test_help_shows_the_keys_of_what_has_the_focus(open_window: OpenWindow) -> None:
    async with open_window(size=(120, 50)) as window:
        await window.press("question_mark")
        assert "On the stations" in window.text
        await window.press("escape", "tab", "question_mark")
        assert "In the log of frames" in window.text
        await window.press("q", "enter", "question_mark")
        assert "On a frame" in window.text


@pytest.mark.parametrize("where", [Where.GRID, Where.STATION, Where.LOG, Where.FRAME])
def test_help_has_every_key_with_its_sentence(where: Where) -> None:
    text = " ".join(" ".join(text_of(line).split()) for line in help_lines([where], {}, "", 76))
    for spec in (*keys_of(where), *keys_of(Where.EVERYWHERE)):
        assert spec.help in text


async def test_help_follows_settings_toml(open_window: OpenWindow) -> None:
    async with open_window(size=(120, 50), settings=Settings(keys={"evse.start": "f2"})) as window:
        await window.press("question_mark")
        assert " f2  Plug in if needed" in window.text


async def test_help_scrolls_where_it_does_not_fit(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("question_mark")
        assert "Everywhere" not in window.text
        assert "lines ─╯" in window.text
        await window.press("pagedown", "pagedown", "pagedown")
        assert "Everywhere" in window.text
        await window.press("pageup", "up", "down", "escape")
        assert "4 stations" in window.text


async def test_the_palette_has_every_command_of_the_registry_with_its_help(open_window: OpenWindow) -> None:
    async with open_window() as window:
        provider = EvtuiCommands(window.app.screen)
        entries = {str(hit.prompt): hit.help async for hit in provider.discover()}
        nouns = {Scope.EVSE: "EVSE", Scope.STATION: "Station", Scope.FLEET: "Fleet"}
        for spec in COMMANDS.values():
            assert (entries[f"{nouns[spec.scope]}: {spec.title}"] or "").startswith(spec.help)
        assert "(s)" in (entries["EVSE: Start"] or "")
        assert {"Window: Quit", "Window: Picture", "Window: Record", "Window: Detach"} <= set(entries)


async def test_choosing_in_the_palette_acts(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("ctrl+p")
        assert "EVSE: Start" in window.text
        await window.press("enter")
        await settle(window.pilot)
        assert [command.name for command in window.door.submitted] == ["start"]


async def choose(window: Window, title: str) -> None:
    """Runs an entry of the palette."""
    provider = EvtuiCommands(window.app.screen)
    entries = {str(hit.prompt): hit async for hit in provider.discover()}
    entries[title].command()
    await settle(window.pilot)


async def test_a_command_without_a_key_acts_on_what_is_marked(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("space", "right", "space", "p")
        await choose(window, "EVSE: Unplug")
        assert window.door.submitted[-1] == Command("unplug", (Target("CP001", 1), Target("CP002", 1)))


async def test_a_command_with_arguments_asks_for_them(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await choose(window, "EVSE: Plug in")
        assert "Put the cable of the next car in" in window.text
        assert "ev: a model of the EV catalogue" in window.text
        await window.press(*"zoe", "enter")
        assert window.door.submitted == [Command("plug-in", (Target("CP001", 1),), {"ev": "zoe"})]


async def test_arguments_left_empty_have_the_commands_defaults(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await choose(window, "EVSE: Authorize")
        await window.press("tab", "shift+tab", "enter")
        assert window.door.submitted == [Command("authorize", (Target("CP001", 1),))]


async def test_escape_from_the_arguments_does_nothing(open_window: OpenWindow) -> None:
    async with open_window(ascii=True) as window:
        await choose(window, "EVSE: Authorize")
        assert window.text.isascii()
        await window.press("q", "escape")
        assert not window.door.submitted
        assert "4 stations" in window.text


async def test_the_palette_changes_the_theme(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await choose(window, "Window: Theme")
        await window.press("down", "enter")
        assert window.app.theme == "evtui-light"


async def test_escape_closes_the_palette(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("ctrl+p", "escape")
        assert "4 stations" in window.text


async def test_a_palette_that_closes_while_it_looks_is_no_error(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("ctrl+p")
        palette = window.app.screen
        assert isinstance(palette, CommandPalette)
        await palette.query_one(CommandList).remove()  # as the window does on its way out, while something is typed
        palette.query_one(Input).value = "start"
        await window.pilot.pause()
        for worker in [each for each in window.app.workers if each.node is palette]:  # those of the window go on
            await worker.wait()


async def test_keys_of_the_palette_can_be_re_mapped(open_window: OpenWindow) -> None:
    keys = {"palette.down": "f5", "palette.back": "f6", "field.submit": "f7", "field.delete-left": "f8"}
    async with open_window(settings=Settings(keys)) as window:
        await window.press("ctrl+p", "escape", "down", "f6")
        assert not isinstance(window.app.screen, CommandPalette)
        await window.press("ctrl+p", *"EVSE: Starx")
        await window.press("backspace", "f8", "f7")
        await settle(window.pilot)
        assert [command.name for command in window.door.submitted] == ["start"]


async def test_keys_move_in_the_palette(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("ctrl+p")
        entries = window.app.screen.query_one(CommandList)
        seen = []
        for key in ("tab", "down", "shift+tab", "up", "pagedown", "ctrl+end", "pageup", "ctrl+home"):
            await window.press(key)
            assert entries.highlighted is not None
            seen.append(entries.highlighted)
        assert seen[:4] == [1, 2, 1, 0]
        assert seen[5] == entries.option_count - 1
        assert 0 < seen[4] < seen[6] < seen[5]
        assert seen[7] == 0


async def test_the_palette_stands_in_any_terminal(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("ctrl+p", "down")
        await window.pilot.resize_terminal(2, 2)
        await window.press("pagedown", "pageup", "escape")
        assert not isinstance(window.app.screen, CommandPalette)


@pytest.mark.parametrize("name", ["CP[/x]", "CP[@click=app.quit]y", "CP\x1b[2J\x9b", "CP[red]"])
async def test_the_palette_shows_a_name_as_it_is(open_window: OpenWindow, name: str) -> None:
    door = FakeDoor()
    door.stations[0].id = name
    async with open_window(door, (120, 36)) as window:
        await window.press("ctrl+p", *"Send: Heartb")
        assert f"send it from {figures.safe(name, window.app.glyphs)} (" in window.text


async def test_help_on_a_chart_tells_its_keys(open_window: OpenWindow) -> None:
    async with open_window(size=(120, 50)) as window:
        await window.press("C", "question_mark")
        assert "On a chart" in window.text
        assert "In the charts of the fleet" in window.text


async def test_in_a_dialog_ctrl_c_tells_the_key_that_quits_there(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press("ctrl+c")
        assert window.toasts == ["q quits"]
        await window.press("slash", "ctrl+c")
        assert window.toasts[-1] == "^q quits"
        await window.press("ctrl+q")
        assert "Quit?" in window.text
        await window.press("escape", "escape")
        assert not window.app._exit


async def test_the_keys_of_a_line_of_text_can_be_re_mapped(open_window: OpenWindow) -> None:
    settings = Settings(keys={"field.submit": "f8", "field.delete-home": "ctrl+g", "window.interrupt": "ctrl+y"})
    async with open_window(settings=settings) as window:
        await window.press("slash", *"~kw", "ctrl+g", *"CP002", "enter")
        depth = len(window.app.screen_stack)
        await window.press("f8")
        assert len(window.app.screen_stack) == depth - 1
        assert window.app.scene.filter == "CP002"
        await window.press("ctrl+c")
        assert not window.toasts
        await window.press("ctrl+y")
        assert window.toasts == ["q quits"]


REMAPPED = {
    "evse.start": "f2",
    "evse.stop": "f3",
    "field.submit": "f4",
    "filter.complete": "f5",
    "filter.back": "f6",
    "line.back": "f7",
    "form.back": "f8",
    "form.next": "f9",
    "fleet.open": "f10",
}


async def test_what_is_said_names_the_keys_that_are_bound(open_window: OpenWindow) -> None:
    async with open_window(settings=Settings(keys=REMAPPED)) as window:
        await window.press("f3")
        assert window.toasts[-1] == "CP001 EVSE 1 has no transaction to stop: f2 starts one"
        await window.press("slash")
        assert "f4 keeps it, f5 goes on with it, f1 tells the language, f6 goes back" in window.text
        await window.press("f6", "f10", "t")
        assert "f4 does it, f9 goes on, f8 goes back" in window.text
        await window.press("f8", "escape")
        assert "f2 starts a session" in window.text


async def test_what_has_no_key_is_called_by_its_name(open_window: OpenWindow) -> None:
    async with open_window() as window:
        window.app.tell("`limit-energy` or `evse.start`, not `no-such`")
        await settle(window.pilot)
        assert window.toasts == ["`limit-energy` or s, not `no-such`"]


async def test_help_on_a_log_tells_the_keys_of_its_screen_that_still_work(open_window: OpenWindow) -> None:
    async with open_window(size=(120, 70)) as window:
        await window.press("enter")
        screen = window.app.shown_screen()
        screen.query_one("#log").focus()
        await settle(window.pilot)
        await window.press("question_mark")
        assert "In the log of frames" in window.text
        assert "In the station view" in window.text
        assert "The car wants no energy" not in window.text  # w writes the frames there
        assert "Plug in if needed" in window.text
        await window.press("escape", "s")
        assert [command.name for command in window.door.submitted] == ["start"]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("f", "tab"), "this screen has no other part to go to now"),
        (("tab", "backspace"), "all frames are shown"),
        (("enter", "m", "backspace"), "all variables are shown"),
        (("C", "minus"), "the chart goes no further"),
        (("slash", *"zzzzz ", "tab"), "there is nothing that it could go on with"),
        (("enter", "m", "slash", "tab"), "words are searched as they are typed: there is nothing to go on with"),
        (("enter", "exclamation_mark", "9"), "there is no choice 9"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
async def test_a_key_that_does_nothing_says_why(open_window: OpenWindow, keys: tuple[str, ...], why: str) -> None:
    async with open_window(charging_fleet()) as window:
        await window.press(*keys)
        assert window.toasts[-1:] == [why]
