"""The one table of all keys, in the order of the key bar and the help."""

import re

from evtui.tui.keys.charts import CHARTS
from evtui.tui.keys.csms import CSMS
from evtui.tui.keys.dialogs import DIALOG, FIELD, TEXT
from evtui.tui.keys.fleet import FLEET
from evtui.tui.keys.log import LOG
from evtui.tui.keys.message import MESSAGE
from evtui.tui.keys.names import shown_key
from evtui.tui.keys.rules import RULES
from evtui.tui.keys.spec import KeySpec, Where
from evtui.tui.keys.station import STATION
from evtui.tui.keys.window import ALWAYS, EVERYWHERE

KEYS: tuple[KeySpec, ...] = (
    *FLEET,
    *STATION,
    *RULES,
    *CHARTS,
    *CSMS,
    *LOG,
    *MESSAGE,
    *DIALOG,
    *EVERYWHERE,
    *FIELD,
    *TEXT,
    *ALWAYS,
)

BY_ID = {spec.id: spec for spec in KEYS}
"""Start, stop and plug have one id each for the fleet screen and the station view: a key means the same in both."""


def keys_of(where: Where) -> tuple[KeySpec, ...]:
    """The keys of a part of the window, in the order of the key bar."""
    return tuple(spec for spec in KEYS if spec.where is where)


_BY_COMMAND = {spec.command: spec for spec in reversed(KEYS) if spec.command}


def with_keys(text: str, keymap: dict[str, str]) -> str:
    """A text with the key instead of each binding or command that it names in backticks and that has a key."""

    def key(named: re.Match[str]) -> str:
        spec = BY_ID.get(named[1]) or _BY_COMMAND.get(named[1])
        return shown_key(spec, keymap) if spec else named[0]

    return re.sub(r"`([a-z.-]+)`", key, text)
