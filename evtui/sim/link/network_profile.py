"""A network connection profile: where a station dials and how (B09), and whether this station can."""

from urllib.parse import urlsplit

import msgspec

INTERFACES = ("Wired0", "Wireless0")
"""What a station of ours has: a socket, and a modem. The host's network stands for both."""

LONGEST_URL = 512
_SCHEMES = {0: "ws", 1: "ws", 2: "wss", 3: "wss"}


class Apn(msgspec.Struct, frozen=True):
    """How the modem dials in; kept, as the host's network stands for the modem's."""

    apn: str
    authentication: str
    user_name: str | None = None
    password: str | None = None
    sim_pin: int | None = None
    preferred_network: str | None = None
    use_only_preferred_network: bool = False


class NetworkProfile(msgspec.Struct, frozen=True):
    """`csms_url` is without the station's identity. `security_profile`: 1 basic auth, 2 over TLS too, 3 a client
    certificate; 0 is none of them, a plain link. `message_timeout_s` 0 is MessageTimeout[Default], `version` "" is any
    that the station speaks. Words are the standard's: `version` OCPP16 or OCPP20, `transport` JSON, `interface` Wired0.
    """

    csms_url: str
    security_profile: int = 0
    message_timeout_s: int = 0
    version: str = ""
    transport: str = "JSON"
    interface: str = "Wired0"
    apn: Apn | None = None
    vpn: bool = False


class NetworkSpec(msgspec.Struct, frozen=True):
    """What the configuration gives a station: the profiles of slots 1, 2, ..., whether it has a password and a client
    certificate, and the versions that it speaks."""

    profiles: tuple[NetworkProfile, ...] = (NetworkProfile("ws://localhost:9000"),)
    password: bool = False
    certificate: bool = False
    versions: tuple[str, ...] = ("OCPP20",)


def problem(profile: NetworkProfile, versions: tuple[str, ...]) -> str | None:
    """Why a profile is of no use to a station that speaks these versions (B09.FR.02); None when it is."""
    if profile.transport != "JSON":
        return f"this station speaks JSON, not {profile.transport}"
    if profile.version not in versions:
        return f"this station speaks {', '.join(versions)}, not {profile.version}"
    if profile.interface not in INTERFACES:
        return f"this station has {' and '.join(INTERFACES)}, not {profile.interface}"
    if profile.vpn:
        return "this station has no VPN"
    if profile.message_timeout_s <= 0:
        return "a message timeout of 0 or less lets no message be answered"
    scheme = _SCHEMES.get(profile.security_profile)
    if scheme is None:
        return f"there is no security profile {profile.security_profile}"
    return _url_problem(profile.csms_url, scheme, profile.security_profile)


def _url_problem(url: str, scheme: str, security_profile: int) -> str | None:
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        return f"a URL has no blanks and only ASCII characters, {LONGEST_URL} at most"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "that is no URL"
    if parts.scheme not in ("ws", "wss") or not parts.hostname or port == 0:
        return "that is no WebSocket URL"
    if parts.username is not None or "#" in url:
        return "a WebSocket URL has neither user nor fragment"
    if parts.scheme != scheme:
        return f"security profile {security_profile} wants {scheme}://"
    return None
