"""What coordinator and shards say to each other. It goes through the scheduler as events of two topics, which all runs
on it share: a scheduler keeps the newest thousand of a topic, and forgets none of its topics."""

from typing import TypeVar

import msgspec

from evtui.cluster.lease import Terms
from evtui.config import FleetConfig
from evtui.engine.door import FleetEvent, RoundTripCounts, Totals
from evtui.headless.load import Load

ORDERS, WORDS = "evtui-orders", "evtui-words"
"""The topics. Each message is a pair: the run's id, and a line of JSON."""

T = TypeVar("T")


class Order(msgspec.Struct, frozen=True):
    """What a shard is to do. Secrets are named in it, as the configuration has them, and read where it runs. `finished`
    are the sessions that each station has had before. With `all_events` every event is told, otherwise trouble alone.
    `frames` is where they are kept, None keeps none."""

    run: str
    shard: int
    epoch: int
    fleet: FleetConfig
    sessions: int
    duration_s: float
    load: Load | None
    connect_timeout_s: float
    drain_s: float
    ramp_s: float
    frame_bytes: int
    terms: Terms
    frames: str | None = None
    all_events: bool = False
    finished: tuple[int, ...] = ()


class Holder(msgspec.Struct, frozen=True):
    """Who has the lease of a shard, and the newest of its times of asking that is granted, by its own clock."""

    epoch: int
    incarnation: str
    asked_s: float


class Orders(msgspec.Struct, frozen=True):
    """What the coordinator says to all, again and again: who holds which shard (by its number), whether to `go`, how
    long a load goes on from now (`left_s`), and whether to `stop`."""

    holders: dict[int, Holder]
    go: bool = False
    stop: bool = False
    left_s: float | None = None


class Hint(msgspec.Struct, frozen=True):
    """The part of it that is about one shard."""

    holder: Holder
    go: bool
    stop: bool
    left_s: float | None


class Word(msgspec.Struct, frozen=True):
    """What a shard says, and asks its lease for at the same time: `asked_s` is by its own clock. All is counted since
    this incarnation began. `end` is empty until its last word, then done, stopped, or why it could not go on;
    `refused` is what was wrong with the configuration. `left_out` events were too many."""

    shard: int
    epoch: int
    incarnation: str
    asked_s: float
    host: str
    pid: int
    totals: Totals = Totals()
    trips: RoundTripCounts = RoundTripCounts()
    sessions: int = 0
    failed: int = 0
    energy_wh: float = 0.0
    finished: tuple[int, ...] = ()
    events: tuple[FleetEvent, ...] = ()
    left_out: int = 0
    spool: str = ""
    no_csms: str | None = None
    undelivered: dict[str, int] = {}
    end: str = ""
    refused: str = ""


class End(msgspec.Struct, frozen=True):
    """How a task ends: the exit code of the shard's process, which is gone for certain, and its last word."""

    code: int
    incarnation: str
    word: Word | None


def line(said: msgspec.Struct) -> bytes:
    """A message as a line."""
    return msgspec.json.encode(said) + b"\n"


def read(said: bytes, kind: type[T]) -> T:
    """A line as a message."""
    return msgspec.json.decode(said, type=kind)
