"""The wire tap: the only place where frames are recorded, exactly as they were on the wire, but for secrets."""

from evtui.engine.clock import Clock, Timer
from evtui.ocppj.frame import Direction, FrameType, as_text
from evtui.ocppj.masking import Masker
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.rules.lanes import Step
from evtui.ocppj.spool import SpoolWriter
from evtui.sim.instant import Instant

FLUSH_S = 0.1
"""A frame is visible to readers of the spool after this time at the latest."""

_RIGHT = (FrameType.CALL, FrameType.CALLRESULT, FrameType.SEND)  # most are the first: a set would take longer


class Tap:
    """Records into a spool; `frames` counts what this run has recorded, `errors` those that are errors or break the
    schema or the protocol, `errors_of` each station."""

    def __init__(self, spool: SpoolWriter, clock: Clock) -> None:
        self._spool = spool
        self._clock = clock
        self._flush_timer: Timer | None = None
        self.frames = 0
        self.errors = 0
        self.errors_of: dict[str, int] = {}

    def record(
        self,
        now: Instant,
        station_id: str,
        direction: Direction,
        meta: FrameMeta,
        text: str | bytes,
        masker: Masker,
        came_s: float | None = None,
    ) -> None:
        """Records a frame, which came at `came_s` (elapsed time) if that was before now. A binary one is kept as the
        text that can be made of it."""
        if type(text) is not str:
            text = as_text(text)
        type_, action, fault = meta.type, meta.action, meta.fault
        text, masked = masker.mask(text, "" if fault else action)
        at = now.utc.timestamp()
        if came_s is not None:
            at -= now.elapsed_s - came_s
        self._spool.append(at, station_id, direction, type_, action, meta.message_id, text, fault, masked)
        self.frames += 1
        if fault or type_ not in _RIGHT:
            self._count_error(station_id)
        if self._flush_timer is None:
            self._flush_soon(now)

    def record_step(self, now: Instant, station_id: str, step: Step, meta: FrameMeta, masker: Masker) -> None:
        """Records a frame that rules on the wire had in their hands, with what they did."""
        text, masked = masker.mask(as_text(step.text), "" if meta.fault else meta.action)
        original, also = masker.mask(step.original) if step.original else ("", False)
        if also and step.original.startswith(as_text(step.text)):  # cut short, perhaps amid a secret
            text = _shared(as_text(step.text), original)
        self._spool.append(
            now.utc.timestamp(),
            station_id,
            step.direction,
            meta.type,
            meta.action,
            meta.message_id,
            text,
            meta.fault,
            masked or also,
            step.note,
            original,
            step.paired,
        )
        self.frames += 1
        if meta.fault or meta.type not in _RIGHT:
            self._count_error(station_id)
        self._flush_soon(now)

    def record_echonet(
        self, now: Instant, station_id: str, direction: Direction, service: str, text: str, fault: str
    ) -> None:
        """Records an ECHONET Lite frame, decoded by those who know how."""
        self._spool.append(now.utc.timestamp(), station_id, direction, FrameType.ECHONET, service, "", text, fault)
        self.frames += 1
        self._flush_soon(now)

    def _count_error(self, station_id: str) -> None:
        self.errors += 1
        self.errors_of[station_id] = self.errors_of.get(station_id, 0) + 1

    def _flush_soon(self, now: Instant) -> None:
        """What was recorded becomes visible to readers, together with what comes until then."""
        if self._flush_timer is None:
            self._flush_timer = self._clock.call_at(now.elapsed_s + FLUSH_S, self._flush)

    def _flush(self) -> None:
        self._flush_timer = None
        self._spool.flush()

    def close(self) -> None:
        """Writes what is still in memory."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        self._flush()


def _shared(one: str, other: str) -> str:
    """What two texts begin with."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:at]
