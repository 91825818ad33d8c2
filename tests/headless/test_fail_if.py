"""--fail-if: comparisons of a run's figures, read and judged."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import ConfigError
from evtui.headless.fail_if import FIGURES, TIMES, fail_if

GOOD: dict[str, float] = {**dict.fromkeys(FIGURES, 0.0), "p99": 0.2, "sessions": 3.0, "kwh": 21.5}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("p99>500ms", None),
        ("p99>0.1s", "p99>0.1s (200.0 ms)"),
        ("p99 >= 200ms", "p99 >= 200ms (200.0 ms)"),
        ("errors>0", None),
        ("errors=0", "errors=0 (0)"),
        ("errors!=0 or sessions<5", "sessions<5 (3)"),
        ("sessions<5 and kwh>20", "sessions<5 (3) and kwh>20 (21.500)"),
        ("errors>0 and sessions<5 or kwh<21", None),
        ("errors>0 and sessions<5 or kwh<22", "kwh<22 (21.500)"),
        ("p50 == 0", "p50 == 0 (0.0 ms)"),
    ],
)
def test_what_has_come_true_is_told_with_its_figures(text: str, why: str | None) -> None:
    assert fail_if(text).why(GOOD) == why


def test_without_an_answer_every_time_is_too_long() -> None:
    assert fail_if("p99>500ms").why({**GOOD, "p99": math.inf}) == "p99>500ms (no answer)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p98>5", "there is no figure 'p98'; did you mean p99?"),
        ("errors", "'errors' is no comparison"),
        ("", "'' is no comparison"),
        ("errors>0 or", "'' is no comparison"),
        ("errors>x", "'errors>x' is no comparison"),
        ("errors>3ms", "'errors>3ms' has the unit 'ms', but errors has none"),
        ("p99>3h", "'p99>3h' has the unit 'h', but p99 has ms or s"),
    ],
)
def test_what_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        fail_if(text)
    assert said in str(refused.value)
    assert str(refused.value).startswith("--fail-if: ")


@given(st.sampled_from(list(FIGURES)), st.sampled_from([">", "<", ">=", "<=", "=", "!="]), st.floats(0, 1e6))
def test_any_figure_can_be_compared(figure: str, sign: str, bound: float) -> None:
    unit = "ms" if figure in TIMES else ""
    judged = fail_if(f"{figure}{sign}{bound:.3f}{unit}").why(dict.fromkeys(FIGURES, 2e6))
    assert (judged is not None) == (sign in (">", ">=", "!="))


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ConfigError):
        fail_if(text)
