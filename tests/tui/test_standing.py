"""What stands on the terminal is not sent again, and what does not stand there is."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from evtui.tui.cells import cells_of
from evtui.tui.spans import STANDING, render_spans, render_whole
from evtui.tui.standing import TRUSTED_S, Standing

RED, BLUE = Style(color="red"), Style(color="blue")
WIDTH, HEIGHT = 16, 3
CONSOLE = Console(color_system="standard", force_terminal=True, width=WIDTH, legacy_windows=False)


def strip(text: str, style: Style = RED) -> Strip:
    return Strip([Segment(text, style)])


def sent(standing: Standing, x: int, y: int, text: str, style: Style = RED, *, whole: bool = False) -> list[str]:
    """What goes to a terminal of 16x3."""
    standing.begin(WIDTH, HEIGHT, whole=whole)
    return [f"{at}:{part.text}" for at, part in standing.news(x, y, cells_of(strip(text, style)))]


def test_what_stands_there_is_not_sent_again() -> None:
    standing = Standing()
    assert sent(standing, 0, 1, "21.500 kW") == ["0:21.500 kW"]
    assert sent(standing, 0, 1, "21.500 kW") == []
    assert sent(standing, 0, 1, "21.700 kW") == ["3:7"]
    assert sent(standing, 3, 1, "7") == []
    assert sent(standing, 0, 1, "21.700 kW", BLUE) == ["0:21.700 kW"]
    assert sent(standing, 0, 2, "21.700 kW", BLUE) == ["0:21.700 kW"]


def test_whatever_may_have_changed_meanwhile_is_sent_again() -> None:
    now = 0.0
    standing = Standing(lambda: now)
    sent(standing, 0, 0, "abc")
    standing.forget()
    assert sent(standing, 0, 0, "abc") == ["0:abc"]
    standing.begin(WIDTH + 1, HEIGHT, whole=False)
    assert sent(standing, 0, 0, "abc") == ["0:abc"]
    now = TRUSTED_S + 1
    assert sent(standing, 0, 0, "abc") == []
    assert sent(standing, 0, 0, "abc", whole=True) == ["0:abc"]
    assert sent(standing, 0, 0, "abc", whole=True) == []


@pytest.mark.parametrize(("x", "over", "news"), [(3, "b", "3:b"), (1, "ab", "2:b")])
def test_half_of_a_wide_character_does_not_stand_there_alone(x: int, over: str, news: str) -> None:
    standing = Standing()
    sent(standing, 0, 0, " a東b ")
    assert sent(standing, x, 0, over) == [news]
    assert sent(standing, 0, 0, " a東b ") == ["2:東"]


def test_there_is_nothing_beyond_the_terminal() -> None:
    standing = Standing()
    assert sent(standing, 10, 0, "0123456789") == ["10:012345"]
    assert sent(standing, 10, 0, "0123456789") == []
    assert sent(standing, 0, 7, "abc") == []


def test_a_combining_mark_goes_where_its_character_goes() -> None:
    standing = Standing()
    sent(standing, 0, 0, "abc")
    assert sent(standing, 0, 0, "ab\u0301c") == ["1:b\u0301"]


def test_a_screen_that_is_painted_twice_is_sent_once() -> None:
    STANDING.forget()
    lines = [strip("a" * WIDTH), strip("b" * WIDTH), strip("c" * WIDTH)]
    assert "cccc" in render_whole(whole(lines), CONSOLE)
    assert render_whole(whole(lines), CONSOLE) == ""
    assert render_spans(ChopsUpdate([{0: line} for line in lines], [(1, 0, WIDTH)], [[WIDTH]] * HEIGHT), CONSOLE) == ""


# -- against a terminal ---------------------------------------------------------------------------

pieces = st.tuples(st.text(alphabet="ab│▁東 e\u0301", min_size=1, max_size=8), st.sampled_from([RED, BLUE]))
rows = st.lists(pieces, max_size=4).map(
    lambda row: Strip([Segment(text.lstrip("\u0301") or " ", style) for text, style in row]).crop_extend(0, WIDTH, RED)
)
screens = st.lists(rows, min_size=HEIGHT, max_size=HEIGHT)
steps = st.lists(st.tuples(screens, st.sets(st.integers(0, HEIGHT - 1)), st.booleans(), st.booleans()), max_size=6)


def fed(*texts: str) -> list[list[tuple[str, str]]]:
    """What a terminal shows that gets these."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    screen.reset_mode(pyte.modes.DECAWM >> 5, private=True)  # it would scroll for a combining mark in the corner
    stream = pyte.Stream(screen)
    for text in texts:
        stream.feed(text)
    return [[(screen.buffer[y][x].data, screen.buffer[y][x].fg) for x in range(WIDTH)] for y in range(HEIGHT)]


def whole(lines: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in lines], Region(0, 0, WIDTH, HEIGHT))


@given(screens, steps)
def test_a_terminal_shows_what_it_would_if_all_were_sent(
    first: list[Strip], then: list[tuple[list[Strip], set[int], bool, bool]]
) -> None:
    STANDING.forget()
    lines, written = list(first), [render_whole(whole(first), CONSOLE)]
    for fresh, changed, everything, forgotten in then:
        if forgotten:
            STANDING.forget()
            written = [render_whole(whole(lines), CONSOLE)]
        lines = [fresh[y] if y in changed else lines[y] for y in range(HEIGHT)]
        if everything:
            written.append(render_whole(whole(lines), CONSOLE))
        else:
            spans = [(y, 0, WIDTH) for y in sorted(changed)]
            written.append(render_spans(ChopsUpdate([{0: line} for line in lines], spans, [[WIDTH]] * HEIGHT), CONSOLE))
    STANDING.forget()
    assert fed(*written) == fed(render_whole(whole(lines), CONSOLE))
