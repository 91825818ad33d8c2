"""THE WINDOW: the only room with textual and plotext."""
