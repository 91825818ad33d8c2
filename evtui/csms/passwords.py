"""The passwords of stations (A00, security profiles 1 and 2): a hash of each is stored, and nothing is shown."""

import asyncio
import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b, scrypt
from hmac import compare_digest
from pathlib import Path
from typing import Final, TypeVar

from evtui.csms.identity import is_identity
from evtui.csms.settings import Settings
from evtui.errors import ConfigError, LocalError

EVERYONE: Final = "*"
"""In place of an id: all stations that have no password of their own."""

LEAST_CHARACTERS, MOST_CHARACTERS = 16, 64  # A00.FR.205, and ERR-201 2.1

_SETTING: Final = "password"
_COST, _BLOCK, _LANES = 14, 8, 1
_MEMORY: Final = 64 << 20
_AT_ONCE: Final = 2  # hashes that are computed at the same time; each takes 50 ms and 16 MB
_MOST_CHECKING: Final = 4  # handshakes of one station; those of others get their turn in between
_MOST_RAW: Final = 20  # bytes of an AuthorizationKey of 1.6

S = TypeVar("S")
T = TypeVar("T")


class Passwords:
    """Those in the settings are each station's own, and win over the `given` ones, which are not stored. As soon as any
    is given, every station must show one."""

    def __init__(self, settings: Settings, given: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._key = os.urandom(32)
        self._given = {station_id: self._digest(password.encode()) for station_id, password in (given or {}).items()}
        self._proven: dict[str, tuple[str, bytes]] = {}
        self._checking: dict[str, int] = {}
        self._lines: dict[str, asyncio.Lock] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)

    def __repr__(self) -> str:
        return "Passwords(***)"

    def needed(self, station_id: str) -> bool:
        """Whether this station must show one."""
        return bool(self._given) or self._settings.get(station_id, _SETTING) is not None

    def named(self, station_id: str) -> bool:
        """Whether this station has one of its own."""
        return station_id in self._given or self._settings.get(station_id, _SETTING) is not None

    async def set(self, station_id: str, password: str) -> None:
        """Gives a station its own password, which holds from its next connection on. LocalError: it is none."""
        check_password(password)
        hashed = await self._in_thread(_hash_of, password.encode(), os.urandom(16))
        self._settings.put(station_id, _SETTING, hashed)

    def remove(self, station_id: str) -> None:
        """Takes the password away that was set."""
        self._settings.put(station_id, _SETTING, None)
        self._proven.pop(station_id, None)

    async def admits(self, station_id: str, authorization: str | None) -> bool:
        """Whether an Authorization header shows the password of this station; the user must be the station id. Such a
        password is proven once by its hash, and by a digest in memory from then on."""
        user, shown = _credentials(authorization)
        if user != station_id:
            return False
        stored = self._settings.get(station_id, _SETTING)
        if stored is None:
            given = self._given.get(station_id) or self._given.get(EVERYONE)
            return given is not None and any(compare_digest(self._digest(each), given) for each in _forms(shown))
        proven = self._proven.get(station_id)
        if proven is not None and proven[0] == stored and compare_digest(self._digest(shown), proven[1]):
            return True
        checking = self._checking.get(station_id, 0)
        if checking >= _MOST_CHECKING:
            return False
        self._checking[station_id] = checking + 1
        try:
            async with self._lines.setdefault(station_id, asyncio.Lock()):
                return await self._prove(station_id, stored, shown)
        finally:
            self._checking[station_id] -= 1
            if not self._checking[station_id]:
                del self._checking[station_id], self._lines[station_id]

    async def _prove(self, station_id: str, stored: str, shown: bytes) -> bool:
        for form in _forms(shown):
            if await self._in_thread(_is, form, stored):
                self._proven[station_id] = (stored, self._digest(shown))
                return True
        return False

    def _digest(self, password: bytes) -> bytes:
        return blake2b(password, key=self._key).digest()

    async def _in_thread(self, work: Callable[[bytes, S], T], password: bytes, other: S) -> T:
        async with self._turn:
            return await asyncio.to_thread(work, password, other)


def check_password(password: str) -> None:
    """LocalError for what OCPP does not allow as a password; the text does not tell it."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS or not password.isprintable():
        raise LocalError(
            f"a password has {LEAST_CHARACTERS} to {MOST_CHARACTERS} printable characters (A00.FR.205), "
            f"this one has {len(password)}"
        )


def read_passwords(file: str | None, env: str | None, file_setting: str, env_setting: str) -> dict[str, str]:
    """The passwords in a file of `id:password` lines (`*` for all others) and in an environment variable, which is for
    all others. ConfigError names setting and line, and never a password."""
    given: dict[str, str] = {}
    for number, line in _lines(file, file_setting) if file is not None else ():
        station_id, colon, password = line.partition(":")
        at = f"{file_setting}: {file}, line {number}"
        if not colon or not (station_id == EVERYONE or is_identity(station_id)):
            raise ConfigError(f"{at}: write ID:PASSWORD, or *:PASSWORD for all others")
        if station_id in given:
            raise ConfigError(f"{at}: {station_id} has a password already; keep one")
        given[station_id] = _checked(password, at)
    if env is not None:
        value = os.environ.get(env)
        if value is None:
            raise ConfigError(f"{env_setting}: the environment variable {env} is not set")
        if EVERYONE in given:
            raise ConfigError(f"{env_setting} and {EVERYONE} in {file} are both for all stations; keep one")
        given[EVERYONE] = _checked(value, f"{env_setting}: the environment variable {env}")
    return given


def _lines(file: str, setting: str) -> Iterator[tuple[int, str]]:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigError(f"{setting}: {file} cannot be read: {why}") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line and not line.startswith("#")]
    if not lines:
        raise ConfigError(f"{setting}: {file} has no line; write ID:PASSWORD, or *:PASSWORD for all others")
    yield from lines


def _checked(password: str, at: str) -> str:
    try:
        check_password(password)
    except LocalError as error:
        raise ConfigError(f"{at}: {error}") from None
    return password


def _credentials(authorization: str | None) -> tuple[str | None, bytes]:
    """User and password of basic authentication (RFC 7617); None for a user if there are none."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None, b""
    try:
        user, colon, password = b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), password) if colon else (None, b"")
    except (Base64Error, ValueError):
        return None, b""


def _forms(shown: bytes) -> tuple[bytes, ...]:
    """What a password may be that was shown so: in 1.6 it is the bytes of a hexadecimal key (J16 6.2.2)."""
    if len(shown) > _MOST_RAW or (shown.isascii() and shown.decode().isprintable()):
        return (shown,)
    key = shown.hex()
    return shown, key.encode(), key.upper().encode()


def _hash_of(password: bytes, salt: bytes) -> str:
    hashed = _scrypt(password, salt, _COST, _BLOCK, _LANES)
    return f"scrypt${_COST}${_BLOCK}${_LANES}${b64encode(salt).decode()}${b64encode(hashed).decode()}"


def _is(password: bytes, stored: str) -> bool:
    try:
        _, cost, block, lanes, salt, hashed = stored.split("$")
        made = _scrypt(password, b64decode(salt), int(cost), int(block), int(lanes))
        return compare_digest(made, b64decode(hashed))
    except ValueError:  # no hash of ours: nobody has that password
        return False


def _scrypt(password: bytes, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return scrypt(password, salt=salt, n=1 << cost, r=block, p=lanes, maxmem=_MEMORY, dklen=32)
