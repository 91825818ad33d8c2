"""The token: who comes from another machine must show that it was told one."""

import os
from base64 import b64decode
from collections.abc import Collection
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from evtui.errors import ConfigError
from evtui.web.guard import App, Receive, Scope, Send, refuse


class Token:
    """A token that requests must show. It is kept as a digest: nothing that prints this object tells it."""

    def __init__(self, token: str) -> None:
        self._digest = sha256(token.encode()).digest()

    def matches(self, shown: bytes) -> bool:
        """Whether this is the token; takes as long for any other one of its length."""
        return compare_digest(sha256(shown).digest(), self._digest)


def read_token(env: str | None, file: str | None, env_option: str, file_option: str) -> Token | None:
    """The token in an environment variable or a file, None if neither is named. ConfigError names the option."""
    if env is not None and file is not None:
        raise ConfigError(f"{env_option} and {file_option} are both given; keep one")
    if env is not None:
        if (text := os.environ.get(env)) is None:
            raise ConfigError(f"{env_option}: the environment variable {env} is not set")
        return _checked(text, f"{env_option}: the environment variable {env}")
    if file is None:
        return None
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise ConfigError(f"{file_option}: {file} cannot be read: {why}") from None
    return _checked(text.strip(), f"{file_option}: {file}")


def _checked(text: str, what: str) -> Token:
    if not text:
        raise ConfigError(f"{what} is empty: a token has at least one character")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ConfigError(f"{what} holds no token: it has characters other than ASCII letters, digits and signs")
    return Token(text)


class TokenGate:
    """ASGI middleware that answers 401 to who does not show the token, as `Authorization: Bearer TOKEN` or, for those
    who know nothing else, as the password of basic auth. Paths in `public` hold nothing of anybody's and are open: a
    browser cannot show a token for a page."""

    def __init__(self, app: App, token: Token, public: Collection[str]) -> None:
        self._app = app
        self._token = token
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "lifespan" or scope["path"] in self._public or self._shown(scope["headers"]):
            await self._app(scope, receive, send)
        else:
            await refuse(send, 401, "Unauthorized: Authorization: Bearer TOKEN", (b"www-authenticate", b"Bearer"))

    def _shown(self, headers: Collection[tuple[bytes, bytes]]) -> bool:
        given = [value for name, value in headers if name == b"authorization"]
        scheme, _, shown = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        match scheme.lower():
            case b"bearer":
                return self._token.matches(shown.strip())
            case b"basic":
                return self._token.matches(_password(shown.strip()))
        return False


def _password(credentials: bytes) -> bytes:
    """The password of basic auth (RFC 7617); empty if there is none."""
    try:
        return b64decode(credentials, validate=True).partition(b":")[2]
    except ValueError:
        return b""
