"""How a rule is written, and what is refused."""

import pytest

from evtui.errors import LocalError
from evtui.ocppj.rules.rule import Deed, Rule, Spread, rule_of, spread_of


@pytest.mark.parametrize(
    ("action", "given", "rule", "said"),
    [
        ("drop", {"chance": "5%"}, Rule("drop", Deed.DROP, chance_percent=5.0), "drop: 5 % of all frames"),
        ("hold", {"filter": "~in"}, Rule("hold", Deed.HOLD, "~in", times=1), "hold: ~in, 1 time"),
        (
            "delay",
            {"delay-ms": "200±50", "name": "slow"},
            Rule("slow", Deed.DELAY, delay_ms=Spread(200, 50)),
            "delay 200+-50 ms: all frames",
        ),
        (
            "answer",
            {"code": "SecurityError", "filter": "~a Authorize", "times": "2"},
            Rule("answer", Deed.ANSWER, "~a Authorize", times=2, code="SecurityError"),
            "answer with SecurityError: ~a Authorize, 2 times",
        ),
        (
            "cut",
            {"every-s": "60+-10"},
            Rule("cut", Deed.CUT, every_s=Spread(60, 10)),
            "cut the connection every 60+-10 s",
        ),
        (
            "edit",
            {"find": "Accepted", "replace": "Blocked"},
            Rule("edit", Deed.EDIT, find="Accepted", replace="Blocked"),
            "edit Accepted to Blocked: all frames",
        ),
    ],
)
def test_a_rule_is_read_and_says_what_it_is(action: str, given: dict[str, str], rule: Rule, said: str) -> None:
    assert rule_of(action, given) == rule
    assert str(rule) == said


@pytest.mark.parametrize(
    "rule",
    [
        Rule("drop-2", Deed.DROP, "~a Heartbeat", 33.3333333333),
        Rule("hold", Deed.HOLD, times=0),
        Rule("slow", Deed.DEFER, chance_percent=1e-7, delay_ms=Spread(3_599_999.25, 0.000001)),
        Rule("cut", Deed.CUT, every_s=Spread(60, 10)),
        Rule("answer", Deed.ANSWER, "~a Authorize", times=2, code="SecurityError"),
        Rule("edit", Deed.EDIT, find="a b", replace=" "),
    ],
)
def test_what_a_rule_says_of_itself_makes_the_same_rule(rule: Rule) -> None:
    given = rule.given
    assert rule_of(given.pop("action"), given) == rule


@pytest.mark.parametrize(
    ("action", "given", "reason"),
    [
        ("break", {}, "action: break is none; there are hold, drop, delay"),
        ("drop", {"chance": "0"}, "chance: 0 is no percentage"),
        ("drop", {"chance": "nan"}, "chance: nan is no percentage"),
        ("drop", {"times": "-1"}, "times: -1 is no number"),
        ("drop", {"filter": "(~in"}, "filter: a bracket that is not closed"),
        ("drop", {"filter": "! (~in ~u)"}, "filter: ~u is not known yet of a frame that is on its way"),
        ("drop", {"filter": "~b a+"}, "filter: ~b could hold up the whole fleet"),
        ("drop", {"filter": "~x"}, "filter: ~x is not known yet"),
        ("drop", {"delay-ms": "5"}, "delay-ms: a rule that is to drop has none; it belongs to delay and defer"),
        ("delay", {}, "delay-ms: nothing is no delay such as 200"),
        ("delay", {"delay-ms": "50+-200"}, "delay-ms: 50+-200 is no delay"),
        ("answer", {"code": "Nonsense"}, "OCPP-J 2.0.1 has no error code Nonsense"),
        ("edit", {}, "find: say which text to replace"),
        ("cut", {"every-s": "0.5"}, "every-s: 0.5 is no time"),
        ("cut", {"every-s": "5", "filter": "~in"}, "every-s: a connection that lives so long needs no filter"),
        ("drop", {"name": "two words"}, "name: two words is none"),
    ],
)
def test_what_makes_no_rule_is_named(action: str, given: dict[str, str], reason: str) -> None:
    with pytest.raises(LocalError) as error:
        rule_of(action, given)
    assert str(error.value).startswith(reason)


@pytest.mark.parametrize(
    ("filter", "reason"),
    [
        (
            "~a Heartbeet",
            "filter: OCPP has no action Heartbeet; did you mean Heartbeat? A vendor's own stands in quotes: "
            "~a 'Heartbeet'",
        ),
        ("~in & !(~e | ~a startTransactions)", "filter: OCPP has no action startTransactions; did you mean Start"),
        ("~a Heartbeet*", "filter: OCPP has no action Heartbeet*; did you mean Heartbeat?"),
        ("~a \x1b[2J", "filter: OCPP has no action \\x1b[2J. A vendor's own"),
    ],
)
def test_an_action_that_no_version_has_is_refused(filter: str, reason: str) -> None:
    with pytest.raises(LocalError) as error:
        rule_of("drop", {"filter": filter})
    assert str(error.value).startswith(reason)


@pytest.mark.parametrize(
    "filter",
    [
        "~a heartbeat",
        "~a RemoteStartTransaction",  # 1.6 alone
        "~a RequestStartTransaction",  # 2.0.1 alone
        "~a Get*",
        "~a ?eartbeat",
        "~a 'AcmeSelfTest'",
        '~a "Acme*"',
        "Heartbeet",  # a word is looked for in the text
    ],
)
def test_an_action_of_any_version_is_taken_and_any_in_quotes(filter: str) -> None:
    assert rule_of("drop", {"filter": filter}).filter == filter


@pytest.mark.parametrize(
    ("text", "spread"),
    [
        ("200", Spread(200)),
        ("200±50", Spread(200, 50)),
        ("200 +- 50 ms", Spread(200, 50)),
        ("1.5+/-0.5", Spread(1.5, 0.5)),
        ("-1", None),
        ("1e9", None),
        ("", None),
    ],
)
def test_a_spread_is_a_figure_give_or_take(text: str, spread: Spread | None) -> None:
    assert spread_of(text) == spread
