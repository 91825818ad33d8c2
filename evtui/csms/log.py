"""A frame as one line of text, for the log of `evtui csms`."""

from datetime import datetime
from typing import Final
from unicodedata import east_asian_width

from evtui.ocppj.frame import Direction, Frame, FrameType

_RESET: Final = "\x1b[0m"
_DIM: Final = "\x1b[2m"
_BOLD: Final = "\x1b[1m"
_RED: Final = "\x1b[31m"
# In the colours of the original simulator: blue comes in, magenta goes out.
_COLOURS: Final = {Direction.SENT: "\x1b[34m", Direction.RECEIVED: "\x1b[35m"}
_ARROWS: Final = {Direction.SENT: "→", Direction.RECEIVED: "←"}
_PLAIN_ARROWS: Final = {Direction.SENT: "->", Direction.RECEIVED: "<-"}
_WRONG: Final = frozenset({FrameType.CALLERROR, FrameType.CALLRESULTERROR, FrameType.UNREADABLE})


def line(frame: Frame, *, width: int = 0, colour: bool = False, ascii_only: bool = False) -> str:
    """`12:34:56.789 CP001 → CALL BootNotification [2,"1",...]`: time (local), station, direction (→ from the station),
    type, action, round-trip time, what is wrong with it, and the text. Nothing in it can move the cursor; no wider than
    `width` columns (0: no limit)."""
    arrow = (_PLAIN_ARROWS if ascii_only else _ARROWS)[frame.direction]
    head = _COLOURS[frame.direction]
    parts = [
        (_DIM, datetime.fromtimestamp(frame.at).astimezone().strftime("%H:%M:%S.%f")[:-3]),
        (_BOLD, frame.station),
        (head, arrow),
        (_RED if frame.type in _WRONG else head, frame.type.name),
        (head, frame.action),
        ("", "" if frame.rtt_s is None else f"{frame.rtt_s * 1000:.1f} ms"),
        (_RED, f"INVALID {frame.fault}" if frame.fault else ""),
        (_DIM, frame.text),
    ]
    written: list[str] = []
    room = width
    for style, text in parts:
        if not text:
            continue
        if written:
            written.append(" ")
            room -= 1
        shown, used = _fitted(text, room if width else None, ascii_only)
        written.append(f"{style}{shown}{_RESET}" if colour and style and shown else shown)
        room -= used
        if width and room <= 1:
            break
    return "".join(written)


def _fitted(text: str, room: int | None, ascii_only: bool) -> tuple[str, int]:
    """The text, harmless and at most `room` columns wide, and how many it takes."""
    if room is not None:
        text, cut = text[: room + 1], len(text) > room + 1
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if c.isprintable() and not (ascii_only and ord(c) > 126) else _escaped(c) for c in text)
    if room is None:
        return text, len(text)
    used = 0
    for index, character in enumerate(text):
        columns = 2 if east_asian_width(character) in "WF" else 1
        if used + columns > room - (cut or index + 1 < len(text)):
            break
        used += columns
    else:
        return text, used
    ellipsis = "~" if ascii_only else "…"
    return (text[:index] + ellipsis, used + 1) if room > 0 else ("", 0)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
