"""The security log of a station (A04): every security event, with its time and what is known of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import msgspec

from evtui.sim.diagnostics.lines import line, plain
from evtui.sim.memory import Memory

MOST_EVENTS = 500
MOST_TECH_INFO = 255

_KEY = "security/"


class SecurityEventType(StrEnum):
    """The events of the standard's list that a station of ours can notice."""

    STARTUP = "StartupOfTheDevice"
    RESET_OR_REBOOT = "ResetOrReboot"
    SETTING_SYSTEM_TIME = "SettingSystemTime"
    MEMORY_EXHAUSTION = "MemoryExhaustion"
    RECONFIGURATION = "ReconfigurationOfSecurityParameters"
    INVALID_MESSAGES = "InvalidMessages"
    FAILED_TO_AUTHENTICATE = "FailedToAuthenticateAtCsms"
    INVALID_CSMS_CERTIFICATE = "InvalidCsmsCertificate"
    INVALID_TLS_VERSION = "InvalidTLSVersion"
    INVALID_TLS_CIPHER_SUITE = "InvalidTLSCipherSuite"


_E = SecurityEventType

CRITICAL: Mapping[SecurityEventType, bool] = MappingProxyType(
    {
        _E.STARTUP: True,
        _E.RESET_OR_REBOOT: True,
        _E.SETTING_SYSTEM_TIME: True,
        _E.MEMORY_EXHAUSTION: True,
        _E.RECONFIGURATION: False,
        _E.INVALID_MESSAGES: False,
        _E.FAILED_TO_AUTHENTICATE: False,
        _E.INVALID_CSMS_CERTIFICATE: True,
        _E.INVALID_TLS_VERSION: True,
        _E.INVALID_TLS_CIPHER_SUITE: True,
    }
)
"""Those that the CSMS is told of (A04.FR.01); the others are only written down (A04.FR.04)."""


class SecurityRecord(msgspec.Struct, frozen=True):
    """An event as it is kept; `number` counts them."""

    number: int
    type: str
    at: datetime
    tech_info: str = ""


class SecurityLog:
    """The newest events, oldest first. It outlasts a power cut."""

    __slots__ = ("_memory", "_records")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = memory.recall_all(_KEY, SecurityRecord)
        self._records = sorted(kept.values(), key=lambda record: record.number)

    def add(self, type: SecurityEventType, at: datetime, tech_info: str = "") -> SecurityRecord:
        """Writes an event down."""
        number = self._records[-1].number + 1 if self._records else 0
        record = SecurityRecord(number, type.value, at, plain(tech_info)[:MOST_TECH_INFO])
        self._records.append(record)
        self._memory.keep(f"{_KEY}{number}", record)
        if len(self._records) > MOST_EVENTS:
            self._memory.forget(f"{_KEY}{self._records.pop(0).number}")
        return record

    def lines(self) -> Iterator[str]:
        """All events, oldest first."""
        for record in self._records:
            yield line(record.at, f"{record.type}{f': {record.tech_info}' if record.tech_info else ''}")
