"""The keys of the other ends: the embedded CSMS and the ECHONET Lite node."""

from evtui.tui.keys.spec import KeySpec, Where

CSMS: tuple[KeySpec, ...] = (
    KeySpec("csms.ask", "enter", "ask", "Ask", "Let the CSMS ask this station: a request by its name", Where.CSMS),
    KeySpec("csms.stations", "1", "book('stations')", "", "Its stations", Where.CSMS),
    KeySpec("csms.transactions", "2", "book('transactions')", "", "Its transactions", Where.CSMS),
    KeySpec("csms.tokens", "3", "book('tokens')", "", "The tokens that it has listed", Where.CSMS),
    KeySpec("csms.findings", "4", "book('findings')", "", "What stations did against the standard", Where.CSMS),
    KeySpec("csms.previous", "left,h", "turn(-1)", "", "The list before", Where.CSMS),
    KeySpec(
        "csms.next", "right,l", "turn(1)", "Next", "Its next list: stations, transactions, tokens, findings", Where.CSMS
    ),
    KeySpec("csms.up", "up,k", "move(-1)", "", "To the row above", Where.CSMS),
    KeySpec("csms.down", "down,j", "move(1)", "", "To the row below", Where.CSMS),
    KeySpec("csms.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.CSMS),
    KeySpec("csms.page-down", "pagedown,space", "page(1)", "", "Down by a screen", Where.CSMS),
    KeySpec("csms.home", "home,g", "edge(-1)", "", "To the first row", Where.CSMS),
    KeySpec("csms.end", "end,G", "edge(1)", "", "To the last row", Where.CSMS),
    KeySpec("csms.back", "escape,backspace,c", "back", "Back", "Back to the fleet", Where.CSMS),
    KeySpec("node.previous", "left,h", "object(-1)", "Previous", "The object before this one", Where.NODE, rank=2),
    KeySpec("node.next", "right,l", "object(1)", "Next", "The object after this one", Where.NODE),
    KeySpec("node.up", "up,k", "scroll(-1)", "", "Scroll the properties up", Where.NODE),
    KeySpec("node.down", "down,j", "scroll(1)", "", "Scroll the properties down", Where.NODE),
    KeySpec("node.page-up", "pageup", "page(-1)", "", "Scroll up by a screen", Where.NODE),
    KeySpec("node.page-down", "pagedown,space", "page(1)", "", "Scroll down by a screen", Where.NODE),
    KeySpec("node.back", "escape,backspace,e", "back", "Back", "Back to the fleet", Where.NODE),
)
