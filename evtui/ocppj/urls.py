"""From the CSMS URL of the configuration to the one a station dials (OCPP-J 3.1.1)."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, unquote, urlsplit

from evtui.errors import ConfigError
from evtui.ocppj.fault import printable

PLACEHOLDER = "{id}"
_SCHEMES = {"http": "ws", "https": "wss"}
# One word of capitals with a number behind it is a station, such as CP002 or EVSE-17; OCPP16 or OCPP201 is a path.
_STATION_LIKE = re.compile(r"(?!OCPP)[A-Z]{1,12}[-_]?[0-9]{1,12}")

_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(:[0-9]*)?")


def dialled_url(csms_url: str, station_id: str, explicit_station_id: bool, stations: int) -> str:
    """The URL that a station dials: `{id}` is replaced wherever it stands, else the id is appended to the path unless
    the URL already ends in it; percent-encoded both times. A URL that names the only station (see `named_station`) is
    dialled as it is. ConfigError if it is no WebSocket URL, or holds a password."""
    parts = _split(csms_url)
    if PLACEHOLDER in csms_url:
        return csms_url.replace(PLACEHOLDER, quote(station_id, safe=""))
    path = parts.path.rstrip("/")
    ends_in_it = unquote(path.rpartition("/")[2]) == station_id
    if not ends_in_it and named_station(csms_url, explicit_station_id, stations) is None:
        path = f"{path}/{quote(station_id, safe='')}"
    return parts._replace(path=path).geturl()


def named_station(csms_url: str, explicit_station_id: bool, stations: int) -> str | None:
    """The station that a URL such as ws://localhost:9000/CP002 means: when one station runs whose id was not given,
    the host is this machine, and the path is one segment that looks like an id. None if it means none."""
    if explicit_station_id or stations != 1 or PLACEHOLDER in csms_url:
        return None
    parts = _split(csms_url)
    segment = unquote(parts.path.strip("/"))
    return segment if _is_local(parts.hostname or "") and _STATION_LIKE.fullmatch(segment) else None


def shown(url: str) -> str:
    """The URL fit for a screen or a log: without user and password, control characters escaped."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    if not _HOST.fullmatch(host):
        # A password with an unescaped slash in it, perhaps: then what looks like a path is none.
        host, slash, path = rest.rpartition("@")[2], "", ""
    return printable(f"{scheme}{separator}{host}{slash}{path}", 500)


def _split(csms_url: str) -> SplitResult:
    bare = csms_url.replace(PLACEHOLDER, "id")
    example = "such as ws://localhost:9000 or wss://csms.example/ocpp"
    if any(character.isspace() or not character.isprintable() for character in csms_url):
        raise ConfigError(f"{shown(csms_url)}: a CSMS URL has no blanks or control characters")
    try:
        checked, port = urlsplit(bare), urlsplit(bare).port
    except ValueError as error:
        raise ConfigError(f"{shown(csms_url)}: not a URL ({printable(str(error))}); give one {example}") from None
    if checked.scheme in _SCHEMES:
        fix = f"{_SCHEMES[checked.scheme]}{csms_url[len(checked.scheme) :]}"
        raise ConfigError(f"{shown(csms_url)}: OCPP-J speaks WebSocket; try {shown(fix)}")
    if checked.scheme not in ("ws", "wss") or not checked.hostname or port == 0:
        raise ConfigError(f"{shown(csms_url)}: not a WebSocket URL; give one {example}")
    if checked.username is not None:
        raise ConfigError(
            f"{shown(csms_url)}: a password does not belong in a URL, where everybody sees it; "
            "use --password-env or --password-file (the user is the station id)"
        )
    if checked.fragment or "#" in csms_url:
        raise ConfigError(f"{shown(csms_url)}: a WebSocket URL has no fragment; leave out # and what follows")
    return urlsplit(csms_url)


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
