"""What a station writes down and gives away: its logs, their uploads, and what it knows of a customer (blocks A, N)."""
