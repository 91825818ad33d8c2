"""The keys that act on EVSEs."""

from evtui.tui.keys.spec import KeySpec, Where


def evse_keys(where: Where) -> tuple[KeySpec, ...]:
    """On the fleet screen on the marked ones, in the station view on the one shown."""
    return (
        KeySpec(
            "evse.start",
            "s",
            "order('start')",
            "Start",
            "Plug in if needed and present the identifier: a session starts",
            where,
            "start",
            True,
        ),
        KeySpec(
            "evse.stop",
            "x",
            "order('stop')",
            "Stop",
            "Present the identifier again: the session ends",
            where,
            "stop",
            True,
        ),
        KeySpec(
            "evse.plug",
            "p",
            "order('toggle-plug')",
            "Plug",
            "Put the cable in, or pull it at the EV",
            where,
            "toggle-plug",
            True,
        ),
    )
