"""What a filter can say of frames. A filter is a tree of frozen terms; each narrows a chunk of the spool's index down.

A mask is an integer with one byte for each frame of a chunk, 0 or 1, the first frame lowest: so that "and", "or" and
"not" cost one operation on long integers for thousands of frames.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Protocol

import msgspec

from evtui.ocppj.filter.language import named
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.spool_format import FAULTY, LOST, MASKED, MEDDLED, TYPE_MASK, TYPE_SHIFT

_SPARSE = 8
"""Below one frame in so many, texts are read one by one."""


class Index(Protocol):
    """The index of a chunk, field by field: `evtui.ocppj.spool_reader.Columns`."""

    @property
    def first(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def stations(self) -> Iterable[int]: ...
    @property
    def actions(self) -> Iterable[int]: ...
    @property
    def flags(self) -> memoryview: ...
    @property
    def pairs(self) -> Iterable[int]: ...
    @property
    def rtts_us(self) -> Iterable[int]: ...


class Texts(Protocol):
    """The texts of a chunk."""

    @property
    def whole(self) -> bytes:
        """All of them, with what stands between."""

    @property
    def starts(self) -> Sequence[int]:
        """Where in `whole` each begins, ascending."""

    def text(self, position: int) -> bytes:
        """One of them, as it was on the wire."""


class Chunk:
    """Frames in a row that are looked at together. `stations` and `actions` are all names there are, by number."""

    def __init__(self, count: int, index: Index, texts: Texts, stations: Sequence[str], actions: Sequence[str]) -> None:
        self.count = count
        self.index = index
        self.texts = texts
        self.stations = stations
        self.actions = actions

    @cached_property
    def all(self) -> int:
        """The mask of every frame."""
        return mask_of(b"\x01" * self.count)

    @cached_property
    def flags(self) -> bytes:
        return self.index.flags.tobytes()


def mask_of(marks: bytes | bytearray) -> int:
    """A mask from a byte for each frame."""
    return int.from_bytes(marks, "little")


def positions(mask: int, count: int) -> Iterator[int]:
    """The frames of a mask, in order."""
    marks = mask.to_bytes(count, "little")
    at = marks.find(1)
    while at >= 0:
        yield at
        at = marks.find(1, at + 1)


class Term(msgspec.Struct, frozen=True):
    """A part of a filter. `sign` is how it is written, `takes` what must follow it ("" for nothing), `help` says which
    frames it lets through; `cost` orders the terms of an "and"."""

    sign: ClassVar[str] = ""
    takes: ClassVar[str] = ""
    help: ClassVar[str] = ""
    cost: ClassVar[int] = 0

    def mask(self, chunk: Chunk, within: int) -> int:
        """Those of `within` that it lets through."""
        raise NotImplementedError


Filter = Term


# -- combinations ---------------------------------------------------------------------------------


class And(Term, frozen=True):
    """Every one of them; the cheap ones are asked first."""

    terms: tuple[Term, ...]

    def mask(self, chunk: Chunk, within: int) -> int:
        for term in sorted(self.terms, key=weight):
            if not within:
                break
            within = term.mask(chunk, within)
        return within


class Or(Term, frozen=True):
    """One of them at least."""

    terms: tuple[Term, ...]

    def mask(self, chunk: Chunk, within: int) -> int:
        found = 0
        for term in sorted(self.terms, key=weight):
            found |= term.mask(chunk, within & ~found)
        return found


class Not(Term, frozen=True):
    """The others."""

    term: Term

    def mask(self, chunk: Chunk, within: int) -> int:
        return within & ~self.term.mask(chunk, within)


class Everything(Term, frozen=True):
    """An empty filter."""

    def mask(self, chunk: Chunk, within: int) -> int:
        return within


def uses_patterns(term: Term) -> bool:
    """Whether a regular expression is in it: one of others could hold up who serves many."""
    match term:
        case And(terms=inner) | Or(terms=inner):
            return any(map(uses_patterns, inner))
        case Not(term=inner_term):
            return uses_patterns(inner_term)
    return isinstance(term, Body)


def weight(term: Term) -> int:
    """What it costs to ask, for a whole tree."""
    match term:
        case And(terms=terms) | Or(terms=terms):
            return max(map(weight, terms))
        case Not(term=inner):
            return weight(inner)
        case _:
            return term.cost


# -- what the index knows -------------------------------------------------------------------------


def _named(pattern: str, names: Sequence[str]) -> set[int]:
    """The numbers of the names that a pattern covers."""
    covers = named(pattern)
    return {number for number, name in enumerate(names) if covers(name)}


def _numbered(column: Iterable[int], wanted: set[int], within: int) -> int:
    return within & mask_of(bytes(map(wanted.__contains__, column))) if wanted else 0


class Of(Term, frozen=True):
    """The frames of one station, by its exact name: what a station's own log shows."""

    cost: ClassVar[int] = 1

    name: str

    def mask(self, chunk: Chunk, within: int) -> int:
        wanted = {number for number, name in enumerate(chunk.stations) if name == self.name}
        return _numbered(chunk.index.stations, wanted, within)


class Station(Term, frozen=True):
    sign: ClassVar[str] = "~s"
    takes: ClassVar[str] = "station"
    help: ClassVar[str] = "of that station; * and ? stand for anything"
    cost: ClassVar[int] = 2

    name: str

    def mask(self, chunk: Chunk, within: int) -> int:
        return _numbered(chunk.index.stations, _named(self.name, chunk.stations), within)


class Action(Term, frozen=True):
    """`quoted`: it was written in quotes, which for a rule means that no schema need know it."""

    sign: ClassVar[str] = "~a"
    takes: ClassVar[str] = "action"
    help: ClassVar[str] = "of that action, answers too; * and ? stand for anything"
    cost: ClassVar[int] = 2

    name: str
    quoted: bool = False

    def mask(self, chunk: Chunk, within: int) -> int:
        return _numbered(chunk.index.actions, _named(self.name, chunk.actions), within)


def _flagged(chunk: Chunk, within: int, flags: Iterable[int]) -> int:
    """Those whose flags byte is one of these."""
    table = bytearray(256)
    for each in flags:
        table[each] = 1
    return within & mask_of(chunk.flags.translate(bytes(table)))


def _of_types(types: Iterable[FrameType]) -> list[int]:
    wanted = {int(each) for each in types}
    return [flags for flags in range(256) if flags >> TYPE_SHIFT & TYPE_MASK in wanted]


TYPES: Mapping[str, FrameType] = {
    "call": FrameType.CALL,
    "result": FrameType.CALLRESULT,
    "callresult": FrameType.CALLRESULT,
    "error": FrameType.CALLERROR,
    "callerror": FrameType.CALLERROR,
    "resulterror": FrameType.CALLRESULTERROR,
    "callresulterror": FrameType.CALLRESULTERROR,
    "send": FrameType.SEND,
    "echonet": FrameType.ECHONET,
    "unreadable": FrameType.UNREADABLE,
}
"""The words for types."""

PROTOCOLS = ("ocpp", "echonet")


class Type(Term, frozen=True):
    sign: ClassVar[str] = "~t"
    takes: ClassVar[str] = "type"
    help: ClassVar[str] = "of that type: call, result, error, send, echonet, unreadable"

    type: FrameType

    def mask(self, chunk: Chunk, within: int) -> int:
        return _flagged(chunk, within, _of_types((self.type,)))


class WireProtocol(Term, frozen=True):
    sign: ClassVar[str] = "~p"
    takes: ClassVar[str] = "protocol"
    help: ClassVar[str] = "of that protocol: ocpp, echonet"

    name: str

    def mask(self, chunk: Chunk, within: int) -> int:
        echonet = _flagged(chunk, within, _of_types((FrameType.ECHONET,)))
        return echonet if self.name == "echonet" else within & ~echonet


class Sent(Term, frozen=True):
    sign: ClassVar[str] = "~out"
    help: ClassVar[str] = "sent by the station"

    def mask(self, chunk: Chunk, within: int) -> int:
        return _flagged(chunk, within, (flags for flags in range(256) if flags & 1 == Direction.SENT))


class Received(Term, frozen=True):
    sign: ClassVar[str] = "~in"
    help: ClassVar[str] = "received by the station"

    def mask(self, chunk: Chunk, within: int) -> int:
        return _flagged(chunk, within, (flags for flags in range(256) if flags & 1 == Direction.RECEIVED))


_WRONG = (FrameType.CALLERROR, FrameType.CALLRESULTERROR, FrameType.UNREADABLE)


class Wrong(Term, frozen=True):
    sign: ClassVar[str] = "~e"
    help: ClassVar[str] = "that are errors, or break the schema or the protocol"

    def mask(self, chunk: Chunk, within: int) -> int:
        faulty = [flags for flags in range(256) if flags & (FAULTY | LOST)]
        return _flagged(chunk, within, (*faulty, *_of_types(_WRONG)))


class Masked(Term, frozen=True):
    sign: ClassVar[str] = "~m"
    help: ClassVar[str] = "in which a secret was masked"

    def mask(self, chunk: Chunk, within: int) -> int:
        return _flagged(chunk, within, (flags for flags in range(256) if flags & MASKED))


class Meddled(Term, frozen=True):
    sign: ClassVar[str] = "~x"
    help: ClassVar[str] = "that a rule on the wire held, delayed, dropped, doubled, changed or made"

    def mask(self, chunk: Chunk, within: int) -> int:
        return _flagged(chunk, within, (flags for flags in range(256) if flags & MEDDLED))


class Unanswered(Term, frozen=True):
    sign: ClassVar[str] = "~u"
    help: ClassVar[str] = "CALLs that have no answer"
    cost: ClassVar[int] = 1

    def mask(self, chunk: Chunk, within: int) -> int:
        calls = _flagged(chunk, within, _of_types((FrameType.CALL,)))
        return calls & mask_of(bytes(map((0).__eq__, chunk.index.pairs)))


class RoundTrip(Term, frozen=True):
    sign: ClassVar[str] = "~rtt"
    takes: ClassVar[str] = ">ms"
    help: ClassVar[str] = "answers that took longer (>500) or less (<500) than so many milliseconds"
    cost: ClassVar[int] = 1

    longer: bool
    ms: float

    def mask(self, chunk: Chunk, within: int) -> int:
        bound = self.ms * 1_000.0
        rtts = chunk.index.rtts_us
        if self.longer:
            return within & mask_of(bytes([rtt > bound for rtt in rtts]))
        return within & mask_of(bytes([0 < rtt < bound for rtt in rtts]))


# -- what only the texts know ---------------------------------------------------------------------


class _Text(Term, frozen=True):
    """Looks for something in the raw text."""

    cost: ClassVar[int] = 9

    def mask(self, chunk: Chunk, within: int) -> int:
        search = self._search()
        wanted = within.bit_count()
        marks = bytearray(chunk.count)
        if self._anywhere and wanted * _SPARSE > chunk.count:
            places = self._in_one_go(search, chunk)
        else:
            places = (at for at in positions(within, chunk.count) if search.search(self._folded(chunk.texts.text(at))))
        for at in places:
            marks[at] = 1
        return within & mask_of(marks)

    @property
    def _anywhere(self) -> bool:
        """Nothing in it depends on where a text begins and ends."""
        raise NotImplementedError

    def _search(self) -> re.Pattern[bytes]:
        """What to look for."""
        raise NotImplementedError

    def _folded(self, text: bytes) -> bytes:
        """What to look for it in; as long as `text`."""
        return text

    def _in_one_go(self, search: re.Pattern[bytes], chunk: Chunk) -> Iterator[int]:
        """Searches all texts at once, and then only those in which a hit begins: one may reach beyond its text."""
        texts = chunk.texts
        whole, starts = self._folded(texts.whole), texts.starts
        end = len(whole)
        at = 0
        while at < end and (hit := search.search(whole, at)) is not None:
            position = bisect_right(starts, hit.start()) - 1
            if position >= 0 and search.search(self._folded(texts.text(position))):
                yield position
            if position + 1 >= chunk.count:
                return
            at = starts[position + 1]


class Word(_Text, frozen=True):
    takes: ClassVar[str] = "word"
    help: ClassVar[str] = "with that word anywhere in the raw text, in any case of letters"

    word: str

    @property
    def _anywhere(self) -> bool:
        return True

    def _search(self) -> re.Pattern[bytes]:
        return re.compile(_either_case(self.word))

    def _folded(self, text: bytes) -> bytes:
        return text.lower()


def _either_case(word: str) -> bytes:
    """A pattern for text whose ASCII letters are small; of others it knows both cases."""
    word = word.lower()
    if word.isascii():
        return re.escape(word.encode())
    forms = ({each, each.lower(), each.upper()} for each in word)
    return b"".join(
        b"(?:" + b"|".join(sorted(re.escape(form.encode()) for form in form_set)) + b")" for form_set in forms
    )


class Body(_Text, frozen=True):
    sign: ClassVar[str] = "~b"
    takes: ClassVar[str] = "regex"
    help: ClassVar[str] = "whose raw text has a match of that regular expression"

    pattern: str

    @property
    def _anywhere(self) -> bool:
        return not re.search(r"[\^$]|\\[AZzbB]|\(\?", self.pattern)

    def _search(self) -> re.Pattern[bytes]:
        return compiled(self.pattern)


def compiled(pattern: str) -> re.Pattern[bytes]:
    """A regular expression over UTF-8. Raises re.error."""
    return re.compile(pattern.encode("utf-8", "surrogatepass"))


WRITTEN: tuple[type[Term], ...] = (
    Station,
    Action,
    Type,
    WireProtocol,
    Received,
    Sent,
    Wrong,
    Unanswered,
    Masked,
    Meddled,
    RoundTrip,
    Body,
    Word,
)
"""The terms that can be written, in the order of the help."""
