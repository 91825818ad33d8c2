"""The host as a child process: how a window starts one. See `evtui.host.start` for what the two say to each other.

Standard library only at import: the host is the first thing that a window needs, and the host has much to load.
"""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from evtui.errors import ConfigError

if TYPE_CHECKING:
    from evtui.host.start import HostConfig, WorkerConfig


WORKER = "evtui.host.worker"


_WORKERS: "set[HostProcess]" = set()


class HostProcess:
    """A host that was started here, or a worker: `module` says which, and `name` is what it is called."""

    def __init__(self, module: str = "evtui.host") -> None:
        self.name = "the host"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C and the terminal's end reach the window, which tells the host
        )
        if module == WORKER:
            _WORKERS.add(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    def configure(self, config: "HostConfig | WorkerConfig | None" = None) -> None:
        """Tells the host what to run: four stations on the embedded CSMS when nothing is configured."""
        said = b"{}\n"
        if config is not None:
            from evtui.host.start import line

            said = line(config)
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has failed already: `ready` tells why
            self._process.stdin.write(said)
            self._process.stdin.flush()

    def ready(self) -> str:
        """Waits for the host and gives its socket. ConfigError: it refuses, or failed."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise ConfigError(f"{self.name} failed to start: {self._last_words()}")
        from evtui.host.start import Refused, answer

        match answer(said):
            case Refused(reason):
                raise ConfigError(reason)
            case ready:
                return ready.socket

    def fate(self, timeout_s: float) -> str:
        """How a host ended that is gone: by a signal, or with a code. One that is still there is killed."""
        self.end(timeout_s)
        code = self._process.returncode
        if code >= 0:
            return f"ended with code {code}"
        try:
            return f"was killed ({signal.Signals(-code).name})"
        except ValueError:
            return f"was killed (signal {-code})"

    def end(self, timeout_s: float) -> None:
        """Lets go of the host, which ends unless it was told to stay, and waits for that; then makes an end of it."""
        self.hang_up()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _WORKERS.discard(self)

    def wake(self) -> None:
        """Lets it go on if it is stopped."""
        self._process.send_signal(signal.SIGCONT)

    def abandon(self) -> None:
        """Leaves the host running on its own: it was told to stay."""
        self.hang_up()
        self._process.returncode = 0  # nobody waits for it any more

    def hang_up(self) -> None:
        """Lets go of the host."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):  # it has ended already
                    pipe.close()

    def _last_words(self) -> str:
        assert self._process.stderr is not None
        timer = threading.Timer(1.0, self._process.kill)
        timer.start()
        words = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        timer.cancel()
        return words[-1] if words else f"it {self.fate(0.0)}"


def wake_workers() -> None:
    """This process ends, and its workers end in good order by themselves; one that is stopped would not."""
    for worker in tuple(_WORKERS):
        worker.wake()


@contextmanager
def hired(workers: int) -> Iterator[list[HostProcess]]:
    """Starts so many workers, which load while this process does; none outlives the context. ConfigError: the machine
    does not give as many."""
    processes: list[HostProcess] = []
    try:
        for number in range(workers):
            try:
                processes.append(HostProcess(WORKER))
            except OSError as error:
                raise ConfigError(
                    f"--workers: {number} of {workers} could be started: {error.strerror}; take fewer, or raise "
                    f"the limits that `ulimit -a` tells"
                ) from None
        yield processes
    finally:
        for process in processes:
            process.end(0.0)
