"""What a partial repaint sends to the terminal."""

from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from evtui.tui.spans import render_spans


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
