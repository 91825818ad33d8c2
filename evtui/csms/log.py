"""A frame as one line of text, for the log of `evtui csms`."""

from datetime import datetime
from typing import Final
from unicodedata import east_asian_width

from evtui.csms.lint import report
from evtui.csms.lint.findings import Finding
from evtui.ocppj.frame import Direction, Frame, FrameType

_RESET: Final = "\x1b[0m"
_DIM: Final = "\x1b[2m"
_BOLD: Final = "\x1b[1m"
_RED: Final = "\x1b[31m"
# The colours of the original simulator: blue comes in, magenta goes out, red is wrong.
_COLOURS: Final = {Direction.SENT: "\x1b[34m", Direction.RECEIVED: "\x1b[35m"}
_ARROWS: Final = {Direction.SENT: ("→", "->"), Direction.RECEIVED: ("←", "<-")}
_ELLIPSIS: Final = ("…", "~")
_WRONG: Final = frozenset({FrameType.CALLERROR, FrameType.CALLRESULTERROR, FrameType.UNREADABLE})


def line(frame: Frame, *, width: int | None = None, colour: bool = False, ascii_only: bool = False) -> str:
    """`12:34:56.789 CP001 → CALL BootNotification [2,"1",...]`: local time, station, direction (→ from the station),
    type, action, round-trip time, what is wrong with it, text. No wider than `width` columns; but for the colours,
    nothing in it that a terminal would act on."""
    if width is not None and width < 1:
        return ""
    hue = _COLOURS[frame.direction]
    pieces = (
        (_DIM, datetime.fromtimestamp(frame.at).astimezone().strftime("%H:%M:%S.%f")[:-3]),
        (_BOLD, frame.station),
        (hue, _ARROWS[frame.direction][ascii_only]),
        (_RED if frame.type in _WRONG else hue, frame.type.name),
        (hue, frame.action),
        (_DIM, "" if frame.rtt_s is None else f"{frame.rtt_s * 1000:.1f} ms"),
        (_RED, f"INVALID {frame.fault}" if frame.fault else ""),
        ("", frame.text),
    )
    written: list[str] = []
    room = width
    for style, piece in pieces:
        if not piece:
            continue
        text = _harmless(piece if room is None else piece[: room + 1], ascii_only)
        if room is not None:
            room -= bool(written)  # for the blank before it
            text, used = _fitted(text, room, _ELLIPSIS[ascii_only])
            room -= used
        written.append(f"{style}{text}{_RESET}" if colour and style else text)
        if room is not None and room < 2:
            break
    return " ".join(written)


def finding_line(finding: Finding, *, width: int | None = None, colour: bool = False, ascii_only: bool = False) -> str:
    """What the linter has found, as a line between the frames: `! CP001 error E01.FR.07: T1: seqNo 3 follows 1; frame
    7`. As harmless and as narrow as those."""
    text = _harmless(f"! {finding.station_id} {report.line(finding)}", ascii_only)
    if width is not None:
        text = _fitted(text, max(width, 1), _ELLIPSIS[ascii_only])[0]
    return f"{_RED}{text}{_RESET}" if colour else text


def _harmless(text: str, ascii_only: bool) -> str:
    """The text with whatever a terminal could act on, or cannot show, written as an escape."""
    if text.isprintable() and (text.isascii() or not ascii_only):
        return text
    return "".join(
        c if c.isprintable() and (c.isascii() or not ascii_only) else c.encode("unicode_escape").decode() for c in text
    )


def _fitted(text: str, room: int, ellipsis: str) -> tuple[str, int]:
    """As much of the text as fits, and how many columns it takes."""
    if text.isascii():
        return (text, len(text)) if len(text) <= room else (text[: room - 1] + ellipsis, room)
    used, kept, kept_columns = 0, 0, 0
    for index, character in enumerate(text):
        used += 2 if east_asian_width(character) in "WF" else 1
        if used > room:
            return text[:kept] + ellipsis, kept_columns + 1
        if used < room:
            kept, kept_columns = index + 1, used
    return text, used
