"""A recording of the screen (asciicast v2) as an animated GIF, through a terminal emulator that is not ours."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import resvg_py
from PIL import Image
from rich.console import Console
from rich.style import Style
from rich.text import Text

from evtui.tui.recording import self_contained
from tests.e2e.emulator import Emulator

FONT = "DejaVu Sans Mono"
STEP_S = 0.5
"""Between two pictures, at least."""

LONGEST_S = 3.0
"""How long a picture stands, at most."""

COLOURS = 48


def film(cast: Path, gif: Path, width: int = 720) -> None:
    """Makes the GIF, and a still from its middle as PNG."""
    pictures, durations = [], []
    for screen, seconds in _screens(cast):
        svg = self_contained(_svg(screen), f"font-family: {FONT};")
        png = resvg_py.svg_to_bytes(svg_string=svg, monospace_family=FONT, width=width)
        pictures.append(Image.open(io.BytesIO(bytes(png))).convert("RGB"))
        durations.append(round(seconds * 1000))
    pictures[len(pictures) // 3].save(gif.with_suffix(".png"), optimize=True)
    palette = pictures[len(pictures) // 2].quantize(COLOURS, dither=Image.Dither.NONE)
    frames = [picture.quantize(COLOURS, palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    frames[0].save(gif, save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=False)


def _screens(cast: Path) -> Iterator[tuple[list[Text], float]]:
    """The screens that differ, and how long each stands."""
    header, *lines = (json.loads(line) for line in cast.read_text(encoding="utf-8").splitlines())
    emulator = Emulator(header["width"], header["height"])
    shown: list[Text] | None = None
    since = before = 0.0
    for at, code, data in lines[:-1]:  # the last one gives the terminal back
        # What is written in one moment is one picture.
        if shown is not None and at > before >= since + STEP_S and (now := _rows(emulator)) != shown:
            yield shown, min(before - since, LONGEST_S)
            shown, since = now, before
        before = at
        if code == "o":
            emulator.feed(data.encode())
        if shown is None and "CP001" in emulator.lines()[1]:
            shown, since = _rows(emulator), at
    yield _rows(emulator), LONGEST_S


def _rows(emulator: Emulator) -> list[Text]:
    rows = []
    for cells in emulator.cells():
        row = Text(end="")
        for cell in cells:
            style = Style(
                color=_colour(cell.fg), bgcolor=_colour(cell.bg), bold=bool(cell.bold), reverse=bool(cell.reverse)
            )
            row.append(cell.data, style)
        rows.append(row)
    return rows


def _colour(name: str) -> str | None:
    """A colour of pyte in rich's words."""
    if name == "default":
        return None
    if len(name) == 6 and all(each in "0123456789abcdef" for each in name):
        return f"#{name}"
    return name.replace("brown", "yellow").replace("bright", "bright_")


def _svg(rows: list[Text]) -> str:
    console = Console(
        width=rows[0].cell_len, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    for row in rows:
        console.print(row, soft_wrap=True)
    return console.export_svg(title="evtui demo")
