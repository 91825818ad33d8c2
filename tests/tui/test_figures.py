"""How figures and words are written."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from evtui.tui import figures
from evtui.tui.glyphs import ASCII, UNICODE


def test_power_is_kilowatts_to_three_decimals_in_seven_cells() -> None:
    assert figures.power(22_000.0) == " 22.000"
    assert figures.power(0.4) == "  0.000"
    assert figures.power(350_000.0) == "350.000"


def test_a_figure_that_is_no_number_is_a_question_mark() -> None:
    assert figures.power(float("nan")).strip() == "?"
    assert figures.energy(float("inf")).strip() == "?"
    assert figures.duration(float("nan")) == "00:00"


def test_energy_is_kilowatt_hours_to_three_decimals() -> None:
    assert figures.energy(8_114.4) == "  8.114"


def test_a_duration_shows_hours_only_when_there_are_some() -> None:
    assert figures.duration(14.9) == "00:14"
    assert figures.duration(3_723) == "1:02:03"
    assert figures.duration(-5) == "00:00"


def test_a_countdown_is_rounded_up_so_that_it_never_says_zero_too_early() -> None:
    assert figures.countdown(112.2, 100.0) == "13 s"
    assert figures.countdown(100.0, 100.0) == "0 s"
    assert figures.countdown(90.0, 100.0) == "0 s"
    assert figures.countdown(None, 100.0) == ""
    assert figures.countdown(400.0, 100.0) == "05:00"


def test_round_trips_are_milliseconds_below_a_second() -> None:
    assert figures.round_trip(0.0123) == "12 ms"
    assert figures.round_trip(1.234) == "1.23 s"
    assert figures.round_trip(0.9997) == "1.00 s"
    assert figures.round_trip(None) == ""


def test_a_clock_time_that_the_platform_cannot_say_is_dashes() -> None:
    assert figures.clock(1_760_000_000.25, milliseconds=True) == "08:53:20.250"
    assert figures.clock(1e300, milliseconds=False) == "--:--:--"


def test_counts_speak_of_one_thing_and_of_several() -> None:
    assert figures.count(1, "station") == "1 station"
    assert figures.count(4000, "station") == "4,000 stations"


def test_state_of_charge_keeps_its_place_when_unknown() -> None:
    assert len(figures.soc(None)) == len(figures.soc(100.0)) == len(figures.soc(8.2))


@given(st.text())
def test_text_from_the_wire_never_carries_an_effect(text: str) -> None:
    for glyphs in (UNICODE, ASCII):
        shown = figures.safe(text, glyphs)
        assert shown.isprintable()
        assert shown.isascii() or not glyphs.ascii


def test_escape_sequences_are_shown_as_signs() -> None:
    assert figures.safe("\x1b[31mred\x07", UNICODE) == "␛[31mred␇"
    assert figures.safe("\x1b[31mred\x07", ASCII) == "\\x1b[31mred\\x07"


def test_text_that_would_turn_the_line_around_is_shown_as_a_sign() -> None:
    assert figures.safe("abc\u202edef", UNICODE) == "abc\ufffddef"


def test_what_makes_a_sign_as_wide_as_a_terminal_thinks_is_left_out() -> None:
    shown = figures.safe("\U0001f3f3\ufe0f \u2620\ufe0f", UNICODE)
    assert cell_len(shown) == sum(map(cell_len, shown))


def test_in_ascii_mode_letters_beyond_ascii_are_escaped_as_in_json() -> None:
    assert figures.safe("Zürich 東 🚗", ASCII) == "Z\\xfcrich \\u6771 \\U0001f697"


@given(st.text(alphabet=st.characters(exclude_categories=["C", "M", "Zl", "Zp"])), st.integers(0, 30))
def test_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    assert cell_len(figures.fit(text, width, UNICODE)) == width
    assert cell_len(figures.fit_right(text, width, UNICODE)) == width


def test_what_does_not_fit_is_cut_visibly() -> None:
    assert figures.fit("TransactionEvent", 8, UNICODE) == "Transac…"
    assert figures.fit("東京東京", 6, UNICODE) == "東京 …"
