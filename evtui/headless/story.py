"""The story of a run, told on a stream. Runs in a thread of its own: a stalled terminal holds up nothing but itself."""

from collections.abc import Iterable
from typing import Protocol, TextIO

import msgspec

from evtui.engine.door import FleetEvent
from evtui.headless import words
from evtui.headless.load import Load
from evtui.headless.words import Line

_BROKEN_OFF = ("PowerLoss", "Reboot")

TROUBLE = frozenset({"warning", "crashed", "stalled"})
"""All that is told of events under load, or of a summary."""

PROGRESS_EVERY = 5
"""Samples between two lines of progress."""


class Plan(msgspec.Struct, frozen=True):
    """What a run does with each of its stations; times in seconds. Under a `load` there is no number of sessions. Of a
    `summary` only trouble is told, as under load."""

    stations: tuple[str, ...]
    sessions: int
    duration_s: float
    hold: bool = False
    load: Load | None = None
    summary: bool = False

    @property
    def quiet(self) -> bool:
        """Only trouble is told."""
        return self.summary or self.load is not None


class Story(Protocol):
    """Tells events. `say` is for lines that belong to no station."""

    def say(self, line: Line) -> None: ...

    def tell(self, events: Iterable[FleetEvent]) -> None: ...

    def close(self) -> None: ...


class Course:
    """How far the sessions of one station are."""

    def __init__(self) -> None:
        self.session = 0
        self.samples = 0
        self.started_at = 0.0
        self.charging = False
        self.ours = True  # the last session that ended; not one of an earlier run
        self.energy_wh = 0.0  # of the running or last session
        self._before_wh = 0.0

    @property
    def total_wh(self) -> float:
        """Energy of all its sessions."""
        return self._before_wh + self.energy_wh

    def follow(self, event: FleetEvent) -> None:
        """Takes note of an event of this station."""
        match event.kind:
            case "session-started":
                self.session += 1
                self.samples = 0
                self.started_at = event.at
                self.charging = True
                self._before_wh = self.total_wh
                self.energy_wh = 0.0
            case "sample":
                self.samples += 1
            case "session-ended":
                self.ours = self.charging or event.text not in _BROKEN_OFF
                self.charging = False
                if not self.ours:
                    return
        if event.energy_wh is not None:
            self.energy_wh = event.energy_wh

    def lines(self, event: FleetEvent, plan: Plan) -> list[Line]:
        """What is told of an event that was just followed; under load, only what went wrong."""
        if plan.quiet and event.kind not in TROUBLE:
            return []
        elapsed_s = event.at - self.started_at
        match event.kind:
            case "session-started":
                number = f" {self.session}/{plan.sessions}" if plan.sessions > 1 else ""
                length = "" if plan.hold else f" ({plan.duration_s:g} seconds)"
                return [Line("⚡", "bold", f"Starting charging session{number}{length}...")]
            case "sample":
                due = not plan.hold and self.samples % PROGRESS_EVERY == 1
                told = [words.sample(event)]
                return [*told, words.progress(elapsed_s, plan.duration_s, event.energy_wh)] if due else told
            case "session-ended" if not self.ours:
                return [words.broken_off(event)]
            case "session-ended":
                whole = not plan.hold and elapsed_s >= plan.duration_s
                told = [words.progress(elapsed_s, plan.duration_s, self.energy_wh)] if whole else []
                return [*told, words.completed(event)]
        line = words.tell(event)
        return [] if line is None else [line]


class PlainStory:
    """Lines of text, without colour: for files, pipes and CI. Names the station when there are several."""

    def __init__(self, stream: TextIO, plan: Plan) -> None:
        self._stream = stream
        self._plan = plan
        self._courses = {station: Course() for station in plan.stations}

    def say(self, line: Line) -> None:
        self._write(line, "")
        self._stream.flush()

    def tell(self, events: Iterable[FleetEvent]) -> None:
        for event in events:
            course = self._courses.setdefault(event.station_id, Course())
            course.follow(event)
            several = len(self._plan.stations) > 1 and event.station_id
            for line in course.lines(event, self._plan):
                self._write(line, f"{words.harmless(event.station_id)}: " if several else "")
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()

    def _write(self, line: Line, before: str) -> None:
        self._stream.write(f"{before}{line.text}\n")


class JsonLines:
    """One event a line, for programs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def say(self, line: Line) -> None:
        """Programs read events only."""

    def tell(self, events: Iterable[FleetEvent]) -> None:
        self._stream.write("".join(f"{msgspec.json.encode(event).decode()}\n" for event in events))
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()
