"""settings.toml: how the window looks and which keys it has. Nothing here changes what a fleet does."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from evtui.errors import ConfigError
from evtui.tui.glyphs import MARKERS
from evtui.tui.keys import BY_ID, clash

DEFAULT_THEME = "evtui-dark"
SLOWEST_HZ, FASTEST_HZ = 0.1, 30.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`keys` maps ids of bindings to keys, such as "evse.start" to "b" or "f2,b"; `theme` is one of evtui's or
    textual's; `refresh` is how often per second the screen is brought up to date; `marker` is what charts are drawn
    with. `path` is where it was read from."""

    keys: dict[str, str] = {}
    theme: str = DEFAULT_THEME
    refresh: float = 2.0
    marker: str = "quadrant"
    path: str = ""


_KEYS = ("keys", "theme", "refresh", "marker")


def load_settings(path: Path) -> Settings:
    """The settings in a file; the defaults if there is none. ConfigError names file, key and the fix."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    return parse_settings(text, str(path))


def parse_settings(text: str, path: str) -> Settings:
    """The settings in a text; `path` names it in errors."""
    import tomllib

    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    for key in tree:
        if key not in _KEYS:
            raise ConfigError(f"{path}: {key}: there is no such key{_nearest(key, _KEYS)}")
    if isinstance(tree.get("keys"), dict):
        tree["keys"] = dict(_flat(tree["keys"]))
    try:
        settings = msgspec.convert({**tree, "path": path}, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_explain(error)}") from error
    if not SLOWEST_HZ <= settings.refresh <= FASTEST_HZ:
        raise ConfigError(
            f"{path}: refresh: must be from {SLOWEST_HZ} to {FASTEST_HZ} a second, not {settings.refresh}"
        )
    check_marker(settings.marker, f"{path}: marker")
    for name, keys in settings.keys.items():
        if name not in BY_ID:
            raise ConfigError(f"{path}: keys.{name}: there is no such key binding{_nearest(name, BY_ID)}")
        if not all(key.strip() for key in keys.split(",")):
            raise ConfigError(f'{path}: keys.{name}: must name a key, such as "f2"')
    if twice := clash(settings.keys):
        key, one, other = twice
        raise ConfigError(f"{path}: keys: {key} stands for both {one} and {other}; give one of them another key")
    return settings


def check_marker(name: str, where: str) -> str:
    """The name of a marker. ConfigError for one that there is not; `where` names the key or option."""
    if name not in MARKERS:
        raise ConfigError(f"{where}: there is no marker {name!r}; there are {', '.join(MARKERS)}")
    return name


def _flat(tree: Mapping[str, object], prefix: str = "") -> list[tuple[str, object]]:
    """`evse.start = "b"` is a table in TOML, `"evse.start" = "b"` is not: both mean the same."""
    pairs: list[tuple[str, object]] = []
    for name, value in tree.items():
        pairs += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", value)]
    return pairs


def _nearest(word: str, valid: Mapping[str, object] | tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, list(valid), n=1, cutoff=0.4)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(list(valid)[:8])}"


def _explain(error: msgspec.ValidationError) -> str:
    text, _, where = str(error).partition(" - at `$.")
    return f"{where.rstrip('`')}: {text[0].lower()}{text[1:]}" if where else text
