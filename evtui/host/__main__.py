"""`python -m evtui.host`: a host, as a window starts it. Not for the command line: that is `evtui` and `evtui run`."""

import sys

import msgspec

from evtui.errors import ConfigError, LocalError
from evtui.host.diagnostics import write_diagnostics
from evtui.host.loop import run
from evtui.host.serve import serve
from evtui.host.start import HostConfig, first_line
from evtui.host.starter import refuse


def main() -> int:
    """All modules are loaded by now, which took its time; the configuration has come meanwhile."""
    line = first_line(sys.stdin.fileno())
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


if __name__ == "__main__":
    sys.exit(main())
