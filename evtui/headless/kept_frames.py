"""`evtui frames`: what runs have kept with --frames, as one log, on whatever machine it lies."""

import os
import sys
from collections.abc import Iterable, Iterator
from math import inf
from pathlib import Path
from shlex import quote
from shutil import get_terminal_size

import msgspec

from evtui.csms.log import line
from evtui.errors import ConfigError, LocalError
from evtui.headless.words import Line, harmless
from evtui.ocppj.filter import Filter, parse, scan
from evtui.ocppj.frame import Frame
from evtui.ocppj.spool_merged import MergedReader
from evtui.options import Options
from evtui.web.frame_record import frame_record

MOST_SPOOLS = 256
"""Read as one."""

_CHUNK = 2_048


def tell_frames(options: Options) -> int:
    """Writes the frames of all spools in the directories, by the time of capture; gives the exit code. ConfigError:
    there is no spool, or the filter is none."""
    try:
        filter = parse(options.filter or "")
    except LocalError as error:
        raise ConfigError(f"--filter: {error}") from None
    spools = spools_in(options.directories)
    try:
        with MergedReader(spools, now=lambda: inf) as reader:
            _write(_found(reader, filter), options)
            sys.stdout.flush()
    except BrokenPipeError:  # who reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def where_to_read(spools: Iterable[tuple[str, str]]) -> Line:
    """What is said at the end of a run: how to read what it has kept, by host (empty: this one) and directory."""
    each = [f"on {where}: {how}" if where else how for where, how in ((host, _how(place)) for host, place in spools)]
    return Line("📁", "dim", harmless(f"Frames: {'; '.join(each)}"))


def _how(place: str) -> str:
    return f"evtui frames {quote(place)}"


def spools_in(directories: Iterable[str]) -> list[Path]:
    """The spools in these directories, however deep: a run keeps one for each of its processes. ConfigError: one has
    none, or all together have too many."""
    found: dict[Path, None] = {}
    for each in directories:
        place = Path(each)
        if not place.is_dir():
            raise ConfigError(f"{each}: there is no such directory; name one that a run was given with --frames")
        spools = sorted({index.parent for index in place.rglob("*.index")})
        if not spools:
            raise ConfigError(f"{each}: there are no frames in it; name a directory that a run was given with --frames")
        found |= dict.fromkeys(spools)
    if not found:
        raise ConfigError("frames: of which run? Name the directory that it was given with --frames")
    if len(found) > MOST_SPOOLS:
        raise ConfigError(f"{len(found)} processes have kept frames there, {MOST_SPOOLS} are read at once; name a part")
    return list(found)


def _found(reader: MergedReader, filter: Filter) -> Iterator[Frame]:
    reader.refresh()
    for found in scan(filter, reader, reader.first, _CHUNK):
        for number in found.numbers:
            yield reader.frame(number)


def _write(frames: Iterable[Frame], options: Options) -> None:
    out, terminal = sys.stdout, sys.stdout.isatty()
    width = get_terminal_size().columns if terminal else None
    colour = terminal and not os.environ.get("NO_COLOR")
    for frame in frames:
        if options.json:
            text = msgspec.json.encode(frame_record(frame)).decode()
        else:
            text = line(frame, width=width, colour=colour, ascii_only=options.ascii)
        out.write(f"{text}\n")
