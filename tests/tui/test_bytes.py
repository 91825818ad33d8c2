"""What the window costs on the line: a count, so that nobody has to trust a feeling."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

MARK = b"\x1b]9;mark\x07"
BUDGET = 4096  # bytes a second, issue 2: 8 visible panels at 2 Hz at 80x24, log hidden


def bytes_of(seconds: int, stations: int, charging: int, colours: str) -> bytes:
    """What a window writes to a terminal of 80x24 in so many seconds of a fleet's life."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": colours}
    command = [sys.executable, "-m", "tests.tui.pty_window", str(seconds), str(stations), str(charging)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as process:
        os.close(theirs)
        written = bytearray()
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            written += part
        os.close(ours)
        assert process.wait(30) == 0
    parts = bytes(written).split(MARK)
    assert len(parts) == 3, written[-2000:].decode(errors="replace")
    return parts[1]


@pytest.mark.parametrize("colours", ["truecolor", ""])
def test_eight_charging_panels_stay_within_the_budget(colours: str) -> None:
    seconds = 40
    rate = len(bytes_of(seconds, 8, 8, colours)) / seconds
    assert 200 < rate <= BUDGET


def test_a_fleet_in_which_nothing_changes_costs_nothing() -> None:
    assert bytes_of(10, 8, 0, "truecolor") == b""
