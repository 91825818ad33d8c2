"""The password of basic authentication: which one is sent, and what becomes of one that the CSMS refuses (A01)."""

from collections.abc import Iterable

import msgspec

from evtui.sim.memory import Memory
from evtui.sim.variables.device_model import DeviceModel

PASSWORD = "SecurityCtrlr.BasicAuthPassword"
KEY = "password"
CONFIGURED = ""
"""In place of a password: the one that the configuration names, which nobody here knows."""


class PasswordRecord(msgspec.Struct, frozen=True):
    """Those that may be tried, in this order, and whether the first was proven by a connection."""

    candidates: tuple[str, ...]
    proven: bool


class Passwords:
    """A new password is tried first. When the CSMS refuses it, those before are tried in turn, so that none who made a
    mistake locks a station out for good; the one that it takes stays."""

    __slots__ = ("_candidates", "_last_resort", "_memory", "_model", "_proven", "_tried")

    def __init__(self, model: DeviceModel, memory: Memory, configured: bool) -> None:
        self._model = model
        self._memory = memory
        self._last_resort = (CONFIGURED,) if configured else ()
        kept = memory.recall(KEY, PasswordRecord) or PasswordRecord((), True)
        own = model.text(PASSWORD)
        first = (own,) if own and own not in kept.candidates else ()
        self._candidates = _once((*first, *kept.candidates, *self._last_resort))
        self._proven = kept.proven and not first
        self._tried = 0

    @property
    def current(self) -> str | None:
        """The one to send now, CONFIGURED for that of the configuration; None when there is none at all."""
        return self._candidates[self._tried] if self._candidates else None

    @property
    def known(self) -> tuple[str, ...]:
        """All that must never be shown."""
        return tuple(each for each in self._candidates if each)

    def set(self) -> None:
        """The variable has a new value."""
        before = (self.current,) if self.current is not None else ()
        self._candidates = _once((self._model.text(PASSWORD), *before, *self._last_resort))
        self._proven, self._tried = False, 0
        self._keep()

    def refused(self) -> bool:
        """The CSMS did not take it. Says whether there is another one to try."""
        if len(self._candidates) < 2:
            return False
        self._tried = (self._tried + 1) % len(self._candidates)
        return True

    def accepted(self) -> bool:
        """The CSMS took it: those before are worth nothing now. Says whether it was one before the newest."""
        if self.current is None or (self._proven and not self._tried):
            return False
        fell_back, used = self._tried > 0, self.current
        self._candidates = _once((used, *self._last_resort))
        self._proven, self._tried = True, 0
        if fell_back and used:
            self._model.set_local(PASSWORD, used)
        elif fell_back:
            self._model.unset(PASSWORD)
        self._keep()
        return fell_back

    def _keep(self) -> None:
        self._memory.keep(KEY, PasswordRecord(tuple(each for each in self._candidates if each), self._proven))


def _once(passwords: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passwords))
