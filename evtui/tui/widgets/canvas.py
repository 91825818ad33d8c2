"""A Canvas: a widget that composes lines of pieces and sends to the terminal only the cells that changed."""

from collections.abc import Iterator

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

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
        self._drawn_from: list[Line] = []  # what `_painted` was drawn from

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
            self._painted = strips
            self.refresh()
            return
        regions: list[Region] = []
        for y, (old, new) in enumerate(zip(self._painted, strips, strict=True)):
            if old == new:
                continue
            spans = changed_spans(old, new)
            if not spans:
                continue
            cuts = [*sorted({cut for span in spans for cut in span} - {0, new.cell_length}), new.cell_length]
            self._painted[y] = Strip.join(new.divide(cuts))
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
            self._painted = []
            self._painted = self._compose_strips()
        return self._painted[y] if y < len(self._painted) else Strip.blank(self.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Lines of another width are other lines."""
        self.repaint_all()

    def notify_style_update(self) -> None:
        """Styles change with the focus, colours only with the theme: then everything is another line."""
        super().notify_style_update()
        if self._styles_by_role and self._styles_by_role != self._fresh_roles():
            self.repaint_all()

    def _compose_strips(self) -> list[Strip]:
        width, height = self.size
        styles = self._roles()
        base = styles["text"]
        strips = []
        before = dict(zip(map(id, self._drawn_from), self._painted, strict=False))
        lines = self.compose_lines(width, height)[:height]
        for line in lines:
            strip = before.get(id(line))
            if strip is None or strip.cell_length != width:
                segments = [Segment(text, styles[role]) for text, role in line if text]
                strip = Strip(segments).crop_extend(0, width, base)
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


def changed_spans(old: Strip, new: Strip, gap: int = _GAP) -> list[tuple[int, int]]:
    """Where two strips of one length differ, as (start, end) in cells; spans nearer than `gap` are joined."""
    spans: list[tuple[int, int]] = []
    before, after = list(_cells(old)), list(_cells(new))
    for x, (was, cell) in enumerate(zip(before, after, strict=False)):
        if was == cell:
            continue
        start, end = x, x + 1
        while start and (not after[start][0] or not before[start][0]):
            start -= 1
        while end < len(after) and (not after[end][0] or not before[end][0]):
            end += 1
        if spans and start - spans[-1][1] <= gap:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _cells(strip: Strip) -> Iterator[tuple[str, Style | None]]:
    """One entry a cell; the second cell of a wide character is empty; what has no width joins the cell before."""
    cells: list[tuple[str, Style | None]] = []
    for segment in strip:
        text, style = segment.text, segment.style
        if text.isascii():
            cells += [(character, style) for character in text]
            continue
        for character in text:
            width = get_character_cell_size(character)
            if width:
                cells.append((character, style))
                cells += [("", style)] * (width - 1)
            elif cells:
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
    return iter(cells)
