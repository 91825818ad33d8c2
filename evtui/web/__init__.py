"""What every HTTP server of evtui has: ports, the guard in front, the token, and uvicorn as a guest."""
