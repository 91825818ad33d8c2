"""evtui: a fleet of simulated EV charging stations in a terminal."""

__version__ = "0.1.0"
