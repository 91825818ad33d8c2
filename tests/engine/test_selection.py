"""Which stations a view is about: filtered, sorted, summed up, and at what cost."""

from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.engine.door import Command, LinkState, Sort, StationRow, Target, View
from evtui.engine.sorting import KEYS
from evtui.engine.station_filter import FilterError, energy_wh, parse, power_w
from evtui.engine.summary import MOST, OTHERS, summarize
from evtui.engine.views import station_row
from tests.engine.scripted import bench
from tests.engine.test_station_filter import GOOD, ROWS


def ids(rows: tuple[StationRow, ...]) -> list[str]:
    return [row.id for row in rows]


async def test_a_view_shows_what_its_filter_lets_through(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=6) as it:
        await it.order("start", "CP002", "CP005")
        await it.advance(3)
        view = await it.door.fleet(View(filter="~tx"))
        assert ids(view.rows) == ["CP002", "CP005"]
        assert (view.shown, view.totals.stations) == (2, 6)
        assert ids((await it.door.fleet(View(first=1, count=1, filter=" ~tx "))).rows) == ["CP005"]
        everything = await it.door.fleet(View())
        assert (everything.shown, everything.summary) == (6, ())


async def test_a_view_is_sorted_both_ways(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=4, id="CP{n}", first=8) as it:
        await it.order("start", "CP10")
        await it.advance(30)
        assert ids((await it.door.fleet(View(sort=Sort.ID))).rows) == ["CP8", "CP9", "CP10", "CP11"]
        assert ids((await it.door.fleet(View(sort=Sort.ID, descending=True))).rows)[0] == "CP11"
        assert ids((await it.door.fleet(View(sort=Sort.POWER, descending=True))).rows)[0] == "CP10"
        assert ids((await it.door.fleet(View(sort=Sort.STATE))).rows)[0] == "CP10"


async def test_what_is_no_filter_is_refused_with_its_place(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        with pytest.raises(FilterError, match="did you mean ~state"):
            await it.door.fleet(View(filter="~stat x"))


async def test_every_station_is_looked_at_now_and_then_only(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=20) as it:
        await it.order("start", *(f"CP{n:03d}" for n in range(1, 21)))
        with patch("evtui.engine.selection.station_row", wraps=station_row) as looked:
            for _ in range(10):
                await it.advance(0.1)
                await it.door.fleet(View(count=5, filter="~tx", sort=Sort.POWER))
            assert looked.call_count <= 3 * 20 + 10 * 5


async def test_a_fleet_in_which_nothing_changes_is_not_looked_at_again(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=20) as it:
        await it.advance(70)  # the round-trip times of the start are forgotten
        view = View(count=0, filter="~e", summary=True)
        await it.door.fleet(view)
        with patch("evtui.engine.selection.station_row", wraps=station_row) as looked:
            await it.advance(5)
            await it.door.fleet(view)
            assert not looked.called


async def test_stations_that_come_and_go_are_seen_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=2) as it:
        view = View(filter="~s CP*", sort=Sort.ID)
        assert (await it.door.fleet(view)).shown == 2
        it.fleet.add(2)
        assert (await it.door.fleet(view)).shown == 4


async def test_a_command_acts_on_what_a_filter_lets_through(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=5) as it:
        await it.order("start", "CP003")
        outcome = await it.soon(it.door.submit(Command("start", filter="~s CP003 | ~s CP004 | ~s CP005")), 5.0)
        assert outcome.text == "2 started; CP003 EVSE 1 is authorized already: `stop` stops it"
        assert [each.target for each in outcome.results] == [Target(f"CP00{n}", 1) for n in (3, 4, 5)]
        outcome = await it.soon(it.door.submit(Command("stop", filter="~tx")), 5.0)
        assert outcome.text == "3 stopped"


@pytest.mark.parametrize(
    ("filter", "problem"),
    [("nobody", "the filter lets no station through"), ("~kw", "is missing"), (None, "needs a station")],
)
async def test_a_filter_that_names_nobody_is_said(tmp_path: Path, filter: str | None, problem: str) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.soon(it.door.submit(Command("start", filter=filter)), 5.0)
        assert not outcome.done
        assert problem in outcome.text


async def test_marked_targets_go_before_a_filter(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        outcome = await it.soon(it.door.submit(Command("start", (Target("CP002"),), filter="")), 5.0)
        assert [each.target.station_id for each in outcome.results] == ["CP002"]


async def test_a_summary_adds_up_to_the_totals(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=6) as it:
        await it.order("start", "CP002", "CP005")
        await it.advance(10)
        view = await it.door.fleet(View(summary=True))
        for by in ("state", "link", "version", "group"):
            rows = [row for row in view.summary if row.by == by]
            assert sum(row.evses for row in rows) == 6
            assert sum(row.transactions for row in rows) == view.totals.transactions
            assert sum(row.power_w for row in rows) == pytest.approx(view.totals.power_w, abs=0.01)
            assert sum(row.energy_wh for row in rows) == pytest.approx(view.totals.energy_wh, abs=0.01)
            assert sum(row.errors for row in rows) == view.totals.errors
        assert {row.name: row.evses for row in view.summary if row.by == "state"} == {"Charging": 2, "Available": 4}
        assert {row.name for row in view.summary if row.by == "group"} == {"stations"}


# -- properties -----------------------------------------------------------------------------------


@given(st.lists(ROWS, max_size=30), st.sampled_from(list(Sort)), st.booleans())
def test_any_fleet_can_be_sorted_by_anything(rows: list[StationRow], sort: Sort, descending: bool) -> None:
    key = KEYS[sort]
    ordered = sorted(rows, key=key, reverse=descending)
    assert all(key(a) >= key(b) if descending else key(a) <= key(b) for a, b in pairwise(ordered))


@given(st.lists(ROWS, max_size=60))
def test_rows_of_a_kind_add_up_to_the_fleet(rows: list[StationRow]) -> None:
    found = summarize((row, [evse.energy_wh for evse in row.evses]) for row in rows)
    for by in ("state", "link", "version", "group"):
        kind = [row for row in found if row.by == by]
        assert sum(row.evses for row in kind) == sum(len(row.evses) for row in rows)
        assert sum(row.power_w for row in kind) == pytest.approx(sum(map(power_w, rows)), abs=0.1)
        assert sum(row.energy_wh for row in kind) == pytest.approx(sum(map(energy_wh, rows)), abs=0.1)
        if by != "state":  # a station with two EVSEs can be in two states
            assert sum(row.stations for row in kind) == sum(bool(row.evses) for row in rows)


@given(st.lists(ROWS, min_size=1, max_size=30))
def test_what_a_row_of_the_summary_counts_is_what_its_filter_finds(rows: list[StationRow]) -> None:
    found = summarize((row, [0.0] * len(row.evses)) for row in rows)
    for row in found:
        if row.by == "state":
            assert sum(parse(f"~state {row.name}").lets(each) for each in rows) == row.stations


def test_a_thousand_groups_are_summed_up_in_a_bounded_number_of_rows() -> None:
    from msgspec.structs import replace

    rows = [replace(GOOD, id=f"CP{n}", group=f"g{n}") for n in range(1_000)]
    groups = [row for row in summarize((row, [0.0, 0.0]) for row in rows) if row.by == "group"]
    assert len(groups) == MOST
    assert groups[-1].name == OTHERS
    assert sum(row.stations for row in groups) == 1_000


def test_links_are_words() -> None:
    assert parse("~link crashed").lets(StationRow("a", "", LinkState.CRASHED, None, "", 0, ()))
