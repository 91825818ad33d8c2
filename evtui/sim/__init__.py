"""THE WORLD: what a charging station is. Pure and synchronous; time is an argument; OCPP 2.0.1's terms, no version."""
