"""What really goes to a terminal: the terminal's own 16 colours, no colour, ASCII alone, on every screen."""

import re
from collections.abc import Mapping

import pytest

from tests.e2e.console import console
from tests.e2e.terminal import Terminal
from tests.program import Household

pytestmark = pytest.mark.timeout(180)

SMALL = ("--ephemeral", "--stations", "2")
_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
ATTRIBUTES = {0, 1, 2, 3, 4, 5, 7, 9, 22, 23, 24, 27}
GROUNDS = {39, 49}
SIXTEEN = {*range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)}

WALK: tuple[tuple[tuple[str, ...], str], ...] = (
    (("s",), "Charging"),
    (("enter",), "Why this power"),
    (("v",), "oltage"),
    (("!",), "What breaks?"),
    (("escape",), "Why this power"),
    (("t",), "id-token"),
    (("escape",), "Why this power"),
    (("m",), "device model"),
    (("/",), "earch"),
    (("escape",), "device model"),
    (("escape",), "Why this power"),
    (("R",), "ules"),
    (("escape",), "Why this power"),
    (("escape",), "CP002"),
    (("v",), "Sort"),
    (("v",), "Sort"),
    (("z",), "Sort"),
    (("v",), "CP002"),
    (("?",), "On the stations"),
    (("escape",), "CP002"),
    (("ctrl+p",), "EVSE: Start"),
    (tuple("window: theme"), "Window: Theme"),
    (("enter",), "enter keeps it"),
    (("escape",), "CP002"),
    (("ctrl+p", *"send: heartbeat"), "Send: Heartbeat"),
    (("enter",), "e Editor"),
    (("escape",), "CP002"),
    (("tab", "up"), "CP002"),
    (("enter",), "its answer"),
    (("escape",), "CP002"),
    (("/",), "ilter"),
    (("escape",), "CP002"),
    (("q",), "back"),
    (("y",), ""),
)
"""Keys, and what shows that they have arrived; each screen and dialog of the window once."""


def walk(terminal: Terminal) -> None:
    terminal.wait_for("online")
    for keys, seen in WALK:
        terminal.press(*keys)
        if seen:
            terminal.wait_for(seen)
            if keys in (("escape",), ("v",)):  # an escape that is followed at once means alt
                terminal.wait_until_silent(0.15)
    assert terminal.wait(20) == 0


def codes(written: bytes) -> set[int]:
    """All parameters of colour and attribute sequences."""
    return {int(code or 0) for match in _SGR.finditer(written) for code in re.split(rb"[;:]", match[1])}


@pytest.mark.parametrize(
    ("arguments", "environment", "allowed"),
    [
        (("--theme", "terminal"), {}, ATTRIBUTES | GROUNDS | SIXTEEN),
        (("--theme", "terminal"), {"COLORTERM": "truecolor"}, ATTRIBUTES | GROUNDS | SIXTEEN),
        (("--ascii",), {"NO_COLOR": "1"}, ATTRIBUTES),
    ],
    ids=["16 colours", "16 colours of a million", "no colour, ascii"],
)
def test_every_screen_keeps_to_what_was_asked_for(
    house: Household, arguments: tuple[str, ...], environment: Mapping[str, str], allowed: set[int]
) -> None:
    with console(house, *SMALL, *arguments, columns=100, lines=36, **environment) as terminal:
        walk(terminal)
        written = terminal.raw()
        assert codes(written) <= allowed, codes(written) - allowed
        if "--ascii" in arguments:
            assert written.isascii(), sorted(set(re.findall("[^\x00-\x7f]", written.decode())))
        if "--theme" in arguments:
            assert codes(written) & SIXTEEN


def test_a_theme_is_kept_for_the_next_window(house: Household) -> None:
    with console(house, *SMALL) as terminal:
        terminal.wait_for("online")
        terminal.press("ctrl+p", *"window: theme")
        terminal.wait_for("Window: Theme")
        terminal.press("enter")
        terminal.wait_for("enter keeps it")
        terminal.press("down", "down", "enter")
        terminal.wait_for("terminal is kept in")
        terminal.press("q")
        assert terminal.wait() == 0
    assert (house.home / "config/evtui/settings.toml").read_text() == 'theme = "terminal"\n'
    with console(house, *SMALL, COLORTERM="truecolor") as terminal:
        terminal.wait_for("online")
        terminal.press("q")
        assert terminal.wait() == 0
        assert codes(terminal.raw()) <= ATTRIBUTES | GROUNDS | SIXTEEN


def test_an_unknown_theme_names_the_nearest(house: Household) -> None:
    with console(house, *SMALL, "--theme", "nrod") as terminal:
        assert terminal.wait() == 2
        assert "evtui: --theme: there is no theme 'nrod'; did you mean nord?" in terminal.text()
    assert not [command for command in house.processes().values() if "evtui.host" in command]
