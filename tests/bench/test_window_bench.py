"""`evtui bench tui`: through a real terminal, with the program as it is; what is counted is held, times are not."""

import subprocess
import sys

import msgspec
import pytest

from evtui.bench.run import sink_process
from evtui.bench.window import WindowFigure, measure_many, measure_most, measure_panels, run_window_bench, window_table
from evtui.errors import ConfigError
from evtui.options import Options
from tests.need import need


def test_eight_panels_stay_within_their_bytes_and_nothing_costs_nothing() -> None:
    need(sys.platform == "linux", "the window is measured where there is a /proc")
    with sink_process() as url:
        first, idle, busy = measure_panels(url, 3.0)
    assert first.value > 0
    assert 100 < busy.value <= busy.budget
    assert idle.value < 300  # the round-trip times of the boot may still be forgotten


def test_keys_bytes_and_cpu_of_some_stations_are_measured() -> None:
    need(sys.platform == "linux", "the window is measured where there is a /proc")
    with sink_process() as url:
        figures = measure_many(url, 2.0, 40)
        most = measure_most(url, 2.0, 40)
    assert [each.what for each in figures] == 2 * ["bytes/s, log following", "key to paint p50", "key to paint p99"]
    assert all(each.value > 0 for each in figures)
    assert all(each.kept for each in figures if each.unit == "B/s")
    assert all(figures[n].value <= figures[n + 1].value for n in (1, 4))
    assert [each.unit for each in most] == ["%", "%"]


def test_a_figure_beyond_its_budget_is_marked() -> None:
    figures = [WindowFigure("a", "b", 5.0, "ms", 10, 4.0), WindowFigure("a", "c", 11.0, "ms", 10)]
    rows = window_table(figures).splitlines()
    assert ["beyond" in row for row in rows] == [False, False, True]
    assert rows[2].endswith("beyond")
    assert msgspec.json.decode(msgspec.json.encode(figures), type=list[WindowFigure]) == figures


def test_what_the_machine_adds_to_a_time_is_said() -> None:
    row = window_table([WindowFigure("a", "key to paint p99", 61.0, "ms", 50, 40.25)]).splitlines()[1]
    assert row.endswith("50 ms   beyond, 40.2 of it waiting for a core")


@pytest.mark.parametrize("options", [Options(sizes="3"), Options(compare=True), Options(svg="a.svg")])
def test_what_is_for_the_fleet_alone_is_refused(options: Options) -> None:
    with pytest.raises(ConfigError, match="is not for `bench tui`"):
        run_window_bench(options)


def test_what_cannot_be_measured_is_said() -> None:
    done = subprocess.run([sys.executable, "-m", "evtui", "bench", "tea"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "write `bench`, or with csms, echonet or tui after it" in done.stderr
