"""How a filter of anything is written: `~s CP00* & (~e | ~rtt >500) & !heartbeat`. Terms side by side mean "and".

What the terms mean is the business of a vocabulary: that of frames is `evtui.ocppj.filter.syntax`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Generic, NamedTuple, TypeVar

from evtui.errors import LocalError
from evtui.ocppj.fault import printable

LONGEST = 1_000
"""Characters of a filter; and terms within each other are at most a tenth of that."""

T = TypeVar("T")

Choices = Mapping[str, Callable[[], Sequence[str]]]
"""What there is to look for, by the sign of the term that looks for it."""


class FilterError(LocalError):
    """The text is no filter. `at` is the position of what is wrong, counted from 0."""

    def __init__(self, at: int, problem: str) -> None:
        super().__init__(f"{problem} (at {at + 1})")
        self.at = at


class Token(NamedTuple):
    """A word of a filter, and where it stands."""

    at: int
    text: str
    quoted: bool = False


class Entry(NamedTuple):
    """A term as the help tells it: `sign` is how it is written ("" for a bare word), `takes` what must follow it, and
    `help` what it lets through."""

    sign: str
    takes: str
    help: str


class Joints(NamedTuple, Generic[T]):
    """How terms are put together."""

    everything: T
    every: Callable[[tuple[T, ...]], T]
    some: Callable[[tuple[T, ...]], T]
    other: Callable[[T], T]


class Language(Generic[T]):
    """A vocabulary and its grammar: terms that stand `alone`, those `taking` a word, and the bare `word`."""

    def __init__(
        self,
        written: Sequence[Entry],
        alone: Mapping[str, T],
        taking: Mapping[str, Callable[[Token], T]],
        word: Callable[[str], T],
        joints: Joints[T],
    ) -> None:
        self.written = written
        self.alone = alone
        self.taking = taking
        self.word = word
        self.joints = joints

    def parse(self, text: str) -> T:
        """The filter that a text means; an empty one lets everything through. FilterError says what is wrong, where."""
        if len(text) > LONGEST:
            raise FilterError(LONGEST, f"a filter has at most {LONGEST} characters")
        return _Parser(self, list(_tokens(text)), len(text)).filter()

    def help_rows(self) -> list[tuple[str, str]]:
        """The language, a row each: how it is written, what it lets through."""
        return [
            *((f"{each.sign} {each.takes}".strip(), each.help) for each in self.written),
            ("A & B, A B", "that both let through"),
            ("A | B", "that one of them lets through"),
            ("!A", "that A does not let through"),
            ("(A)", "brackets; what has blanks or signs in it stands in quotes: 'a | b'"),
        ]

    def complete(self, text: str, choices: Choices) -> list[str]:
        """What the text could go on as, the whole of it each: signs, and after one of `choices` what there is."""
        head, last = _split_last(text)
        signs = [each.sign for each in self.written if each.sign and each.sign.startswith(last)] if last else []
        before = re.split(r"[\s&|!()]+", head.rstrip())
        offered = choices.get(before[-1])
        if offered is None:
            return [f"{head}{sign}" for sign in signs]
        found = [each for each in offered() if each.casefold().startswith(last.casefold())]
        return [f"{head}{quoted(each)}" for each in found if each]


# -- what terms take ------------------------------------------------------------------------------


def named(pattern: str) -> Callable[[str], bool]:
    """Whether a pattern with `*` and `?` covers a name, in any case of letters."""
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    covers = re.compile("".join(parts), re.IGNORECASE | re.DOTALL).fullmatch
    return lambda name: covers(name) is not None


def bound(token: Token, unit: str, problem: str) -> tuple[bool, float]:
    """Whether more is looked for than a figure (`>500`, `500`) or less (`<500`), and the figure; `unit` may follow it.
    FilterError says that it is `problem`."""
    match = re.fullmatch(rf"([<>]?)(\d+(?:\.\d+)?)(?:{re.escape(unit)})?", token.text, re.IGNORECASE)
    if match is None:
        raise FilterError(token.at, f"{printable(token.text, 20)} is {problem}")
    return match[1] != "<", float(match[2])


def one_of(token: Token, words: Sequence[str], what: str) -> str:
    """A word that there must be, in any case of letters. FilterError names the others."""
    known = {each.casefold(): each for each in words}
    found = known.get(token.text.casefold())
    if found is None:
        raise FilterError(token.at, f"{printable(token.text, 20)} is no {what}: {', '.join(words)}")
    return found


# -- words ----------------------------------------------------------------------------------------

_PART = re.compile(
    r"""\s*(?:(?P<sign>[&|!()])|(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[^\s&|()"']+))"""
)


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while text[at:].strip():
        part = _PART.match(text, at)
        if part is None:
            raise FilterError(at, "a quote that does not end")
        kind = str(part.lastgroup)
        word = part[kind]
        start = part.start(kind)
        if kind == "quoted":
            yield Token(start, re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] != "'" else word[1:-1], quoted=True)
        elif kind == "word" and word.startswith("!"):  # "!" binds to what follows it, even without a blank
            yield Token(start, "!")
            at = start + 1
            continue
        else:
            yield Token(start, word)
        at = part.end()


class _Parser(Generic[T]):
    def __init__(self, language: Language[T], tokens: list[Token], end: int) -> None:
        self._language = language
        self._joints = language.joints
        self._tokens = tokens
        self._next = 0
        self._end = end
        self._depth = 0

    def filter(self) -> T:
        if not self._tokens:
            return self._joints.everything
        term = self._or()
        if (token := self._peek()) is not None:
            raise FilterError(token.at, f"{printable(token.text, 20)} closes nothing")
        return term

    def _or(self) -> T:
        terms = [self._and()]
        while self._takes("|"):
            terms.append(self._and())
        return terms[0] if len(terms) == 1 else self._joints.some(tuple(terms))

    def _and(self) -> T:
        terms = [self._not()]
        while (token := self._peek()) is not None and (token.quoted or token.text not in ("|", ")")):
            self._takes("&")
            terms.append(self._not())
        return terms[0] if len(terms) == 1 else self._joints.every(tuple(terms))

    def _not(self) -> T:
        token = self._take("a filter")
        self._depth += 1
        if self._depth > LONGEST // 10:
            raise FilterError(token.at, "too many terms within each other")
        term = self._term(token)
        self._depth -= 1
        return term

    def _term(self, token: Token) -> T:
        if token.quoted:
            return self._language.word(token.text)
        if token.text == "!":
            return self._joints.other(self._not())
        if token.text == "(":
            inner = self._or()
            if not self._takes(")"):
                raise FilterError(token.at, "a bracket that is not closed")
            return inner
        if token.text in ("&", "|", ")"):
            raise FilterError(token.at, f"a filter is missing before {token.text}")
        return self._signed(token) if token.text.startswith("~") else self._language.word(token.text)

    def _signed(self, token: Token) -> T:
        alone, taking = self._language.alone, self._language.taking
        if token.text in alone:
            return alone[token.text]
        take = taking.get(token.text)
        if take is None:
            near = get_close_matches(token.text, (*alone, *taking), 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join((*taking, *alone))}"
            raise FilterError(token.at, f"{printable(token.text, 20)} is no filter; {hint}")
        argument = self._take(f"what {token.text} looks for")
        if argument.text in ("<", ">") and not argument.quoted:
            argument = Token(argument.at, argument.text + self._take("a number").text)
        return take(argument)

    def _take(self, wanted: str) -> Token:
        token = self._peek()
        if token is None:
            raise FilterError(self._end, f"{wanted} is missing")
        self._next += 1
        return token

    def _takes(self, sign: str) -> bool:
        token = self._peek()
        if token is None or token.quoted or token.text != sign:
            return False
        self._next += 1
        return True

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None


def _split_last(text: str) -> tuple[str, str]:
    """The text up to its last word, and that word."""
    cut = max(text.rfind(sign) for sign in " &|!(") + 1
    return text[:cut], text[cut:]


def quoted(word: str) -> str:
    """A word as it stands in a filter: in quotes where it must."""
    if word and not re.search(r"[\s&|()\"']", word) and not word.startswith(("~", "!", "<", ">")):
        return word
    return f"'{word}'" if not re.search(r"['\\]", word) else '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'
