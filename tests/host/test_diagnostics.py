"""Diagnostics go to a file, or nowhere."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import logging, sys
from evtui.host.diagnostics import write_diagnostics
write_diagnostics(sys.argv[1] if len(sys.argv) > 1 else None)
logging.getLogger("evtui.engine").warning("something odd")
raise RuntimeError("a bug")
"""


def test_a_log_tells_what_was_odd_and_what_ended_the_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = subprocess.run([sys.executable, "-c", _PROGRAM, str(log)], capture_output=True, text=True, check=False)
    assert "RuntimeError: a bug" in done.stderr
    written = log.read_text()
    assert "WARNING evtui.engine: something odd" in written
    assert "RuntimeError: a bug" in written


def test_without_a_log_nothing_odd_reaches_the_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    assert "something odd" not in done.stderr
    assert "RuntimeError: a bug" in done.stderr
