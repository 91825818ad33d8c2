"""Why a connection did not come about, and what to do: each failure as stage, problem and advice."""

import asyncio
import errno
import socket
import ssl
from contextlib import suppress
from enum import StrEnum
from urllib.parse import urlsplit

from websockets.exceptions import (
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    NegotiationError,
    ProxyError,
)

from evtui.errors import ConnectError
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.fault import printable
from evtui.ocppj.urls import shown

PASSWORD_OPTIONS = "--password-env / --password-file"
_DEFAULT_PORTS = {"ws": 80, "wss": 443}
_BODY_LIMIT = 80


class Stage(StrEnum):
    """The steps to a connection, in order; `proxy` stands in for dns and tcp when there is one."""

    DNS = "dns"
    TCP = "tcp"
    PROXY = "proxy"
    TLS = "tls"
    HTTP = "http"
    SUBPROTOCOL = "subprotocol"


class Attempt:
    """How far an attempt to connect has come: `stage` is the one under way, `broken_by` what ended the transport.
    `host` is empty if the URL is none of WebSocket."""

    __slots__ = ("broken_by", "deadline_s", "endpoint", "host", "port", "secure", "stage", "timeout_s")

    def __init__(self, endpoint: Endpoint, timeout_s: float) -> None:
        self.endpoint = endpoint
        self.timeout_s = timeout_s
        self.deadline_s = asyncio.get_running_loop().time() + timeout_s
        self.stage = Stage.DNS
        self.broken_by: Exception | None = None
        self.secure, self.host, self.port = False, "", 0
        with suppress(ValueError):
            parts = urlsplit(endpoint.url)
            if parts.scheme in _DEFAULT_PORTS:
                self.secure = parts.scheme == "wss"
                self.host = parts.hostname or ""
                self.port = parts.port or _DEFAULT_PORTS[parts.scheme]

    @property
    def place(self) -> str:
        """Host and port, as people write them."""
        host = printable(self.host, 100)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def diagnose(attempt: Attempt, error: Exception | None) -> ConnectError:
    """What the error means; None stands for a 101 without a subprotocol."""
    if error is None or isinstance(error, NegotiationError):
        return _no_subprotocol(attempt, error)
    if isinstance(error, ConnectError):
        return error
    if isinstance(error, ProxyError | InvalidProxy) or attempt.stage is Stage.PROXY:
        return _proxy(attempt, error)
    if isinstance(error, InvalidStatus):
        return _status(attempt, error)
    cause = attempt.broken_by if isinstance(attempt.broken_by, ssl.SSLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _untrusted(attempt, cause)
    if isinstance(cause, ssl.SSLError) or attempt.stage is Stage.TLS:
        return _tls(attempt, cause)
    if isinstance(error, TimeoutError):
        return _timed_out(attempt)
    if attempt.stage is Stage.DNS:
        return _unknown_host(attempt, error)
    if attempt.stage is Stage.TCP:
        return _unreachable(attempt, error)
    return _no_answer(attempt, error)


# -- name and TCP ---------------------------------------------------------------------------------


def _unknown_host(attempt: Attempt, error: Exception) -> ConnectError:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        problem = f"the name {printable(attempt.host, 100)} could not be resolved now"
        return ConnectError(Stage.DNS, problem, "check this machine's network and name server")
    if isinstance(error, OSError | UnicodeError):
        problem = f"no host is named {printable(attempt.host, 100)}"
        return ConnectError(Stage.DNS, problem, "check the host in --csms-url")
    return ConnectError(Stage.DNS, f"{shown(attempt.endpoint.url)} is not a WebSocket URL", "check --csms-url")


_UNREACHABLE = {
    errno.ECONNREFUSED: ("connection refused by {place}", "is the CSMS running on {place}?"),
    errno.EHOSTUNREACH: ("no route to {place}", "check the address, the network and the VPN"),
    errno.ENETUNREACH: ("no network to {place}", "check this machine's network"),
    errno.ETIMEDOUT: ("no answer from {place}", "check the address, and whether a firewall is in the way"),
    errno.ECONNRESET: ("connection reset by {place}", "is the CSMS running on {place}?"),
    errno.EMFILE: ("too many open files", "raise the limit (ulimit -n) or run fewer stations"),
    errno.EADDRNOTAVAIL: (
        "no address or port left to reach {place} from",
        "check the address; widen the range of source ports (Linux: net.ipv4.ip_local_port_range)",
    ),
}


def _unreachable(attempt: Attempt, error: Exception) -> ConnectError:
    number = error.errno if isinstance(error, OSError) else None
    known = _UNREACHABLE.get(number or 0)
    if known is None:
        reason = getattr(error, "strerror", None) or error
        return ConnectError(Stage.TCP, f"cannot reach {attempt.place}: {printable(str(reason))}", "check --csms-url")
    problem, advice = (text.format(place=attempt.place) for text in known)
    return ConnectError(Stage.TCP, problem, advice)


_SLOW = {
    Stage.DNS: ("the name {host} was not resolved", "check this machine's name server"),
    Stage.TCP: ("no answer from {place}", "check host and port; is a firewall in the way?"),
    Stage.TLS: ("no TLS from {place}", "does the CSMS speak TLS on this port? if not, use ws://"),
    Stage.HTTP: ("{place} accepts connections but does not answer", "is it an OCPP-J server? {doubt}"),
    Stage.PROXY: ("no answer through the proxy {proxy}", "check --proxy, and whether it may reach {place}"),
}


def _timed_out(attempt: Attempt) -> ConnectError:
    problem, advice = (text.format(**_words(attempt)) for text in _SLOW[attempt.stage])
    return ConnectError(attempt.stage, f"{problem} within {attempt.timeout_s:g} s", advice)


def _words(attempt: Attempt) -> dict[str, str]:
    # A server that does not like our certificate, or wants one, may close without a word once TLS 1.3 is set up.
    doubt = "does it expect wss:// (TLS)?"
    if attempt.secure:
        owned = attempt.endpoint.cert is not None
        doubt = "does it trust our --cert?" if owned else "does it want a client certificate (--cert, --key)?"
    return {
        "host": printable(attempt.host, 100),
        "place": attempt.place,
        "doubt": doubt,
        "proxy": shown(attempt.endpoint.proxy or ""),
    }


# -- proxy ----------------------------------------------------------------------------------------


def _proxy(attempt: Attempt, error: Exception) -> ConnectError:
    proxy = shown(attempt.endpoint.proxy or "")
    response = getattr(error, "response", None)
    if response is not None:
        status = int(response.status_code)
        advice = {
            407: "it wants a password: --proxy http://user:password@host:port",
            403: f"it does not allow connections to {attempt.place}",
        }.get(status, f"it cannot reach {attempt.place}, or does not allow it")
        return ConnectError(Stage.PROXY, f"the proxy {proxy} answered HTTP {status}", advice)
    if isinstance(error, TimeoutError) and error.errno is None:
        return _timed_out(attempt)
    if isinstance(error, socket.gaierror | UnicodeError):
        return ConnectError(Stage.PROXY, f"no host is named as in {proxy}", "check --proxy")
    if isinstance(error, ConnectionRefusedError) or _refused(error):
        return ConnectError(Stage.PROXY, f"connection refused by the proxy {proxy}", "is it running? check --proxy")
    if isinstance(error, InvalidProxy):
        return ConnectError(Stage.PROXY, f"{proxy} is not a proxy", "give one such as http://proxy.example:3128")
    if isinstance(error, ImportError):
        return ConnectError(Stage.PROXY, "SOCKS proxies need a package", "pip install python-socks[asyncio]")
    return ConnectError(Stage.PROXY, f"the proxy {proxy} did not let us through", "is it an HTTP proxy? check --proxy")


def _refused(error: Exception) -> bool:
    # What an event loop raises when a name has several addresses and all of them fail.
    return isinstance(error, OSError) and f"[Errno {errno.ECONNREFUSED}]" in str(error)


# -- TLS ------------------------------------------------------------------------------------------

_HOSTNAME_MISMATCH = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_UNTRUSTED = {
    9: ("is not valid yet", "check the clocks of this machine and of the CSMS"),
    10: ("has expired", "the CSMS needs a new one; --insecure accepts it for now"),
    18: ("is self-signed", "give it as --ca FILE to trust it"),
    19: ("is signed by an authority that is not trusted", "give the authority's certificate as --ca FILE"),
    20: ("is signed by an authority that is not trusted", "give the authority's certificate as --ca FILE"),
    21: ("comes without its authority", "give the authority's certificate as --ca FILE"),
    23: ("is revoked", "the CSMS needs a new one"),
}


def _untrusted(attempt: Attempt, error: ssl.SSLCertVerificationError) -> ConnectError:
    if error.verify_code in _HOSTNAME_MISMATCH:
        problem = f"the certificate of {attempt.place} is for another name"
        advice = "use the name that the certificate was issued for in --csms-url"
        return ConnectError(Stage.TLS, problem, advice, "certificate")
    state, advice = _UNTRUSTED.get(
        error.verify_code,
        (f"was not accepted ({printable(error.verify_message, 80)})", "check it, or name its authority with --ca FILE"),
    )
    return ConnectError(Stage.TLS, f"the certificate of {attempt.place} {state}", advice, "certificate")


_NOT_TLS = ("does not speak TLS", "use ws:// instead of wss://, or a port that speaks TLS")
_WANTS_CERTIFICATE = ("wants a client certificate", "give one with --cert FILE and --key FILE")
_REFUSES_CERTIFICATE = ("did not accept our client certificate", "check --cert and --key: is it the CSMS's to trust?")
_TOO_OLD = ("speaks no TLS that is allowed (1.2 or newer)", "the CSMS has to allow TLS 1.2")
_HANDSHAKE = (
    "wants a client certificate, or has no cipher in common with us",
    "give a certificate with --cert FILE and --key FILE, or check the TLS settings of the CSMS",
)
_TROUBLES = {_TOO_OLD: "tls-version", _HANDSHAKE: "tls-cipher"}
_TLS_REASONS = (
    ("WRONG_VERSION_NUMBER", _NOT_TLS),
    ("HTTP_REQUEST", _NOT_TLS),
    ("RECORD_LAYER_FAILURE", _NOT_TLS),
    ("PACKET_LENGTH_TOO_LONG", _NOT_TLS),
    ("CERTIFICATE_REQUIRED", _WANTS_CERTIFICATE),
    ("ALERT_UNKNOWN_CA", _REFUSES_CERTIFICATE),
    ("ALERT_BAD_CERTIFICATE", _REFUSES_CERTIFICATE),
    ("ALERT_CERTIFICATE", _REFUSES_CERTIFICATE),
    ("ALERT_ACCESS_DENIED", _REFUSES_CERTIFICATE),
    ("PROTOCOL_VERSION", _TOO_OLD),
    ("UNSUPPORTED_PROTOCOL", _TOO_OLD),
    ("HANDSHAKE_FAILURE", _HANDSHAKE),
)


def _tls(attempt: Attempt, error: Exception) -> ConnectError:
    if isinstance(error, TimeoutError):
        return _timed_out(attempt)
    reason = getattr(error, "reason", None) or ""
    for part, meaning in _TLS_REASONS:
        if part in reason:
            problem, advice = meaning
            return ConnectError(Stage.TLS, f"{attempt.place} {problem}", advice, _TROUBLES.get(meaning, "other"))
    advice = "does it speak TLS on this port (else use ws://)? does it want a client certificate (--cert, --key)?"
    if isinstance(error, ssl.SSLError) and reason and "EOF" not in reason:
        return ConnectError(Stage.TLS, f"TLS with {attempt.place} failed: {printable(reason, 80)}", advice)
    return ConnectError(Stage.TLS, f"{attempt.place} broke off the TLS handshake", advice)


# -- HTTP -----------------------------------------------------------------------------------------

_STATUS_ADVICE = {
    400: "does the CSMS speak {offered}? its log may say more",
    403: "the CSMS does not let this station in: is it registered and enabled there?",
    404: "the CSMS does not know this station id, or the path is wrong: check --station-id and --csms-url",
    405: "that is no WebSocket endpoint: check the path in --csms-url",
    426: "the CSMS wants another WebSocket or TLS version: check the path and wss:// in --csms-url",
    429: "too many attempts: the CSMS wants us to wait",
    500: "the CSMS failed: its log may say more",
    502: "a gateway stands before the CSMS and cannot reach it: is the CSMS running?",
    503: "the CSMS is not ready: try again later",
    504: "a gateway stands before the CSMS and gets no answer from it",
}


def _status(attempt: Attempt, error: InvalidStatus) -> ConnectError:
    response = error.response
    status = int(response.status_code)
    phrase = printable(response.reason_phrase or "", 40)
    problem = f"the CSMS answered HTTP {status} {phrase}".rstrip()
    if status == 401:
        return ConnectError(Stage.HTTP, problem, _unauthorized(attempt.endpoint), "unauthorized")
    if 300 <= status < 400:
        target = shown(response.headers.get("Location", "elsewhere"))
        return ConnectError(Stage.HTTP, problem, f"it redirects to {target}: use that as --csms-url")
    if 200 <= status < 300:
        return ConnectError(Stage.HTTP, problem, _STATUS_ADVICE[405])
    advice = _STATUS_ADVICE.get(status, "its log may say more")
    trouble = "unauthorized" if status == 403 else "other"
    return ConnectError(Stage.HTTP, problem, advice.format(offered=", ".join(attempt.endpoint.subprotocols)), trouble)


def _unauthorized(endpoint: Endpoint) -> str:
    if endpoint.password is None:
        return f"it wants a password: give one with {PASSWORD_OPTIONS}"
    return f"it did not accept user {printable(endpoint.username, 60)} with this password: check {PASSWORD_OPTIONS}"


def _no_answer(attempt: Attempt, error: Exception) -> ConnectError:
    """There is somebody, but it does not speak HTTP, or not the WebSocket handshake."""
    advice = "is it an OCPP-J server? {doubt}".format(**_words(attempt))
    if isinstance(error, InvalidHandshake) and error.__cause__ is None:
        problem = f"{attempt.place} does not speak WebSocket: {printable(str(error), 120)}"
        return ConnectError(Stage.HTTP, problem, "is it an OCPP-J server? check --csms-url")
    if isinstance(error.__cause__, ValueError):
        return ConnectError(Stage.HTTP, f"{attempt.place} does not speak HTTP", advice)
    return ConnectError(Stage.HTTP, f"{attempt.place} closed the connection without an HTTP answer", advice)


def _no_subprotocol(attempt: Attempt, error: Exception | None) -> ConnectError:
    offered = ", ".join(attempt.endpoint.subprotocols)
    chosen = "agreed to none of" if error is None else "chose another subprotocol than"
    advice = "does the CSMS speak this OCPP version on this path?"
    return ConnectError(Stage.SUBPROTOCOL, f"the CSMS {chosen} {offered}", advice)
