"""UDP 3610 is one for the whole machine: whoever takes it at every address runs alone."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LOCK = Path(tempfile.gettempdir()) / f"evtui-tests-{os.getuid()}-udp-3610.lock"


@contextmanager
def port_3610(*, alone: bool) -> Iterator[None]:
    """Waits for its turn among all test runs of this user."""
    with LOCK.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@pytest.fixture(autouse=True)
def _turn(request: pytest.FixtureRequest) -> Iterator[None]:
    with port_3610(alone="alone_on_3610" in request.fixturenames):
        yield


@pytest.fixture
def alone_on_3610() -> None:
    """This test takes the port at every address."""
