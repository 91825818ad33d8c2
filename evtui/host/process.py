"""The host as a child process: how a window starts one, and what the two say to each other before the socket is there.

The starter writes one line of JSON, the HostConfig, to the host's stdin and keeps the pipe open: its end tells the host
that the starter is gone. The host answers with one line on stdout, Ready or Refused.
"""

import subprocess
import sys
import threading
from contextlib import suppress

import msgspec

from evtui.config import FleetConfig
from evtui.errors import ConfigError

MAX_LINE = 1 << 26


class HostConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a host runs; `log` is the file for diagnostics."""

    fleet: FleetConfig
    log: str | None = None


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The door is open on this socket."""

    socket: str


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The host cannot run; `reason` is one line fit for the user."""

    reason: str


class HostProcess:
    """A host that was started here. Start it first and do other things: it has modules to load."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "evtui.host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C and the terminal's end reach the window, which tells the host
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def configure(self, config: HostConfig) -> None:
        """Tells the host what to run."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has failed already: `ready` tells why
            self._process.stdin.write(msgspec.json.encode(config) + b"\n")
            self._process.stdin.flush()

    def ready(self) -> str:
        """Waits for the host and gives its socket. ConfigError: it refuses, or failed."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline(MAX_LINE)
        if not line:
            raise ConfigError(f"the host failed to start: {self._last_words()}")
        answer = msgspec.json.decode(line, type=Ready | Refused)
        if isinstance(answer, Refused):
            raise ConfigError(answer.reason)
        return answer.socket

    def end(self, timeout_s: float) -> None:
        """Lets go of the host, which ends unless it was told to stay, and waits for that; then makes an end of it."""
        self._hang_up()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def abandon(self) -> None:
        """Leaves the host running on its own: it was told to stay."""
        self._hang_up()
        self._process.returncode = 0  # nobody waits for it any more

    def _hang_up(self) -> None:
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
        return words[-1] if words else f"it ended with code {self._process.wait()}"
