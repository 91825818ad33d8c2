"""The terminal itself, tried with small programs: the other tests here rely on it."""

import os
import signal
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.e2e.emulator import Emulator
from tests.e2e.terminal import Terminal, shown
from tests.program import until


def _python(code: str, tmp_path: Path) -> AbstractContextManager[Terminal]:
    return shown([sys.executable, "-u", "-c", code], environment=dict(os.environ), cwd=tmp_path)


def test_it_shows_what_is_written_and_passes_keys_on(tmp_path: Path) -> None:
    with _python("print('who?\\n', end=''); print('hello', input())", tmp_path) as terminal:
        terminal.wait_for("who?")
        terminal.press("w", "o", "r", "l", "d", "enter")
        terminal.wait_for("hello world")
        assert terminal.wait() == 0
        assert terminal.lines()[:3] == ["who?", "world", "hello world"]


def test_the_emulator_swallows_private_sequences_in_any_pieces() -> None:
    written = b"a\x1b[>1u\x1b[<ub\x1b[?2026$pc\x1bP>|xy\x1b\\d\x1b[31me\xc3\xa9\x1b]999;last\x07f"
    for size in range(1, len(written) + 1):
        emulator = Emulator(80, 24)
        for start in range(0, len(written), size):
            emulator.feed(written[start : start + size])
        assert emulator.lines()[0] == "abcdeéf"


def test_it_tells_size_and_resize(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "signal.signal(signal.SIGWINCH, lambda *_: print(os.get_terminal_size()))\n"
        "print(os.get_terminal_size())\n"
        "input()"
    )
    with _python(code, tmp_path) as terminal:
        terminal.wait_for("columns=80, lines=24")
        terminal.resize(120, 36)
        terminal.wait_for("columns=120, lines=36")


def test_it_sees_whether_the_modes_were_restored(tmp_path: Path) -> None:
    with _python("import tty; tty.setraw(0); print('raw'); import time; time.sleep(60)", tmp_path) as terminal:
        terminal.wait_for("raw")
        terminal.signal(signal.SIGKILL)
        assert terminal.wait() == -signal.SIGKILL
        assert not terminal.settings_restored()
    with _python("print('cooked')", tmp_path) as terminal:
        assert terminal.wait() == 0
        assert terminal.settings_restored()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_program_heeds_signals_also_where_the_tests_do_not(tmp_path: Path, number: signal.Signals) -> None:
    """As under nohup, and in the background of a shell."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with _python("print('up'); import time; time.sleep(60)", tmp_path) as terminal:
            terminal.wait_for("up")
            terminal.signal(number)
            assert terminal.wait() in (-number, 130)
    finally:
        signal.signal(number, before)


def test_hanging_up_sends_sighup(tmp_path: Path) -> None:
    with _python("print('up'); import time; time.sleep(60)", tmp_path) as terminal:
        terminal.wait_for("up")
        terminal.hang_up()
        assert terminal.wait() == -signal.SIGHUP


def test_a_stalled_terminal_lets_output_pile_up(tmp_path: Path) -> None:
    marker = tmp_path / "written"
    code = (
        "import os\n"
        "print('go', end=''); input()\n"
        "os.set_blocking(1, False)\n"
        "try:\n"
        "    while True: os.write(1, b'x' * 1000)\n"
        f"except BlockingIOError: open({str(marker)!r}, 'w').close()\n"
        "os.set_blocking(1, True); print('END')"
    )
    with _python(code, tmp_path) as terminal:
        terminal.wait_for("go")
        terminal.stall()
        before = terminal.bytes_written()
        terminal.press("enter")
        until(marker.exists)
        assert terminal.bytes_written() == before
        terminal.resume()
        terminal.wait_for("END")


def test_ctrl_c_is_an_interrupt(tmp_path: Path) -> None:
    with _python("print('up'); import time; time.sleep(60)", tmp_path) as terminal:
        terminal.wait_for("up")
        terminal.press("ctrl+c")
        assert terminal.wait() in (130, -signal.SIGINT)


def test_what_never_shows_is_an_error_with_the_screen_in_it(tmp_path: Path) -> None:
    with _python("print('something else'); input()", tmp_path) as terminal:
        terminal.wait_for("something else")
        with pytest.raises(AssertionError, match="something else"):
            terminal.wait_for("never", timeout_s=0.1)
