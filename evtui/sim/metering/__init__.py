"""Meter values: what is read, when, and in which message it is told (block J)."""
