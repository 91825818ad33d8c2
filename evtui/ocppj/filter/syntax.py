"""The filter language of frames: which words it has, and what is said of a text that is none."""

import re
from collections.abc import Callable, Mapping, Sequence

from evtui.ocppj.filter.language import Choices, Entry, FilterError, Joints, Language, Token, bound, one_of
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
    Meddled,
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


def parse(text: str) -> Filter:
    """The filter that a text means; an empty one lets everything through. FilterError says what is wrong, where."""
    return FRAMES.parse(text)


def help_rows() -> list[tuple[str, str]]:
    """The language, a row each: how it is written, which frames it lets through."""
    return FRAMES.help_rows()


def complete(text: str, stations: Sequence[str], actions: Sequence[str]) -> list[str]:
    """What the text could go on as, the whole of it each: signs, and after `~s`, `~a`, `~t` and `~p` what there is."""
    return FRAMES.complete(text, frame_choices(lambda: stations, lambda: actions))


def frame_choices(stations: Callable[[], Sequence[str]], actions: Callable[[], Sequence[str]]) -> Choices:
    """What can be looked for among frames."""
    return {
        Station.sign: stations,
        Action.sign: lambda: sorted(actions()),
        Type.sign: lambda: tuple(TYPES),
        WireProtocol.sign: lambda: PROTOCOLS,
    }


def _type(token: Token) -> Term:
    return Type(TYPES[one_of(token, tuple(TYPES), "type")])


def _protocol(token: Token) -> Term:
    return WireProtocol(one_of(token, PROTOCOLS, "protocol"))


def _round_trip(token: Token) -> Term:
    return RoundTrip(*bound(token, "ms", "no round-trip time: >500 means over 500 ms"))


def _body(token: Token) -> Term:
    try:
        compiled(token.text)
    except (re.error, RecursionError, OverflowError) as error:
        hint = "" if token.quoted else "; one with blanks, brackets or signs stands in quotes"
        raise FilterError(token.at, f"no regular expression: {error}{hint}") from None
    return Body(token.text)


_ALONE: Mapping[str, Term] = {
    term.sign: term for term in (Received(), Sent(), Wrong(), Unanswered(), Masked(), Meddled())
}
_TAKING: Mapping[str, Callable[[Token], Term]] = {
    Station.sign: lambda token: Station(token.text),
    Action.sign: lambda token: Action(token.text, token.quoted),
    Type.sign: _type,
    WireProtocol.sign: _protocol,
    RoundTrip.sign: _round_trip,
    Body.sign: _body,
}

FRAMES: Language[Term] = Language(
    [Entry(term.sign, term.takes, term.help) for term in WRITTEN],
    _ALONE,
    _TAKING,
    Word,
    Joints(Everything(), And, Or, Not),
)
"""The language of frames."""
