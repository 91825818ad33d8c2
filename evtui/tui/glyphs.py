"""The signs the screen is drawn with: one set for Unicode, one for ASCII. State never depends on colour alone."""

import msgspec

from evtui.engine.door import LinkState


class Glyphs(msgspec.Struct, frozen=True):
    """A set of signs, each one cell wide. `ramp` runs from the base line, which means nothing, to full; `box` is top
    left, top right, bottom left, bottom right, across, down."""

    ascii: bool
    ramp: str
    full: str
    box: tuple[str, str, str, str, str, str]
    cursor: str
    pair: str
    mark: str
    sent: str
    received: str
    fault: str
    valid: str
    dot: str
    times: str
    ellipsis: str
    crumb: str
    winner: str
    newer: str
    older: str
    cut: str
    meddled: str
    states: dict[str, str]
    links: dict[LinkState, str]
    chart_marker: str


UNICODE = Glyphs(
    ascii=False,
    ramp="▁▂▃▄▅▆▇█",
    full="█",
    box=("╭", "╮", "╰", "╯", "─", "│"),
    cursor="▶",
    pair="┊",
    mark="✓",
    sent="→",
    received="←",
    fault="✗",
    valid="✓",
    dot="·",
    times="×",
    ellipsis="…",
    crumb="›",
    winner="▶",
    newer="▼",
    older="▲",
    cut="≠",
    meddled="≈",
    states={
        "Charging": "●",
        "SuspendedEV": "◐",
        "SuspendedEVSE": "◑",
        "EVConnected": "◉",
        "Idle": "◌",
        "Available": "○",
        "Occupied": "◉",
        "Reserved": "◇",
        "Unavailable": "✕",
        "Faulted": "!",
    },
    links={
        LinkState.OFFLINE: "○",
        LinkState.CONNECTING: "◌",
        LinkState.WAITING: "↻",
        LinkState.BOOTING: "◌",
        LinkState.PENDING: "◐",
        LinkState.REJECTED: "✕",
        LinkState.ONLINE: "●",
        LinkState.CRASHED: "!",
        LinkState.DARK: "□",
    },
    chart_marker="hd",
)

ASCII = Glyphs(
    ascii=True,
    ramp="_.:-=+*#",
    full="#",
    box=("+", "+", "+", "+", "-", "|"),
    cursor=">",
    pair=":",
    mark="x",
    sent=">",
    received="<",
    fault="!",
    valid="ok",
    dot="-",
    times="x",
    ellipsis="~",
    crumb=">",
    winner=">",
    newer="v",
    older="^",
    cut="/",
    meddled="%",
    states={
        "Charging": "*",
        "SuspendedEV": "=",
        "SuspendedEVSE": "=",
        "EVConnected": "+",
        "Idle": "-",
        "Available": "o",
        "Occupied": "+",
        "Reserved": "r",
        "Unavailable": "x",
        "Faulted": "!",
    },
    links={
        LinkState.OFFLINE: "o",
        LinkState.CONNECTING: ".",
        LinkState.WAITING: "~",
        LinkState.BOOTING: ".",
        LinkState.PENDING: "=",
        LinkState.REJECTED: "x",
        LinkState.ONLINE: "*",
        LinkState.CRASHED: "!",
        LinkState.DARK: "0",
    },
    chart_marker="*",
)


MARKERS = {"quadrant": "hd", "sextant": "fhd", "braille": "braille", "block": "█", "dot": "•"}
"""What curves are drawn with, by plotext's names. Many fonts lack braille; sextants need a new one."""


def glyphs(ascii_only: bool, marker: str = "quadrant") -> Glyphs:
    """The set to draw with; `marker` is one of MARKERS."""
    return ASCII if ascii_only else msgspec.structs.replace(UNICODE, chart_marker=MARKERS[marker])
