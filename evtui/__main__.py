"""`python -m evtui` is `evtui`."""

from evtui.cli import main

main()
