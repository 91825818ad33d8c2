"""What can go wrong, as one tree:

EvtuiError
├── ConfigError        a file, key, option or environment variable is wrong: names it and the fix (exit 2)
├── LocalError         we asked for something that is not possible now
│   ├── DamagedError   what a station has kept cannot be read
│   ├── DoorClosedError  the process that has the fleet is gone
│   ├── BusyError      a CALL is in flight already (OCPP-J 4.1.1)
│   └── OfflineError   the station is not connected
└── RemoteError        the peer did something wrong
    ├── ConnectError   no connection: says which of DNS, TCP, TLS, HTTP status, subprotocol failed
    ├── LinkError      the connection that was there is gone: says how it ended
    ├── NoAnswerError  a CALL that was not answered in time, or at all
    ├── CallRefusedError  a CALL that was answered by a CALLERROR
    └── ProtocolError  a frame that OCPP-J does not allow
"""

from typing import Any


class EvtuiError(Exception):
    """The root of all errors that evtui raises on purpose; `str()` of one is fit for a user."""


class ConfigError(EvtuiError):
    """The configuration cannot be used; the text names the file, the key and the nearest valid one."""


class LocalError(EvtuiError):
    """The caller asked for something that cannot be done now."""


class DamagedError(LocalError):
    """What a station has kept cannot be read; the text names the key."""


class DoorClosedError(LocalError):
    """The host is gone, or closed the door."""


class BusyError(LocalError):
    """A second CALL while one is in flight in the same direction (OCPP-J 4.1.1)."""


class OfflineError(LocalError):
    """The station that was asked for is not connected."""


class RemoteError(EvtuiError):
    """The peer answered wrongly or not at all."""


class ConnectError(RemoteError):
    """No connection came about. `stage` is one of dns, tcp, tls, http, subprotocol, proxy; `advice` says what to do;
    `trouble` is one of unauthorized, certificate, tls-version, tls-cipher, other."""

    def __init__(self, stage: str, problem: str, advice: str, trouble: str = "other") -> None:
        super().__init__(f"{problem} ({stage}): {advice}")
        self.stage = stage
        self.problem = problem
        self.advice = advice
        self.trouble = trouble


class LinkError(RemoteError):
    """The connection is gone; the text says how it ended and is fit for a user. `code` is the WebSocket close code,
    1006 when there was no closing handshake (RFC 6455 7.4.1)."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class NoAnswerError(RemoteError):
    """The peer did not answer a CALL in time, or the connection was lost before it did."""


class CallRefusedError(RemoteError):
    """The peer answered a CALL by a CALLERROR; `code`, `description` and `details` are its parts, as they came."""

    def __init__(self, action: str, code: str, description: str, details: dict[str, Any]) -> None:
        super().__init__(f"{action} was refused: {code!r} {description[:200]!r}")
        self.action = action
        self.code = code
        self.description = description
        self.details = details


class ProtocolError(RemoteError):
    """A frame that OCPP-J does not allow."""


def said(error: BaseException) -> str:
    """What an error says, or of what kind it is where it says nothing."""
    return str(error) or type(error).__name__
