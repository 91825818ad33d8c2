"""Where a station dials, and with what credentials. The handshake decides the OCPP version, never the URL."""

import msgspec


class Secret(msgspec.Struct, frozen=True):
    """A password that no repr, log line or error text shows."""

    value: str

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class Endpoint(msgspec.Struct, frozen=True):
    """`url` is the dialled one, station id included. `subprotocols` are offered in this order. `ca`, `cert` and `key`
    name PEM files; without `ca` the system's trust counts; `insecure` accepts any certificate. Basic auth is sent when
    there is a `password` (user name: the station id, OCPP-J 1.6 6.2.2, 2.0.1 A00.FR.205)."""

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
