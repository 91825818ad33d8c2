"""The keys of the log of frames, and of a frame."""

from evtui.tui.keys.spec import KeySpec, Where

LOG: tuple[KeySpec, ...] = (
    KeySpec("log.open", "enter", "open_frame", "Frame", "Open this frame beside its answer", Where.LOG),
    KeySpec("log.up", "up,k", "move(-1)", "", "To the frame before: the log stops following", Where.LOG),
    KeySpec("log.down", "down,j", "move(1)", "", "To the frame after", Where.LOG),
    KeySpec("log.page-up", "pageup", "page(-1)", "", "Up by a screen", Where.LOG),
    KeySpec("log.page-down", "pagedown", "page(1)", "", "Down by a screen", Where.LOG),
    KeySpec("log.home", "home,g", "first", "", "To the oldest frame", Where.LOG),
    KeySpec("log.end", "end,G", "follow", "Follow", "To the newest frame, and follow what arrives", Where.LOG),
    KeySpec("log.filter", "slash", "filter", "Filter", "Show only the frames that a filter lets through", Where.LOG),
    KeySpec("log.all", "backspace", "show_all", "", "Take the filter away", Where.LOG),
    KeySpec("log.dim", "H", "dim", "", "Hide what the filter does not let through, or only dim it", Where.LOG),
    KeySpec("log.next", "n", "match(1)", "", "To the next frame that the filter lets through", Where.LOG),
    KeySpec("log.previous", "N", "match(-1)", "", "To the one before that the filter lets through", Where.LOG),
    KeySpec("log.pair", "o", "pair", "", "To the answer of this CALL, or to the CALL of this answer", Where.LOG),
    KeySpec("log.resend", "r", "resend", "Again", "Send this frame again: as it was, or edited", Where.LOG),
    KeySpec("log.copy", "y", "copy", "", "Copy the frame to the clipboard as one line", Where.LOG),
    KeySpec("log.write", "w", "write", "Write", "Write all frames shown here to a file, a JSON line each", Where.LOG),
    KeySpec("log.leave", "escape", "leave", "Back", "Back to the stations", Where.LOG),
    KeySpec("frame.resend", "r", "resend", "Again", "Send this frame again: as it was, or edited", Where.FRAME),
    KeySpec("frame.copy-line", "Y", "copy_line", "", "Copy the frame to the clipboard as one line", Where.FRAME),
    KeySpec("frame.copy", "y", "copy", "Copy", "Copy the frame to the clipboard (OSC 52, works over SSH)", Where.FRAME),
    KeySpec(
        "frame.write", "w", "write", "Write", "Write what is shown to a file in the current directory", Where.FRAME
    ),
    KeySpec("frame.previous", "left,h", "step(-1)", "Previous", "The frame before this one", Where.FRAME, rank=1),
    KeySpec("frame.next", "right,l", "step(1)", "Next", "The frame after this one", Where.FRAME, rank=1),
    KeySpec("frame.up", "up,k", "scroll(-1)", "", "Scroll up", Where.FRAME),
    KeySpec("frame.down", "down,j", "scroll(1)", "", "Scroll down", Where.FRAME),
    KeySpec("frame.page-up", "pageup", "page(-1)", "", "Scroll up by a screen", Where.FRAME),
    KeySpec("frame.page-down", "pagedown,space", "page(1)", "", "Scroll down by a screen", Where.FRAME),
    KeySpec("frame.home", "home,g", "top", "", "To the beginning", Where.FRAME),
    KeySpec("frame.end", "end,G", "bottom", "", "To the end", Where.FRAME),
    KeySpec("frame.back", "escape,enter,backspace", "back", "Back", "Close the frame", Where.FRAME),
)
