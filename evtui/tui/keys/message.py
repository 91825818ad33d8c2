"""The keys of a message that is being written."""

from evtui.tui.keys.spec import KeySpec, Where

_OLDER = "A message of this kind that was sent before from this window"

MESSAGE: tuple[KeySpec, ...] = (
    KeySpec("message.send", "s", "send", "Send", "Send the message when it is its turn", Where.MESSAGE, "send", True),
    KeySpec("message.edit", "enter", "edit", "Edit", "Change this field; fold what holds others", Where.MESSAGE),
    KeySpec(
        "message.add",
        "plus,plus_sign,a",
        "add",
        "Add",
        "Add this field, or an item to this list; what was taken out comes back",
        Where.MESSAGE,
    ),
    KeySpec("message.remove", "minus,delete", "remove", "Remove", "Take this field out of the message", Where.MESSAGE),
    KeySpec("message.editor", "e", "editor", "Editor", "Write the message in $EDITOR, as JSON", Where.MESSAGE, rank=1),
    KeySpec(
        "message.invalid",
        "i",
        "allow_invalid",
        "Invalid",
        "Send the message although it is invalid, or refuse to again",
        Where.MESSAGE,
        rank=2,
    ),
    KeySpec("message.older", "left_square_bracket", "recall(-1)", "Older", _OLDER, Where.MESSAGE, rank=2),
    KeySpec("message.newer", "right_square_bracket", "recall(1)", "", "The one sent after that", Where.MESSAGE),
    KeySpec("message.optional", "o", "show_absent", "", "Show only what is in it; or customData, too", Where.MESSAGE),
    KeySpec("message.next-fault", "n", "next_fault", "", "To the next field that is wrong", Where.MESSAGE),
    KeySpec("message.previous-value", "left,h", "sideways(-1)", "", "The value before; fold, or go out", Where.MESSAGE),
    KeySpec("message.next-value", "right,l", "sideways(1)", "", "The next value of a choice; unfold", Where.MESSAGE),
    KeySpec("message.up", "up,k", "move(-1)", "", "To the field above; from the first, as Older", Where.MESSAGE),
    KeySpec("message.down", "down,j", "move(1)", "", "To the field below", Where.MESSAGE),
    KeySpec("message.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.MESSAGE),
    KeySpec("message.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.MESSAGE),
    KeySpec("message.home", "home,g", "edge(-1)", "", "To the first field", Where.MESSAGE),
    KeySpec("message.end", "end,G", "edge(1)", "", "To the last field", Where.MESSAGE),
    KeySpec("message.copy", "y", "copy", "", "Copy the message to the clipboard, as one line", Where.MESSAGE),
    KeySpec("message.back", "escape", "back", "Back", "Go back; what was sent goes on", Where.MESSAGE),
)
