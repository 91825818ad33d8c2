"""`python -m evtui.host`: a host, as a window starts it. Not for the command line: that is `evtui` and `evtui run`."""

import sys

from evtui.host.serve import serve
from evtui.host.start import HostConfig
from evtui.host.starter import obey_starter

if __name__ == "__main__":
    sys.exit(obey_starter(HostConfig, serve))
