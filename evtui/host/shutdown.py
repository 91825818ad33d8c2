"""The last resort: a process that was asked to end does so, whatever hangs."""

import os
import threading

from evtui.host.process import wake_workers

DRAIN_S = 2.0
"""How long a host that ends waits for its last messages to be delivered."""

EXIT_S = 3.0
"""From the decision to end to the end of the process, whatever hangs."""


def end_within(seconds: float, code: int) -> None:
    """Ends this process with `code` after `seconds`, unless it has ended by itself before; no worker stays."""
    timer = threading.Timer(seconds, _end, args=(code,))
    timer.daemon = True
    timer.start()


def _end(code: int) -> None:
    wake_workers()
    os._exit(code)
