"""What a partial repaint sends to the terminal."""

import gc

import pytest
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from evtui.tui.spans import STANDING, let_go_of_lines, render_spans
from tests.tui.conftest import OpenWindow
from tests.tui.fake_door import charging_fleet


@pytest.fixture(autouse=True)
def empty() -> None:
    """Nothing stands on the terminal."""
    STANDING.forget()


def _update(*spans: tuple[int, int, int]) -> ChopsUpdate:
    """A line of two widgets, ten cells each, of which some spans changed."""
    left, right = Strip([Segment("abcdefghij")]), Strip([Segment("klmnopqrst")])
    return ChopsUpdate([{0: left, 10: right}], list(spans), [[10, 20]])


def _sent(*spans: tuple[int, int, int]) -> str:
    return render_spans(_update(*spans), Console(color_system=None))


def test_a_span_is_sent_without_what_stands_left_of_it() -> None:
    assert _sent((0, 3, 6)) == "\x1b[1;4Hdef"


def test_a_span_over_two_widgets_is_sent_in_two_parts() -> None:
    assert _sent((0, 8, 12)) == "\x1b[1;9Hij\x1b[1;11Hkl"


def test_spans_of_a_line_do_not_repeat_each_other() -> None:
    assert _sent((0, 1, 2), (0, 5, 6)) == "\x1b[1;2Hb\x1b[1;6Hf"


def test_a_whole_line_is_sent_whole() -> None:
    assert _sent((0, 0, 20)) == "\x1b[1;1Habcdefghij\x1b[1;11Hklmnopqrst"


@pytest.fixture
def letting_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's lines let go, until the end of the test."""
    for name in ("divide", "adjust_cell_length", "crop_extend"):
        monkeypatch.setattr(Strip, name, getattr(Strip, name))
    let_go_of_lines()


@pytest.mark.usefixtures("letting_go")
def test_what_is_asked_of_a_line_is_what_textual_gives() -> None:
    strip = Strip([Segment("abcdefghij")])
    assert [part.text for part in strip.divide([4, 10])] == ["abcd", "efghij"]
    assert strip.divide([10, 20]) == [strip]
    assert strip.adjust_cell_length(10) is strip
    assert strip.adjust_cell_length(12).text == "abcdefghij  "
    assert strip.crop_extend(0, 10, None) is strip
    assert strip.crop_extend(2, 12, None).text == "cdefghij  "


def _lines() -> int:
    """How many lines there are, on screen or not."""
    return sum(type(each) is Strip for each in gc.get_objects())


@pytest.mark.usefixtures("letting_go")
async def test_lines_that_left_the_screen_need_no_garbage_collector(open_window: OpenWindow) -> None:
    async with open_window(charging_fleet()) as window:
        gc.collect()
        gc.disable()
        try:
            before = _lines()
            for _ in range(20):
                await window.pass_time(1)
            more = _lines() - before
            assert more <= 24  # each has changed often, and what is kept of it is the newest
        finally:
            gc.enable()
