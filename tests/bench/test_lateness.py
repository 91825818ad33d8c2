"""How late a sample is counts from the second in which it was due, and what never left is missing."""

import pytest

from evtui.bench.fleet import read_frames
from evtui.bench.in_memory import fleet_in_memory
from evtui.bench.lateness import Sample, lateness


def test_samples_in_time_are_late_by_their_way_out_alone() -> None:
    late_s, missing = lateness(100.25, [Sample(100.25 + k, 100.26 + k) for k in range(1, 8)], 102.0, 106.0)
    assert late_s == pytest.approx([0.01] * 4)
    assert missing == 0


def test_a_sample_that_is_more_than_a_second_late_is_as_late_as_it_is_and_those_it_skips_are_missing() -> None:
    samples = [Sample(101.0, 101.0), Sample(104.5, 104.6), Sample(105.0, 105.0)]
    late_s, missing = lateness(100.0, samples, 101.0, 106.0)
    assert late_s == pytest.approx([0.0, 2.6, 0.0]), "due at 101, 102 and 105"
    assert missing == 2


def test_a_sample_that_waits_on_its_way_out_is_late_even_if_it_was_due_long_before() -> None:
    late_s, missing = lateness(100.0, [Sample(101.0, 113.7), Sample(102.0, 113.8), Sample(103.0, 117.0)], 113.0, 116.0)
    assert late_s == pytest.approx([12.7, 11.8])
    assert missing == 0


def test_when_nothing_leaves_all_that_is_due_is_missing() -> None:
    assert lateness(100.0, [Sample(101.0, 101.0)], 101.5, 105.5) == ([], 4)
    assert lateness(100.0, [], 100.5, 105.0) == ([], 4)
    assert lateness(200.0, [], 50.0, 101.5) == ([], 0), "before it has begun"


def test_timestamps_in_milliseconds_hide_no_sample() -> None:
    samples = [Sample(100.0004 + k - 0.001, 100.002 + k) for k in range(1, 6)]
    late_s, missing = lateness(100.0004, samples, 101.0, 105.0)
    assert len(late_s) == 4
    assert missing == 0


async def test_of_a_fleet_that_stands_still_it_tells_how_late_the_next_samples_are_and_how_many_are_missing() -> None:
    async with fleet_in_memory(2) as it:
        await it.start(1, 2)
        await it.advance(2.0)
        began_s = it.clock.now().utc.timestamp()
        await it.advance(2.5)
        it.clock.jump(3.25)  # now 5.75 s after the beginning; due were the samples of 3, 4 and 5
        await it.advance(0.25)
        await it.advance(2.5)
        seen = read_frames([str(it.frames)], began_s, began_s + 8.0)
    assert len(seen.late_ms) == 2 * 6
    assert seen.late_ms[-2:] == pytest.approx([2750.0, 2750.0], abs=2.0)
    assert max(seen.late_ms[:-2]) < 2.0
    assert seen.missing == 2 * 2
    assert seen.faults == 0
