"""What one station may cost: bounds on frames, floods, slow readers and waiting calls."""

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """`frame_bytes`: larger frames close the connection (1009). `frames_per_s` and `burst`: what a station sends faster
    waits in its own socket; a frame counts once more for each 512 bytes. `send_timeout_s`: a station that takes nothing
    for so long is cut off. `close_timeout_s`: how long a closing handshake may take. `waiting_calls`: own CALLs of one
    station that may wait in line. `stations`: how many ids are remembered; more are refused (503). `quiet_s`: how long
    a station that is back may say nothing of a transaction that ran, before it is asked (E14)."""

    frame_bytes: int = 1 << 19
    frames_per_s: float = 1000.0
    burst: int = 2000
    send_timeout_s: float = 20.0
    close_timeout_s: float = 1.0
    waiting_calls: int = 100
    stations: int = 50_000
    quiet_s: float = 60.0


class Throttle:
    """A token bucket. Times are monotonic seconds."""

    __slots__ = ("_burst", "_full_at_s", "_rate")

    def __init__(self, rate_per_s: float, burst: int) -> None:
        self._rate = rate_per_s
        self._burst = burst
        self._full_at_s = 0.0  # when the bucket is full again, if nothing is taken

    def take(self, now_s: float, weight: int) -> float:
        """Takes so many; gives the seconds to wait before the next."""
        full_at_s = self._full_at_s
        full_at_s = (full_at_s if full_at_s > now_s else now_s) + weight / self._rate
        self._full_at_s = full_at_s
        wait_s = full_at_s - now_s - self._burst / self._rate
        return wait_s if wait_s > 0.0 else 0.0

    def admits(self, now_s: float) -> bool:
        """Whether one more may go now; it is taken then. A clock that was set back fills the bucket."""
        room_s = self._burst / self._rate
        full_in_s = self._full_at_s - now_s
        full_in_s = (full_in_s if 0 <= full_in_s <= room_s else 0.0) + 1 / self._rate
        if full_in_s > room_s:
            return False
        self._full_at_s = now_s + full_in_s
        return True
