"""A key of the window as data, and the parts of the window that keys work in."""

from enum import StrEnum

import msgspec


class Where(StrEnum):
    """The part of the window that a key works in."""

    EVERYWHERE = "everywhere"
    FLEET = "fleet"
    GRID = "grid"
    STATION = "station"
    CHART = "chart"
    CHARTS = "charts"
    LOG = "log"
    FRAME = "frame"
    NODE = "node"
    MODEL = "model"
    RULES = "rules"
    HELP = "help"
    ASK = "ask"
    FORM = "form"
    FILTER = "filter"
    LINE = "line"
    PALETTE = "palette"
    CHOICE = "choice"
    MESSAGE = "message"
    CSMS = "csms"
    FIELD = "field"
    TEXT = "text"
    WINDOW = "window"


HEADINGS = {
    Where.FLEET: "On the fleet screen",
    Where.GRID: "On the stations",
    Where.STATION: "In the station view",
    Where.CHART: "On a chart",
    Where.CHARTS: "In the charts of the fleet",
    Where.LOG: "In the log of frames",
    Where.FRAME: "On a frame",
    Where.NODE: "On the ECHONET Lite node",
    Where.MODEL: "In the device model",
    Where.RULES: "Among the rules on the wire",
    Where.MESSAGE: "In a message",
    Where.CSMS: "In the CSMS",
    Where.HELP: "In the help",
    Where.ASK: "In a question",
    Where.CHOICE: "In a choice",
    Where.FORM: "In the arguments of a command",
    Where.FILTER: "In a filter",
    Where.LINE: "In a value",
    Where.PALETTE: "In the palette",
    Where.FIELD: "In a line of text",
    Where.TEXT: "In a text of several lines",
    Where.EVERYWHERE: "Everywhere",
    Where.WINDOW: "Always, also in dialogs",
}
"""What the help calls each part."""

DIALOGS = (
    Where.HELP,
    Where.ASK,
    Where.FORM,
    Where.FILTER,
    Where.LINE,
    Where.PALETTE,
    Where.CHOICE,
    Where.FIELD,
    Where.TEXT,
)
"""Parts that stand before everything else: nothing works there but their own keys and the window's."""


class KeySpec(msgspec.Struct, frozen=True):
    """A key: `keys` are textual's names, comma-separated; `action` is what it does; `title` stands in the key bar
    (empty: not shown there); `help` is a sentence; `command` names the registry's command that it submits."""

    id: str
    keys: str
    action: str
    title: str
    help: str
    where: Where
    command: str = ""
    changes: bool = False  # it would change the fleet: a read-only window refuses
    rank: int = 0  # in a key bar that is too narrow there is room for 0 first, then 1, then 2
