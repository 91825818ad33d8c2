"""Where each station dials, and with what credentials: the configuration made concrete."""

import os
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from evtui.config import CsmsConfig
from evtui.dialects.registry import DIALECTS
from evtui.errors import ConfigError
from evtui.ocppj.endpoint import Endpoint, Secret
from evtui.ocppj.urls import PLACEHOLDER, dialled_url
from evtui.sim.link.network_profile import NetworkProfile, NetworkSpec
from evtui.sim.link.passwords import CONFIGURED
from evtui.sim.link.uplink import Uplink

_VERSIONS = {"ocpp1.6": "OCPP16", "ocpp2.0.1": "OCPP20"}
_SUBPROTOCOLS = {version: subprotocol for subprotocol, version in _VERSIONS.items()}


def endpoint_of(
    csms: CsmsConfig,
    csms_url: str,
    station_id: str,
    environment: Mapping[str, str] = os.environ,
) -> Endpoint:
    """The endpoint of one station. ConfigError names the variable or file that is missing or unusable."""
    password = _password(csms, station_id, environment)
    for key in ("ca", "cert", "key"):
        path = getattr(csms, key)
        if path is not None and not os.access(path, os.R_OK):
            problem = "cannot be read" if Path(path).exists() else "there is no such file"
            raise ConfigError(f"csms.{key} (--{key}): {path}: {problem}")
    return Endpoint(
        url=dialled_url(csms_url, station_id, explicit_station_id=True, stations=1),
        username=station_id if password is not None else "",
        password=password,
        headers=tuple(csms.headers.items()),
        subprotocols=_subprotocols(csms.ocpp),
        ca=csms.ca,
        cert=csms.cert,
        key=csms.key,
        proxy=csms.proxy,
        insecure=csms.insecure,
    )


@cache
def _subprotocols(ocpp: str | None) -> tuple[str, ...]:
    return tuple(name for name, each in DIALECTS.items() if ocpp in (None, each.version))


def banner_of(csms: CsmsConfig) -> str:
    """The permanent warning of a configuration, "" if there is none."""
    urls = (csms.url or "", *(network.url for network in csms.network))
    insecure = csms.insecure and any(url.startswith("wss:") for url in urls)
    return "INSECURE: any certificate of the CSMS is accepted" if insecure else ""


def network_of(csms: CsmsConfig, csms_url: str, endpoint: Endpoint) -> NetworkSpec:
    """The network profiles that the configuration gives a station of this endpoint: the CSMS in slot 1, others in the
    slots after it."""
    urls = ((csms_url, 0), *[(each.url, each.message_timeout) for each in csms.network])
    return _network(urls, endpoint.password is not None, endpoint.cert is not None, endpoint.subprotocols)


@lru_cache(maxsize=64)  # one for all stations, unless some have a password and others none
def _network(
    urls: tuple[tuple[str, int], ...], has_password: bool, has_certificate: bool, subprotocols: tuple[str, ...]
) -> NetworkSpec:
    def profile(url: str, timeout_s: int) -> NetworkProfile:
        if url.startswith("wss:"):
            return NetworkProfile(url, 3 if has_certificate else 2, timeout_s)
        return NetworkProfile(url, 1 if has_password else 0, timeout_s)

    return NetworkSpec(
        tuple([profile(*each) for each in urls]),
        has_password,
        has_certificate,
        tuple(_VERSIONS[each] for each in subprotocols if each in _VERSIONS),
    )


def endpoint_at(base: Endpoint, uplink: Uplink, station_id: str) -> Endpoint:
    """Where a station dials now, and how: the profile and the password that are tried, the rest as configured.
    A configured password goes with a client certificate too. ConfigError: the URL cannot be dialled."""
    profile = uplink.network.profile
    password = base.password if profile.security_profile else None
    if uplink.sends_password and (own := uplink.passwords.current) not in (None, CONFIGURED):
        password = Secret(own or "")
    certified = profile.security_profile == 3
    return msgspec.structs.replace(
        base,
        url=dialled_url(profile.csms_url, station_id, explicit_station_id=True, stations=1),
        username=station_id if password is not None else "",
        password=password,
        subprotocols=(_SUBPROTOCOLS[profile.version],) if profile.version else base.subprotocols,
        cert=base.cert if certified else None,
        key=base.key if certified else None,
    )


def _password(csms: CsmsConfig, station_id: str, environment: Mapping[str, str]) -> Secret | None:
    if csms.password_env is not None:
        name = csms.password_env.replace(PLACEHOLDER, station_id)
        value = environment.get(name)
        if not value:
            problem = "is not set" if value is None else "is empty"
            raise ConfigError(f"csms.password_env (--password-env): the environment variable {name} {problem}")
        return Secret(value)
    if csms.password_file is not None:
        name = csms.password_file.replace(PLACEHOLDER, station_id)
        try:
            value = Path(name).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ConfigError(f"csms.password_file (--password-file): {name} cannot be read: {why}") from None
        if not value:
            raise ConfigError(f"csms.password_file (--password-file): {name} is empty")
        return Secret(value)
    return None
