"""A store whose disk writes when the test says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evtui.engine.store import Store

URL = "ws://csms.test"


class ManualStore(Store):
    """No thread: `commit` writes what has gathered; with `at_once` everything is written as soon as it is put."""

    at_once = False

    def put(self, changes: dict[int, tuple[str, bytes] | None]) -> int:
        batch = super().put(changes)
        if self.at_once:
            self.commit()
        return batch

    def commit(self) -> None:
        self._commits.write_now()

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
