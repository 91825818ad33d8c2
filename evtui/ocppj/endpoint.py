"""Where a station dials, and with what credentials. The handshake decides the OCPP version, never the URL."""

import msgspec

from evtui.ocppj.agent import user_agent

_RAW = range(0xF780, 0xF800)
"""Characters of a private area that stand for the bytes 0x80 to 0xFF: a password of 1.6 need not be text."""


class Secret(msgspec.Struct, frozen=True):
    """A password that no repr, log line or error text shows."""

    value: str

    @property
    def octets(self) -> bytes:
        """As basic auth sends it: UTF-8 (2.0.1), or the bytes that a key of 1.6 was made of (J16 6.2.2)."""
        return b"".join(bytes((ord(c) & 0xFF,)) if ord(c) in _RAW else c.encode() for c in self.value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


def secret_of(octets: bytes) -> str:
    """The text that stands for any bytes, a character each."""
    return "".join(chr(octet if octet < 0x80 else 0xF700 + octet) for octet in octets)


class Endpoint(msgspec.Struct, frozen=True):
    """`url` is the dialled one, station id included. `subprotocols` are offered in this order. `ca`, `cert` and `key`
    name PEM files; without `ca` the system's trust counts; `insecure` accepts any certificate. Basic auth is sent when
    there is a `password` (user name: the station id, OCPP-J 1.6 6.2.2, 2.0.1 A00.FR.205). `user_agent` introduces the
    station."""

    url: str
    username: str = ""
    password: Secret | None = None
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ("ocpp2.0.1",)
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    insecure: bool = False
    user_agent: str = user_agent()
