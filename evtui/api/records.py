"""What the API says besides the records of the door."""

from enum import StrEnum

import msgspec

from evtui.engine.door import TargetOutcome
from evtui.web.frame_record import FrameRecord


class State(StrEnum):
    """What became of a command: `refused` is done on none or not all of its targets."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class CommandRecord(msgspec.Struct, frozen=True):
    """A command that was submitted: `text` is its effect, or the reason why not. `station_id` is empty for one on the
    whole fleet."""

    id: int
    command: str
    station_id: str
    state: State
    text: str = ""
    results: tuple[TargetOutcome, ...] = ()


class FramePage(msgspec.Struct, frozen=True):
    """Frames, oldest first. To go on, ask with `after` = `next`; `more` says that there are frames that this answer has
    not looked at. `first` is the number of the oldest frame that is kept."""

    frames: tuple[FrameRecord, ...]
    next: int
    more: bool
    first: int
