"""What starter and host, or lead and worker, say to each other before the socket is there: a line of JSON each.

The starter writes the HostConfig to the host's stdin and keeps the pipe open: its end tells the host that the starter
is gone. The host answers on stdout, Ready or Refused.
"""

import os

import msgspec

from evtui.config import ApiConfig, FleetConfig, GroupConfig
from evtui.engine.door import Command
from evtui.ocppj.spool import DEFAULT_MAX_BYTES

MAX_LINE = 1 << 26


class HostConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a host runs; `log` is the file for diagnostics, `api` is where it offers the fleet over HTTP, `state` the
    directory that keeps the stations' state: "" is the user's own, None keeps none; with `stay` it goes on when the
    last window has gone; `frame_bytes` is what its frames may take on disk. `steady_ids`: see Fleet. Beyond 1, so many
    `workers` have the stations.
    `{}` is what nobody configured."""

    fleet: FleetConfig = FleetConfig()
    log: str | None = None
    api: ApiConfig | None = None
    state: str | None = ""
    stay: bool = False
    frame_bytes: int = DEFAULT_MAX_BYTES
    steady_ids: bool = False
    workers: int = 1


class WorkerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a worker runs: its share of a fleet, whose stations dial `csms_url`. The lead says where its frames and its
    door are; `elsewhere` are the stations of the others, so that no station is added twice; `settings` are what people
    have set on its stations in a worker before. The rest: see HostConfig and Fleet."""

    name: str
    fleet: FleetConfig
    csms_url: str
    frames: str
    socket: str
    frame_bytes: int
    log: str | None = None
    state: str | None = None
    ramp_s: float = 0.0
    steady_ids: bool = False
    elsewhere: tuple[GroupConfig, ...] = ()
    settings: tuple[Command, ...] = ()


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The door is open on this socket."""

    socket: str


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The host cannot run; `reason` is one line fit for the user."""

    reason: str


def line(said: HostConfig | WorkerConfig | Ready | Refused) -> bytes:
    """What is said, as a line."""
    return msgspec.json.encode(said) + b"\n"


def answer(said: bytes) -> Ready | Refused:
    """What a host's line says."""
    return msgspec.json.decode(said, type=Ready | Refused)


def first_line(descriptor: int) -> bytes:
    """Waits for what the starter says; nothing if it thought better of it."""
    line = b""
    while not line.endswith(b"\n") and len(line) < MAX_LINE:
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return b""
        line += piece
    return line
