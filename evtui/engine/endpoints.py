"""Where each station dials, and with what credentials: the configuration made concrete."""

import os
from collections.abc import Mapping
from pathlib import Path

from evtui.config import CsmsConfig
from evtui.dialects.registry import DIALECTS
from evtui.errors import ConfigError
from evtui.ocppj.endpoint import Endpoint, Secret
from evtui.ocppj.urls import PLACEHOLDER, dialled_url


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
        subprotocols=tuple(DIALECTS),
        ca=csms.ca,
        cert=csms.cert,
        key=csms.key,
        proxy=csms.proxy,
        insecure=csms.insecure,
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
