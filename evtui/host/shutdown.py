"""The last resort: a process that was asked to end does so, whatever hangs."""

import os
import threading

from evtui.host.process import kill_workers

DRAIN_S = 2.0
"""How long a host that ends waits for its last messages to be delivered."""

EXIT_S = 3.0
"""From the decision to end to the end of the process, whatever hangs."""


def end_within(seconds: float, code: int) -> None:
    """Ends this process with `code` after `seconds`, and its workers with it, unless it has ended by itself before."""
    timer = threading.Timer(seconds, _end, args=(code,))
    timer.daemon = True
    timer.start()


def _end(code: int) -> None:
    kill_workers()
    os._exit(code)
