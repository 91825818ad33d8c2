"""The wire tap: the only place where frames are recorded, exactly as they were on the wire, but for secrets."""

from evtui.ocppj.frame import Direction, FrameType, as_text
from evtui.ocppj.masking import Masker
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.spool import SpoolWriter

_WRONG = frozenset((FrameType.CALLERROR, FrameType.CALLRESULTERROR, FrameType.UNREADABLE))


class Tap:
    """Records into a spool; `frames` counts what this run has recorded, `errors` those that are errors or break the
    schema or the protocol, `errors_of` each station."""

    def __init__(self, spool: SpoolWriter) -> None:
        self._spool = spool
        self.frames = 0
        self.errors = 0
        self.errors_of: dict[str, int] = {}

    def record(
        self, at: float, station_id: str, direction: Direction, meta: FrameMeta, text: str | bytes, masker: Masker
    ) -> None:
        """Records a frame; `at` is Unix time. A binary one is kept as the text that can be made of it."""
        text, masked = masker.mask(as_text(text), "" if meta.fault else meta.action)
        self._spool.append(at, station_id, direction, meta.type, meta.action, meta.message_id, text, meta.fault, masked)
        self.frames += 1
        if meta.fault or meta.type in _WRONG:
            self.errors += 1
            self.errors_of[station_id] = self.errors_of.get(station_id, 0) + 1

    def record_echonet(
        self, at: float, station_id: str, direction: Direction, service: str, text: str, fault: str
    ) -> None:
        """Records an ECHONET Lite frame, decoded by those who know how."""
        self._spool.append(at, station_id, direction, FrameType.ECHONET, service, "", text, fault)
        self.frames += 1

    def flush(self) -> None:
        """Makes what was recorded visible to readers."""
        self._spool.flush()
