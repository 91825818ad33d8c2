"""The story on a terminal: colour and emoji, and a progress bar for each station when several run."""

import os
from collections.abc import Iterable, Mapping
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from evtui.engine.door import FleetEvent
from evtui.headless import words
from evtui.headless.story import Course, Plan
from evtui.headless.words import Line

_POOR = frozenset({"linux", "dumb", "vt100", "vt220"})
_IN_BARS = frozenset({"sample", *words.DOING})
_ROWS_KEPT = 4
"""Rows of the screen that stay free for the story when there are bars."""


def has_emoji(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether a terminal can be trusted with emoji."""
    return environ.get("TERM", "") not in _POOR and (encoding or "").lower().replace("-", "") == "utf8"


class TerminalStory:
    """Coloured lines; samples and progress become bars when several stations run."""

    def __init__(self, stream: TextIO, plan: Plan, ascii_only: bool = False) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._plan = plan
        self._emoji = not ascii_only and has_emoji(os.environ, stream.encoding)
        self._courses = {station: Course() for station in plan.stations}
        several = len(plan.stations) > 1 and not plan.hold and plan.sessions > 0 and not plan.quiet
        self._bars = _Bars(self._console, plan, plain=not self._emoji) if several else None

    def say(self, line: Line) -> None:
        text = Text(f"{line.emoji} " if self._emoji else "").append(line.text, line.style)
        self._console.print(text)

    def tell(self, events: Iterable[FleetEvent]) -> None:
        for event in events:
            course = self._courses.setdefault(event.station_id, Course())
            course.follow(event)
            if self._bars is not None and event.kind in _IN_BARS:
                self._bars.show(event, course)
                if event.kind == "session-ended":
                    self._print(words.completed(event), event.station_id)
            else:
                for line in course.lines(event, self._plan):
                    self._print(line, event.station_id)
        if self._bars is not None:
            self._bars.refresh()

    def close(self) -> None:
        if self._bars is not None:
            self._bars.close()

    def _print(self, line: Line, station_id: str) -> None:
        several = len(self._plan.stations) > 1 and station_id
        self.say(line._replace(text=f"{words.harmless(station_id)}: {line.text}") if several else line)


class _PlainBar(ProgressColumn):
    """A bar of characters that every terminal has."""

    WIDTH = 30

    def render(self, task: Task) -> Text:
        done = round(task.completed * self.WIDTH)
        return Text(f"[{'#' * done}{'-' * (self.WIDTH - done)}]")


class _Bars:
    """A bar for each station, or one for all when they would not fit."""

    def __init__(self, console: Console, plan: Plan, plain: bool) -> None:
        self._plan = plan
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            _PlainBar() if plain else BarColumn(bar_width=None),
            TextColumn("{task.percentage:>5.1f}%"),
            TextColumn("{task.fields[figures]}", justify="right", markup=False),
            console=console,
            auto_refresh=False,
            expand=not plain,
        )
        self._together = len(plan.stations) > console.size.height - _ROWS_KEPT
        names = ("all",) if self._together else plan.stations
        self._tasks = {name: self._progress.add_task(words.harmless(name), total=1.0, figures="") for name in names}
        self._shares = dict.fromkeys(plan.stations, 0.0)
        self._energy_wh = dict.fromkeys(plan.stations, 0.0)

    def show(self, event: FleetEvent, course: Course) -> None:
        station = event.station_id
        if station not in self._shares:
            return
        self._shares[station] = self._share(event, course)
        self._energy_wh[station] = course.total_wh
        if self._together:
            share = sum(self._shares.values()) / len(self._shares)
            energy_wh = sum(self._energy_wh.values())
            self._update("all", share, f"{len(self._shares)} stations, {words.kwh(energy_wh)}")
        else:
            power = f"{(event.power_w or 0.0) / 1000:5.2f} kW" if event.kind == "sample" else words.DOING[event.kind]
            self._update(station, self._shares[station], f"{words.kwh(course.total_wh)}  {power:>10}")

    def refresh(self) -> None:
        self._progress.start()  # the first time only
        self._progress.refresh()

    def close(self) -> None:
        self._progress.stop()

    def _share(self, event: FleetEvent, course: Course) -> float:
        done = max(course.session - 1, 0) if course.charging else course.session
        part = (event.at - course.started_at) / max(self._plan.duration_s, 0.001) if course.charging else 0.0
        return min((done + min(part, 1.0)) / self._plan.sessions, 1.0)

    def _update(self, name: str, share: float, figures: str) -> None:
        self._progress.update(self._tasks[name], completed=share, figures=figures)
