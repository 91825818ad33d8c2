"""How figures and words from the fleet are written on screen: fixed widths; W, Wh and seconds on the way in."""

import time
from math import isfinite

from rich.cells import cell_len, set_cell_size

from evtui.tui.glyphs import Glyphs

_EMOJI = "\ufe0f"  # variation selector 16


def safe(text: str, glyphs: Glyphs) -> str:
    """Text from the wire as it may be shown: control and direction characters become visible signs, never effects; in
    ASCII mode everything else is escaped as in JSON. What makes an emoji of a sign goes: no two terminals agree on how
    wide it is then."""
    if text.isprintable() and (text.isascii() or not (glyphs.ascii or _EMOJI in text)):
        return text
    if glyphs.ascii:
        return "".join(c if " " <= c <= "~" else _escaped(c) for c in text)
    return "".join(c if c.isprintable() else _visible(c) for c in text if c != _EMOJI)


def _visible(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def fit(text: str, width: int, glyphs: Glyphs) -> str:
    """Exactly `width` cells: padded on the right, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if text.isascii():
        length = len(text)
        if length <= width:
            return text + " " * (width - length)
        return text[: width - 1] + glyphs.ellipsis
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + glyphs.ellipsis


def pasted(text: str) -> str:
    """Text that somebody pastes, without what is no text; lines stay lines, and a tab is a blank."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or c.isprintable())


def brief(text: str, glyphs: Glyphs, width: int = 40) -> str:
    """Text from the wire as a part of a sentence: safe, and at most `width` cells."""
    shown = safe(text, glyphs)
    return shown if cell_len(shown) <= width else fit(shown, width, glyphs).rstrip()


def fit_right(text: str, width: int, glyphs: Glyphs) -> str:
    """Exactly `width` cells: padded on the left, or cut with an ellipsis."""
    missing = width - cell_len(text)
    return " " * missing + text if missing >= 0 else fit(text, width, glyphs)


def power(power_w: float) -> str:
    """kW to 3 decimals, 7 cells up to 999 kW: `22.000`."""
    return f"{power_w / 1000:7.3f}" if isfinite(power_w) else "      ?"


def energy(energy_wh: float) -> str:
    """kWh to 3 decimals, 7 cells up to 999 kWh: `1.234`."""
    return f"{energy_wh / 1000:7.3f}" if isfinite(energy_wh) else "      ?"


def short_power(power_w: float) -> str:
    """kW as short as it stays exact enough for a label: `22 kW`, `7.4 kW`."""
    return f"{power_w / 1000:.1f} kW".replace(".0 kW", " kW") if isfinite(power_w) else "? kW"


def scaled(value: float, unit: str) -> str:
    """W or Wh to 3 decimals, in thousands, millions or thousands of millions: `87.978 MW`."""
    if not isfinite(value):
        return f"? k{unit}"
    for factor, prefix in ((1e9, "G"), (1e6, "M")):
        if abs(value) >= factor * 0.9999995:
            return f"{value / factor:.3f} {prefix}{unit}"
    return f"{value / 1e3:.3f} k{unit}"


def soc(soc_percent: float | None) -> str:
    """State of charge, 5 cells: ` 82 %`, blank when unknown."""
    return "     " if soc_percent is None or not isfinite(soc_percent) else f"{soc_percent:3.0f} %"


def duration(seconds: float) -> str:
    """`1:02:03`, or `02:03` below an hour; never negative."""
    whole = max(0, int(seconds)) if isfinite(seconds) else 0
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes:02}:{second:02}"


def countdown(retry_at: float | None, at: float) -> str:
    """Seconds until a retry, rounded up: `12 s`; minutes when long."""
    if retry_at is None:
        return ""
    left = max(0.0, retry_at - at)
    if not isfinite(left):
        return ""
    whole = int(left) + (left > int(left))
    return f"{whole} s" if whole < 100 else duration(whole)


def short_id(transaction_id: str | None, width: int = 6) -> str:
    """The first cells of a transaction id: enough to tell it from the others."""
    return "" if transaction_id is None else transaction_id[:width]


def clock(at: float, *, milliseconds: bool) -> str:
    """Local time of day: `12:00:01.234`."""
    try:
        text = time.strftime("%H:%M:%S", time.localtime(at))
    except (OverflowError, ValueError, OSError):
        return "--:--:--.---" if milliseconds else "--:--:--"
    return f"{text}.{int(at * 1000) % 1000:03}" if milliseconds else text


def round_trip(rtt_s: float | None) -> str:
    """`12 ms`, `1.23 s`; blank when there is none."""
    if rtt_s is None:
        return ""
    return f"{rtt_s * 1000:.0f} ms" if rtt_s < 0.9995 else f"{rtt_s:.2f} s"


def count(number: int, noun: str) -> str:
    """`1 station`, `4,000 stations`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
