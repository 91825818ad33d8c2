"""What whole-program tests share: a home of their own, and certificates."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from evtui.bench.run import sink_process
from tests.certificates import Certificates, issue
from tests.program import Household, household

# How busy the machine is proves nothing. Where a change is judged, the same examples are tried each time; everywhere
# else new ones.
settings.register_profile("evtui", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("evtui")


@pytest.fixture
def house() -> Iterator[Household]:
    """A home directory of this test alone."""
    with household() as made:
        yield made


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate authority, and what it issued for 127.0.0.1 and localhost."""
    return issue(Path(tmp_path_factory.mktemp("tls")))


@pytest.fixture(scope="session")
def sink() -> Iterator[str]:
    """The URL of a CSMS that accepts everything, in a process of its own."""
    with sink_process() as url:
        yield url
