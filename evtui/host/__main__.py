"""`python -m evtui.host`: a host, as a window starts it. Not for the command line: that is `evtui` and `evtui run`."""

import os
import sys

import msgspec

from evtui.errors import ConfigError, LocalError
from evtui.host.diagnostics import write_diagnostics
from evtui.host.loop import run
from evtui.host.serve import refuse, serve
from evtui.host.start import MAX_LINE, HostConfig


def main() -> int:
    """All modules are loaded by now, which took its time; the configuration has come meanwhile."""
    line = _first_line(sys.stdin.fileno())
    if not line:
        return 0  # the starter thought better of it
    config = msgspec.json.decode(line, type=HostConfig)
    try:
        write_diagnostics(config.log)
        run(serve(config, sys.stdin.fileno(), sys.stdout.fileno()))
    except (ConfigError, LocalError) as error:
        refuse(error, sys.stdout.fileno())
        return 2
    return 0


def _first_line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < MAX_LINE:
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return b""
        line += piece
    return line


if __name__ == "__main__":
    sys.exit(main())
