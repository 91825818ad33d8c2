"""Roles and their colours: the one table that says how a role looks in a theme."""

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color

ROLES: dict[str, tuple[str, str]] = {
    # role: (colour variable of the theme, attributes); "muted" is the foreground taken back
    "text": ("foreground", ""),
    "dim": ("muted", ""),
    "title": ("foreground", "bold"),
    "border": ("border", ""),
    "here": ("primary", "bold"),
    "key": ("accent", "bold"),
    "mark": ("accent", "bold"),
    "hint": ("muted", "italic"),
    "power": ("success", ""),
    "energy": ("secondary", ""),
    "charging": ("success", "bold"),
    "suspended": ("warning", "bold"),
    "ready": ("primary", ""),
    "idle": ("muted", ""),
    "fault": ("error", "bold"),
    "good": ("success", ""),
    "warn": ("warning", ""),
    "bad": ("error", "bold"),
    "sent": ("primary", ""),
    "received": ("secondary", ""),
    "limit": ("warning", ""),
    "banner": ("error", "bold reverse"),
    "cursor": ("foreground", "reverse"),
    "json-key": ("primary", ""),
    "json-string": ("success", ""),
    "json-number": ("accent", ""),
    "json-literal": ("secondary", "bold"),
    "json-mark": ("muted", ""),
    "json-wrong": ("error", "bold"),
}

STATE_ROLES: Mapping[str, str] = {
    "Charging": "charging",
    "SuspendedEV": "suspended",
    "SuspendedEVSE": "suspended",
    "EVConnected": "ready",
    "Idle": "ready",
    "Available": "idle",
    "Occupied": "ready",
    "Reserved": "suspended",
    "Unavailable": "suspended",
    "Faulted": "fault",
}

LINK_ROLES: Mapping[str, str] = {
    "online": "good",
    "offline": "dim",
    "connecting": "warn",
    "waiting": "warn",
    "booting": "warn",
    "pending": "warn",
    "rejected": "bad",
    "crashed": "bad",
    "dark": "bad",
}


def role_styles(variables: Mapping[str, str], background: Color, ansi: bool) -> dict[str, Style]:
    """The Rich style of every role on `background`, with the `variables` of the theme; an `ansi` theme leaves the
    ground to the terminal and says with attributes what it has no colour for."""
    ground = None if ansi else background.rich_color
    muted = None if ansi else Color.parse(variables["background"]).blend(Color.parse(variables["foreground"]), 0.66)
    styles: dict[str, Style] = {}
    for role, (variable, attributes) in ROLES.items():
        if variable == "muted":
            colour = muted
        elif variable == "border" and ansi:
            colour = None
        else:
            colour = Color.parse(variables.get(variable, variables["foreground"]))
        styles[role] = Style(
            color=None if colour is None or colour.ansi == -1 else colour.rich_color,
            bgcolor=ground,
            bold="bold" in attributes,
            italic="italic" in attributes,
            reverse="reverse" in attributes,
            dim=colour is None,
        )
    return styles
