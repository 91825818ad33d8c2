"""Nobody waits for whoever listens, and what others wrote is no order to the terminal."""

import os
import queue
import threading

from evtui.headless.plain import voice
from evtui.headless.plain.voice import Voice, listen


def test_what_a_terminal_would_obey_is_escaped() -> None:
    said: list[str] = []
    made = Voice(said.append, lambda: None)
    made.say("CP\x1b[2J\n001", "é")
    made.close()
    assert said == ["CP\\x1b[2J\\n001\n", "é\n"]


def test_a_stalled_listener_holds_nothing_up_and_is_told_what_was_lost() -> None:
    said: queue.Queue[str] = queue.Queue()
    go_on = threading.Event()

    def write(text: str) -> None:
        go_on.wait(10)
        said.put(text)

    made = Voice(write, lambda: None)
    made.say(*(str(n) for n in range(voice.MOST_WAITING + 10)))
    go_on.set()
    while said.get(timeout=10) != f"{voice.MOST_WAITING - 1}\n":
        pass
    made.say("again")
    made.close()
    rest = [said.get_nowait() for _ in range(said.qsize())]
    assert rest[-1] == "again\n"
    assert any("lines were not told" in line for line in rest)


def test_a_listener_that_is_gone_is_reported() -> None:
    lost = threading.Event()

    def write(text: str) -> None:
        raise BrokenPipeError

    Voice(write, lost.set).say("hello")
    assert lost.wait(10)


def test_lines_are_heard_in_any_pieces_and_then_the_end() -> None:
    heard: queue.Queue[str | None] = queue.Queue()
    out, into = os.pipe()
    listen(out, heard.put, lambda: heard.put(None))
    for piece in (b"s CP", b"001\nlis", b"t\n\xff\nquit"):
        os.write(into, piece)
    os.close(into)
    assert [heard.get(timeout=10) for _ in range(5)] == ["s CP001", "list", "\ufffd", "quit", None]
    os.close(out)
