"""Primitive data types between sim and the wire, alike in all versions: times, integers, data of any type."""

from datetime import UTC, datetime

import msgspec

from evtui.errors import ProtocolError

_LARGEST = 2**31 - 1


def timestamp(utc: datetime) -> str:
    """As the wire spells a time: in UTC, with milliseconds where there are any."""
    if utc.tzinfo is not UTC:
        utc = utc.astimezone(UTC)
    spelled: str = msgspec.to_builtins(utc)  # with microseconds, where there are any
    return f"{spelled[:-4]}Z" if utc.microsecond else spelled


def aware(time: datetime) -> datetime:
    """A CSMS that names no zone means UTC (OCPP-J asks for UTC). Raises OverflowError for one beyond all calendars."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def integer(value: float) -> int:
    """To JSON Schema 1.0 and 1e300 are integers too, OCPP's have 32 bits (2.0.1 part 2, primitive datatypes)."""
    if not -_LARGEST <= value <= _LARGEST:
        raise ProtocolError("an integer of OCPP has 32 bits")
    return int(value)


def whole(value: float | None) -> int | None:
    """The same of an optional field."""
    return None if value is None else integer(value)


def as_json(data: object) -> str | None:
    """Data of any type as sim keeps it: as JSON text, None for UNSET."""
    try:
        return None if data is msgspec.UNSET else msgspec.json.encode(data).decode()
    except RecursionError:
        raise ProtocolError("data is nested too deeply") from None
