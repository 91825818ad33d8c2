"""Runs the real program as a user would, in a home of its own: no test meets another, nor the developer's fleet."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

EVTUI = (sys.executable, "-m", "evtui")
TAG = "EVTUI_TEST_TAG"
_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "SYSTEMROOT",
    "TMPDIR",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "COVERAGE_PROCESS_START",
)


class Household:
    """A home directory and the environment that points there. The path is short: a Unix socket's may be 104 bytes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.tag = uuid.uuid4().hex

    def environment(self, **extra: str) -> dict[str, str]:
        """What a program started here sees; nothing of the developer's settings leaks in."""
        runtime = self.home / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "TERM": "xterm-256color",
            "PYTHONUTF8": "1",
            TAG: self.tag,
            **extra,
        }

    def run(
        self, *arguments: str, timeout_s: float = 50, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`evtui ARGUMENTS` without a terminal, to its end."""
        return subprocess.run(
            [*EVTUI, *arguments],
            env=self.environment(**(environment or {})),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def processes(self) -> dict[int, str]:
        """Every living process that was started in this household, with its command line (Linux)."""
        needle = f"{TAG}={self.tag}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if needle in (entry / "environ").read_bytes().split(b"\0") and "\nState:\tZ" not in (
                    entry / "status"
                ).read_text(errors="replace"):
                    found[int(entry.name)] = (
                        (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    )
            except OSError:
                continue  # it has just gone, or is not ours
        return found


@contextmanager
def household() -> Iterator[Household]:
    """A household that is cleared away afterwards, with whatever still runs in it."""
    home = Path(tempfile.mkdtemp(prefix="evtui-"))
    house = Household(home)
    try:
        yield house
    finally:
        if sys.platform == "linux":
            for pid in house.processes():
                try:
                    os.kill(pid, 9)
                except ProcessLookupError:
                    continue
        shutil.rmtree(home, ignore_errors=True)


def until(condition: Callable[[], object], timeout_s: float = 10, every_s: float = 0.02) -> None:
    """Waits for something outside this process, which nobody tells us of, by looking again and again."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {condition}"
        time.sleep(every_s)
