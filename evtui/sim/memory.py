"""The memory of a station: what outlasts a power cut, a crash, and the end of the program.

A part that has something to keep takes the station's Memory as an argument of its constructor and does two things:

- When it is made, it recalls: `memory.recall("availability", AvailabilityRecord)` gives what was kept, or None;
  `memory.recall_all("cache/", CacheEntry)` gives all rows of a part that keeps one for each of its things.
- Whenever something changed, it keeps: `memory.keep(key, record)`, `memory.forget(key)`; or, when it changes many
  times while one event is handled, `memory.touch(key, self.record)`, which asks for the record once, after the event.

A record is a frozen msgspec Struct of plain things: text, numbers, aware times, enums, tuples, other such Structs.
Fields added later need a default, for files written before. Structs in a union are Variants. One row for each thing
that changes by itself: writing costs as much as its record is long. Keys begin with the part's name. What is kept in
terms of elapsed time means nothing after a restart: keep the UTC moment instead.

All that changed while one event was handled comes out as one Persist, which is written wholly or not at all; what is
sent or answered because of the event goes out after that. Each Station made with the same Memory goes on from there.
`Playbook.cut_power` of the tests does that, through the bytes that would be on the disk.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from evtui.errors import DamagedError

Record = msgspec.Struct


class Variant(msgspec.Struct, frozen=True, tag=True, tag_field="kind", omit_defaults=True, gc=False):
    """A record that may stand where another kind may stand too: it is written with the name of its class."""


R = TypeVar("R", bound=Record)

Row = Record | bytes
"""A record, or one as it was written (msgpack), which nobody has recalled yet."""


class Memory:
    """The rows of one station by their keys; `rows` are those that were written before."""

    __slots__ = ("_changed", "_rows")

    def __init__(self, rows: Mapping[str, Row] | None = None) -> None:
        self._rows: dict[str, Row] = dict(rows or {})
        self._changed: dict[str, Record | Callable[[], Record] | None] = {}

    @property
    def blank(self) -> bool:
        """Nothing has been kept yet: the station comes from the factory."""
        return not self._rows

    # -- for parts that are made ------------------------------------------------------------------

    def recall(self, key: str, kind: type[R]) -> R | None:
        """What was kept as `key`, None if nothing was. DamagedError when it is not of that kind: it was damaged."""
        row = self._rows.get(key)
        if isinstance(row, bytes):
            try:
                self._rows[key] = row = msgspec.msgpack.decode(row, type=kind)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise DamagedError(f"what was kept as {key!r} cannot be read: {error}") from None
        if row is None:
            return None
        assert isinstance(row, kind), key
        return row

    def recall_all(self, prefix: str, kind: type[R]) -> dict[str, R]:
        """All that was kept under keys that begin with `prefix`, in no order. DamagedError as for `recall`."""
        keys = [key for key in self._rows if key.startswith(prefix)]
        return {key: row for key in keys if (row := self.recall(key, kind)) is not None}

    # -- for parts that change --------------------------------------------------------------------

    def keep(self, key: str, record: Record) -> None:
        """Keeps the record from now on."""
        self._changed[key] = record

    def touch(self, key: str, record: Callable[[], Record]) -> None:
        """Keeps what `record` gives when the present event has been handled."""
        self._changed[key] = record

    def forget(self, key: str) -> None:
        """Keeps nothing as `key` any more."""
        self._changed[key] = None

    # -- for the station --------------------------------------------------------------------------

    def collect(self) -> dict[str, Record | None]:
        """What has changed since the last time: records to write, and None for rows to delete."""
        if not self._changed:
            return {}
        rows, changes = self._rows, self._changed
        self._changed = {}
        news: dict[str, Record | None] = {}
        for key, change in changes.items():
            record = change() if callable(change) else change
            if record is None:
                if rows.pop(key, None) is not None:
                    news[key] = None
            elif rows.get(key) != record:
                rows[key] = news[key] = record
        return news

    def discard(self) -> None:
        """Drops what was not collected: the event that did it was not handled to its end."""
        self._changed = {}
