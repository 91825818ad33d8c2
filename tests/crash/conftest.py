"""A home for the programs that are killed here."""

from collections.abc import Iterator

import pytest

from tests.program import Household, household


@pytest.fixture
def house() -> Iterator[Household]:
    with household() as house:
        yield house
