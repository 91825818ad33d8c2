"""Composes engine and CSMS in one process; signals, order of shutdown, locks, the socket to the windows."""
