"""Moments: Unix time to the wire's timestamps and back."""

from datetime import UTC, datetime


def to_wire(at: float) -> str:
    """`at` (Unix time) as OCPP wants it: RFC 3339, UTC, three decimals (2.0.1 part 2, section 2.1.4)."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def from_wire(text: str, otherwise: float) -> float:
    """A timestamp as Unix time; `otherwise` (when it arrived) for those that no calendar has, such as second 60."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, OverflowError):
        return otherwise
