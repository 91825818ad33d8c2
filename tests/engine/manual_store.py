"""A store whose disk writes when the test says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evtui.engine.store import Store

URL = "ws://csms.test"


class ManualStore(Store):
    """No thread: `commit` writes what has gathered; with `at_once` everything is written as soon as it is put."""

    at_once = False
    _last = 0

    def put(self, changes: dict[int, tuple[str, bytes] | None]) -> int:
        self._last = super().put(changes)
        if self.at_once:
            self.commit()
        return self._last

    def commit(self) -> None:
        rows, self._commits._gathered = self._commits._gathered, None
        self._file.write(rows or {})
        self._commits.wrote(self._last)

    def close(self) -> None:
        """What had gathered is lost, as when the process is killed."""
        self._file.close()


@contextmanager
def disk(directory: Path, *, at_once: bool = True) -> Iterator[ManualStore]:
    store = ManualStore(directory / "state", URL)
    store.at_once = at_once
    try:
        yield store
    finally:
        store.close()
