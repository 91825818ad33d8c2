"""Frames as rows: numbered as they come, each answer paired with its CALL."""

from math import nan
from typing import Any

from evtui.csms.store.rows import Changes, plain
from evtui.ocppj.frame import Direction
from evtui.ocppj.received import FrameMeta

PAIR = 10  # its place in a row
_WAITING_LIMIT = 8  # CALLs that wait for an answer, for each station and direction


class FrameRows:
    """Numbers count on from `next`. What is appended stands in `changes` until it is taken to be written."""

    def __init__(self, next: int) -> None:
        self.next = next
        self._waiting: dict[tuple[str, int], dict[str, tuple[int, float]]] = {}

    def append(
        self,
        changes: Changes,
        at: float,
        station: str,
        direction: Direction,
        meta: FrameMeta,
        text: str,
        masked: bool,
    ) -> int:
        """Adds a frame, and gives its number."""
        type, action, message_id, fault = meta.type, meta.action, meta.message_id, meta.fault
        number = self.next
        self.next = number + 1
        pair: int | None = None
        took_s: float = nan  # which is null in the file, and less work to hand over than None
        if type == 2:
            self._expect((station, direction), message_id, number, at)
        elif 3 <= type <= 5:
            waiting = self._waiting.get((station, 1 - direction))
            call = waiting.pop(message_id, None) if waiting else None
            if call is not None:
                pair, took_s = call[0], max(at - call[1], 0.0)
                _answered(changes, pair, number)
        changes.characters += len(text)
        mark = 1 if masked else 0
        row: list[Any]
        row = [
            number,
            at,
            station,
            direction._value_,
            type._value_,
            action,
            message_id,
            text,
            fault,
            mark,
            pair,
            took_s,
        ]
        if not (text.isascii() and station.isascii() and action.isascii() and message_id.isascii() and fault.isascii()):
            row = [plain(value) if isinstance(value, str) else value for value in row]
        changes.frames.append(row)
        return number

    def _expect(self, lane: tuple[str, int], message_id: str, number: int, at: float) -> None:
        waiting = self._waiting.get(lane)
        if waiting is None:
            waiting = self._waiting[lane] = {}
        elif len(waiting) >= _WAITING_LIMIT:
            del waiting[next(iter(waiting))]
        waiting[message_id] = (number, at)


def _answered(changes: Changes, call: int, answer: int) -> None:
    """Pairs a CALL with its answer: where it waits to be written, as nearly always, or else in the file."""
    frames = changes.frames
    first = call - frames[0][0] if frames else -1
    if first >= 0:
        frames[first][PAIR] = answer
    else:
        changes.answered[call] = answer
