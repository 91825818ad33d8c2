"""What a run comes to: its figures, its exit code, and the last words on it."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from evtui.engine.door import RoundTripCounts, Totals
from evtui.engine.round_trips import RoundTrips
from evtui.headless.fail_if import TIMES, FailIf, shown
from evtui.headless.words import Line, harmless, kwh

DONE, FAILED, NO_CSMS, FAIL_IF = 0, 1, 3, 4


class Tally(NamedTuple):
    """Sessions that were completed, their energy, and sessions that failed."""

    sessions: int = 0
    failed: int = 0
    energy_wh: float = 0.0


class Verdict(NamedTuple):
    """The exit code, the figures that --fail-if knows, and what is to be said at the end."""

    code: int
    figures: dict[str, float]
    words: list[Line]

    @property
    def text(self) -> str:
        """What went wrong, in one line."""
        return "; ".join(line.text for line in self.words if line.emoji == "❌")


def verdict_of(
    totals: Totals,
    trips: RoundTripCounts,
    tally: Tally,
    undelivered: Mapping[str, int],
    *,
    no_csms: str | None = None,
    judge: FailIf | None = None,
    stop_code: int | None = None,
    kept: bool = False,
) -> Verdict:
    """The verdict on a run that is over. `no_csms`: why no station at all was accepted; `stop_code`: somebody has
    stopped it, and this is what it ends with, 0 for an end that is as good as any; `kept`: what could not be delivered
    will be, the next time."""
    figures = figures_of(totals, trips, tally, sum(undelivered.values()))
    code, words = DONE, []
    if no_csms is not None:
        code = NO_CSMS
        words.append(Line("❌", "bold red", harmless(f"No CSMS: {no_csms}")))
    if undelivered:
        owed = ", ".join(f"{station} {count}" for station, count in undelivered.items())
        until = "; they are kept for the next time" if kept else ""
        words.append(Line("❌", "bold red", harmless(f"Messages not delivered: {owed}{until}")))
    if tally.failed or tally.sessions > 1:
        words.append(_summary(tally))
    if judge is not None or tally.sessions > 1:
        words.append(_pace(figures))
    if stop_code:
        return Verdict(stop_code, figures, words)
    if code == DONE and (tally.failed or undelivered):
        code = FAILED
    why = None if judge is None else judge.why(figures)
    if why is not None:
        words.append(Line("❌", "bold red", f"--fail-if came true: {why}"))
        code = FAIL_IF if code in (DONE, FAILED) else code
    return Verdict(code, figures, words)


def figures_of(totals: Totals, trips: RoundTripCounts, tally: Tally, undelivered: int) -> dict[str, float]:
    """Those that --fail-if knows."""
    whole = RoundTrips()
    whole.add(trips)
    times_s = [whole.percentile(share) for share in (0.5, 0.9, 0.99, 1.0)]
    return {
        **{name: math.inf if time_s is None else time_s for name, time_s in zip(TIMES, times_s, strict=True)},
        "errors": totals.errors,
        "unanswered": whole.unanswered,
        "failed": tally.failed,
        "sessions": tally.sessions,
        "undelivered": undelivered,
        "offline": totals.stations - totals.online,
        "kwh": tally.energy_wh / 1000.0,
    }


def _pace(figures: Mapping[str, float]) -> Line:
    times = ", ".join(f"{name} {shown(name, figures[name])}" for name in TIMES)
    counts = ", ".join(f"{figures[name]:.0f} {name}" for name in ("unanswered", "errors"))
    return Line("⏱", "dim", f"Round trips: {times}; {counts}")


def _summary(tally: Tally) -> Line:
    failed = f", {tally.failed} failed" if tally.failed else ""
    return Line("🏁", "bold", f"Sessions completed: {tally.sessions}, {kwh(tally.energy_wh)}{failed}")
