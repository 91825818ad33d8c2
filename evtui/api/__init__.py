"""The automation door: a fleet over HTTP, for scripts and test suites. It knows the fleet by its door alone."""
