"""The keys of dialogs: help, questions, choices, and lines of text."""

from evtui.tui.keys.spec import KeySpec, Where


def _field(name: str, keys: str, action: str, help: str) -> KeySpec:
    """A key of a line of text, which is textual's."""
    return KeySpec(f"field.{name}", keys, action, "", help, Where.FIELD)


FIELD = (
    _field("submit", "enter", "submit", "Keep what is written"),
    _field("left", "left", "cursor_left", "Left by a character"),
    _field("right", "right", "cursor_right", "Right by a character"),
    _field("word-left", "ctrl+left", "cursor_left_word", "Left by a word"),
    _field("word-right", "ctrl+right", "cursor_right_word", "Right by a word"),
    _field("home", "home,ctrl+a", "home", "To the beginning"),
    _field("end", "end,ctrl+e", "end", "To the end"),
    _field("select-left", "shift+left", "cursor_left(True)", "Select to the left"),
    _field("select-right", "shift+right", "cursor_right(True)", "Select to the right"),
    _field("select-word-left", "ctrl+shift+left", "cursor_left_word(True)", "Select the word on the left"),
    _field("select-word-right", "ctrl+shift+right", "cursor_right_word(True)", "Select the word on the right"),
    _field("select-home", "shift+home", "home(True)", "Select to the beginning"),
    _field("select-end", "shift+end", "end(True)", "Select to the end"),
    _field("select-all", "ctrl+shift+a", "select_all", "Select everything"),
    _field("delete-left", "backspace", "delete_left", "Delete the character on the left"),
    _field("delete-right", "delete,ctrl+d", "delete_right", "Delete the character under the cursor"),
    _field("delete-word-left", "ctrl+w", "delete_left_word", "Delete the word on the left"),
    _field("delete-word-right", "ctrl+backspace,alt+backspace", "delete_right_word", "Delete the word on the right"),
    _field("delete-home", "ctrl+u,super+backspace", "delete_left_all", "Delete to the beginning"),
    _field("delete-end", "ctrl+k", "delete_right_all", "Delete to the end"),
    _field("cut", "ctrl+x", "cut", "Cut what is selected"),
    _field("copy", "super+c", "copy", "Copy what is selected"),
    _field("paste", "ctrl+v", "paste", "Paste what was cut or copied here"),
)
"""Those of a line of text, by textual's own actions."""


def _text(name: str, keys: str, action: str, help: str) -> KeySpec:
    """A key of a text of several lines, which is textual's but for the first two."""
    return KeySpec(f"text.{name}", keys, action, "", help, Where.TEXT)


TEXT = (
    _text("submit", "ctrl+o", "submit", "Send what is written"),
    _text("leave", "escape", "leave", "Go back and do nothing"),
    _text("up", "up", "cursor_up", "Up by a line"),
    _text("down", "down", "cursor_down", "Down by a line"),
    _text("left", "left", "cursor_left", "Left by a character"),
    _text("right", "right", "cursor_right", "Right by a character"),
    _text("word-left", "ctrl+left", "cursor_word_left", "Left by a word"),
    _text("word-right", "ctrl+right", "cursor_word_right", "Right by a word"),
    _text("line-start", "home,ctrl+a", "cursor_line_start", "To the beginning of the line"),
    _text("line-end", "end,ctrl+e", "cursor_line_end", "To the end of the line"),
    _text("page-up", "pageup", "cursor_page_up", "Up by a screen"),
    _text("page-down", "pagedown", "cursor_page_down", "Down by a screen"),
    _text("select-up", "shift+up", "cursor_up(True)", "Select the line above"),
    _text("select-down", "shift+down", "cursor_down(True)", "Select the line below"),
    _text("select-left", "shift+left", "cursor_left(True)", "Select to the left"),
    _text("select-right", "shift+right", "cursor_right(True)", "Select to the right"),
    _text("select-word-left", "ctrl+shift+left", "cursor_word_left(True)", "Select the word on the left"),
    _text("select-word-right", "ctrl+shift+right", "cursor_word_right(True)", "Select the word on the right"),
    _text("select-line-start", "shift+home", "cursor_line_start(True)", "Select to the beginning of the line"),
    _text("select-line-end", "shift+end", "cursor_line_end(True)", "Select to the end of the line"),
    _text("select-all", "ctrl+shift+a,f7", "select_all", "Select everything"),
    _text("delete-left", "backspace", "delete_left", "Delete the character on the left"),
    _text("delete-right", "delete,ctrl+d", "delete_right", "Delete the character under the cursor"),
    _text("delete-word-left", "ctrl+w,ctrl+backspace,alt+backspace", "delete_word_left", "Delete the word on the left"),
    _text("delete-word-right", "alt+delete", "delete_word_right", "Delete the word on the right"),
    _text("delete-line-start", "ctrl+u,super+backspace", "delete_to_start_of_line", "Delete all before, on the line"),
    _text(
        "delete-line-end", "ctrl+k", "delete_to_end_of_line_or_delete_line", "Delete all after, then the line itself"
    ),
    _text("cut", "ctrl+x,super+x", "cut", "Cut what is selected"),
    _text("copy", "super+c", "copy", "Copy what is selected"),
    _text("paste", "ctrl+v", "paste", "Paste what was cut or copied here"),
    _text("undo", "ctrl+z,super+z", "undo", "Undo the last change"),
    _text("redo", "ctrl+y,super+y", "redo", "Do it again"),
)
"""Those of a text of several lines, by textual's own actions."""

DIALOG: tuple[KeySpec, ...] = (
    KeySpec("help.up", "up,k", "scroll(-1)", "", "Scroll up", Where.HELP),
    KeySpec("help.down", "down,j", "scroll(1)", "", "Scroll down", Where.HELP),
    KeySpec("help.page-up", "pageup", "scroll(-10)", "", "Scroll up by ten lines", Where.HELP),
    KeySpec("help.page-down", "pagedown,space", "scroll(10)", "", "Scroll down by ten lines", Where.HELP),
    KeySpec("help.close", "escape,question_mark,q,enter", "close", "Close", "Close the help", Where.HELP),
    KeySpec("form.next", "tab,down", "focus_other(1)", "", "To the next line", Where.FORM),
    KeySpec("form.previous", "shift+tab,up", "focus_other(-1)", "", "To the line before", Where.FORM),
    KeySpec("form.back", "escape", "back", "Back", "Go back and do nothing", Where.FORM),
    KeySpec("filter.complete", "tab", "complete", "Complete", "Go on with what there is", Where.FILTER),
    KeySpec("filter.older", "up", "recall(-1)", "Older", "The filter before this one", Where.FILTER),
    KeySpec("filter.newer", "down", "recall(1)", "", "The filter after this one", Where.FILTER),
    KeySpec("filter.help", "f1", "show_help", "Language", "What a filter can say", Where.FILTER),
    KeySpec("filter.back", "escape", "back", "Back", "Go back to the filter there was", Where.FILTER),
    KeySpec("line.complete", "tab", "complete", "Complete", "Go on with what there is", Where.LINE),
    KeySpec("line.back", "escape", "back", "Back", "Go back and change nothing", Where.LINE),
    KeySpec("palette.up", "up,shift+tab", "go('cursor_up')", "", "To the entry above", Where.PALETTE),
    KeySpec("palette.down", "down,tab", "down", "", "To the entry below", Where.PALETTE),
    KeySpec("palette.page-up", "pageup", "go('page_up')", "", "Up by a screen", Where.PALETTE),
    KeySpec("palette.page-down", "pagedown", "go('page_down')", "", "Down by a screen", Where.PALETTE),
    KeySpec("palette.first", "ctrl+home", "go('first')", "", "To the first entry", Where.PALETTE),
    KeySpec("palette.last", "ctrl+end", "go('last')", "", "To the last entry", Where.PALETTE),
    KeySpec("palette.back", "escape", "back", "Back", "Go back and do nothing", Where.PALETTE),
    KeySpec("choice.up", "up,k", "move(-1)", "", "To the choice above", Where.CHOICE),
    KeySpec("choice.down", "down,j", "move(1)", "", "To the choice below", Where.CHOICE),
    *(KeySpec(f"choice.{n}", str(n), f"choose({n})", "", f"Choose number {n}", Where.CHOICE) for n in range(1, 10)),
    KeySpec("choice.take", "enter", "take", "Choose", "Choose this", Where.CHOICE),
    KeySpec("choice.back", "escape", "back", "Back", "Go back and do nothing", Where.CHOICE),
    KeySpec("ask.yes", "y,enter", "answer('yes')", "Yes", "Do it", Where.ASK),
    KeySpec("ask.one", "o", "answer('one')", "Only one", "Only what is under the cursor", Where.ASK),
    KeySpec("ask.detach", "d", "answer('detach')", "Leave running", "Quit and leave the fleet running", Where.ASK),
    KeySpec("ask.no", "escape,n", "answer('')", "Back", "Go back", Where.ASK),
)
