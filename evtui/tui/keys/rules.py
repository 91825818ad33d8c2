"""The keys of the rules on the wire."""

from evtui.tui.keys.spec import KeySpec, Where

RULES: tuple[KeySpec, ...] = (
    KeySpec(
        "rules.add",
        "a",
        "add",
        "Add",
        "Add a rule to the stations that this was opened on",
        Where.RULES,
        "add-rule",
        True,
    ),
    KeySpec(
        "rules.add-all", "A", "add(True)", "To all", "Add a rule to the whole fleet", Where.RULES, "add-rule", True
    ),
    KeySpec(
        "rules.decide",
        "enter",
        "decide",
        "Decide",
        "What becomes of this held frame: pass, edit, drop, delay, double or answer it",
        Where.RULES,
        "release",
        True,
    ),
    KeySpec("rules.pass", "p", "release('pass')", "Pass", "Pass this held frame on", Where.RULES, "release", True),
    KeySpec(
        "rules.edit",
        "e",
        "release('edit')",
        "Edit",
        "Edit this held frame, and pass it on",
        Where.RULES,
        "release",
        True,
    ),
    KeySpec("rules.drop", "x", "release('drop')", "Drop", "Drop this held frame", Where.RULES, "release", True),
    KeySpec("rules.remove", "minus", "remove", "Remove", "Take this rule away; asks", Where.RULES, "remove-rule", True),
    KeySpec(
        "rules.clear", "C", "clear", "Clear", "Take all rules of the fleet away; asks", Where.RULES, "clear-rules", True
    ),
    KeySpec("rules.up", "up,k", "move(-1)", "", "To the line above", Where.RULES),
    KeySpec("rules.down", "down,j", "move(1)", "", "To the line below", Where.RULES),
    KeySpec("rules.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.RULES),
    KeySpec("rules.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.RULES),
    KeySpec("rules.home", "home,g", "move(-100000)", "", "To the first line", Where.RULES),
    KeySpec("rules.end", "end,G", "move(100000)", "", "To the last line", Where.RULES),
    KeySpec("rules.back", "escape,backspace,R", "back", "Back", "Back to where you were", Where.RULES),
)
