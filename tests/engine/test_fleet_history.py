"""The figures of a fleet over time: one point a second, bounded, and true."""

from pathlib import Path

import pytest

from evtui.engine.door import View
from evtui.engine.history import POINTS, FleetHistory
from tests.engine.scripted import bench


async def test_a_door_gives_power_offer_energy_and_sessions_over_time(tmp_path: Path) -> None:
    async with bench(tmp_path, stations=3) as it:
        await it.advance(3.0)
        await it.order("start", "CP001", "CP002", within_s=10.0)
        await it.advance(20.0)
        view = await it.door.fleet(View(count=3, series=True))
        series = view.series
        assert series is not None
        assert series.t[0] == pytest.approx(1.0, abs=0.1)
        assert {round(later - before) for before, later in zip(series.t, series.t[1:], strict=False)} == {1}
        assert (series.transactions[0], series.transactions[-1]) == (0.0, 2.0)
        assert (series.power_w[0], series.offered_w[0]) == (0.0, 0.0)
        assert series.offered_w[-1] == pytest.approx(44_000.0)
        assert series.power_w[-1] == pytest.approx(view.totals.power_w, rel=0.05)
        assert series.energy_wh[-1] == pytest.approx(view.totals.energy_wh, rel=0.1)
        assert (await it.door.fleet(View())).series is None


def test_a_long_history_is_thinned_and_keeps_its_newest() -> None:
    history = FleetHistory(100.0)
    for second in range(5 * POINTS):
        history.record(100.0 + second, float(second), 0.0, 0.0, 0)
    series = history.series()
    assert POINTS / 2 <= len(series.t) <= POINTS
    assert series.t[-1] >= 5 * POINTS - 10
    assert [power_w - t for power_w, t in zip(series.power_w[:-1], series.t, strict=False)] == [3.5] * (
        len(series.t) - 1
    )
