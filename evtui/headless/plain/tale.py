"""What is told of a fleet: a line for each change, energy now and then, many of a kind in one line."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from evtui.engine.door import FleetEvent, StationRow
from evtui.headless import words

MANY = 8
"""So many events of one kind at a time are told in one line."""

ENERGY_EVERY_S = 15.0
FEW_SESSIONS = 4
"""Of so many sessions each one's energy is told, of more the sum."""

_UNTOLD = frozenset({"connecting", "boot", "sample", "stopped"})
_LINKS = frozenset({"booting", "online", "pending", "rejected", "waiting", "offline", "dark", "crashed"})

_OWN: dict[str, Callable[[FleetEvent], str]] = {
    "session-started": lambda event: "Session started",
    "session-ended": lambda event: f"Session ended ({event.text or 'no reason'}): {words.kwh(event.energy_wh)}",
    "status": lambda event: event.text,
    "charging-state": lambda event: event.text,
    "variable": lambda event: f"Variable: {event.text}",
    "security": lambda event: f"Security event: {event.text}",
}


class Tale:
    """Remembers what was told, so that nothing is told twice."""

    def __init__(self) -> None:
        self._last = 0
        self._links: dict[str, tuple[str, str]] = {}
        self._samples: dict[tuple[str, int], FleetEvent] = {}
        self._energy_at = 0.0
        self._errors: dict[str, int] = {}

    def tell(
        self,
        events: Iterable[FleetEvent],
        about: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
    ) -> list[str]:
        """The lines of the next events; `about`: of these stations only, `kinds`: of these kinds only."""
        lines, told = [], []
        for event in events:
            if self._last and event.number > self._last + 1:
                lines.append(f"{event.number - self._last - 1} changes were missed: list tells how things are")
            self._last = event.number
            if about is not None and event.station_id and event.station_id not in about:
                continue
            self._follow(event)
            text = self._text(event)
            if text and (kinds is None or event.kind in kinds):
                told.append((event, text))
        counts = Counter(event.kind for event, _ in told)
        summed: set[str] = set()
        for event, text in told:
            if counts[event.kind] <= MANY:
                lines.append(f"{_name(event)}{text}")
            elif event.kind not in summed:
                summed.add(event.kind)
                lines.append(_sum(event.kind, [each for each in told if each[0].kind == event.kind]))
        return lines

    def energy(self, now_s: float) -> list[str]:
        """How much running sessions have taken since it was told last; `now_s` is of any clock that only grows."""
        if not self._samples or now_s < self._energy_at + ENERGY_EVERY_S:
            return []
        self._energy_at = now_s
        news, self._samples = list(self._samples.values()), {}
        if len(news) <= FEW_SESSIONS:
            return [f"{_name(each)}{_figures(each.energy_wh or 0.0, each.power_w or 0.0)}" for each in news]
        energy_wh, power_w = (sum(getattr(each, what) or 0.0 for each in news) for what in ("energy_wh", "power_w"))
        return [f"{len(news)} sessions: {_figures(energy_wh, power_w)}"]

    def errors(self, rows: Iterable[StationRow]) -> list[str]:
        """Which stations have had more frames that were errors, or broke the schema or the protocol."""
        lines = []
        for row in rows:
            more = row.errors - self._errors.get(row.id, 0)
            self._errors[row.id] = row.errors
            if more > 0:
                what = "1 frame was" if more == 1 else f"{more} frames were"
                lines.append(f"{row.id}: {what} an error or broke the schema, {row.errors} in all")
        return lines

    def _follow(self, event: FleetEvent) -> None:
        spot = (event.station_id, event.evse_id)
        if event.kind == "sample":
            self._samples[spot] = event
        elif event.kind == "session-ended":
            self._samples.pop(spot, None)

    def _text(self, event: FleetEvent) -> str:
        if event.kind in _UNTOLD:
            return ""
        if event.kind in _LINKS:
            link = (event.kind, event.text)
            if self._links.get(event.station_id) == link and event.kind == "waiting":
                return ""  # it tries again and again
            if not (event.kind == "booting" and event.text == ""):
                self._links[event.station_id] = link
        own = _OWN.get(event.kind)
        if own is not None:
            return own(event)
        line = words.tell(event)
        return "" if line is None else line.text


def _name(event: FleetEvent) -> str:
    if not event.station_id:
        return ""
    return f"{event.station_id} EVSE {event.evse_id}: " if event.evse_id else f"{event.station_id}: "


def _figures(energy_wh: float, power_w: float) -> str:
    return f"{words.kwh(energy_wh)}, {power_w / 1000:.2f} kW"


def _sum(kind: str, told: list[tuple[FleetEvent, str]]) -> str:
    """What happened to many, in one line."""
    stations = {event.station_id for event, _ in told}
    texts = Counter(text for _, text in told)
    text, most = texts.most_common(1)[0]
    if kind == "session-ended":
        text = f"Sessions ended: {words.kwh(sum(event.energy_wh or 0.0 for event, _ in told))}"
    elif most < len(told):
        text = text.partition(":")[0] if ":" in text else ", ".join(f"{each} ({n})" for each, n in texts.most_common(3))
    return f"{len(stations)} stations: {text}"
