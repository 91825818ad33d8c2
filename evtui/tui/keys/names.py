"""What people call a key."""

from evtui.tui.keys.spec import KeySpec

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "plus_sign": "+",
    "minus": "-",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "exclamation_mark": "!",
    "percent_sign": "%",
    "equals_sign": "=",
    "delete": "del",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


def key_name(key: str) -> str:
    """A key as people call it: `?` for question_mark, `^p` for ctrl+p."""
    if key.startswith("ctrl+"):
        return "^" + key_name(key[5:])
    return _NAMES.get(key, key)


def keys_bound(spec: KeySpec, keymap: dict[str, str]) -> list[str]:
    """The keys of a binding, by textual's names, after settings.toml had its say."""
    return [key.strip() for key in keymap.get(spec.id, spec.keys).split(",")]


def shown_key(spec: KeySpec, keymap: dict[str, str]) -> str:
    """The first of them as people call it."""
    return key_name(keys_bound(spec, keymap)[0])
