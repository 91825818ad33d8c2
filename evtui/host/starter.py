"""What a host or a worker and its starter have with each other while both run: two pipes, and signals."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from evtui.errors import ConfigError, EvtuiError, LocalError
from evtui.host.diagnostics import write_diagnostics
from evtui.host.lifeline import Lifeline
from evtui.host.loop import run
from evtui.host.start import HostConfig, Ready, Refused, WorkerConfig, first_line, line

C = TypeVar("C", HostConfig, WorkerConfig)


def obey_starter(kind: type[C], serve: Callable[[C, int, int], Coroutine[Any, Any, None]]) -> int:
    """Runs what the starter configures on the first line of stdin; gives the exit code. All modules are loaded by now,
    which took its time; the configuration has come meanwhile."""
    stdin, stdout = sys.stdin.fileno(), sys.stdout.fileno()
    said = first_line(stdin)
    if not said:
        return 0  # the starter thought better of it
    config = msgspec.json.decode(said, type=kind)
    try:
        write_diagnostics(config.log)
        run(serve(config, stdin, stdout))
    except (ConfigError, LocalError) as error:
        refuse(error, stdout)
        return 2
    return 0


def refuse(error: EvtuiError, stdout: int) -> None:
    """Tells the starter why there will be no host."""
    tell(stdout, Refused(" ".join(str(error).split())))


def tell(stdout: int, answer: Ready | Refused) -> None:
    """Says whether the door is open."""
    with suppress(BrokenPipeError):  # the starter is gone; stdin tells
        os.write(stdout, line(answer))


def leave_stderr() -> None:
    """From now on nobody reads it: what is written there must not fill a pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def watch_signals(lifeline: Lifeline) -> None:
    """An orderly end on each signal that asks for one."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, lifeline.end, number.name)


def watch_starter(lifeline: Lifeline, stdin: int) -> None:
    """The end of stdin is the end of the starter."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            lifeline.starter_gone()

    loop.add_reader(stdin, read)
