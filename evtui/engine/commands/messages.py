"""Commands that send what OCPP leaves to vendors."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive
from evtui.engine.door import EvseRow, LinkState, StationRow

_CONNECTED = (LinkState.BOOTING, LinkState.PENDING, LinkState.REJECTED, LinkState.ONLINE)


def is_connected(station: StationRow, evse: EvseRow) -> str | None:
    """There is a link to send something over."""
    return None if station.link in _CONNECTED else f"{station.id} has no connection"


SPECS = (
    CommandSpec(
        "data-transfer",
        "Data transfer",
        "Send a DataTransfer to the CSMS, and tell what it answers",
        Scope.STATION,
        alive,
        (
            Argument("vendor-id", "whose message it is, such as com.example"),
            Argument("message-id", "which of the vendor's messages", ""),
            Argument("data", "its data: JSON, or else plain text", ""),
        ),
    ),
    CommandSpec(
        "send",
        "Send a message",
        "Send any CALL of the agreed OCPP version when it is its turn, and tell the answer; the station takes no note",
        Scope.STATION,
        is_connected,
        (
            Argument("action", "which message, such as Heartbeat"),
            Argument("payload", "its payload as JSON, sent as it is", "{}"),
            Argument(
                "invalid",
                "what becomes of a payload that breaks the schema",
                "refuse",
                (("refuse", "it is not sent, and the reasons are told"), ("send", "it is sent although invalid")),
            ),
            Argument("message-id", "its message id; empty: a new one", ""),
        ),
    ),
)
