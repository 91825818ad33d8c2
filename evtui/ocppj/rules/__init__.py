"""Rules on the wire: what they say (`rule`), and the frames on their way between RPC engine and socket (`lanes`)."""
