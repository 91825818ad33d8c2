"""evtui's own looks: `evtui-dark`, `evtui-light`, and `terminal`, which has the terminal's own 16 colours."""

from collections.abc import Iterable

from textual.theme import BUILTIN_THEMES, Theme

from evtui.errors import ConfigError

DARK = Theme(
    name="evtui-dark",
    primary="#58b0ff",
    secondary="#4fd6c4",
    accent="#ffc861",
    success="#5fdd8c",
    warning="#ffb454",
    error="#ff6e6e",
    foreground="#d5dde6",
    background="#0d1218",
    surface="#131a22",
    panel="#1b242e",
    dark=True,
    variables={
        "border": "#33404e",
        "border-blurred": "#33404e",
        "block-cursor-background": "#58b0ff",
        "block-cursor-foreground": "#0d1218",
        "block-cursor-text-style": "bold",
    },
)

LIGHT = Theme(
    name="evtui-light",
    primary="#0a63c2",
    secondary="#00757a",
    accent="#9a5b00",
    success="#12743a",
    warning="#9a5b00",
    error="#bf2330",
    foreground="#1b2733",
    background="#fafbfc",
    surface="#f1f4f7",
    panel="#e4e9ee",
    dark=False,
    variables={
        "border": "#b5c0cb",
        "border-blurred": "#b5c0cb",
        "block-cursor-background": "#0a63c2",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)

TERMINAL = Theme(
    name="terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_magenta",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border": "ansi_default",
        "border-blurred": "ansi_default",
        "block-cursor-foreground": "ansi_bright_white",
        "block-cursor-background": "ansi_blue",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "ansi_bright_white",
        "block-cursor-blurred-background": "ansi_blue",
        "input-cursor-foreground": "ansi_bright_white",
        "input-cursor-background": "ansi_blue",
        "input-selection-foreground": "ansi_black",
        "input-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
    },
)

OWN = (DARK, LIGHT, TERMINAL)


def theme_names() -> tuple[str, ...]:
    """All that may stand in settings.toml, evtui's own first."""
    return (*(theme.name for theme in OWN), *BUILTIN_THEMES)


def check_theme(name: str, source: str, names: Iterable[str] | None = None) -> str:
    """`name` if there is such a theme; ConfigError that begins with `source` and names the nearest one otherwise."""
    known = list(theme_names() if names is None else names)
    if name in known:
        return name
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1, cutoff=0.5)
    raise ConfigError(f"{source}: there is no theme {name!r}; did you mean {near[0] if near else known[0]}?")
