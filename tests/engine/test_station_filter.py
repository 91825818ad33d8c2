"""The filter of stations: what it lets through, and what is said of a text that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from evtui.engine.door import EvseRow, FleetView, LinkState, StationRow, SummaryRow, Totals
from evtui.engine.station_filter import STATES, STATIONS, FilterError, parse, station_choices

IDLE = EvseRow(1, "Available", None, False, False, 0.0, 22_000.0, 0.0, None, None, None)
BUSY = EvseRow(2, "Occupied", "Charging", True, True, 11_000.0, 22_000.0, 3_500.0, 80.0, "tx-7b3c", 1.0)
BROKEN = replace(IDLE, status="Faulted", faults=("ground-fault",))
GOOD = StationRow("CP001", "2.0.1", LinkState.ONLINE, None, "", 0, (IDLE, BUSY), group="depot north")
BAD = StationRow("CP010", "1.6", LinkState.WAITING, 5.0, "connection refused", 3, (BROKEN,), group="street", errors=7)


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("", True, True),
        ("~s CP001", True, False),
        ("~s cp0*", True, True),
        ("~s CP0?0", False, True),
        ("~state charging", True, False),
        ("~state avail*", True, False),
        ("~state occupied", False, False),
        ("~state faulted", False, True),
        ("~link waiting", False, True),
        ("~link ONLINE", True, False),
        ("~group street", False, True),
        ("~group 'depot *'", True, False),
        ("~v 1.6", False, True),
        ("~v 2*", True, False),
        ("~kw >7", True, False),
        ("~kw 7kW", True, False),
        ("~kw < 7", False, True),
        ("~kw >11", False, False),
        ("~kwh >3.4", True, False),
        ("~kwh <3.5kWh", False, True),
        ("~err >6", False, True),
        ("~err <1", True, False),
        ("~e", False, True),
        ("!~e", True, False),
        ("~tx", True, False),
        ("~q", False, True),
        ("ground", False, True),
        ("REFUSED", False, True),
        ("7b3c", True, False),
        ("depot", True, False),
        ("~tx | ~q", True, True),
        ("~tx ~q", False, False),
        ("(~tx | ~q) & !~e", True, False),
    ],
)
def test_a_filter_lets_stations_through(text: str, good: bool, bad: bool) -> None:
    assert [parse(text).lets(row) for row in (GOOD, BAD)] == [good, bad]


@pytest.mark.parametrize(
    ("text", "at", "problem"),
    [
        ("~x", 0, "~x is no filter"),
        ("~stat charging", 0, "did you mean ~state?"),
        ("~kw much", 4, "much is no figure: >7 means over 7"),
        ("~kw", 3, "what ~kw looks for is missing"),
        ("~kw >", 5, "a number is missing"),
        ("~link away", 6, "away is no link: offline, connecting"),
        ("~tx (", 5, "a filter is missing"),
        ("x" * 1_001, 1_000, "at most 1000 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, at: int, problem: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.at == at
    assert problem in str(caught.value)


def test_a_station_whose_network_is_cut_is_wrong_although_it_thinks_that_it_is_online() -> None:
    assert not parse("~e").lets(replace(GOOD, evses=(IDLE,)))
    assert parse("~e").lets(replace(GOOD, evses=(IDLE,), network_cut=True))
    assert parse("~e").lets(replace(GOOD, evses=(replace(IDLE, lock="jammed"),)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("~state su", ["~state SuspendedEV", "~state SuspendedEVSE"]),
        ("~tx & ~link on", ["~tx & ~link online"]),
        ("~group d", ["~group 'depot north'"]),
        ("~s CP01", ["~s CP010"]),
        ("~v ", ["~v 2.0.1", "~v 1.6"]),
        ("~kw", ["~kw", "~kwh"]),
        ("~kw >", []),
        ("!~l", ["!~link"]),
    ],
)
def test_what_there_is_completes_it(text: str, found: list[str]) -> None:
    summary = tuple(
        SummaryRow(by, name, 1, 1, 0, 0.0, 0.0, 0.0, 0)
        for by, name in (("version", "2.0.1"), ("version", "1.6"), ("group", "depot north"), ("group", "street"))
    )
    view = FleetView(1, 0.0, 60.0, "", "", 0, (GOOD, BAD), Totals(), 2, summary)
    assert STATIONS.complete(text, station_choices(view)) == found


def test_the_help_tells_every_term() -> None:
    told = " ".join(how for how, _ in STATIONS.help_rows())
    assert all(sign in told for sign in (*STATIONS.alone, *STATIONS.taking))
    assert {each.sign for each in STATIONS.written} == {*STATIONS.alone, *STATIONS.taking, ""}


# -- properties -----------------------------------------------------------------------------------

_FIGURES = st.floats(0, 50_000, allow_nan=False).map(lambda value: round(value, 3))
EVSES = st.builds(
    lambda evse_id, state, power_w, energy_wh, tx: EvseRow(
        evse_id,
        "Occupied" if tx else state,
        "Charging" if tx else None,
        tx,
        tx,
        power_w if tx else 0.0,
        22_000.0,
        energy_wh,
        None,
        "t" if tx else None,
        1.0 if tx else None,
        faults=("ground-fault",) if state == "Faulted" else (),
    ),
    st.integers(1, 3),
    st.sampled_from([each for each in STATES if each not in ("Charging", "SuspendedEV", "SuspendedEVSE")]),
    _FIGURES,
    _FIGURES,
    st.booleans(),
)
ROWS = st.builds(
    StationRow,
    st.text(st.characters(categories=["Lu", "Nd"]), min_size=1, max_size=6),
    st.sampled_from(["", "1.6", "2.0.1"]),
    st.sampled_from(list(LinkState)),
    st.none(),
    st.text(max_size=8),
    st.integers(0, 3),
    st.lists(EVSES, max_size=3).map(tuple),
    st.booleans(),
    st.sampled_from(["", "depot", "a b"]),
    st.integers(0, 9),
)
TERMS = st.sampled_from(
    ["~tx", "~e", "~q", "~kw >7", "~kwh <3", "~err >2", "~state charg*", "~v 1.6", "~group 'a b'", "depot", "~s *1*"]
)


@given(ROWS, TERMS, TERMS, TERMS)
def test_signs_between_terms_mean_what_they_mean_in_logic(row: StationRow, a: str, b: str, c: str) -> None:
    one, two, three = (parse(text).lets(row) for text in (a, b, c))
    assert parse(f"{a} {b}").lets(row) == (one and two)
    assert parse(f"{a} | {b} & {c}").lets(row) == (one or (two and three))
    assert parse(f"({a} | {b}) {c}").lets(row) == ((one or two) and three)
    assert parse(f"!({a} {b})").lets(row) == (parse(f"!{a} | !{b}").lets(row))


@given(st.text(st.sampled_from("~swkteq!|&()<>'\"\\ 17*?.äa"), max_size=40))
def test_any_text_is_a_filter_or_says_where_it_is_none(text: str) -> None:
    try:
        found = parse(text)
    except FilterError as error:
        wrong_at = error.at
    else:
        wrong_at = 0
        assert found.lets(GOOD) in (True, False)
    assert 0 <= wrong_at <= len(text)
