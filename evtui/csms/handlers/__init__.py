"""What the CSMS does with each message of a station: one table a version, found by the subprotocol of the handshake."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from evtui.csms.books import Books
from evtui.csms.registry import StationRecord
from evtui.ocppj.schema_files import Version

Payload = dict[str, Any]
Handler = Callable[[Books, StationRecord, Payload, float], Payload]
"""Takes a valid request of a station in at a moment (Unix time), and gives the payload of its answer."""


class Dialogue(msgspec.Struct, frozen=True):
    """An OCPP version as the CSMS speaks it. `instructs` says which CALL of a Pending station an own CALL asks for
    (B02.FR.02)."""

    version: Version
    handlers: Mapping[str, Handler]
    instructs: Callable[[str, Payload], str | None]


def dialogues() -> Mapping[str, Dialogue]:
    """The versions by subprotocol, the one that the CSMS likes best first."""
    from evtui.csms.handlers import v16, v201

    return {"ocpp2.0.1": v201.DIALOGUE, "ocpp1.6": v16.DIALOGUE}
