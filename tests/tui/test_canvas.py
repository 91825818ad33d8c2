"""What of a line is sent again."""

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from evtui.tui.cells import cells_of
from evtui.tui.widgets.canvas import changed_spans

RED, BLUE = Style(color="red"), Style(color="blue")


def strip(text: str, style: Style = RED) -> Strip:
    return Strip([Segment(text, style)])


def test_nothing_changed_means_nothing_is_sent() -> None:
    assert changed_spans(strip("21.500 kW"), strip("21.500 kW")) == []


def test_only_the_cells_that_changed_are_sent() -> None:
    assert changed_spans(strip("00:00:14 CP001"), strip("00:00:15 CP001")) == [(7, 8)]


def test_changes_that_lie_close_are_sent_as_one() -> None:
    assert changed_spans(strip("abcdefgh"), strip("Xbcdefgh"), gap=6) == [(0, 1)]
    assert changed_spans(strip("abcdefgh"), strip("XbcdefgX"), gap=6) == [(0, 8)]
    assert changed_spans(strip("abcdefgh"), strip("XbcdefgX"), gap=5) == [(0, 1), (7, 8)]


def test_another_colour_is_a_change() -> None:
    assert changed_spans(strip("abc"), strip("abc", BLUE)) == [(0, 3)]


def test_a_line_whose_cells_cannot_be_told_is_sent_whole() -> None:
    flag = "\U0001f3f3\ufe0f"  # two cells, of characters that alone have one and none
    assert changed_spans(strip(flag * 2), strip("abcd")) == [(0, 4)]
    assert changed_spans(strip("ab界"), strip(flag * 2)) == [(0, 4)]


def test_a_wide_character_is_sent_whole() -> None:
    assert changed_spans(strip("a東c"), strip("a京c")) == [(1, 3)]
    assert changed_spans(strip("a東c"), strip("abbc")) == [(1, 3)]
    assert changed_spans(strip("abbc"), strip("a東c")) == [(1, 3)]


text = st.text(alphabet="ab東c ", min_size=1, max_size=30)


@given(text, text)
def test_sending_the_spans_makes_the_old_line_the_new_one(old: str, new: str) -> None:
    width = max(strip(old).cell_length, strip(new).cell_length)
    before = strip(old).adjust_cell_length(width, RED)
    after = strip(new).adjust_cell_length(width, RED)
    parts, x = [], 0
    for start, end in changed_spans(before, after, gap=2):
        parts += [before.crop(x, start), after.crop(start, end)]
        x = end
    parts.append(before.crop(x, width))
    assert Strip.join(parts).text == after.text


words = st.lists(
    st.tuples(st.text(alphabet="ab東 │\u0301", min_size=1, max_size=6), st.sampled_from([RED, BLUE])), max_size=6
)


@given(words, words)
def test_what_is_not_sent_stands_there_already(old: list[tuple[str, Style]], new: list[tuple[str, Style]]) -> None:
    lines = [Strip(Segment(text, style) for text, style in [("│", RED), *line]) for line in (old, new)]
    width = max(line.cell_length for line in lines)
    before, after = (line.adjust_cell_length(width, RED) for line in lines)
    sent = {x for start, end in changed_spans(before, after, gap=0) for x in range(start, end)}
    was, now = (dict(enumerate(zip(*cells_of(list(line)), strict=True))) for line in (before, after))
    assert {x for x in range(width) if was[x] != now[x]} <= sent
    assert all(any(was[x] != now[x] for x in range(start, end)) for start, end in changed_spans(before, after, gap=0))
