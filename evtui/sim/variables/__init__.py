"""The device model: what a station can be told and asked, and reports of it (block B)."""
