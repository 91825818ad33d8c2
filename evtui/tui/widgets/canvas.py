"""A Canvas: a widget that composes lines of pieces and sends to the terminal only the cells that changed."""

from collections.abc import Sequence
from itertools import chain

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from evtui.tui.cells import NARROW, cells_of, changes
from evtui.tui.glyphs import Glyphs
from evtui.tui.paint import Line
from evtui.tui.palette import role_styles

_GAP = 6  # unchanged cells that are cheaper to send again than to jump over


class Canvas(Widget):
    """Subclasses give `compose_lines`; call `repaint` when the data changed. Nothing changed: nothing is sent. A line
    that is the very one composed before is not drawn again."""

    DEFAULT_CSS = """
    Canvas { height: 1; width: 1fr; background: $background; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self._styles_by_role: dict[str, Style] = {}
        self._painted: list[Strip] = []
        self._uncut: list[Strip] = []  # the same lines, before they were cut where they changed
        self._drawn_from: list[Line] = []  # what they were drawn from

    # -- for subclasses ---------------------------------------------------------------------------

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """The lines to show, at most `height`; each is cut or filled to `width` cells."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Composes anew and marks what differs from what is on screen."""
        if not self.is_mounted or not self.size:
            return
        if not self._painted:
            self.refresh()
            return
        strips = self._compose_strips()
        if len(strips) != len(self._painted):
            self._keep(strips)
            self.refresh()
            return
        before, self._uncut = self._uncut, strips
        regions: list[Region] = []
        for y, (old, new) in enumerate(zip(before, strips, strict=True)):
            if old is new or not (spans := changed_spans(old, new)):
                continue
            cuts = [*sorted({cut for span in spans for cut in span} - {0, new.cell_length}), new.cell_length]
            self._painted[y] = Strip(chain.from_iterable(Segment.divide(new, cuts)), new.cell_length)
            regions += [Region(start, y, end - start, 1) for start, end in spans]
        if regions:
            self.refresh(*regions)

    def repaint_all(self) -> None:
        """Composes anew and sends everything: after a change of size or theme."""
        self._styles_by_role.clear()
        self._painted = []
        self.refresh()

    # -- textual ----------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """The line as it was composed last."""
        if len(self._painted) != self.size.height or (
            self._painted and self._painted[0].cell_length != self.size.width
        ):
            self._drawn_from = []
            self._keep(self._compose_strips())
        return self._painted[y] if y < len(self._painted) else Strip.blank(self.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Lines of another width are other lines."""
        self.repaint_all()

    def notify_style_update(self) -> None:
        """Styles change with the focus, colours only with the theme: then everything is another line."""
        super().notify_style_update()
        if self._styles_by_role and self._styles_by_role != self._fresh_roles():
            self.repaint_all()

    def _keep(self, strips: list[Strip]) -> None:
        self._uncut, self._painted = strips, strips.copy()

    def _compose_strips(self) -> list[Strip]:
        width, height = self.size
        styles = self._roles()
        base = styles["text"]
        strips = []
        before = dict(zip(map(id, self._drawn_from), self._uncut, strict=False))
        lines = self.compose_lines(width, height)[:height]
        for line in lines:
            strip = before.get(id(line))
            if strip is None or strip.cell_length != width:
                strip = _filled([Segment(text, styles[role]) for text, role in line if text], width, base)
            strips.append(strip)
        self._drawn_from = lines
        blank = Strip([Segment(" " * width, base)], width)
        strips += [blank] * (height - len(strips))
        return strips

    def _roles(self) -> dict[str, Style]:
        if not self._styles_by_role:
            self._styles_by_role = self._fresh_roles()
        return self._styles_by_role

    def _fresh_roles(self) -> dict[str, Style]:
        by_attributes = self.app.current_theme.ansi or self.app.no_color
        return role_styles(self.app.theme_variables, self.background_colors[1], by_attributes)


def _filled(segments: list[Segment], width: int, style: Style) -> Strip:
    """Segments as a line of `width` cells."""
    cells = sum([len(text) if NARROW.issuperset(text) else cell_len(text) for text, _, _ in segments])
    if cells < width:
        segments.append(Segment(" " * (width - cells), style))
    return Strip(segments, max(cells, width)).crop(0, width)


def changed_spans(old: Strip, new: Strip, gap: int = _GAP) -> list[tuple[int, int]]:
    """Where two strips of one length differ, as (start, end) in cells; spans nearer than `gap` are joined."""
    olds, news = list(old), list(new)
    same = max(0, _alike(olds, news) - 1)  # but the last of them, which a combining mark might join
    start_x = sum([cell_len(text) for text, _, _ in news[:same]])
    olds, news = olds[same:], news[same:]
    rest = _alike(olds[::-1], news[::-1])
    was, were = cells_of(olds[: len(olds) - rest])
    now, are = cells_of(news[: len(news) - rest])
    if len(was) != len(now):  # characters side by side that are not as wide as each alone
        return [(0, new.cell_length)]
    return [(start_x + start, start_x + end) for start, end in changes(was, were, now, are, gap)]


def _alike(some: Sequence[Segment], others: Sequence[Segment]) -> int:
    """With how many segments two lines begin alike."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count
