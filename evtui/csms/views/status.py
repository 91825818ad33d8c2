"""The CSMS as a whole: its state now, and a trace of the last minutes."""

import msgspec


class Status(msgspec.Struct, frozen=True):
    """The state of the server. `uptime` is in seconds; `messages_per_s` is of the last second, and `messages_skipped`
    are those that no event told of, as there were too many. `stations` are all that it knows, `transactions` those that
    run, `power_w` is what they draw. `trouble` says why nothing can be kept at the moment, empty while all is well."""

    status: str
    uptime: float
    total_messages: int
    active_connections: int
    last_activity: str | None
    version: str
    ocpp_url: str
    stations: int
    transactions: int
    power_w: float
    messages_per_s: float
    messages_skipped: int
    trouble: str


class TracePoint(msgspec.Struct, frozen=True, gc=False):
    """One second of the CSMS."""

    at: float
    power_w: float
    messages_per_s: float
    connections: int
    transactions: int


class Trace(msgspec.Struct, frozen=True):
    """The last minutes, a point each second, oldest first."""

    points: tuple[TracePoint, ...]
