"""What people have set on stations: the last word on each thing stands, and as few commands as may be say it again."""

from evtui.engine.door import Command, Outcome, Target, TargetOutcome
from evtui.engine.standing import Standing

ONE, TWO = Target("CP001"), Target("CP002")
FIRST, SECOND = Target("CP001", 1), Target("CP001", 2)


def took(standing: Standing, name: str, targets: tuple[Target, ...], refused: int = 0, **arguments: str) -> None:
    """A command that acted on these, but for the last ones, which refused."""
    command = Command(name, targets, {key.replace("_", "-"): text for key, text in arguments.items()})
    done = len(targets) - refused
    results = tuple(TargetOutcome(target, number < done, "") for number, target in enumerate(targets))
    standing.took(command, Outcome(not refused, "", results))


def test_a_variable_has_its_last_value() -> None:
    standing = Standing()
    took(standing, "set-variable", (ONE, TWO), variable="A.B", value="1")
    took(standing, "set-variable", (ONE,), variable="A.C", value="2")
    took(standing, "set-variable", (ONE,), variable=" A.B ", value="3")
    assert standing.commands() == (
        Command("set-variable", (ONE,), {"variable": "A.C", "value": "2"}),
        Command("set-variable", (TWO,), {"variable": "A.B", "value": "1"}),
        Command("set-variable", (ONE,), {"variable": " A.B ", "value": "3"}),
    )


def test_what_was_refused_does_not_stand() -> None:
    standing = Standing()
    took(standing, "set-variable", (ONE, TWO), refused=1, variable="A.B", value="1")
    assert [command.targets for command in standing.commands()] == [(ONE,)]


def test_limits_are_of_an_evse_and_a_source_and_end_without_figures() -> None:
    standing = Standing()
    took(standing, "limit", (FIRST, SECOND), power_w="5000")
    took(standing, "limit", (FIRST,), current_a="6", source="echonet")
    took(standing, "limit", (FIRST,), source="operator")
    assert standing.commands() == (
        Command("limit", (SECOND,), {"power-w": "5000"}),
        Command("limit", (FIRST,), {"current-a": "6", "source": "echonet"}),
    )


def test_what_is_over_at_once_does_not_stand() -> None:
    standing = Standing()
    took(standing, "start", (FIRST,))
    took(standing, "fault", (FIRST,), kind="ground-fault")
    assert standing.commands() == ()


def test_a_station_that_is_gone_takes_its_settings_along() -> None:
    standing = Standing()
    took(standing, "set-variable", (ONE, TWO), variable="A.B", value="1")
    standing.forget("CP001")
    standing.forget("CP009")
    assert [command.targets for command in standing.commands()] == [(TWO,)]
