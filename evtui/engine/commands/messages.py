"""Commands that send what OCPP leaves to vendors."""

from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive

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
)
