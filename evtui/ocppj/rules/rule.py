"""A rule: which frames it meets, how often, and what becomes of them. Pure: whoever asks brings the dice."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Protocol

import msgspec

from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.filter import FilterError, parse, uses_patterns
from evtui.ocppj.filter.language import named
from evtui.ocppj.filter.terms import Action, And, Filter, Masked, Meddled, Not, Or, RoundTrip, Unanswered
from evtui.ocppj.frame import FrameType
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.rpc import spelled
from evtui.ocppj.schema_files import all_actions

LONGEST_DELAY_MS = 3_600_000.0
SHORTEST_LIFE_S, LONGEST_LIFE_S = 1.0, 86_400.0
MOST_TIMES = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_SPREAD = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(?:±|\+-|\+/-)\s*(\d+(?:\.\d+)?))?\s*(?:ms|s)?")


class Deed(StrEnum):
    """What a rule does to a frame."""

    HOLD = "hold"
    DROP = "drop"
    DELAY = "delay"
    DEFER = "defer"
    DUPLICATE = "duplicate"
    EDIT = "edit"
    CORRUPT = "corrupt"
    ANSWER = "answer"
    CUT = "cut"


class Dice(Protocol):
    """Chance that repeats."""

    def uniform(self, low: float, high: float) -> float: ...


class Spread(msgspec.Struct, frozen=True):
    """A figure, give or take: every value within `around` of `middle` is as likely."""

    middle: float
    around: float = 0.0

    def draw(self, dice: Dice) -> float:
        """One of them, never below 0."""
        if not self.around:
            return self.middle
        return max(0.0, dice.uniform(self.middle - self.around, self.middle + self.around))

    def __str__(self) -> str:
        return f"{self.middle:g}" + (f"+-{self.around:g}" if self.around else "")

    @property
    def exactly(self) -> str:
        """The same with all its digits, as `spread_of` reads it."""
        return f"{self.middle:.9f}+-{self.around:.9f}"


class Rule(msgspec.Struct, frozen=True):
    """`filter` is in the language of `evtui.ocppj.filter`; `chance_percent` of the frames that it lets through are met,
    `times` of them at most (0: always). `delay_ms` is for delay and defer, `code` for answer, `find` and `replace`
    (plain text) for edit; a cut with `every_s` needs no frame: each connection lives so long."""

    name: str
    deed: Deed
    filter: str = ""
    chance_percent: float = 100.0
    times: int = 0
    delay_ms: Spread | None = None
    every_s: Spread | None = None
    code: str = ""
    find: str = ""
    replace: str = ""

    def __str__(self) -> str:
        what = self.deed.value
        match self.deed:
            case Deed.DELAY | Deed.DEFER:
                what += f" {self.delay_ms} ms"
            case Deed.ANSWER:
                what += f" with {self.code}"
            case Deed.EDIT:
                what += f" {self.find} to {self.replace or 'nothing'}"
            case Deed.CUT if self.every_s is not None:
                return f"cut the connection every {self.every_s} s"
        often = "" if self.chance_percent == 100.0 else f"{self.chance_percent:g} % of "
        which = self.filter or "all frames"
        most = f", {self.times} time{'s' if self.times != 1 else ''}" if self.times else ""
        return printable(f"{what}: {often}{which}{most}", 300)

    @property
    def given(self) -> dict[str, str]:
        """What `rule_of` makes the same rule of, its action included."""
        given = {
            "action": self.deed.value,
            "filter": self.filter,
            "chance": repr(self.chance_percent),
            "times": str(self.times),
            "delay-ms": "" if self.delay_ms is None else self.delay_ms.exactly,
            "every-s": "" if self.every_s is None else self.every_s.exactly,
            "code": self.code,
            "find": self.find,
            "replace": self.replace,
            "name": self.name,
        }
        return {name: text for name, text in given.items() if text}

    @property
    def term(self) -> Filter:
        """Its filter, read."""
        return parse(self.filter)

    def concerns(self, meta: FrameMeta) -> bool:
        """An answer can only be given to a CALL that names itself."""
        return self.deed is not Deed.ANSWER or (meta.type is FrameType.CALL and bool(meta.message_id))


FIELDS = ("filter", "chance", "times", "delay-ms", "every-s", "code", "find", "replace", "name")
"""What says what a rule is, beside its action; all are text on the way in."""

_OF: Mapping[str, tuple[Deed, ...]] = {
    "delay-ms": (Deed.DELAY, Deed.DEFER),
    "every-s": (Deed.CUT,),
    "code": (Deed.ANSWER,),
    "find": (Deed.EDIT,),
    "replace": (Deed.EDIT,),
}


def rule_of(action: str, given: Mapping[str, str]) -> Rule:
    """A rule as somebody wrote it; without a name it has that of its action. LocalError names what is wrong."""
    try:
        deed = Deed(action)
    except ValueError:
        raise LocalError(f"action: {printable(action, 40)} is none; there are {', '.join(Deed)}") from None
    given = {name: text.strip() if name != "replace" else text for name, text in given.items() if text}
    for name, deeds in _OF.items():
        if name in given and deed not in deeds:
            raise LocalError(f"{name}: a rule that is to {deed.value} has none; it belongs to {' and '.join(deeds)}")
    if (name := given.get("name", deed.value)) and not _NAME.fullmatch(name):
        raise LocalError(f"name: {printable(name, 40)} is none; use up to 20 letters, digits, dots and dashes")
    rule = Rule(
        name,
        deed,
        _filter(given.get("filter", "")),
        _chance(given.get("chance", "100")),
        _times(given.get("times", "1" if deed is Deed.HOLD else "0")),
        _delay(given.get("delay-ms", "")) if deed in _OF["delay-ms"] else None,
        _life(given["every-s"]) if "every-s" in given else None,
        given.get("code", "InternalError") if deed is Deed.ANSWER else "",
        given.get("find", ""),
        given.get("replace", ""),
    )
    if deed is Deed.ANSWER:
        spelled(rule.code, "2.0.1")
    elif deed is Deed.EDIT and not rule.find:
        raise LocalError("find: say which text to replace")
    elif rule.every_s is not None and (rule.filter or rule.chance_percent != 100.0 or rule.times):
        raise LocalError("every-s: a connection that lives so long needs no filter, chance or times")
    return rule


def spread_of(text: str) -> Spread | None:
    """A figure such as 200, 200±50 or 200+-50; None if it is none."""
    match = _SPREAD.fullmatch(text)
    return None if match is None else Spread(float(match[1]), float(match[2] or 0.0))


def _filter(text: str) -> str:
    try:
        term = parse(text)
    except FilterError as error:
        raise LocalError(f"filter: {error}") from None
    if uses_patterns(term):
        raise LocalError("filter: ~b could hold up the whole fleet here; use a word")
    _know(term)
    return text


def _know(term: Filter) -> None:
    """Refuses what cannot be known of a frame that is still on its way, and an action that no frame has."""
    match term:
        case And(terms=terms) | Or(terms=terms):
            for each in terms:
                _know(each)
        case Not(term=inner):
            _know(inner)
        case Unanswered() | RoundTrip() | Meddled() | Masked():
            raise LocalError(f"filter: {term.sign} is not known yet of a frame that is on its way")
        case Action(name=name, quoted=False):
            _know_action(name)


def _know_action(name: str) -> None:
    """Refuses a name or pattern that covers no action of any version: a rule on a misspelt one would wait for ever."""
    known = all_actions()
    if any(map(named(name), known)):
        return
    folded = {action.casefold(): action for action in known}
    near = get_close_matches(name.casefold().strip("*?"), folded, n=1)
    hint = f"; did you mean {folded[near[0]]}?" if near else "."
    shown = printable(name, 40)
    raise LocalError(f"filter: OCPP has no action {shown}{hint} A vendor's own stands in quotes: ~a '{shown}'")


def _chance(text: str) -> float:
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not 0.0 < percent <= 100.0:
        raise LocalError(f"chance: {printable(text, 40)} is no percentage above 0, up to 100")
    return percent


def _times(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 8 or int(text) > MOST_TIMES:
        raise LocalError(f"times: {printable(text, 40)} is no number from 0 (always) to {MOST_TIMES}")
    return int(text)


def _delay(text: str) -> Spread:
    spread = spread_of(text)
    if spread is None or not 0.0 < spread.middle <= LONGEST_DELAY_MS or spread.around > spread.middle:
        raise LocalError(f"delay-ms: {printable(text, 40) or 'nothing'} is no delay such as 200 or 200+-50")
    return spread


def _life(text: str) -> Spread:
    spread = spread_of(text)
    if spread is None or not (
        spread.middle - spread.around >= SHORTEST_LIFE_S and spread.middle + spread.around <= LONGEST_LIFE_S
    ):
        raise LocalError(f"every-s: {printable(text, 40)} is no time such as 60 or 60+-10, from 1 to 86400 s")
    return spread


Read = Callable[[str], FrameMeta]
"""What a text is, as far as can be told before the RPC engine has it."""
