"""Certificates at the door: the CSMS's own, and those of stations (A00, security profiles 2 and 3)."""

import ssl
from typing import Any

from evtui.csms.registry import StationRecord
from evtui.errors import ConfigError


def server_context(
    cert: str, key: str, client_ca: str | None, *, optional: bool, settings: tuple[str, str, str]
) -> ssl.SSLContext:
    """What the CSMS shows, and which authority issues the certificates that stations must show (or may: `optional`).
    ConfigError names the setting of certificate, key or authority that is wrong."""
    cert_setting, key_setting, ca_setting = settings
    for setting, path in ((cert_setting, cert), (key_setting, key), (ca_setting, client_ca)):
        if path is not None:
            _readable(setting, path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # A00.FR.314
    try:
        # A password callback that gives none: else OpenSSL would ask on the terminal.
        context.load_cert_chain(cert, key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(f"{key_setting}: {key} is not the key of the certificate in {cert}") from None
        raise ConfigError(
            f"{cert_setting}, {key_setting}: {cert} and {key} are not usable; give the certificate chain and its "
            "unencrypted private key, both PEM"
        ) from None
    if client_ca is not None:
        try:
            context.load_verify_locations(cafile=client_ca)
        except (ssl.SSLError, OSError):
            raise ConfigError(f"{ca_setting}: no certificate in {client_ca}; give a PEM file") from None
        context.verify_mode = ssl.CERT_OPTIONAL if optional else ssl.CERT_REQUIRED
    return context


def _readable(setting: str, path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise ConfigError(f"{setting}: cannot read {path}: {error.strerror or error}; give a PEM file") from None


def common_name(peer: ssl.SSLObject | None) -> str | None:
    """The common name of the certificate that the other side has shown; None: it has shown none, or one without."""
    shown: Any = peer.getpeercert() if peer is not None else None
    for part in (shown or {}).get("subject", ()):
        for name, value in part:
            if name == "commonName":
                return str(value)
    return None


def may_be(record: StationRecord | None, station_id: str, name: str) -> bool:
    """Whether a certificate with this common name may belong to a station: the name is its id, or its serial number
    (A00.FR.414). Of a new station, the serial number is not known before it boots."""
    if name == station_id:
        return True
    if record is None or (record.boot is None and record.registration is None):
        return True
    return record.boot is not None and record.boot.serial_number == name


def is_proven(station_id: str, name: str, boot: dict[str, Any]) -> bool:
    """Whether a BootNotification says the serial number that its certificate names."""
    station = boot.get("chargingStation", boot)
    serials = (station.get(each) for each in ("serialNumber", "chargePointSerialNumber", "chargeBoxSerialNumber"))
    return name == station_id or name in tuple(serials)
