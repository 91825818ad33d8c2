"""The keys that work everywhere."""

from evtui.tui.keys.spec import KeySpec, Where

EVERYWHERE: tuple[KeySpec, ...] = (
    KeySpec(
        "window.focus-next",
        "tab",
        "focus_other(1)",
        "",
        "To the next part of the screen, such as the log",
        Where.EVERYWHERE,
    ),
    KeySpec(
        "window.focus-previous",
        "shift+tab",
        "focus_other(-1)",
        "",
        "To the part of the screen before",
        Where.EVERYWHERE,
    ),
    KeySpec(
        "window.help", "question_mark", "app.show_help", "Help", "What every key does, where you are", Where.EVERYWHERE
    ),
    KeySpec(
        "window.palette",
        "ctrl+p,colon",
        "app.command_palette",
        "Palette",
        "Every command and every OCPP message by its name",
        Where.EVERYWHERE,
        rank=2,
    ),
    KeySpec(
        "window.detach",
        "d",
        "app.detach",
        "Detach",
        "Close the window and leave the fleet running: evtui attach comes back",
        Where.EVERYWHERE,
        rank=2,
    ),
    KeySpec("window.quit", "q", "app.ask_quit", "Quit", "Quit; asks only if transactions run", Where.EVERYWHERE),
)

ALWAYS: tuple[KeySpec, ...] = (
    KeySpec(
        "window.picture",
        "ctrl+s",
        "app.picture",
        "Picture",
        "Save a picture of the screen as SVG, dialogs and all",
        Where.WINDOW,
    ),
    KeySpec(
        "window.record",
        "ctrl+r",
        "app.record",
        "Record",
        "Record the screen as an asciicast, which asciinema plays; again: stop",
        Where.WINDOW,
    ),
    KeySpec("window.quit-anywhere", "ctrl+q", "app.ask_quit", "", "Quit, also out of a dialog", Where.WINDOW),
    KeySpec("window.interrupt", "ctrl+c", "app.hint_quit", "", "Says which key quits", Where.WINDOW),
)
"""Also in dialogs, and before everything else."""
