"""How long the window waits for the host."""

PATIENCE_S = 5.0
"""For an answer, before the screen says that there is none."""

STOP_PATIENCE_S = 15.0
"""For the fleet to stop, before the window leaves."""
