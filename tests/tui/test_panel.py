"""A station as a panel, and as a line of the list."""

import pytest
from msgspec.structs import replace

from evtui.engine.door import EvseRow, LinkState, StationRow
from evtui.tui.dense import columns, dense_line, heading
from evtui.tui.glyphs import ASCII, UNICODE
from evtui.tui.layout import LEVELS, panel_height
from evtui.tui.paint import text_of, width_of
from evtui.tui.panel import Look, panel

LOOK = Look(UNICODE, 1000.0)
IDLE = EvseRow(1, "Available", None, False, False, 0.0, 22_000.0, 0.0, None, None, None, (0.0,) * 9, (0.0,) * 9)
BUSY = EvseRow(
    1,
    "Occupied",
    "Charging",
    True,
    True,
    21_500.0,
    22_000.0,
    1_234.0,
    82.4,
    "3f2a9c1e-77",
    900.0,
    (22e3,) * 9,
    (1e3,) * 9,
)
STATION = StationRow("CP001", "2.0.1", LinkState.ONLINE, None, "", 0, (BUSY,))


def drawn(row: StationRow, width: int = 40, level: tuple[int, int] = (1, 1), cursor: int | None = None) -> str:
    height = panel_height(len(row.evses), level)
    return "\n".join(text_of(line) for line in panel(row, width, height, level, LOOK, cursor=cursor))


def test_a_panel_says_all_that_the_screen_owes() -> None:
    text = drawn(STATION)
    for piece in ("CP001", "2.0.1", "● online", "● Charging", "21.500 kW", "1.234 kWh", "82 %", "3f2a9c", "01:40", "█"):
        assert piece in text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("width", [38, 40, 61, 100])
def test_every_line_of_a_panel_is_as_wide_as_the_panel(width: int, level: tuple[int, int]) -> None:
    station = replace(
        STATION, evses=(BUSY, replace(IDLE, evse_id=2)), queued=3, trouble="refused", link=LinkState.OFFLINE
    )
    for look in (LOOK, Look(ASCII, 1000.0)):
        height = panel_height(2, level)
        lines = panel(station, width, height, level, look, cursor=2, marks={1})
        assert [width_of(line) for line in lines] == [width] * height
        assert not look.glyphs.ascii or all(text_of(line).isascii() for line in lines)


def test_outside_a_transaction_the_connector_status_is_shown() -> None:
    assert "○ Available" in drawn(replace(STATION, evses=(IDLE,)))


def test_an_idle_evse_under_the_cursor_says_which_key_starts_a_session() -> None:
    assert "s starts a session" in drawn(replace(STATION, evses=(IDLE,)), cursor=1)
    out = replace(STATION, evses=(replace(IDLE, status="Unavailable"),))
    assert "starts a session" not in drawn(out, cursor=1)
    assert "starts" not in drawn(replace(STATION, evses=(IDLE,)))
    assert "starts" not in drawn(STATION, cursor=1)


def test_the_cursor_and_marks_are_signs_not_only_colours() -> None:
    lines = panel(STATION, 40, 5, (1, 1), LOOK, cursor=1, marks={1})
    assert "▶✓1" in text_of(lines[1])


def test_a_waiting_station_counts_down_and_says_why() -> None:
    text = drawn(replace(STATION, link=LinkState.WAITING, retry_at=1011.5, trouble="connection refused"))
    assert "↻ retry in 12 s" in text
    assert "connection refused" in text


def test_undelivered_messages_are_counted() -> None:
    assert "3 queued" in drawn(replace(STATION, queued=3))
    assert "1 queued" in drawn(replace(STATION, queued=1, link=LinkState.OFFLINE))


def test_a_message_that_is_simply_under_way_is_not_called_queued() -> None:
    assert "queued" not in drawn(replace(STATION, queued=1))


def test_a_hostile_station_id_is_harmless() -> None:
    text = drawn(replace(STATION, id="\x1b[2J[red]x"))
    assert "\x1b" not in text
    assert "␛[2J[red]x" in text


def test_each_line_of_a_sparkline_has_one_style() -> None:
    line = panel(STATION, 40, 5, (1, 1), LOOK)[2]
    assert [role for text, role in line if "█" in text] == ["power"]
    assert any("21.500 kW" in text and "█" in text for text, _ in line)


def test_the_list_has_a_line_for_each_evse_and_names_the_station_once() -> None:
    shape = columns(80, 5)
    one = text_of(dense_line(STATION, BUSY, shape, LOOK, here=True, marked=True, first=True))
    two = text_of(dense_line(STATION, replace(IDLE, evse_id=2), shape, LOOK, here=False, marked=False, first=False))
    assert one.startswith("▶✓CP001")
    assert "● Charging" in one
    assert "CP001" not in two


@pytest.mark.parametrize("width", [80, 100, 120, 160, 200])
def test_columns_of_the_list_stand_under_their_names(width: int) -> None:
    shape = columns(width, 5)
    head = text_of(heading(shape, width, LOOK, "1-9/30"))
    line = text_of(dense_line(STATION, BUSY, shape, LOOK, here=False, marked=False, first=True))
    assert len(head) == width
    assert width_of([(line, "")]) == width
    assert head.index("STATE") == line.index("● Charging")
    assert head.index("kWh") + 3 == line.index("1.234") + 5
    assert head.rindex("TIME") + 4 == line.rindex("01:40") + 5


@pytest.mark.parametrize("width", [80, 120, 200])
def test_what_waits_to_be_delivered_has_a_column_of_its_own(width: int) -> None:
    shape = columns(width, 5, queue=True)
    head = text_of(heading(shape, width, LOOK, "1-9/30"))
    drains = [
        text_of(dense_line(replace(STATION, queued=queued), BUSY, shape, LOOK, here=False, marked=False, first=True))
        for queued in (3_600, 12, 1)
    ]
    assert width_of([(head, "")]) == width_of([(drains[0], "")]) == width
    assert [line[head.index("QUEUE") :][:5] for line in drains] == [" 3600", "   12", "     "]
    assert "QUEUE" not in text_of(heading(columns(width, 5), width, LOOK, "1-9/30"))


def test_a_station_of_the_list_that_cannot_connect_says_why() -> None:
    row = replace(STATION, link=LinkState.WAITING, retry_at=1012.0, trouble="connection refused", evses=(IDLE,))
    line = text_of(dense_line(row, IDLE, columns(80, 5), LOOK, here=False, marked=False, first=True))
    assert "↻ 12 s" in line
    assert "connection refused" in line


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_list_says_so_where_it_has_no_room_for_all_of_a_trouble(width: int) -> None:
    trouble = "connection refused by charge.example.com:9000 (tcp): is the CSMS running on charge.example.com:9000?"
    row = replace(STATION, link=LinkState.WAITING, retry_at=1012.0, trouble=trouble, evses=(IDLE,))
    line = text_of(dense_line(row, IDLE, columns(width, 5), LOOK, here=False, marked=False, first=True))
    assert width_of([(line, "")]) == width
    assert line.endswith("…")
