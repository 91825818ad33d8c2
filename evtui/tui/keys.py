"""Every key of the window as data: settings.toml re-maps it by its id, the key bar, the help and the palette read it.

No textual here: the command line checks settings.toml against these ids before anything heavy is imported.
"""

import re
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
    CHOICE = "choice"
    MESSAGE = "message"
    CSMS = "csms"
    FIELD = "field"
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
    Where.FIELD: "In a line of text",
    Where.EVERYWHERE: "Everywhere",
    Where.WINDOW: "Always, also in dialogs",
}
"""What the help calls each part."""

DIALOGS = (Where.HELP, Where.ASK, Where.FORM, Where.FILTER, Where.LINE, Where.CHOICE, Where.FIELD)
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
    minor: bool = False  # the first to leave a key bar that is too narrow


def _evse(where: Where) -> tuple[KeySpec, ...]:
    """The keys that act on EVSEs: on the fleet screen on the marked ones, in the station view on the one shown."""
    return (
        KeySpec(
            "evse.start",
            "s",
            "order('start')",
            "Start",
            "Plug in if needed and present the identifier: a session starts",
            where,
            "start",
            True,
        ),
        KeySpec(
            "evse.stop",
            "x",
            "order('stop')",
            "Stop",
            "Present the identifier again: the session ends",
            where,
            "stop",
            True,
        ),
        KeySpec(
            "evse.plug",
            "p",
            "order('toggle-plug')",
            "Plug",
            "Put the cable in, or pull it at the EV",
            where,
            "toggle-plug",
            True,
        ),
    )


def _event(name: str, keys: str, action: str, title: str, help: str, command: str) -> KeySpec:
    """A key of the station view that lets something happen there."""
    return KeySpec(f"station.{name}", keys, action, title, help, Where.STATION, command, True, minor=True)


_EVENTS = (
    _event(
        "fault",
        "exclamation_mark",
        "fault",
        "Fault",
        "Break something, by choice; when something is broken, repair it",
        "fault",
    ),
    _event("power", "o", "order('toggle-power')", "Power", "Cut the power, or let it return", "toggle-power"),
    _event(
        "network",
        "n",
        "order('toggle-network')",
        "Network",
        "Cut the network, so that everything vanishes and nobody is told; or restore it",
        "toggle-network",
    ),
    _event(
        "emergency-stop",
        "E",
        "order('toggle-emergency-stop')",
        "Emergency",
        "Press the emergency stop, or release it",
        "toggle-emergency-stop",
    ),
    _event(
        "unplug-at-station",
        "u",
        "order('unplug-at-station')",
        "Unplug",
        "Pull the cable out of the station's socket, rather than off the EV",
        "unplug-at-station",
    ),
    _event("token", "t", "fill_in('authorize')", "Token", "Present any identifier at the reader", "authorize"),
    _event(
        "ev-waits",
        "w",
        "order('toggle-ev')",
        "EV waits",
        "The car wants no energy for now, or wants it again (its switch S2)",
        "toggle-ev",
    ),
    _event("ev-full", "percent_sign", "order('ev-full')", "EV full", "The battery is full at once", "ev-full"),
    _event("bay", "b", "order('toggle-bay')", "Bay", "A car comes into the parking bay, or leaves it", "toggle-bay"),
    _event("lock", "L", "order('toggle-lock')", "Lock", "The lock of the socket fails, or works again", "toggle-lock"),
    _event(
        "reconnect",
        "r",
        "order('close-connection')",
        "Reconnect",
        "Close the connection in an orderly way; the station connects again",
        "close-connection",
    ),
    _event("raw", "i", "fill_in('send-raw')", "Raw", "Send any text over the connection as it is", "send-raw"),
)


_OLDER = "A message of this kind that was sent before from this window"


def _field(name: str, keys: str, action: str, help: str) -> KeySpec:
    """A key of a line of text, which is textual's."""
    return KeySpec(f"field.{name}", keys, action, "", help, Where.FIELD)


_FIELD = (
    _field("submit", "enter", "submit", "Keep what is written"),
    _field("left", "left", "cursor_left", "Left by a character"),
    _field("right", "right", "cursor_right", "Right by a character"),
    _field("word-left", "ctrl+left", "cursor_left_word", "Left by a word"),
    _field("word-right", "ctrl+right", "cursor_right_word", "Right by a word"),
    _field("home", "home,ctrl+a", "home", "To the beginning"),
    _field("end", "end,ctrl+e", "end", "To the end"),
    _field("select-left", "shift+left", "cursor_left(True)", "Select to the left"),
    _field("select-right", "shift+right", "cursor_right(True)", "Select to the right"),
    _field("select-word-left", "ctrl+shift+left", "cursor_left_word(True)", "Select the word on the left"),
    _field("select-word-right", "ctrl+shift+right", "cursor_right_word(True)", "Select the word on the right"),
    _field("select-home", "shift+home", "home(True)", "Select to the beginning"),
    _field("select-end", "shift+end", "end(True)", "Select to the end"),
    _field("select-all", "ctrl+shift+a", "select_all", "Select everything"),
    _field("delete-left", "backspace", "delete_left", "Delete the character on the left"),
    _field("delete-right", "delete,ctrl+d", "delete_right", "Delete the character under the cursor"),
    _field("delete-word-left", "ctrl+w", "delete_left_word", "Delete the word on the left"),
    _field("delete-word-right", "ctrl+backspace,alt+backspace", "delete_right_word", "Delete the word on the right"),
    _field("delete-home", "ctrl+u,super+backspace", "delete_left_all", "Delete to the beginning"),
    _field("delete-end", "ctrl+k", "delete_right_all", "Delete to the end"),
    _field("cut", "ctrl+x", "cut", "Cut what is selected"),
    _field("copy", "super+c", "copy", "Copy what is selected"),
    _field("paste", "ctrl+v", "paste", "Paste what was cut or copied here"),
)


KEYS: tuple[KeySpec, ...] = (
    *_evse(Where.FLEET),
    KeySpec(
        "fleet.open",
        "enter",
        "open_station",
        "Station",
        "Open this station: charts, limits, transactions, frames",
        Where.GRID,
    ),
    KeySpec(
        "fleet.mark",
        "space",
        "mark",
        "Mark",
        "Mark this EVSE: start, stop and plug act on all that are marked",
        Where.FLEET,
    ),
    KeySpec("fleet.mark-all", "a", "mark_all", "All", "Mark every EVSE of the fleet, or none", Where.FLEET, minor=True),
    KeySpec("fleet.log", "f", "toggle_log", "Log", "Show or hide the log of frames", Where.FLEET),
    KeySpec(
        "fleet.add",
        "plus,plus_sign",
        "add_station",
        "Add",
        "Add a station like the last one",
        Where.FLEET,
        "add-stations",
        True,
    ),
    KeySpec(
        "fleet.remove",
        "minus",
        "remove_station",
        "Remove",
        "Take this station away; asks when a transaction runs",
        Where.FLEET,
        "remove-station",
        True,
        minor=True,
    ),
    KeySpec(
        "fleet.echonet",
        "e",
        "open_echonet",
        "ECHONET",
        "The same stations as a home sees them: objects, properties and frames of the ECHONET Lite node",
        Where.FLEET,
        minor=True,
    ),
    KeySpec(
        "fleet.charts",
        "C",
        "screen.open_charts",
        "Charts",
        "Charts of the whole fleet: power, energy, sessions",
        Where.FLEET,
        minor=True,
    ),
    KeySpec(
        "fleet.csms",
        "c",
        "open_csms",
        "CSMS",
        "The other end: what the embedded CSMS knows of its stations, and its requests",
        Where.FLEET,
        minor=True,
    ),
    KeySpec(
        "fleet.rules",
        "R",
        "open_rules",
        "Rules",
        "Rules on the wire: hold, drop, delay, change or answer frames, or cut the connection",
        Where.FLEET,
        minor=True,
    ),
    KeySpec(
        "fleet.filter",
        "slash",
        "screen.filter",
        "Filter",
        "Show only the stations that a filter lets through",
        Where.GRID,
    ),
    KeySpec("fleet.all", "backspace,escape", "screen.show_all", "", "Take the filter away", Where.GRID),
    KeySpec(
        "fleet.sort",
        "z",
        "screen.sort",
        "Sort",
        "Sort by the next: id, state, kW, kWh, version, errors, group",
        Where.GRID,
    ),
    KeySpec("fleet.reverse", "Z", "screen.reverse", "", "Sort the other way round", Where.GRID),
    KeySpec(
        "fleet.form",
        "v",
        "screen.next_form",
        "Form",
        "The next form: panels, list, summary; until one is chosen, what fits best",
        Where.GRID,
    ),
    KeySpec("fleet.up", "up,k", "move('up')", "", "Cursor to the EVSE above", Where.GRID),
    KeySpec("fleet.down", "down,j", "move('down')", "", "Cursor to the EVSE below", Where.GRID),
    KeySpec("fleet.left", "left,h", "move('left')", "", "Cursor to the EVSE on the left", Where.GRID),
    KeySpec("fleet.right", "right,l", "move('right')", "", "Cursor to the EVSE on the right", Where.GRID),
    KeySpec("fleet.page-up", "pageup", "move('page-up')", "", "Cursor up by a screen", Where.GRID),
    KeySpec("fleet.page-down", "pagedown", "move('page-down')", "", "Cursor down by a screen", Where.GRID),
    KeySpec("fleet.home", "home,g", "move('home')", "", "Cursor to the first EVSE", Where.GRID),
    KeySpec("fleet.end", "end,G", "move('end')", "", "Cursor to the last EVSE", Where.GRID),
    *_evse(Where.STATION),
    KeySpec(
        "station.chart",
        "v",
        "next_chart",
        "Chart",
        "The next chart: power and energy, voltage, current, frequency, SoC",
        Where.STATION,
    ),
    KeySpec("station.chart-power", "1", "chart('power')", "", "Chart of power, its limit and energy", Where.STATION),
    KeySpec("station.chart-voltage", "2", "chart('voltage')", "", "Chart of the voltage", Where.STATION),
    KeySpec("station.chart-current", "3", "chart('current')", "", "Chart of the current", Where.STATION),
    KeySpec("station.chart-frequency", "4", "chart('frequency')", "", "Chart of the frequency", Where.STATION),
    KeySpec("station.chart-soc", "5", "chart('soc')", "", "Chart of the state of charge", Where.STATION),
    KeySpec(
        "station.read-chart", "g", "read_chart", "", "Read the chart: cursor, zoom, and earlier times", Where.STATION
    ),
    KeySpec("station.previous-evse", "up,k", "evse(-1)", "", "The EVSE before this one", Where.STATION),
    KeySpec("station.next-evse", "down,j", "evse(1)", "", "The EVSE after this one", Where.STATION),
    KeySpec("station.previous", "left,h", "station(-1)", "", "The station before this one", Where.STATION),
    KeySpec("station.next", "right,l", "station(1)", "", "The station after this one", Where.STATION),
    KeySpec(
        "station.model",
        "m",
        "open_model",
        "Model",
        "The device model: browse, search and change the station's variables",
        Where.STATION,
        minor=True,
    ),
    KeySpec(
        "station.rules",
        "R",
        "open_rules",
        "Rules",
        "Rules on the wire: hold, drop, delay, change or answer frames, or cut the connection",
        Where.STATION,
        minor=True,
    ),
    *_EVENTS,
    KeySpec("station.back", "escape,backspace", "back", "Back", "Back to the fleet", Where.STATION),
    KeySpec("model.set", "enter", "set", "Change", "Change this variable", Where.MODEL, "set-variable", True),
    KeySpec("model.search", "slash", "search", "Search", "Show only what has these words in it", Where.MODEL),
    KeySpec("model.all", "backspace", "show_all", "", "Show everything again", Where.MODEL),
    KeySpec("model.copy", "y", "copy", "Copy", "Copy the variable and its value to the clipboard", Where.MODEL),
    KeySpec("model.previous", "left,h", "component(-1)", "", "To the component before this one", Where.MODEL),
    KeySpec("model.next", "right,l", "component(1)", "Next", "To the next component", Where.MODEL, minor=True),
    KeySpec("model.up", "up,k", "move(-1)", "", "To the variable above", Where.MODEL),
    KeySpec("model.down", "down,j", "move(1)", "", "To the variable below", Where.MODEL),
    KeySpec("model.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.MODEL),
    KeySpec("model.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.MODEL),
    KeySpec("model.home", "home,g", "first", "", "To the first variable", Where.MODEL),
    KeySpec("model.end", "end,G", "last", "", "To the last variable", Where.MODEL),
    KeySpec("model.back", "escape,m", "back", "Back", "Back to the station", Where.MODEL),
    KeySpec(
        "rules.add",
        "a",
        "add",
        "Add",
        "Add a rule to the stations that this was opened on",
        Where.RULES,
        "add-rule",
        True,
    ),
    KeySpec(
        "rules.add-all", "A", "add(True)", "To all", "Add a rule to the whole fleet", Where.RULES, "add-rule", True
    ),
    KeySpec(
        "rules.decide",
        "enter",
        "decide",
        "Decide",
        "What becomes of this held frame: pass, edit, drop, delay, double or answer it",
        Where.RULES,
        "release",
        True,
    ),
    KeySpec("rules.pass", "p", "release('pass')", "Pass", "Pass this held frame on", Where.RULES, "release", True),
    KeySpec(
        "rules.edit",
        "e",
        "release('edit')",
        "Edit",
        "Edit this held frame, and pass it on",
        Where.RULES,
        "release",
        True,
    ),
    KeySpec("rules.drop", "x", "release('drop')", "Drop", "Drop this held frame", Where.RULES, "release", True),
    KeySpec("rules.remove", "minus", "remove", "Remove", "Take this rule away", Where.RULES, "remove-rule", True),
    KeySpec(
        "rules.clear", "C", "clear", "Clear", "Take all rules of the fleet away; asks", Where.RULES, "clear-rules", True
    ),
    KeySpec("rules.up", "up,k", "move(-1)", "", "To the line above", Where.RULES),
    KeySpec("rules.down", "down,j", "move(1)", "", "To the line below", Where.RULES),
    KeySpec("rules.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.RULES),
    KeySpec("rules.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.RULES),
    KeySpec("rules.home", "home,g", "move(-100000)", "", "To the first line", Where.RULES),
    KeySpec("rules.end", "end,G", "move(100000)", "", "To the last line", Where.RULES),
    KeySpec("rules.back", "escape,backspace,R", "back", "Back", "Back to where you were", Where.RULES),
    KeySpec("chart.earlier", "left,h", "cursor(-1)", "Read", "The cursor to an earlier moment", Where.CHART),
    KeySpec("chart.later", "right,l", "cursor(1)", "", "The cursor to a later moment", Where.CHART),
    KeySpec("chart.zoom-in", "plus,plus_sign,equals_sign,up,k", "zoom(1)", "Zoom", "Show half the time", Where.CHART),
    KeySpec("chart.zoom-out", "minus,down,j", "zoom(-1)", "Out", "Show twice the time", Where.CHART),
    KeySpec("chart.pan-earlier", "pageup,H", "pan(-0.5)", "Earlier", "Move to an earlier stretch of time", Where.CHART),
    KeySpec("chart.pan-later", "pagedown,L", "pan(0.5)", "", "Move to a later stretch of time", Where.CHART),
    KeySpec("chart.first", "home", "first", "", "The cursor to the first point", Where.CHART),
    KeySpec("chart.live", "end,G", "live", "All", "All of it, without a cursor, and on with what arrives", Where.CHART),
    KeySpec("chart.leave", "escape,g", "leave", "Back", "Done with reading the chart", Where.CHART),
    KeySpec("charts.next", "v", "next_chart", "Chart", "The next chart: power, energy, sessions", Where.CHARTS),
    KeySpec("charts.power", "1", "chart('power')", "", "Power of the fleet, and what is offered to it", Where.CHARTS),
    KeySpec("charts.energy", "2", "chart('energy')", "", "Energy of the fleet", Where.CHARTS),
    KeySpec("charts.sessions", "3", "chart('sessions')", "", "How many sessions run", Where.CHARTS),
    KeySpec("csms.ask", "enter", "ask", "Ask", "Let the CSMS ask this station: a request by its name", Where.CSMS),
    KeySpec("csms.stations", "1", "book('stations')", "", "Its stations", Where.CSMS),
    KeySpec("csms.transactions", "2", "book('transactions')", "", "Its transactions", Where.CSMS),
    KeySpec("csms.tokens", "3", "book('tokens')", "", "The tokens that it has listed", Where.CSMS),
    KeySpec("csms.findings", "4", "book('findings')", "", "What stations did against the standard", Where.CSMS),
    KeySpec("csms.previous", "left,h", "turn(-1)", "", "The list before", Where.CSMS),
    KeySpec(
        "csms.next", "right,l", "turn(1)", "Next", "Its next list: stations, transactions, tokens, findings", Where.CSMS
    ),
    KeySpec("csms.up", "up,k", "move(-1)", "", "To the row above", Where.CSMS),
    KeySpec("csms.down", "down,j", "move(1)", "", "To the row below", Where.CSMS),
    KeySpec("csms.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.CSMS),
    KeySpec("csms.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.CSMS),
    KeySpec("csms.home", "home,g", "edge(-1)", "", "To the first row", Where.CSMS),
    KeySpec("csms.end", "end,G", "edge(1)", "", "To the last row", Where.CSMS),
    KeySpec("csms.back", "escape,backspace,c", "back", "Back", "Back to the fleet", Where.CSMS),
    KeySpec("node.previous", "left,h", "object(-1)", "Previous", "The object before this one", Where.NODE, minor=True),
    KeySpec("node.next", "right,l", "object(1)", "Next", "The object after this one", Where.NODE),
    KeySpec("node.up", "up,k", "scroll(-1)", "", "Scroll the properties up", Where.NODE),
    KeySpec("node.down", "down,j", "scroll(1)", "", "Scroll the properties down", Where.NODE),
    KeySpec("node.page-up", "pageup", "page(-1)", "", "Scroll up by a screen", Where.NODE),
    KeySpec("node.page-down", "pagedown,space", "page(1)", "", "Scroll down by a screen", Where.NODE),
    KeySpec("node.back", "escape,backspace,e", "back", "Back", "Back to the fleet", Where.NODE),
    KeySpec("log.open", "enter", "open_frame", "Frame", "Open this frame beside its answer", Where.LOG),
    KeySpec("log.up", "up,k", "move(-1)", "", "To the frame before: the log stops following", Where.LOG),
    KeySpec("log.down", "down,j", "move(1)", "", "To the frame after", Where.LOG),
    KeySpec("log.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.LOG),
    KeySpec("log.page-down", "pagedown", "page(1)", "", "Down by a screen", Where.LOG),
    KeySpec("log.home", "home,g", "first", "", "To the oldest frame", Where.LOG),
    KeySpec("log.end", "end,G", "follow", "Follow", "To the newest frame, and follow what arrives", Where.LOG),
    KeySpec("log.filter", "slash", "filter", "Filter", "Show only the frames that a filter lets through", Where.LOG),
    KeySpec("log.all", "backspace", "show_all", "", "Take the filter away", Where.LOG),
    KeySpec("log.dim", "H", "dim", "", "Hide what the filter does not let through, or only dim it", Where.LOG),
    KeySpec("log.next", "n", "match(1)", "", "To the next frame that the filter lets through", Where.LOG),
    KeySpec("log.previous", "N", "match(-1)", "", "To the one before that the filter lets through", Where.LOG),
    KeySpec("log.pair", "o", "pair", "", "To the answer of this CALL, or to the CALL of this answer", Where.LOG),
    KeySpec("log.resend", "r", "resend", "Again", "Send this frame again: as it was, or edited", Where.LOG, minor=True),
    KeySpec("log.copy", "y", "copy", "", "Copy the frame to the clipboard as one line", Where.LOG),
    KeySpec("log.write", "w", "write", "Write", "Write all frames shown here to a file, a JSON line each", Where.LOG),
    KeySpec("log.leave", "escape", "leave", "Back", "Back to the stations", Where.LOG),
    KeySpec("frame.resend", "r", "resend", "Again", "Send this frame again: as it was, or edited", Where.FRAME),
    KeySpec("frame.copy-line", "Y", "copy_line", "", "Copy the frame to the clipboard as one line", Where.FRAME),
    KeySpec("frame.copy", "y", "copy", "Copy", "Copy the frame to the clipboard (OSC 52, works over SSH)", Where.FRAME),
    KeySpec(
        "frame.write", "w", "write", "Write", "Write what is shown to a file in the current directory", Where.FRAME
    ),
    KeySpec("frame.previous", "left,h", "step(-1)", "Previous", "The frame before this one", Where.FRAME, minor=True),
    KeySpec("frame.next", "right,l", "step(1)", "Next", "The frame after this one", Where.FRAME, minor=True),
    KeySpec("frame.up", "up,k", "scroll(-1)", "", "Scroll up", Where.FRAME),
    KeySpec("frame.down", "down,j", "scroll(1)", "", "Scroll down", Where.FRAME),
    KeySpec("frame.page-up", "pageup", "page(-1)", "", "Scroll up by a screen", Where.FRAME),
    KeySpec("frame.page-down", "pagedown,space", "page(1)", "", "Scroll down by a screen", Where.FRAME),
    KeySpec("frame.home", "home,g", "top", "", "To the beginning", Where.FRAME),
    KeySpec("frame.end", "end,G", "bottom", "", "To the end", Where.FRAME),
    KeySpec("frame.back", "escape,enter,backspace", "back", "Back", "Close the frame", Where.FRAME),
    KeySpec("message.send", "s", "send", "Send", "Send the message when it is its turn", Where.MESSAGE, "send", True),
    KeySpec("message.edit", "enter", "edit", "Edit", "Change this field; fold what holds others", Where.MESSAGE),
    KeySpec("message.add", "plus,plus_sign,a", "add", "Add", "Add this field, or an item to this list", Where.MESSAGE),
    KeySpec("message.remove", "minus,delete", "remove", "Remove", "Take this field out of the message", Where.MESSAGE),
    KeySpec(
        "message.editor", "e", "editor", "Editor", "Write the message in $EDITOR, as JSON", Where.MESSAGE, minor=True
    ),
    KeySpec(
        "message.invalid",
        "i",
        "allow_invalid",
        "Invalid",
        "Send the message although it is invalid, or refuse to again",
        Where.MESSAGE,
        minor=True,
    ),
    KeySpec("message.older", "left_square_bracket", "recall(-1)", "Older", _OLDER, Where.MESSAGE, minor=True),
    KeySpec("message.newer", "right_square_bracket", "recall(1)", "", "The one sent after that", Where.MESSAGE),
    KeySpec("message.optional", "o", "show_absent", "", "Show only what is in it; or customData, too", Where.MESSAGE),
    KeySpec("message.next-fault", "n", "next_fault", "", "To the next field that is wrong", Where.MESSAGE),
    KeySpec("message.previous-value", "left,h", "sideways(-1)", "", "The value before; fold, or go out", Where.MESSAGE),
    KeySpec("message.next-value", "right,l", "sideways(1)", "", "The next value of a choice; unfold", Where.MESSAGE),
    KeySpec("message.up", "up,k", "move(-1)", "", "To the field above; from the first, as Older", Where.MESSAGE),
    KeySpec("message.down", "down,j", "move(1)", "", "To the field below", Where.MESSAGE),
    KeySpec("message.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.MESSAGE),
    KeySpec("message.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.MESSAGE),
    KeySpec("message.home", "home,g", "edge(-1)", "", "To the first field", Where.MESSAGE),
    KeySpec("message.end", "end,G", "edge(1)", "", "To the last field", Where.MESSAGE),
    KeySpec("message.copy", "y", "copy", "", "Copy the message to the clipboard, as one line", Where.MESSAGE),
    KeySpec("message.back", "escape", "back", "Back", "Go back; what was sent goes on", Where.MESSAGE),
    KeySpec("help.up", "up,k", "scroll(-1)", "", "Scroll up", Where.HELP),
    KeySpec("help.down", "down,j", "scroll(1)", "", "Scroll down", Where.HELP),
    KeySpec("help.page-up", "pageup", "scroll(-10)", "", "Scroll up by ten lines", Where.HELP),
    KeySpec("help.page-down", "pagedown,space", "scroll(10)", "", "Scroll down by ten lines", Where.HELP),
    KeySpec("help.close", "escape,question_mark,q,enter", "close", "Close", "Close the help", Where.HELP),
    KeySpec("form.next", "tab,down", "focus_other(1)", "", "To the next line", Where.FORM),
    KeySpec("form.previous", "shift+tab,up", "focus_other(-1)", "", "To the line before", Where.FORM),
    KeySpec("form.back", "escape", "back", "Back", "Go back and do nothing", Where.FORM),
    KeySpec("filter.complete", "tab", "complete", "Complete", "Go on with what there is", Where.FILTER),
    KeySpec("filter.older", "up", "recall(-1)", "Older", "The filter before this one", Where.FILTER),
    KeySpec("filter.newer", "down", "recall(1)", "", "The filter after this one", Where.FILTER),
    KeySpec("filter.help", "f1", "show_help", "Language", "What a filter can say", Where.FILTER),
    KeySpec("filter.back", "escape", "back", "Back", "Go back to the filter there was", Where.FILTER),
    KeySpec("line.complete", "tab", "complete", "Complete", "Go on with what there is", Where.LINE),
    KeySpec("line.back", "escape", "back", "Back", "Go back and change nothing", Where.LINE),
    KeySpec("choice.up", "up,k", "move(-1)", "", "To the choice above", Where.CHOICE),
    KeySpec("choice.down", "down,j", "move(1)", "", "To the choice below", Where.CHOICE),
    *(KeySpec(f"choice.{n}", str(n), f"choose({n})", "", f"Choose number {n}", Where.CHOICE) for n in range(1, 10)),
    KeySpec("choice.take", "enter", "take", "Choose", "Choose this", Where.CHOICE),
    KeySpec("choice.back", "escape", "back", "Back", "Go back and do nothing", Where.CHOICE),
    KeySpec("ask.yes", "y,enter", "answer('yes')", "Yes", "Do it", Where.ASK),
    KeySpec("ask.one", "o", "answer('one')", "Only one", "Only what is under the cursor", Where.ASK),
    KeySpec("ask.detach", "d", "answer('detach')", "Leave running", "Quit and leave the fleet running", Where.ASK),
    KeySpec("ask.no", "escape,n", "answer('')", "Back", "Go back", Where.ASK),
    KeySpec(
        "window.focus-next",
        "tab",
        "focus_other(1)",
        "",
        "To the next part of the screen, such as the log",
        Where.EVERYWHERE,
    ),
    KeySpec(
        "window.focus-previous",
        "shift+tab",
        "focus_other(-1)",
        "",
        "To the part of the screen before",
        Where.EVERYWHERE,
    ),
    KeySpec(
        "window.help", "question_mark", "app.show_help", "Help", "What every key does, where you are", Where.EVERYWHERE
    ),
    KeySpec(
        "window.palette",
        "ctrl+p,colon",
        "app.command_palette",
        "Palette",
        "Every command and every OCPP message by its name",
        Where.EVERYWHERE,
        minor=True,
    ),
    KeySpec(
        "window.picture",
        "ctrl+s",
        "app.picture",
        "",
        "Save a picture of the screen as SVG",
        Where.EVERYWHERE,
    ),
    KeySpec(
        "window.record",
        "ctrl+r",
        "app.record",
        "",
        "Record the screen as an asciicast, which asciinema plays; again: stop",
        Where.EVERYWHERE,
    ),
    KeySpec(
        "window.detach",
        "d",
        "app.detach",
        "Detach",
        "Close the window and leave the fleet running: evtui attach comes back",
        Where.EVERYWHERE,
        minor=True,
    ),
    KeySpec("window.quit", "q", "app.ask_quit", "Quit", "Quit; asks only if transactions run", Where.EVERYWHERE),
    *_FIELD,
    KeySpec("window.quit-anywhere", "ctrl+q", "app.ask_quit", "", "Quit, also out of a dialog", Where.WINDOW),
    KeySpec("window.interrupt", "ctrl+c", "app.hint_quit", "", "Says which key quits", Where.WINDOW),
)

BY_ID = {spec.id: spec for spec in KEYS}
"""Start, stop and plug have one id each for the fleet screen and the station view: a key means the same in both."""


def keys_of(where: Where) -> tuple[KeySpec, ...]:
    """The keys of a part of the window, in the order of the key bar."""
    return tuple(spec for spec in KEYS if spec.where is where)


_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "plus_sign": "+",
    "minus": "-",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "exclamation_mark": "!",
    "percent_sign": "%",
    "equals_sign": "=",
    "delete": "del",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


def key_name(key: str) -> str:
    """A key as people call it: `?` for question_mark, `^p` for ctrl+p."""
    if key.startswith("ctrl+"):
        return "^" + key_name(key[5:])
    return _NAMES.get(key, key)


def keys_bound(spec: KeySpec, keymap: dict[str, str]) -> list[str]:
    """The keys of a binding, by textual's names, after settings.toml had its say."""
    return [key.strip() for key in keymap.get(spec.id, spec.keys).split(",")]


def shown_key(spec: KeySpec, keymap: dict[str, str]) -> str:
    """The first of them as people call it."""
    return key_name(keys_bound(spec, keymap)[0])


_BY_COMMAND = {spec.command: spec for spec in reversed(KEYS) if spec.command}


def with_keys(text: str, keymap: dict[str, str]) -> str:
    """A text with the key instead of each binding or command that it names in backticks and that has a key."""

    def key(named: re.Match[str]) -> str:
        spec = BY_ID.get(named[1]) or _BY_COMMAND.get(named[1])
        return shown_key(spec, keymap) if spec else named[0]

    return re.sub(r"`([a-z.-]+)`", key, text)


TOGETHER: tuple[tuple[Where, ...], ...] = (
    (Where.GRID, Where.FLEET),
    (Where.LOG, Where.FLEET),
    (Where.CHART, Where.CHARTS),
    (Where.FIELD, Where.FORM),
    (Where.FIELD, Where.FILTER),
    (Where.FIELD, Where.LINE),
)
"""Parts whose keys are at hand at the same time, beside those that stand alone. A log or a chart in another screen is
not here: while it has the focus its keys come first, and `escape` leads back to those of the screen that it covers."""

_ALONE = tuple(where for where in Where if where not in (Where.EVERYWHERE, Where.WINDOW))


def clash(keymap: dict[str, str]) -> tuple[str, str, str] | None:
    """Two bindings that `keymap` would put on one key at the same time, as (key, id, id); None if all is well."""
    for parts in (*((where,) for where in _ALONE), *TOGETHER, ()):
        beside = (Where.WINDOW,) if set(parts) & set(DIALOGS) else (Where.EVERYWHERE, Where.WINDOW)
        taken: dict[str, str] = {}
        for spec in (spec for where in (*parts, *beside) for spec in keys_of(where)):
            for key in keys_bound(spec, keymap):
                if taken.setdefault(key, spec.id) != spec.id:
                    return key, taken[key], spec.id
    return None
