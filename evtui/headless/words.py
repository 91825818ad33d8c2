"""What a run tells in words: pure functions from events to lines, as users of older simulators know them."""

from collections.abc import Callable
from typing import NamedTuple

from evtui.engine.door import FleetEvent


class Line(NamedTuple):
    """A line of the story: an emoji for terminals that have them, a rich style, and the text itself."""

    emoji: str
    style: str
    text: str


def harmless(text: str) -> str:
    """Text of others, without what a terminal would obey: anything that is not printable is shown escaped."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def kwh(energy_wh: float | None) -> str:
    return f"{(energy_wh or 0.0) / 1000:.3f} kWh"


def progress(elapsed_s: float, duration_s: float, energy_wh: float | None) -> Line:
    """How far a session is: elapsed over duration."""
    share = 1.0 if duration_s <= 0 else min(elapsed_s / duration_s, 1.0)
    return Line("🔋", "green", f"Charging progress: {share:.1%} - {kwh(energy_wh)}")


def sample(event: FleetEvent) -> Line:
    power_w = event.power_w or 0.0
    return Line("📊", "dim", f"Sending MeterValues: {kwh(event.energy_wh)}, {power_w / 1000:.2f} kW")


def broken_off(event: FleetEvent) -> Line:
    """A session of an earlier run, which a crash or a power cut ended."""
    return Line("⚠️", "yellow", f"An earlier session broke off ({harmless(event.text)}) at {kwh(event.energy_wh)}")


def completed(event: FleetEvent) -> Line:
    return Line("✅", "bold green", f"Charging session completed! Total energy: {kwh(event.energy_wh)}")


def _with(emoji: str, style: str, words: str) -> Callable[[FleetEvent], Line]:
    """A line of fixed words, and what the event adds."""

    def told(event: FleetEvent) -> Line:
        return Line(emoji, style, f"{words}: {event.text}" if event.text else words)

    return told


_TOLD: dict[str, Callable[[FleetEvent], Line]] = {
    "connecting": _with("🔌", "cyan", "Connecting to CSMS"),
    "booting": _with("🔗", "cyan", "Connected to CSMS"),
    "online": _with("✅", "green", "Accepted by the CSMS"),
    "pending": _with("⏳", "yellow", "The CSMS says Pending"),
    "rejected": _with("⛔", "red", "The CSMS says Rejected"),
    "waiting": _with("⏳", "yellow", "Not connected"),
    "offline": _with("🔌", "yellow", "Disconnected"),
    "plugged-in": _with("🚗", "cyan", "Plugged in"),
    "unplugged": _with("🚗", "cyan", "Unplugged"),
    "authorized": _with("🔑", "cyan", "Authorized"),
    "master-pass": _with("👮", "yellow", "Master pass"),
    "refused": _with("⛔", "red", "Refused"),
    "authorization-ended": _with("⌛", "yellow", "Authorization ended"),
    "request": _with("📨", "cyan", "Asked by the CSMS"),
    "log": _with("📄", "cyan", "Log"),
    "reset": _with("🔄", "yellow", "Resetting"),
    "network": _with("🔀", "yellow", "Network"),
    "data-transfer": _with("✉️", "cyan", "DataTransfer"),
    "data-transfer-failed": _with("✉️", "red", "DataTransfer"),
    "reservation": _with("📅", "cyan", "Reservations"),
    "discarded": _with("❌", "red", "Given up"),
    "fault": _with("🚨", "bold red", "Fault"),
    "fault-cleared": _with("🔧", "green", "Fault cleared"),
    "bay": _with("🚙", "cyan", "Parking bay"),
    "ev": _with("🚗", "cyan", "The car"),
    "cached": _with("📇", "cyan", "In the cache"),
    "limit": _with("🚦", "cyan", "Limit set from outside"),
    "impossible": _with("❗", "yellow", "Not possible"),
    "warning": _with("❗", "yellow", "Warning"),
    "dark": _with("🔌", "red", "No power"),
    "network-cut": _with("✂", "red", "The network is cut"),
    "network-restored": _with("🔗", "green", "The network passes again"),
    "rule-added": _with("🔧", "yellow", "Rule on the wire"),
    "rule-removed": _with("🔧", "yellow", "Rule gone"),
    "frame-held": _with("✋", "yellow", "A frame is held"),
    "frame-released": _with("👉", "yellow", "A held frame goes on"),
    "crashed": _with("💥", "bold red", "Crashed"),
    "station-added": _with("➕", "cyan", "Added"),
    "station-removed": _with("➖", "cyan", "Removed"),
    "stalled": _with("❗", "yellow", "The machine was suspended"),
    "session-ended": completed,
}


DOING = {
    "connecting": "connecting",
    "booting": "booting",
    "online": "online",
    "plugged-in": "plugged in",
    "authorized": "authorized",
    "session-started": "starting",
    "session-ended": "completed",
    "unplugged": "unplugged",
    "reset": "resetting",
}
"""What a progress bar says of a station, instead of lines."""


def tell(event: FleetEvent) -> Line | None:
    """The line of an event, None for one that only programs want to know."""
    told = _TOLD.get(event.kind)
    if told is None:
        return None
    line = told(event)
    return line._replace(text=harmless(line.text))
