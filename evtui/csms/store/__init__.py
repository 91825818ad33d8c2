"""What the CSMS remembers beyond its own life: the books and every frame, in one SQLite file."""
