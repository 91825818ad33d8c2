"""Uploading a log, from GetLog to its last LogStatusNotification (N01)."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from math import inf
from types import MappingProxyType
from typing import Protocol

from evtui.sim.actions import CancelUpload, NoticeKind, Upload
from evtui.sim.diagnostics import location
from evtui.sim.diagnostics.lines import Span, stamp
from evtui.sim.diagnostics.location import Location
from evtui.sim.events import Uploaded, UploadFailed
from evtui.sim.instant import Instant
from evtui.sim.messages import LogStatus
from evtui.sim.requests import GetLog, LogAnswer, StatusInfo
from evtui.sim.terms import LogType, UploadLogStatus

OWN_RETRIES = 0
OWN_RETRY_INTERVAL_S = 30
"""What holds where the CSMS says nothing of it."""

MOST_RETRIES = 50
LEAST_RETRY_INTERVAL_S = 1.0
"""Whatever the CSMS says: one request must not keep a station busy without end."""

_IDLE = LogStatus(UploadLogStatus.IDLE)

Effect = Callable[[Instant], None]
Lines = Callable[[LogType], Iterable[str]]


class Back(Protocol):
    """The station behind the uploads."""

    def act(self, action: Upload | CancelUpload) -> None:
        """Has something carried out."""

    def tell(self, status: LogStatus) -> None:
        """Sends a status."""

    def say(self, kind: NoticeKind, text: str) -> None:
        """A notice."""


class _Job:
    """A log that is being uploaded. `ref` names the present attempt."""

    def __init__(self, request: GetLog, place: Location, name: str, content: bytes) -> None:
        self.request_id = request.request_id
        self.place = place
        self.name = name
        self.content = content
        retries = OWN_RETRIES if request.retries is None else request.retries
        interval_s = OWN_RETRY_INTERVAL_S if request.retry_interval_s is None else request.retry_interval_s
        self.retries_left = min(retries, MOST_RETRIES)
        self.interval_s = max(interval_s, LEAST_RETRY_INTERVAL_S)
        self.ref: int | None = None  # None while it waits for the next attempt


class LogUpload:
    """At most one log is uploaded at a time; a second request takes the first one's place (N01.FR.12)."""

    __slots__ = ("_job", "_lines", "_refs", "_station", "_station_id", "due_s")

    def __init__(self, station: Back, station_id: str, lines: Lines) -> None:
        self.due_s = inf
        self._station = station
        self._station_id = station_id
        self._lines = lines
        self._job: _Job | None = None
        self._refs = 0

    @property
    def running(self) -> bool:
        """A log is being uploaded, or waits for its next attempt."""
        return self._job is not None

    @property
    def status(self) -> LogStatus:
        """What a trigger of LogStatusNotification gets (F06, N01.FR.13)."""
        return _IDLE if self._job is None else LogStatus(UploadLogStatus.UPLOADING, self._job.request_id)

    def request(self, request: GetLog, at: datetime) -> tuple[LogAnswer, Effect | None]:
        """Accepted when the log has something of that time, and goes where this station can send it (N01.FR.01, 05)."""
        place = location.parse(request.location)
        if isinstance(place, StatusInfo):
            return LogAnswer("Rejected", info=place), None
        span = Span(request.oldest, request.latest)
        lines = [each for each in self._lines(request.type) if span.holds(each)]
        if not lines:
            return LogAnswer("Rejected", info=StatusInfo("NotFound", "nothing was logged in that time")), None
        content = "".join(f"{each}\n" for each in lines).encode("utf-8", "backslashreplace")
        job = _Job(request, place, file_name(self._station_id, request.type, at), content)
        status = "Accepted" if self._job is None else "AcceptedCanceled"
        return LogAnswer(status, job.name), lambda now: self._begin(job)

    def _begin(self, job: _Job) -> None:
        if self._job is not None:
            self._stop(self._job)
            self._end(self._job, UploadLogStatus.ACCEPTED_CANCELED, "another log was asked for")
        self._job = job
        self._station.tell(self.status)
        self._station.say(NoticeKind.LOG, f"{job.name} goes to {job.place.place}")
        self._attempt(job)

    def _attempt(self, job: _Job) -> None:
        self._refs += 1
        job.ref = self._refs
        self.due_s = inf
        self._station.act(Upload(job.ref, job.place, job.name, job.content))

    def uploaded(self, event: Uploaded) -> None:
        """It arrived (N01.FR.09)."""
        job = self._job
        if job is not None and job.ref == event.ref:
            self._end(job, UploadLogStatus.UPLOADED)

    def failed(self, event: UploadFailed, now: Instant) -> None:
        """It did not: the CSMS hears of it when the last attempt has failed (N01.FR.10)."""
        job = self._job
        if job is None or job.ref != event.ref:
            return
        if job.retries_left <= 0:
            self._end(job, event.status, event.reason)
            return
        job.retries_left -= 1
        job.ref = None
        self.due_s = now.elapsed_s + job.interval_s
        self._station.say(NoticeKind.LOG, f"{job.name}: {event.reason}; next attempt in {job.interval_s:g} s")

    def tick(self, now: Instant) -> None:
        """The next attempt, when it is due."""
        if self._job is not None and now.elapsed_s >= self.due_s:
            self._attempt(self._job)

    def abandon(self) -> None:
        """The station resets: what was under way is lost."""
        if self._job is not None:
            self._stop(self._job)
            self._end(self._job, UploadLogStatus.UPLOAD_FAILURE, "the station reset")

    def _stop(self, job: _Job) -> None:
        if job.ref is not None:
            self._station.act(CancelUpload(job.ref))

    def _end(self, job: _Job, status: UploadLogStatus, why: str = "") -> None:
        self._job = None
        self.due_s = inf
        self._station.tell(LogStatus(status, job.request_id))
        self._station.say(NoticeKind.LOG, f"{job.name}: {status}{f', {why}' if why else ''}")


_NAMES: Mapping[LogType, str] = MappingProxyType(
    {LogType.DIAGNOSTICS: "diagnostics", LogType.SECURITY: "security"},
)


def file_name(station_id: str, type: LogType, at: datetime) -> str:
    """Such as CP001-diagnostics-20260504T120000Z.log: letters that every file system takes."""
    station = re.sub(r"[^A-Za-z0-9._-]", "_", station_id).lstrip(".") or "station"
    return f"{station}-{_NAMES[type]}-{re.sub(r'[-:]', '', stamp(at)[:19])}Z.log"
