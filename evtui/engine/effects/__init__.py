"""What each command does, by kind, and what is said of its effect."""
