"""evtui in a terminal, as a user starts it."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager

from tests.e2e.terminal import Terminal, shown
from tests.need import need
from tests.program import EVTUI, Household


def console(
    house: Household,
    *arguments: str,
    program: Sequence[str] = EVTUI,
    columns: int = 80,
    lines: int = 24,
    **environment: str,
) -> AbstractContextManager[Terminal]:
    """`evtui ARGUMENTS` in a terminal of this size; `program` is another way to start it."""
    need(sys.platform == "linux", "the processes of a test are found in /proc")
    return shown(
        [*program, *arguments],
        environment=house.environment(**environment),
        cwd=house.home,
        columns=columns,
        lines=lines,
    )
