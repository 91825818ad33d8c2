"""What the API says besides the records of the door."""

from enum import StrEnum

import msgspec

from evtui.engine.door import TargetOutcome


class Problem(msgspec.Struct, frozen=True):
    """Why a request was not carried out, in a line."""

    error: str


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


class FrameRecord(msgspec.Struct, frozen=True):
    """A frame: `at` is Unix time; `direction` (SENT or RECEIVED) is seen from the station; `text` is what was on the
    wire, with secrets masked if `masked`; `fault` says what is wrong with it; `pair` is the number of the frame that it
    answers, or that answers it; answers have `rtt_s`."""

    number: int
    at: float
    station_id: str
    direction: str
    type: str
    action: str
    message_id: str
    text: str
    fault: str
    masked: bool
    pair: int | None
    rtt_s: float | None


class FramePage(msgspec.Struct, frozen=True):
    """Frames, oldest first. To go on, ask with `after` = `next`; `more` says that there are frames that this answer has
    not looked at. `first` is the number of the oldest frame that is kept."""

    frames: tuple[FrameRecord, ...]
    next: int
    more: bool
    first: int
