"""What runs in a Dask worker: a task that lasts as long as its shard, which is a process of its own.

The worker carries lines between scheduler and process. It also counts the lease, by the same clock, and kills a process
that outlives it, such as one that is stopped.
"""

import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import distributed

from evtui import __version__
from evtui.cluster.clock import now_s
from evtui.cluster.lease import Lease
from evtui.cluster.messages import ORDERS, WORDS, End, Hint, Order, Orders, Word, line, read

_dask: Any = distributed  # most of it has no types
_LOOK_S = 0.2
_AFTER_S = 0.1


class Sealed:
    """An order on its way: Dask writes the arguments of what fails into its logs, and sees only this."""

    def __init__(self, order: bytes) -> None:
        self.order = order

    def __repr__(self) -> str:
        return "<order>"


def installed() -> str:
    """The version of evtui there."""
    return __version__


def run_shard(sealed: Sealed) -> bytes:
    """Runs a shard to its end, and gives an End. Whatever goes wrong is in it: this never raises."""
    order = read(sealed.order, Order)
    _dask.secede()  # it only waits: the worker's thread is for others
    with subprocess.Popen(
        [sys.executable, "-m", "evtui.cluster"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C at the worker's terminal reaches the worker
    ) as process:
        try:
            return line(_Carrier(order, process).carry(sealed.order))
        finally:
            process.kill()


class _Carrier:
    """Stands between a process and the scheduler."""

    def __init__(self, order: Order, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._order = order
        self._process = process
        self._stdin, self._stdout = process.stdin.fileno(), process.stdout.fileno()
        self._lease = Lease(order.terms)
        self._incarnation = ""
        self._last: Word | None = None

    def carry(self, order: bytes) -> End:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has failed already: its exit code tells
            self._process.stdin.write(order)
            self._process.stdin.flush()
        os.set_blocking(self._stdin, False)
        worker, rest = _dask.get_worker(), b""
        with _Listening(self._hear, self._order.run), selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while True:
                if selector.select(_LOOK_S):
                    read_now = os.read(self._stdout, 1 << 16)
                    if not read_now:
                        break
                    *lines, rest = (rest + read_now).split(b"\n")
                    for each in lines:
                        self._take(each)
                        worker.log_event(WORDS, [self._order.run, each])
                if self._lease.until_s is not None and now_s() >= self._lease.until_s + _AFTER_S:
                    self._process.kill()
        return End(self._process.wait(), self._incarnation, self._last)

    def _take(self, said: bytes) -> None:
        self._last = read(said, Word)
        self._incarnation = self._last.incarnation

    def _hear(self, orders: Orders) -> None:
        """In the worker's loop, which must not wait."""
        holder = orders.holders.get(self._order.shard)
        if holder is None:
            return
        if holder.incarnation == self._incarnation:
            self._lease.granted(holder.asked_s)
        with suppress(OSError):  # it is gone, or too busy to listen: there will be others
            os.write(self._stdin, line(Hint(holder, orders.go, orders.stop, orders.left_s)))


class _Listening:
    """Hears the orders of a run for as long as the context lasts. A worker has one ear for all its shards."""

    _hearers: dict[object, tuple[str, Callable[[Orders], None]]] = {}  # noqa: RUF012 (that of the process)
    _subscribed: set[str] = set()  # noqa: RUF012
    _lock = threading.Lock()

    def __init__(self, hear: Callable[[Orders], None], run: str) -> None:
        self._entry = (run, hear)

    def __enter__(self) -> None:
        client = _dask.get_client()
        with self._lock:
            self._hearers[self] = self._entry
            if client.id not in self._subscribed:
                self._subscribed.add(client.id)
                client.subscribe_topic(ORDERS, self._heard)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            del self._hearers[self]

    @classmethod
    def _heard(cls, event: tuple[float, tuple[str, bytes]]) -> None:
        run, said = event[1]
        with cls._lock:
            hearers = [hear for theirs, hear in cls._hearers.values() if theirs == run]
        if hearers:
            orders = read(said, Orders)
            for hear in hearers:
                hear(orders)
