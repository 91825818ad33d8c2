"""The keys of the station view and of the device model that it opens."""

from evtui.tui.keys.evse import evse_keys
from evtui.tui.keys.spec import KeySpec, Where


def _event(name: str, keys: str, action: str, title: str, help: str, command: str, *, rank: int = 2) -> KeySpec:
    """A key of the station view that lets something happen there."""
    return KeySpec(f"station.{name}", keys, action, title, help, Where.STATION, command, True, rank=rank)


_EVENTS = (
    _event(
        "fault",
        "exclamation_mark",
        "fault",
        "Fault",
        "Break something, by choice; when something is broken, repair it",
        "fault",
        rank=0,
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

STATION: tuple[KeySpec, ...] = (
    *evse_keys(Where.STATION),
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
        rank=1,
    ),
    KeySpec(
        "station.rules",
        "R",
        "open_rules",
        "Rules",
        "Rules on the wire: hold, drop, delay, change or answer frames, or cut the connection",
        Where.STATION,
        rank=1,
    ),
    *_EVENTS,
    KeySpec("station.back", "escape,backspace", "back", "Back", "Back to the fleet", Where.STATION),
    KeySpec("model.set", "enter", "set", "Change", "Change this variable", Where.MODEL, "set-variable", True),
    KeySpec("model.search", "slash", "search", "Search", "Show only what has these words in it", Where.MODEL),
    KeySpec("model.all", "backspace", "show_all", "", "Show everything again", Where.MODEL),
    KeySpec("model.copy", "y", "copy", "Copy", "Copy the variable and its value to the clipboard", Where.MODEL, rank=1),
    KeySpec("model.previous", "left,h", "component(-1)", "", "To the component before this one", Where.MODEL),
    KeySpec("model.next", "right,l", "component(1)", "Next", "To the next component", Where.MODEL, rank=1),
    KeySpec("model.up", "up,k", "move(-1)", "", "To the variable above", Where.MODEL),
    KeySpec("model.down", "down,j", "move(1)", "", "To the variable below", Where.MODEL),
    KeySpec("model.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.MODEL),
    KeySpec("model.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.MODEL),
    KeySpec("model.home", "home,g", "first", "", "To the first variable", Where.MODEL),
    KeySpec("model.end", "end,G", "last", "", "To the last variable", Where.MODEL),
    KeySpec("model.back", "escape,m", "back", "Back", "Back to the station", Where.MODEL),
)
