"""How a station trusts its CSMS, and how it shows its own certificate: TLS 1.2 and newer (A00.FR.314)."""

import os
import ssl
from functools import lru_cache

from evtui.errors import ConnectError

TLS = "tls"


def client_context(ca: str | None, cert: str | None, key: str | None, insecure: bool) -> ssl.SSLContext:
    """The context for these PEM files; all stations with the same ones share it, until a file changes. Without `ca`
    the system's trust counts. ConnectError names the file that cannot be used."""
    return _context(ca, cert, key, insecure, _states(ca, cert, key))


def upload_context(ca: str | None, cert: str | None, key: str | None, insecure: bool) -> ssl.SSLContext:
    """The context for sending files elsewhere: both the CSMS's authority and those of the system count (N01.FR.15, 16).
    ConnectError as for `client_context`."""
    return _context(ca, cert, key, insecure, _states(ca, cert, key), system=True)


def _states(ca: str | None, cert: str | None, key: str | None) -> tuple[tuple[str, int, int], ...]:
    files = (("--ca", ca), ("--cert", cert), ("--key", key))
    return tuple(_Stamp(option, path).state for option, path in files if path)


class _Stamp:
    """A file and when it was changed; ConnectError if it cannot be read."""

    def __init__(self, option: str, path: str) -> None:
        try:
            with open(path, "rb"):
                self.state = (path, os.stat(path).st_mtime_ns, os.stat(path).st_size)
        except OSError as error:
            problem = f"cannot read {path}: {error.strerror or error}"
            raise ConnectError(TLS, problem, f"give a PEM file with {option}") from None


@lru_cache(maxsize=16)
def _context(
    ca: str | None,
    cert: str | None,
    key: str | None,
    insecure: bool,
    stamps: tuple[tuple[str, int, int], ...],
    system: bool = False,
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca is None or system:
        context.load_default_certs()
    if ca is not None and not insecure:
        try:
            context.load_verify_locations(cafile=ca)
        except (ssl.SSLError, OSError):
            raise ConnectError(TLS, f"no certificate in {ca}", "give a PEM file with --ca") from None
    if cert is not None:
        try:
            # A password callback that gives none: else OpenSSL would ask on the terminal.
            context.load_cert_chain(cert, key, password=lambda: "")
        except (ssl.SSLError, OSError):
            problem = f"{cert} and {key or 'its key'} do not go together" if key else f"{cert} is not usable"
            advice = "give the certificate chain with --cert and its unencrypted private key with --key, both PEM"
            raise ConnectError(TLS, problem, advice) from None
    return context
