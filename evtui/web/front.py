"""The front of an HTTP server: who is let in, by which names, and with what."""

import socket
from collections.abc import Collection
from typing import NamedTuple

from evtui.errors import ConfigError
from evtui.web.guard import LOOPBACK_NAMES, App, Guard
from evtui.web.listening import is_loopback
from evtui.web.token import Token, TokenGate


class TokenNames(NamedTuple):
    """What the settings of a server are called where they are made: errors name them."""

    host: str
    env: str
    file: str


def check_reach(host: str, token: Token | None, names: TokenNames) -> None:
    """ConfigError: other machines reach that host, and need not show a token."""
    if token is None and not is_loopback(host):
        raise ConfigError(
            f"{names.host}: {host} lets other machines in, which need a token: name it with {names.env} or {names.file}"
        )


def fronted(app: App, host: str, token: Token | None, public: Collection[str]) -> App:
    """The app behind token and guard. `public` paths hold nothing of anybody's."""
    if token is not None:
        app = TokenGate(app, token, public)
    if is_loopback(host):
        return Guard(app, {*LOOPBACK_NAMES, host})
    return Guard(app, {*LOOPBACK_NAMES, host.lower(), socket.gethostname().lower()}, addresses=True)
