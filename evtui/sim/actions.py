"""What a station wants done: the actions that come out of `Station.handle`."""

from enum import StrEnum

import msgspec

from evtui.sim.diagnostics.location import Location
from evtui.sim.memory import Record
from evtui.sim.messages import Message
from evtui.sim.requests import RequestAnswer


class Send(msgspec.Struct, frozen=True):
    """Send a CALL. The station asks for one at a time: the next comes out after this one was Answered or Failed, or
    the link was lost. `ref` names it; `offline` says that a transaction event happened while there was no link;
    `attempt` counts from 1; `evse_id` is where it happened, 0 for the station as a whole."""

    ref: int
    message: Message
    offline: bool = False
    attempt: int = 1
    evse_id: int = 0


class Persist(msgspec.Struct, frozen=True):
    """Write these rows of the station's memory, and delete those that are None: all or none of them, and before
    anything that comes out together with it goes out. It is the first of its actions."""

    rows: dict[str, Record | None]


class Reply(msgspec.Struct, frozen=True):
    """Answer what the CSMS asked as `ref`. It stands before all that the answer promises."""

    ref: str
    answer: RequestAnswer


class Hangup(msgspec.Struct, frozen=True):
    """Close the link in an orderly way, if there is one, and connect again at once (a reset, a changed password)."""

    reason: str


class Upload(msgspec.Struct, frozen=True):
    """Send a file, with as much time as it takes: Uploaded or UploadFailed with the same `ref` is the answer."""

    ref: int
    place: Location
    name: str
    content: bytes


class CancelUpload(msgspec.Struct, frozen=True):
    """Break the Upload `ref` off: nobody waits for its answer any more."""

    ref: int


class ForgetCustomer(msgspec.Struct, frozen=True):
    """The station has forgotten a customer (N10): who remembers these transactions forgets whose they were."""

    transaction_ids: tuple[str, ...]


class NoticeKind(StrEnum):
    """What happened, for people and programs that watch; the words of the event feed."""

    BOOT = "boot"  # text: Accepted, Pending or Rejected
    STATUS = "status"  # a connector's status changed
    PLUGGED_IN = "plugged-in"
    UNPLUGGED = "unplugged"
    AUTHORIZED = "authorized"
    REFUSED = "refused"  # an identifier was not accepted; text says why
    SESSION_STARTED = "session-started"  # a transaction began
    CHARGING_STATE = "charging-state"
    SAMPLE = "sample"  # meter values of a running transaction were taken
    SESSION_ENDED = "session-ended"
    MASTER_PASS = "master-pass"  # a master pass was presented: everything ends (C16)
    AUTHORIZATION_ENDED = "authorization-ended"  # authorized, but no cable came in time (C01.FR.26)
    DISCARDED = "discarded"  # a transaction message was given up after its last attempt (E13)
    LIMIT = "limit"  # power, current or energy was limited from outside, or no longer
    VARIABLE = "variable"  # a variable was set
    CACHED = "cached"  # the operator has the cache know an identifier; text tells what
    RESET = "reset"  # the station starts again because the CSMS wants it; text says why
    NETWORK = "network"  # another network profile or password is tried, or used
    LOG = "log"  # a log is uploaded; text says which, and how far it is
    SECURITY = "security"  # a security event; text is its type, and what is known of it
    DATA_TRANSFER = "data-transfer"  # the CSMS answered the operator's DataTransfer; text says what
    DATA_TRANSFER_FAILED = "data-transfer-failed"  # it did not; text says why
    RESERVATION = "reservation"  # one is used, expired or removed; text says which
    REQUEST = "request"  # the CSMS asked for something; text says what, and what it was answered
    IMPOSSIBLE = "impossible"  # what was asked for cannot be done now; text says why; nothing changed
    FAULT = "fault"  # something broke; text says what
    FAULT_CLEARED = "fault-cleared"
    BAY = "bay"  # text: occupied or free
    EV = "ev"  # what the car does by itself: suspends, resumes, is full
    WARNING = "warning"


class Notice(msgspec.Struct, frozen=True):
    """A fact about the station worth telling; never needed for the station to work."""

    kind: NoticeKind
    text: str
    evse_id: int = 0
    transaction_id: str | None = None
    power_w: float | None = None
    energy_wh: float | None = None


Action = Persist | Send | Reply | Hangup | Upload | CancelUpload | ForgetCustomer | Notice
