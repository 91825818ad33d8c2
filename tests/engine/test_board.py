"""The totals of a fleet."""

from pathlib import Path

from evtui.engine.door import View
from tests.engine.scripted import bench


async def test_a_sum_of_differences_that_ends_a_hair_below_zero_is_zero_without_a_sign(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.fleet.board.power_w = it.fleet.board.energy_wh = -1e-9
        totals = (await it.door.fleet(View())).totals
        assert (str(totals.power_w), str(totals.energy_wh)) == ("0.0", "0.0")
