"""Runs without a screen: narration, JSON lines, progress bars."""
