"""Who is let in: TLS, certificates, passwords, and stations that nobody has heard of."""

import ssl
from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from evtui.csms.books import Books
from evtui.csms.certificates import common_name, may_be, server_context
from evtui.csms.identity import identity_of
from evtui.csms.limits import Limits
from evtui.csms.passwords import Passwords, read_passwords
from evtui.csms.policy import ACCEPTED
from evtui.errors import ConfigError
from evtui.web.guard import LOOPBACK_NAMES, origin_name

ACCEPT: Final = "accept"
WAIT: Final = "pending"
REFUSE: Final = "refuse"

_QUIET_S: Final = 1.0  # between refusals that people are told of


class DoorNames(NamedTuple):
    """What the settings of the doors are called where they are made: errors name them."""

    tls_cert: str = "tls_cert"
    tls_key: str = "tls_key"
    client_ca: str = "client_ca"
    passwords: str = "passwords"
    password_env: str = "password_env"


class Doors(msgspec.Struct, frozen=True):
    """How stations come in. `tls_cert`, `tls_key`: PEM files of the CSMS. `client_ca`: the authority whose certificates
    stations must show, with their serial number or id for a common name. `passwords`: a file of `id:password` lines;
    `password_env`: an environment variable with one for all others. With both certificates and passwords, one of them
    is enough. `unknown`: what becomes of stations that were never accepted, nor named with a password or a policy; they
    are accepted, left pending, or refused."""

    tls_cert: str | None = None
    tls_key: str | None = None
    client_ca: str | None = None
    passwords: str | None = None
    password_env: str | None = None
    unknown: str = ACCEPT

    @property
    def locked(self) -> bool:
        """Whether only those come in who show something."""
        return self.client_ca is not None or self.passwords is not None or self.password_env is not None


class Doorkeeper:
    """Answers each handshake: who is it, and may it come in? `tell` takes a sentence for people."""

    def __init__(
        self, doors: Doors, names: DoorNames, books: Books, limits: Limits, tell: Callable[[str], None]
    ) -> None:
        """ConfigError: a file or variable cannot be used; it names the setting."""
        self._doors = doors
        self._books = books
        self._limits = limits
        self._tell = tell
        self._quiet_until_s = 0.0
        self._untold = 0
        given = read_passwords(doors.passwords, doors.password_env, names.passwords, names.password_env)
        self._given = frozenset(given)
        self.passwords = Passwords(books.settings, given)
        self.tls = _tls(doors, names, optional=bool(given))

    async def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuses who is no station of ours, before the handshake. Browsers send an Origin, stations do not: pages of
        other sites must not play station."""
        origins = request.headers.get_all("Origin")
        if any(origin_name(origin) not in LOOPBACK_NAMES for origin in origins):
            return connection.respond(403, "Pages of other sites may not connect.\n")
        identity = identity_of(request.path)
        if identity is None:
            return connection.respond(404, "The path ends in no station id (at most 48 characters, no colon).\n")
        refused = await self._identify(connection, request, identity)
        if refused is not None:
            return refused
        registry = self._books.registry
        if self._doors.unknown == REFUSE and not self.knows(identity):
            return self._refuse(connection, 404, identity, "this CSMS does not know that station")
        if registry.get(identity) is None and len(registry) >= self._limits.stations:
            return connection.respond(503, "Too many stations.\n")
        return None

    async def _identify(self, connection: ServerConnection, request: Request, identity: str) -> Response | None:
        name = self.certified(connection)
        if name is not None:
            if may_be(self._books.registry.get(identity), identity, name):
                return None
            why = "the common name of its certificate is neither its id nor its serial number (A00.FR.414)"
            return self._refuse(connection, 403, identity, why)
        if self.tls is not None and self.tls.verify_mode is ssl.CERT_REQUIRED:
            return self._refuse(connection, 403, identity, "its certificate has no common name (A00.FR.414)")
        if not self.passwords.needed(identity):
            return None
        shown = request.headers.get_all("Authorization")
        if len(shown) == 1 and await self.passwords.admits(identity, shown[0]):
            return None
        why = "its password is not right, or the user is not its id" if shown else "it shows no password (basic auth)"
        response = self._refuse(connection, 401, identity, why)
        response.headers["WWW-Authenticate"] = 'Basic realm="evtui", charset="UTF-8"'
        return response

    def certified(self, connection: ServerConnection) -> str | None:
        """The common name of the certificate that a station has shown; None where none is asked for, or was shown."""
        if self._doors.client_ca is None:
            return None
        return common_name(connection.transport.get_extra_info("ssl_object"))

    def knows(self, station_id: str) -> bool:
        """Whether a station was accepted before, or somebody has named it with a password or a policy."""
        registry = self._books.registry
        if station_id in self._given or self.passwords.named(station_id) or registry.has_policy(station_id):
            return True
        record = registry.get(station_id)
        return record is not None and record.registration == ACCEPTED

    def _refuse(self, connection: ServerConnection, status: int, identity: str, why: str) -> Response:
        if (now_s := monotonic()) < self._quiet_until_s:
            self._untold += 1
        else:
            more = f" (and {self._untold} more)" if self._untold else ""
            self._tell(f"{identity} is refused ({status}): {why}{more}")
            self._quiet_until_s, self._untold = now_s + _QUIET_S, 0
        return connection.respond(status, f"Refused: {why}.\n")


def _tls(doors: Doors, names: DoorNames, *, optional: bool) -> ssl.SSLContext | None:
    cert, key, client_ca = doors.tls_cert, doors.tls_key, doors.client_ca
    if cert is None or key is None:
        for setting, value in ((names.tls_key, key), (names.client_ca, client_ca)):
            if cert is None and value is not None:
                raise ConfigError(f"{setting} needs {names.tls_cert}: name the CSMS's certificate, a PEM file")
        if cert is not None:
            raise ConfigError(f"{names.tls_cert} needs {names.tls_key}: name the certificate's private key, a PEM file")
        return None
    settings = (names.tls_cert, names.tls_key, names.client_ca)
    return server_context(cert, key, client_ca, optional=optional, settings=settings)
