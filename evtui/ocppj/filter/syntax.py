"""How a filter is written: `~s CP00* & (~e | ~rtt >500) & !heartbeat`. Terms side by side mean "and"."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.filter.terms import (
    PROTOCOLS,
    TYPES,
    WRITTEN,
    Action,
    And,
    Body,
    Everything,
    Filter,
    Masked,
    Not,
    Or,
    Received,
    RoundTrip,
    Sent,
    Station,
    Term,
    Type,
    Unanswered,
    WireProtocol,
    Word,
    Wrong,
    compiled,
)

LONGEST = 1_000
"""Characters of a filter; and terms within each other are at most a tenth of that."""


class FilterError(LocalError):
    """The text is no filter. `at` is the position of what is wrong, counted from 0."""

    def __init__(self, at: int, problem: str) -> None:
        super().__init__(f"{problem} (at {at + 1})")
        self.at = at


class _Token(NamedTuple):
    at: int
    text: str
    quoted: bool = False


def parse(text: str) -> Filter:
    """The filter that a text means; an empty one lets everything through. FilterError says what is wrong, where."""
    if len(text) > LONGEST:
        raise FilterError(LONGEST, f"a filter has at most {LONGEST} characters")
    return _Parser(list(_tokens(text)), len(text)).filter()


def help_rows() -> list[tuple[str, str]]:
    """The language, a row each: how it is written, which frames it lets through."""
    rows = [(f"{term.sign} {term.takes}".strip(), term.help) for term in WRITTEN]
    return [
        *rows,
        ("A & B, A B", "that both let through"),
        ("A | B", "that one of them lets through"),
        ("!A", "that A does not let through"),
        ("(A)", "brackets; what has blanks or signs in it stands in quotes: ~b 'a | b'"),
    ]


def complete(text: str, stations: Sequence[str], actions: Sequence[str]) -> list[str]:
    """What the text could go on as, the whole of it each: signs, and after `~s`, `~a`, `~t` and `~p` what there is."""
    head, last = _split_last(text)
    signs = [f"{head}{term.sign}" for term in WRITTEN if term.sign.startswith(last) and term.sign] if last else []
    before = re.split(r"[\s&|!()]+", head.rstrip())
    choices = _CHOICES.get(before[-1])
    if choices is None:
        return signs
    found = [each for each in choices(stations, actions) if each.casefold().startswith(last.casefold())]
    return [f"{head}{_quoted(each)}" for each in found if each]


# -- words ----------------------------------------------------------------------------------------

_PART = re.compile(
    r"""\s*(?:(?P<sign>[&|!()])|(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[^\s&|()"']+))"""
)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        part = _PART.match(text, at)
        if part is None:
            raise FilterError(at, "a quote that does not end")
        kind = str(part.lastgroup)
        word = part[kind]
        start = part.start(kind)
        if kind == "quoted":
            yield _Token(start, re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] != "'" else word[1:-1], quoted=True)
        elif kind == "word" and word.startswith("!"):  # "!" binds to what follows it, even without a blank
            yield _Token(start, "!")
            at = start + 1
            continue
        else:
            yield _Token(start, word)
        at = part.end()


class _Parser:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._end = end
        self._depth = 0

    def filter(self) -> Filter:
        if not self._tokens:
            return Everything()
        term = self._or()
        if (token := self._peek()) is not None:
            raise FilterError(token.at, f"{printable(token.text, 20)} closes nothing")
        return term

    def _or(self) -> Term:
        terms = [self._and()]
        while self._takes("|"):
            terms.append(self._and())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _and(self) -> Term:
        terms = [self._not()]
        while (token := self._peek()) is not None and (token.quoted or token.text not in ("|", ")")):
            self._takes("&")
            terms.append(self._not())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _not(self) -> Term:
        token = self._take("a filter")
        self._depth += 1
        if self._depth > LONGEST // 10:
            raise FilterError(token.at, "too many terms within each other")
        term = self._term(token)
        self._depth -= 1
        return term

    def _term(self, token: _Token) -> Term:
        if token.quoted:
            return Word(token.text)
        if token.text == "!":
            return Not(self._not())
        if token.text == "(":
            inner = self._or()
            if not self._takes(")"):
                raise FilterError(token.at, "a bracket that is not closed")
            return inner
        if token.text in ("&", "|", ")"):
            raise FilterError(token.at, f"a filter is missing before {token.text}")
        return self._signed(token) if token.text.startswith("~") else Word(token.text)

    def _signed(self, token: _Token) -> Term:
        if token.text in _ALONE:
            return _ALONE[token.text]
        take = _TAKING.get(token.text)
        if take is None:
            near = get_close_matches(token.text, (*_ALONE, *_TAKING), 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join((*_TAKING, *_ALONE))}"
            raise FilterError(token.at, f"{printable(token.text, 20)} is no filter; {hint}")
        argument = self._take(f"what {token.text} looks for")
        if argument.text in ("<", ">") and not argument.quoted:
            argument = _Token(argument.at, argument.text + self._take("a number of milliseconds").text)
        return take(argument)

    def _take(self, wanted: str) -> _Token:
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

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None


def _type(token: _Token) -> Term:
    found = TYPES.get(token.text.casefold())
    if found is None:
        raise FilterError(token.at, f"{printable(token.text, 20)} is no type: {', '.join(TYPES)}")
    return Type(found)


def _protocol(token: _Token) -> Term:
    name = token.text.casefold()
    if name not in PROTOCOLS:
        raise FilterError(token.at, f"{printable(token.text, 20)} is no protocol: {', '.join(PROTOCOLS)}")
    return WireProtocol(name)


def _round_trip(token: _Token) -> Term:
    match = re.fullmatch(r"([<>]?)(\d+(?:\.\d+)?)(?:ms)?", token.text)
    if match is None:
        raise FilterError(token.at, f"{printable(token.text, 20)} is no round-trip time: >500 means over 500 ms")
    return RoundTrip(match[1] != "<", float(match[2]))


def _body(token: _Token) -> Term:
    try:
        compiled(token.text)
    except (re.error, RecursionError, OverflowError) as error:
        hint = "" if token.quoted else "; one with blanks, brackets or signs stands in quotes"
        raise FilterError(token.at, f"no regular expression: {error}{hint}") from None
    return Body(token.text)


_ALONE: Mapping[str, Term] = {term.sign: term for term in (Received(), Sent(), Wrong(), Unanswered(), Masked())}
_TAKING: Mapping[str, Callable[[_Token], Term]] = {
    Station.sign: lambda token: Station(token.text),
    Action.sign: lambda token: Action(token.text),
    Type.sign: _type,
    WireProtocol.sign: _protocol,
    RoundTrip.sign: _round_trip,
    Body.sign: _body,
}

_CHOICES: Mapping[str, Callable[[Sequence[str], Sequence[str]], Sequence[str]]] = {
    Station.sign: lambda stations, actions: stations,
    Action.sign: lambda stations, actions: sorted(actions),
    Type.sign: lambda stations, actions: tuple(TYPES),
    WireProtocol.sign: lambda stations, actions: PROTOCOLS,
}


def _split_last(text: str) -> tuple[str, str]:
    """The text up to its last word, and that word."""
    cut = max(text.rfind(sign) for sign in " &|!(") + 1
    return text[:cut], text[cut:]


def _quoted(word: str) -> str:
    if not re.search(r"[\s&|()\"']", word) and not word.startswith(("~", "!")):
        return word
    return f"'{word}'" if "'" not in word else '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'
