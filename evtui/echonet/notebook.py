"""What a node keeps over the end of the program, in a file of its own: the number that it is known by, places of
installation, and counters that were reset. Limits are kept by the stations, whose they are."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from evtui.ocppj.fault import printable


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one charger: property 81, and the register (Wh) when D8 was reset."""

    location: bytes = b"\0"  # the place of installation was never said
    reset_wh: float = 0.0


class _Page(msgspec.Struct, frozen=True):
    identity: bytes
    chargers: dict[str, Kept] = {}


class Notebook:
    """Written whenever something changes; without a file it lasts as long as the program."""

    def __init__(self, file: Path | None, identity: bytes, note: Callable[[str, str], None]) -> None:
        """`identity` is the node's own 17 bytes if it has none yet; `note` takes sentences for people."""
        self._file = file
        self._note = note
        self._in_trouble = False
        page = self._read()
        self.identity = identity if page is None else page.identity
        self._chargers = {} if page is None else dict(page.chargers)

    def charger(self, key: str) -> Kept:
        """What was kept of a charger."""
        return self._chargers.get(key, Kept())

    def keep(self, key: str, kept: Kept) -> None:
        """Keeps that from now on."""
        if self.charger(key) != kept:
            self._chargers[key] = kept
            self._write()

    def _read(self) -> _Page | None:
        if self._file is None or not self._file.exists():
            return None
        try:
            page = msgspec.json.decode(self._file.read_bytes(), type=_Page)
            if len(page.identity) == 17 and all(len(each.location) in (1, 17) for each in page.chargers.values()):
                return page
            why = "a length is wrong"
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            why = printable(str(error), 200)
        self._say(f"cannot be read ({why}): the ECHONET Lite node starts like new")
        return None

    def _write(self) -> None:
        if self._file is None:
            return
        draft = self._file.with_name(f"{self._file.name}.new")
        try:
            draft.write_bytes(msgspec.json.encode(_Page(self.identity, self._chargers)))
            os.replace(draft, self._file)
            self._in_trouble = False
        except OSError as error:
            if not self._in_trouble:
                self._say(f"cannot be written ({error.strerror}): what controllers set is forgotten with the program")
            self._in_trouble = True

    def _say(self, text: str) -> None:
        self._note("", f"{self._file}: {text}")
