"""How somebody looks at a chart: which stretch of its time, and where the cursor stands. Times are in seconds."""

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

LEAST_S = 10.0
"""The shortest stretch that is shown."""

ZOOM = 2.0
"""By which one step of zooming multiplies or divides the stretch."""


class ChartView(msgspec.Struct, frozen=True):
    """`left` to `right` is what shows; both None: everything, on with what arrives. `cursor` is None or the time of a
    point. What it gives never leaves the data."""

    left: float | None = None
    right: float | None = None
    cursor: float | None = None

    @property
    def live(self) -> bool:
        """All of it shows, and goes on."""
        return self.left is None

    def window(self, times: Sequence[float]) -> tuple[float, float]:
        """From when to when the chart goes."""
        if self.left is None or self.right is None:
            first = times[0] if times else 0.0
            return first, max(times[-1] if times else first, first + LEAST_S)
        return self.left, self.right

    def at(self, times: Sequence[float]) -> int | None:
        """The index of the point under the cursor; None without one."""
        return None if self.cursor is None or not times else nearest(times, self.cursor)

    # -- the cursor -------------------------------------------------------------------------------

    def step(self, times: Sequence[float], steps: int, cells: int) -> "ChartView":
        """The cursor moves by as many cells of a chart that is `cells` wide, by one point at least; the first step puts
        it on the newest point. The stretch follows it."""
        if not times:
            return self
        low, high = self.window(times)
        if self.cursor is None:
            return self.point(times, min(high, times[-1]))
        here = nearest(times, self.cursor)
        there = nearest(times, self.cursor + steps * (high - low) / max(cells, 1))
        if there == here:
            there = max(0, min(here + (1 if steps > 0 else -1), len(times) - 1))
        return self.point(times, times[there])

    def point(self, times: Sequence[float], time: float) -> "ChartView":
        """The cursor goes to the point nearest to a time."""
        if not times:
            return self
        view = msgspec.structs.replace(self, cursor=times[nearest(times, time)])
        low, high = view.window(times)
        assert view.cursor is not None
        if view.live or low <= view.cursor <= high:
            return view
        return view._stretch(times, view.cursor - (high - low) / 2, high - low)

    def without_cursor(self) -> "ChartView":
        """The cursor goes."""
        return msgspec.structs.replace(self, cursor=None)

    # -- the stretch ------------------------------------------------------------------------------

    def zoom(self, times: Sequence[float], steps: int) -> "ChartView":
        """In (above 0) or out, about the cursor if there is one, else about the newest that shows."""
        if not times:
            return self
        low, high = self.window(times)
        width = (high - low) / ZOOM**steps
        whole = max(times[-1] - times[0], LEAST_S)
        if width >= whole:
            return ChartView(cursor=self.cursor)
        width = max(width, min(LEAST_S, whole))
        centre = high if self.cursor is None else self.cursor
        share = (centre - low) / (high - low) if high > low else 1.0
        return self._stretch(times, centre - share * width, width)

    def pan(self, times: Sequence[float], share: float) -> "ChartView":
        """Moves the stretch by a share of its width. Where everything shows, there is nothing to move."""
        if self.live or not times:
            return self
        low, high = self.window(times)
        return self._stretch(times, low + share * (high - low), high - low)

    def _stretch(self, times: Sequence[float], left: float, width: float) -> "ChartView":
        first, last = times[0], max(times[-1], times[0] + LEAST_S)
        left = max(first, min(left, last - width))
        return ChartView(left, left + width, self.cursor)


def step_of(times: Sequence[float]) -> int:
    """Seconds from one point to the next; each is the mean of so many. 1 where every second has its own."""
    return round((times[-2] - times[0]) / (len(times) - 2)) if len(times) > 2 else 1


def nearest(times: Sequence[float], time: float) -> int:
    """The index of the time nearest to one, of ascending times."""
    at = bisect_left(times, time)
    if at == 0:
        return 0
    if at == len(times):
        return at - 1
    return at if times[at] - time < time - times[at - 1] else at - 1
