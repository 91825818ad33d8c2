"""A chart that can be read: a cursor tells values, the stretch of time that shows can be zoomed and moved."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from evtui.tui import figures
from evtui.tui.bindings import bindings
from evtui.tui.chart_view import ChartView, step_of
from evtui.tui.charts import ChartSpec
from evtui.tui.glyphs import Glyphs
from evtui.tui.keys import Where
from evtui.tui.paint import Line, between
from evtui.tui.widgets.canvas import Canvas
from evtui.tui.widgets.plot import chart_lines

_WIDE = 66  # cells from which on the other charts are named as well
_AXIS = 6  # cells of the left axis, about


class Chart(Canvas, can_focus=True):
    """Shows one of several `kinds` of charts; `empty` is what stands there while there is nothing to draw."""

    HELP = (
        "A chart. The cursor reads what was measured at one moment; zoom and move the stretch of time that shows. The "
        "end key goes back to all of it, and on with what arrives."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHART)
    DEFAULT_CSS = """
    Chart { height: 1fr; }
    """

    class Left(Message):
        """The reader is done with it."""

    def __init__(self, glyphs: Glyphs, kinds: tuple[str, ...], empty: str, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.kinds = kinds
        self.kind = kinds[0]
        self.view = ChartView()
        self._nothing = empty
        self._spec: ChartSpec | None = None
        self._drawn: tuple[ChartSpec, ChartView, int, int, list[Line]] | None = None

    def show(self, spec: ChartSpec | None) -> None:
        """Draws it. Another session than before is looked at from its beginning."""
        if spec is None or (self._spec is not None and spec.t[:1] != self._spec.t[:1]):
            self.view = ChartView()
        self._spec = spec
        self.repaint()

    @property
    def empty(self) -> bool:
        """There is nothing to draw yet."""
        spec = self._spec
        return spec is None or len(spec.t) < 2 or not any(curve.values for curve in spec.curves)

    def choose(self, kind: str) -> None:
        """Another chart; what it shows comes with the next `show`."""
        self.kind = kind

    def next_kind(self) -> str:
        """The kind behind this one."""
        return self.kinds[(self.kinds.index(self.kind) + 1) % len(self.kinds)]

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """A title with the curves' names in their colours, or what the cursor reads, then the chart."""
        across = self.glyphs.box[4]
        spec = self._spec
        at = self.view.at(spec.t) if spec else None
        stretch = ""
        if spec is not None and not self.view.live:
            left_s, right_s = self.view.window(spec.t)
            stretch = f" {figures.duration(left_s)}-{figures.duration(right_s)} "
        step = step_of(spec.t) if spec else 1
        means = f" means of {step} s " if step > 1 else ""
        right: Line = [(means, "dim"), (stretch, "mark"), (across, "border")]
        title = self._names(width - len(means + stretch)) if spec is None or at is None else self._reading(spec, at)
        lines = [between([(across, "border"), (" ", "text"), *title], right, width, across, "border")]
        if spec is None or self.empty:
            return [*lines, [], [(f"  {self._nothing}", "hint")]]
        if height < 5 or width < 24:
            return lines
        key = (spec, self.view, width, height)
        if self._drawn is None or self._drawn[:4] != key:
            self._drawn = (*key, chart_lines(spec, width, height - 1, self.glyphs, self.view))
        return lines + self._drawn[4]

    def _names(self, width: int) -> Line:
        names: Line = []
        for number, kind in enumerate(self.kinds, 1):
            here = kind == self.kind
            names.append((f"{number} ", "here" if here else "dim"))
            if here and self._spec:
                for curve in reversed(self._spec.curves):
                    names.append((f"{curve.title} ", curve.role))
            elif here or width >= _WIDE:
                names.append((f"{kind} ", "here" if here else "dim"))
        return names

    def _reading(self, spec: ChartSpec, at: int) -> Line:
        """What was measured where the cursor stands."""
        read: Line = [(f"{figures.duration(spec.t[at])} ", "here")]
        for curve in reversed(spec.curves):
            name = f"{curve.name} " if curve.role == "limit" else ""
            if at < len(curve.values):
                value = f"{curve.values[at]:.0f}" if not curve.unit else f"{curve.values[at]:.2f} {curve.unit}"
                read.append((f"{name}{value} ", curve.role))
        return read

    # -- keys and mouse ---------------------------------------------------------------------------

    @property
    def _times(self) -> tuple[float, ...]:
        return self._spec.t if self._spec else ()

    def _look(self, view: ChartView) -> None:
        self.view = view
        self.repaint()

    def _turn(self, view: ChartView) -> None:
        if view == self.view:
            self.notify("the chart goes no further", timeout=5.0, markup=False)
        self._look(view)

    def action_cursor(self, steps: int) -> None:
        """The cursor moves."""
        self._turn(self.view.step(self._times, steps, self.size.width - _AXIS))

    def action_zoom(self, steps: int) -> None:
        """In, or out."""
        self._turn(self.view.zoom(self._times, steps))

    def action_pan(self, share: float) -> None:
        """To earlier, or later; where everything shows, the cursor goes that way."""
        if self.view.live:
            self.action_cursor(round(share * (self.size.width - _AXIS)))
        else:
            self._turn(self.view.pan(self._times, share))

    def action_first(self) -> None:
        """The cursor to the first point."""
        if self._times:
            self._look(self.view.point(self._times, self._times[0]))

    def action_live(self) -> None:
        """All of it again, without a cursor."""
        self._look(ChartView())

    def action_leave(self) -> None:
        """Back to where the keys were."""
        self._look(self.view.without_cursor())
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        """The cursor goes where the mouse points."""
        times = self._times
        if not times:
            return
        left_s, right_s = self.view.window(times)
        share = (event.x - _AXIS) / max(self.size.width - 2 * _AXIS, 1)
        self._look(self.view.point(times, left_s + share * (right_s - left_s)))
        self.focus()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """In."""
        event.stop()
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Out."""
        event.stop()
        self.action_zoom(-1)
