"""The tap: the one place where the CSMS records frames, exactly as they were on the wire, but for secrets."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from evtui.ocppj.frame import Direction, Frame, as_text
from evtui.ocppj.masking import Masker
from evtui.ocppj.received import FrameMeta

MOST_FRAMES = 1000
_MOST_CHARACTERS = 4_000_000


class FrameStore(Protocol):
    """Where frames go to stay."""

    def append(
        self,
        at: float,
        station: str,
        direction: Direction,
        meta: FrameMeta,
        text: str,
        masked: bool,
    ) -> int:
        """Stores a frame at a moment (Unix time), its text masked; gives its number."""


class Tap:
    """Records each frame in the store, tells those who listen, and keeps the newest at hand (bounded by number and
    size)."""

    def __init__(self, *listeners: Callable[[Frame], None]) -> None:
        self._store: FrameStore | None = None
        self._masker = Masker()
        self._listeners = listeners
        self._newest: deque[Frame] = deque()
        self._characters = 0
        self.total = 0
        self.last_at: float | None = None

    def keep_in(self, store: FrameStore, newest: Iterable[Frame]) -> None:
        """From now on frames go to that store, too; `newest` are those that it has already."""
        self._store = store
        for frame in newest:
            self._at_hand(frame)

    def record(
        self, at: float, station: str, direction: Direction, meta: FrameMeta, text: str | bytes, rtt_s: float | None
    ) -> int:
        """Records a frame at a moment (Unix time), and gives its number; a binary one as far as it is text."""
        action, fault = meta.action, meta.fault
        text, masked = self._masker.mask(text if isinstance(text, str) else as_text(text), "" if fault else action)
        total, store = self.total, self._store
        number = total if store is None else store.append(at, station, direction, meta, text, masked)
        self.total = total + 1
        self.last_at = at
        frame = Frame(
            number, at, station, direction, meta.type, action, meta.message_id, text, fault, masked, None, rtt_s
        )
        self._at_hand(frame)
        for listener in self._listeners:
            listener(frame)
        return number

    def _at_hand(self, frame: Frame) -> None:
        newest = self._newest
        newest.append(frame)
        self._characters += len(frame.text)
        while len(newest) > MOST_FRAMES or (self._characters > _MOST_CHARACTERS and len(newest) > 1):
            self._characters -= len(newest.popleft().text)

    def newest(self, limit: int) -> list[Frame]:
        """The newest frames, oldest first."""
        return list(self._newest)[-limit:] if limit > 0 else []
