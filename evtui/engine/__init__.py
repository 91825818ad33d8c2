"""THE RUN: a fleet of stations, one session task each, behind one door."""
