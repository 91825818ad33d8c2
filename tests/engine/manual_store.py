"""A store whose disk writes when the test says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evtui.disk.group_commit import GroupCommit
from evtui.engine.store import Rows, Store

URL = "ws://csms.test"


class ManualCommits(GroupCommit[Rows]):
    at_once = False

    def put(self, changes: Rows) -> int:
        batch = super().put(changes)
        if self.at_once:
            self.write_now()
        return batch


class ManualStore(Store):
    """No thread: `commit` writes what has gathered; with `at_once` everything is written as soon as it is put."""

    _commits: ManualCommits

    def __init__(self, directory: Path, csms_url: str, *, at_once: bool) -> None:
        super().__init__(directory, csms_url, ManualCommits)
        self._commits.at_once = at_once

    @property
    def at_once(self) -> bool:
        return self._commits.at_once

    @at_once.setter
    def at_once(self, at_once: bool) -> None:
        self._commits.at_once = at_once

    def commit(self) -> None:
        self._commits.write_now()

    def close(self) -> None:
        """What had gathered is lost, as when the process is killed."""
        self._file.close()


@contextmanager
def disk(directory: Path, *, at_once: bool = True) -> Iterator[ManualStore]:
    store = ManualStore(directory / "state", URL, at_once=at_once)
    try:
        yield store
    finally:
        store.close()
