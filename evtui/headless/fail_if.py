"""`--fail-if`: what has to be true of a run's figures for it to count as failed, such as `p99>500ms or errors>0`."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from evtui.config_errors import nearest
from evtui.errors import ConfigError

FIGURES: Mapping[str, str] = {
    "p50": "median round-trip time of the stations' CALLs",
    "p90": "what 90 % of them took at most",
    "p99": "what 99 % of them took at most",
    "max": "the longest",
    "errors": "frames that were CALLERRORs, or broke the schema or the protocol",
    "unanswered": "CALLs that got no answer in time",
    "failed": "sessions that failed",
    "sessions": "sessions that were completed",
    "undelivered": "transaction messages that were still owed at the end",
    "offline": "stations that were not accepted at the end",
    "kwh": "energy of the completed sessions",
}
"""Names and meanings. Times are in seconds, infinite as long as nothing was answered."""

TIMES = ("p50", "p90", "p99", "max")

_SECONDS = {"ms": 1e-3, "s": 1.0, "": 1.0}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
}
_CONDITION = re.compile(r"\s*([a-z0-9]+)\s*(>=|<=|==|!=|=|>|<)\s*([0-9]+(?:\.[0-9]*)?)\s*([a-z%]*)\s*")
_EXAMPLE = "such as 'p99>500ms or errors>0'"


class Condition(NamedTuple):
    """One comparison."""

    figure: str
    sign: str
    bound: float
    text: str

    def holds(self, figures: Mapping[str, float]) -> bool:
        """It is true of these figures."""
        return _COMPARE[self.sign](figures[self.figure], self.bound)


class FailIf(NamedTuple):
    """Conditions: true when all of any one group are."""

    groups: tuple[tuple[Condition, ...], ...]

    def why(self, figures: Mapping[str, float]) -> str | None:
        """What has come true, with the figures; None if nothing has."""
        for group in self.groups:
            if all(condition.holds(figures) for condition in group):
                return " and ".join(f"{each.text} ({shown(each.figure, figures[each.figure])})" for each in group)
        return None


def fail_if(text: str) -> FailIf:
    """Reads comparisons joined by `and` and, less tightly, by `or`. ConfigError says what is wrong, and where."""
    return FailIf(tuple(tuple(map(_condition, _split(part, "and"))) for part in _split(text, "or")))


def shown(figure: str, value: float) -> str:
    """A figure as people read it."""
    if figure not in TIMES:
        return f"{value:.3f}" if figure == "kwh" else f"{value:.0f}"
    return "no answer" if math.isinf(value) else f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def _split(text: str, word: str) -> list[str]:
    return re.split(rf"\b{word}\b", text)


def _condition(text: str) -> Condition:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise ConfigError(f"--fail-if: {text.strip()!r} is no comparison, {_EXAMPLE}")
    figure, sign, number, unit = found.groups()
    if figure not in FIGURES:
        raise ConfigError(f"--fail-if: there is no figure {figure!r}{nearest(figure, FIGURES)}: {', '.join(FIGURES)}")
    if unit not in (_SECONDS if figure in TIMES else ("",)):
        right = "ms or s" if figure in TIMES else "none"
        raise ConfigError(f"--fail-if: {text.strip()!r} has the unit {unit!r}, but {figure} has {right}")
    return Condition(figure, sign, float(number) * _SECONDS[unit], text.strip())
