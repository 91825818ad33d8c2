"""THE DISK: how engine and csms keep things in SQLite. Knows neither."""
