"""The gate between a station and its link: nothing goes out that tells of what is not on the disk yet."""

from collections.abc import Callable, Mapping

from evtui.engine.store import Shelf
from evtui.sim.actions import Reply, Send
from evtui.sim.memory import Record

Outgoing = Send | Reply


class Gate:
    """Without a shelf nothing is kept, and nothing waits. `ring` is called when something may go out that had to wait.

    A CALL waits for the records put before it. An answer waits for deletions too, as it may promise one; a CALL does
    not, for the worst that an undeleted message does is to be sent again."""

    __slots__ = ("_ring", "_shelf", "waiting")

    def __init__(self, shelf: Shelf | None, ring: Callable[[], None]) -> None:
        self._shelf = shelf
        self._ring = ring
        self.waiting: list[tuple[int, Outgoing]] = []
        """What waits, with its ticket, in order."""

    def keep(self, rows: Mapping[str, Record | None]) -> tuple[str, ...]:
        """Puts rows on the shelf. Gives the keys of those that cannot be written."""
        return () if self._shelf is None else self._shelf.put(rows)

    def flush(self) -> None:
        """Nothing more is put soon: what was deleted goes without it."""
        if self._shelf is not None:
            self._shelf.flush()

    def admits(self, action: Outgoing) -> bool:
        """It may go out now; otherwise it waits here, and so do all that come after it."""
        shelf = self._shelf
        if shelf is None:
            return True
        ticket = shelf.ticket(deletions=type(action) is Reply)
        reached = shelf.reached(ticket)
        if reached and not self.waiting:
            return True
        self.waiting.append((ticket, action))
        if not reached:
            shelf.call(ticket, self._ring)
        return False

    def released(self) -> list[Outgoing]:
        """What may go out now, in order: it waits no longer."""
        waiting, shelf = self.waiting, self._shelf
        if not waiting or shelf is None:
            return []
        released = []
        while waiting and shelf.reached(waiting[0][0]):
            released.append(waiting.pop(0)[1])
        return released

    def clear(self) -> None:
        """The link is gone, and with it what waited for it."""
        self.waiting.clear()
