"""Every key of the window as data: settings.toml re-maps it by its id, the key bar, the help and the palette read it.

No textual here: the command line checks settings.toml against these ids before anything heavy is imported.
"""

from evtui.tui.keys.clash import TOGETHER, clash
from evtui.tui.keys.names import key_name, keys_bound, shown_key
from evtui.tui.keys.spec import DIALOGS, HEADINGS, KeySpec, Where
from evtui.tui.keys.table import BY_ID, KEYS, keys_of, with_keys

__all__ = [
    "BY_ID",
    "DIALOGS",
    "HEADINGS",
    "KEYS",
    "TOGETHER",
    "KeySpec",
    "Where",
    "clash",
    "key_name",
    "keys_bound",
    "keys_of",
    "shown_key",
    "with_keys",
]
