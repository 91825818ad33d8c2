"""Frames between RPC engine and socket: what comes in, what goes out, when, and in which order."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.ocppj.frame import Direction, FrameType
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.rules.lanes import Lanes, Step, Verdict
from evtui.ocppj.rules.rule import Spread, rule_of
from evtui.sim.chance import Chance

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED


def read(text: str) -> FrameMeta:
    try:
        frame = json.loads(text)
        return FrameMeta(FrameType(frame[0]), frame[2] if frame[0] == 2 else "", frame[1])
    except ValueError:
        return FrameMeta(FrameType.UNREADABLE, "", "", "not JSON")


def call(number: int, action: str = "Heartbeat") -> str:
    return json.dumps([2, str(number), action, {}])


def lanes(*rules: dict[str, str], station: str = "CP001", seed: int = 1) -> Lanes:
    made = Lanes(station, lambda name: Chance(seed, station, f"rule {name}"))
    made.linked("2.0.1", read, 0.0)
    for rule in rules:
        given = dict(rule)
        made.add(rule_of(given.pop("action"), given), 0.0)
    return made


def put(it: Lanes, text: str, now_s: float = 0.0, direction: Direction = SENT) -> None:
    it.put(direction, read(text), text, now_s)


def steps(it: Lanes, now_s: float) -> list[Step]:
    found = []
    while (step := it.take(now_s)) is not None:
        found.append(step)
    return found


def told(it: Lanes, now_s: float) -> list[tuple[str, str, str]]:
    """Kind, message id and note of what is due."""
    return [(step.kind, step.meta.message_id, step.note) for step in steps(it, now_s)]


def test_without_a_rule_that_meets_it_a_frame_passes_unmarked() -> None:
    it = lanes({"action": "drop", "filter": "~a Authorize"})
    put(it, call(1))
    assert it.take(0.0) == Step("pass", SENT, read(call(1)), call(1))
    assert it.take(0.0) is None


def test_a_dropped_frame_is_told_and_goes_nowhere() -> None:
    it = lanes({"action": "drop", "filter": "~out & ~a Heartbeat"})
    put(it, call(1))
    put(it, call(2), direction=RECEIVED)
    assert told(it, 0.0) == [("lose", "1", "dropped by drop"), ("pass", "2", "")]


def test_a_delayed_frame_holds_back_those_behind_it_in_its_own_direction_alone() -> None:
    it = lanes({"action": "delay", "delay-ms": "200", "filter": "~a Authorize"})
    put(it, call(1, "Authorize"))
    put(it, call(2), 0.05)
    put(it, call(3), 0.05, RECEIVED)
    assert told(it, 0.05) == [("pass", "3", "")]
    assert it.deadline_s == pytest.approx(0.2)
    assert told(it, 0.2) == [("pass", "1", "delayed 200 ms by delay"), ("pass", "2", "waited 150 ms behind another")]


def test_a_deferred_frame_is_overtaken() -> None:
    it = lanes({"action": "defer", "delay-ms": "200", "times": "1"})
    put(it, call(1))
    put(it, call(2))
    assert told(it, 0.0) == [("pass", "2", "")]
    assert it.deadline_s == pytest.approx(0.2)
    assert told(it, 0.25) == [("pass", "1", "delayed 250 ms by defer")]


def test_a_duplicate_comes_at_once_behind_its_frame_and_pairs_with_nothing() -> None:
    it = lanes({"action": "duplicate"})
    put(it, call(1))
    put(it, call(2))
    assert [(s.meta.message_id, s.note, s.paired) for s in steps(it, 0.0)] == [
        ("1", "duplicated by duplicate", True),
        ("1", "duplicate", False),
        ("2", "duplicated by duplicate", True),
        ("2", "duplicate", False),
    ]


def test_an_edited_frame_keeps_what_it_was() -> None:
    it = lanes({"action": "edit", "find": "Heartbeat", "replace": "Heartbeet"})
    put(it, call(1))
    put(it, call(2, "Authorize"))
    edited, other = steps(it, 0.0)
    assert (edited.text, edited.original, edited.note) == (call(1, "Heartbeet"), call(1), "edited by edit")
    assert edited.meta.action == "Heartbeet"
    assert (other.original, other.note) == ("", "")
    assert it.rules[0].met == 1  # the other was let through by the filter, but there was nothing to change


def test_a_corrupt_frame_is_cut_short() -> None:
    it = lanes({"action": "corrupt"})
    put(it, call(1))
    step = steps(it, 0.0)[0]
    assert isinstance(step.text, str)
    assert call(1).startswith(step.text)
    assert len(step.text) < len(call(1))
    assert step.meta.fault == "not JSON"


@pytest.mark.parametrize("direction", [SENT, RECEIVED])
def test_an_answered_call_never_arrives_and_its_callerror_comes_back(direction: Direction) -> None:
    it = lanes({"action": "answer", "code": "SecurityError"})
    put(it, call(7), direction=direction)
    lost, made = steps(it, 0.0)
    assert (lost.kind, lost.direction, lost.note) == ("lose", direction, "answered with SecurityError by answer")
    assert (made.kind, made.direction, made.note) == ("pass", 1 - direction, "made by a rule")
    assert json.loads(made.text)[:3] == [4, "7", "SecurityError"]
    put(it, json.dumps([3, "8", {}]), direction=direction)
    assert told(it, 0.0) == [("pass", "8", "")]  # an answer is not answered


def test_a_version_spells_the_code_of_an_answer_its_own_way() -> None:
    it = lanes({"action": "answer", "code": "FormatViolation"})
    it.linked("1.6", read, 0.0)
    put(it, call(7))
    assert json.loads(steps(it, 0.0)[1].text)[2] == "FormationViolation"


def test_a_cut_loses_its_frame_and_the_connection() -> None:
    it = lanes({"action": "cut", "filter": "~a Heartbeat"})
    put(it, call(1))
    assert told(it, 0.0) == [("lose", "1", "lost: cut cut the connection"), ("cut", "1", "cut cut the connection")]


def test_a_connection_is_cut_as_often_as_a_rule_says_counted_from_its_own_beginning() -> None:
    it = lanes({"action": "cut", "every-s": "60"})
    assert it.deadline_s == 60.0
    assert told(it, 59.9) == []
    assert [step.kind for step in steps(it, 60.0)] == ["cut"]
    assert it.lost(60.0) == []
    it.linked("2.0.1", read, 75.0)
    assert (told(it, 134.9), [step.kind for step in steps(it, 135.0)]) == ([], ["cut"])


def test_rules_work_together_until_one_decides() -> None:
    it = lanes(
        {"action": "delay", "delay-ms": "100"},
        {"action": "delay", "delay-ms": "50"},
        {"action": "drop", "chance": "100"},
    )
    put(it, call(1))
    assert told(it, 0.1) == []
    assert told(it, 0.151) == [("lose", "1", "dropped by drop; delayed 151 ms by delay and delay-2")]


def test_a_rule_is_over_when_it_has_met_as_many_as_it_may() -> None:
    it = lanes({"action": "drop", "times": "2"})
    for number in range(3):
        put(it, call(number))
    assert [kind for kind, _, _ in told(it, 0.0)] == ["lose", "lose", "pass"]
    assert it.rules == ()
    assert it.idle


# -- holding ------------------------------------------------------------------------------------------


def held() -> Lanes:
    it = lanes({"action": "hold", "filter": "~a Authorize"})
    put(it, call(1, "Authorize"))
    put(it, call(2), 1.0)
    assert told(it, 2.0) == []
    assert it.deadline_s is None
    return it


def test_the_next_matching_frame_is_held_once_with_all_that_come_behind_it() -> None:
    it = held()
    assert [(each.number, each.meta.action, each.since_s, each.rule) for each in it.held] == [
        (1, "Authorize", 0.0, "hold")
    ]
    assert it.rules == ()
    assert not it.idle


@pytest.mark.parametrize(
    ("verdict", "out"),
    [
        (
            Verdict("pass"),
            [("pass", "1", "held 3.0 s by hold, then passed"), ("pass", "2", "waited 2000 ms behind another")],
        ),
        (
            Verdict("drop"),
            [("lose", "1", "held 3.0 s by hold, then dropped"), ("pass", "2", "waited 2000 ms behind another")],
        ),
        (
            Verdict("duplicate"),
            [
                ("pass", "1", "held 3.0 s by hold, then passed twice"),
                ("pass", "1", "duplicate"),
                ("pass", "2", "waited 2000 ms behind another"),
            ],
        ),
        (
            Verdict("edit", call(9, "Authorize")),
            [("pass", "9", "held 3.0 s by hold, then edited"), ("pass", "2", "waited 2000 ms behind another")],
        ),
        (
            Verdict("answer", code="GenericError"),
            [
                ("lose", "1", "held 3.0 s by hold, then answered with GenericError"),
                ("pass", "2", "waited 2000 ms behind another"),
                ("pass", "1", "made by a rule"),
            ],
        ),
        (Verdict("delay", delay_ms=Spread(500)), []),
    ],
)
def test_what_becomes_of_a_held_frame_is_marked_on_it(verdict: Verdict, out: list[tuple[str, str, str]]) -> None:
    it = held()
    it.release(None, verdict, 3.0)
    assert told(it, 3.0) == out
    if not out:
        assert it.deadline_s == 3.5
        assert told(it, 3.5)[0] == ("pass", "1", "held 3.0 s by hold, then delayed 500 ms")


def test_an_edited_held_frame_keeps_what_it_was() -> None:
    it = held()
    it.release(1, Verdict("edit", "nonsense"), 3.0)
    step = steps(it, 3.0)[0]
    assert (step.text, step.original, step.meta.fault) == ("nonsense", call(1, "Authorize"), "not JSON")


@pytest.mark.parametrize(
    ("number", "verdict", "reason"),
    [
        (2, Verdict("pass"), "frame 2 is not held: there is 1"),
        (1, Verdict("eat"), "eat is nothing that can become of a frame"),
        (1, Verdict("delay"), "delay-ms: say how long"),
        (1, Verdict("answer", code="Nonsense"), "OCPP-J 2.0.1 has no error code Nonsense"),
    ],
)
def test_what_cannot_become_of_it_leaves_it_held(number: int, verdict: Verdict, reason: str) -> None:
    it = held()
    with pytest.raises(LocalError, match=reason):
        it.release(number, verdict, 3.0)
    assert [each.number for each in it.held] == [1]
    assert told(it, 3.0) == []


def test_with_the_connection_goes_all_that_was_on_its_way() -> None:
    it = held()
    assert [(step.kind, step.meta.message_id, step.note) for step in it.lost(4.0)] == [
        ("lose", "1", "held 4.0 s by hold; lost with the connection"),
        ("lose", "2", "waited 3000 ms behind another; lost with the connection"),
    ]
    assert it.idle


def test_a_peer_that_sends_on_and_on_behind_a_held_frame_is_cut_off() -> None:
    it = lanes({"action": "hold", "filter": "~in"})
    for number in range(1_001):
        put(it, call(number), direction=RECEIVED)
    assert [step.kind for step in steps(it, 0.0)] == ["lose", "cut"]


def test_rules_have_names_of_their_own() -> None:
    it = lanes({"action": "drop"}, {"action": "drop"}, {"action": "drop", "name": "mine"})
    assert [active.rule.name for active in it.rules] == ["drop", "drop-2", "mine"]
    with pytest.raises(LocalError, match="there is a rule mine already"):
        it.add(rule_of("drop", {"name": "mine"}), 0.0)
    with pytest.raises(LocalError, match="there is no rule none: there are drop, drop-2, mine"):
        it.remove("none")
    it.remove("drop")
    assert [active.rule.name for active in it.rules] == ["drop-2", "mine"]


# -- properties ---------------------------------------------------------------------------------------

RULES = st.lists(
    st.sampled_from(
        [
            {"action": "drop", "chance": "30"},
            {"action": "delay", "delay-ms": "200+-150", "chance": "50"},
            {"action": "duplicate", "chance": "20"},
            {"action": "edit", "find": "Heartbeat", "replace": "H", "chance": "20"},
            {"action": "corrupt", "chance": "10"},
            {"action": "answer", "chance": "10"},
        ]
    ),
    max_size=5,
)
GAPS = st.lists(st.integers(0, 400), min_size=1, max_size=40)


def run(rules: list[dict[str, str]], gaps: list[int], station: str = "CP001") -> list[tuple[float, Step]]:
    """All steps, with their times, of frames that come so many ms after each other."""
    it = lanes(*rules, station=station)
    now_s, out = 0.0, []
    for number, gap in enumerate(gaps):
        end_s = now_s + gap / 1000
        while (due_s := it.deadline_s) is not None and due_s <= end_s:
            now_s = max(now_s, due_s)
            out += [(now_s, step) for step in steps(it, now_s)]
        now_s = end_s
        put(it, call(number), now_s)
        out += [(now_s, step) for step in steps(it, now_s)]
    while (due_s := it.deadline_s) is not None:
        now_s = max(now_s, due_s)
        out += [(now_s, step) for step in steps(it, now_s)]
    return out


@given(RULES, GAPS)
def test_frames_stay_in_order_and_none_vanishes_untold(rules: list[dict[str, str]], gaps: list[int]) -> None:
    out = [step for _, step in run(rules, gaps) if step.direction is SENT and step.note != "duplicate"]
    ids = [int(json.loads(step.original or step.text)[1]) for step in out]
    assert ids == list(range(len(gaps)))


@given(RULES, GAPS)
def test_the_same_seed_does_the_same_and_no_station_depends_on_another(
    rules: list[dict[str, str]], gaps: list[int]
) -> None:
    assert run(rules, gaps) == run(rules, gaps)


@given(st.integers(1, 99))
def test_a_chance_is_kept_within_what_chance_allows(percent: int) -> None:
    it = lanes({"action": "drop", "chance": str(percent)}, seed=percent)
    for number in range(500):
        put(it, call(number))
    dropped = sum(step.kind == "lose" for step in steps(it, 0.0))
    assert abs(dropped - percent * 5) <= 5 * (500 * percent * (100 - percent) / 10_000) ** 0.5 + 1


def test_one_rule_more_moves_no_other_and_no_other_station() -> None:
    alone = [step.kind for _, step in run([{"action": "drop", "chance": "30"}], [0] * 60)]
    other = [step.kind for _, step in run([{"action": "drop", "chance": "30"}], [0] * 60, station="CP002")]
    both = run([{"action": "duplicate", "chance": "50"}, {"action": "drop", "chance": "30"}], [0] * 60)
    assert [step.kind for _, step in both if step.note != "duplicate"] == alone
    assert alone != other
