"""What the surroundings decide before textual is imported: no textual here, nor in whoever calls it first."""

import os
from collections.abc import Mapping, MutableMapping

_DEFAULTS = {
    "TEXTUAL_ANIMATIONS": "none",  # a fading toast costs more over SSH than a row of charging stations
    "TEXTUAL_SMOOTH_SCROLL": "0",
}

_ASCII_TERMINALS = frozenset({"linux", "dumb", "vt100", "vt220"})


def prepare_environment(environ: MutableMapping[str, str] | None = None) -> None:
    """Sets the `TEXTUAL_*` defaults that suit a slow link; textual reads them once, while it is imported."""
    environ = os.environ if environ is None else environ
    for name, value in _DEFAULTS.items():
        environ.setdefault(name, value)


def wants_ascii(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether the terminal should be spared anything beyond ASCII: `encoding` is that of its locale."""
    if environ.get("TERM", "") in _ASCII_TERMINALS:
        return True
    return (encoding or "").lower().replace("-", "").replace("_", "") not in ("utf8", "utf8mb4")
