"""What is typed is read as a command, or the error says what would be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.engine.commands import COMMANDS, Scope
from evtui.errors import LocalError
from evtui.headless.plain.order import Order, read_order, spec_of, usage


def read(line: str) -> Order:
    name, _, rest = line.partition(" ")
    return read_order(spec_of(name), rest)


@pytest.mark.parametrize(
    ("line", "name", "station", "evse", "arguments"),
    [
        ("s", "start", "", 0, {}),
        ("s CP002", "start", "CP002", 0, {}),
        ("x CP002 1", "stop", "CP002", 1, {}),
        ("p all", "toggle-plug", "all", 0, {}),
        ("start CP001 1 ABC", "start", "CP001", 1, {"id-token": "ABC"}),
        ("start CP001 id-token=A id-token-type=B", "start", "CP001", 0, {"id-token": "A", "id-token-type": "B"}),
        ("start id-token=A CP001", "start", "CP001", 0, {"id-token": "A"}),
        ("start CP001 1 'A B'", "start", "CP001", 1, {"id-token": "A B"}),
        ("start CP001 x=1", "start", "CP001", 0, {"id-token": "x=1"}),
        ('start "a b" 2', "start", "a b", 2, {}),
        ("limit CP001 power-w=7000", "limit", "CP001", 0, {"power-w": "7000"}),
        ("limit CP001 current-a=16 source=echonet", "limit", "CP001", 0, {"current-a": "16", "source": "echonet"}),
        ("fault CP001 2 ground-fault station", "fault", "CP001", 2, {"kind": "ground-fault", "level": "station"}),
        ('send A B {"a": [1]} send', "send", "A", 0, {"action": "B", "payload": '{"a": [1]}', "invalid": "send"}),
        ('send CP001 Heartbeat payload={"a": 1}', "send", "CP001", 0, {"action": "Heartbeat", "payload": '{"a": 1}'}),
        ('send-raw CP001 [2,"1","Heartbeat", {}]', "send-raw", "CP001", 0, {"text": '[2,"1","Heartbeat", {}]'}),
        ("send-raw CP001 '[broken'", "send-raw", "CP001", 0, {"text": "[broken"}),
        ("send-raw CP001 [broken", "send-raw", "CP001", 0, {"text": "[broken"}),
        ('add-rule CP* drop filter="~in & ~e"', "add-rule", "CP*", 0, {"action": "drop", "filter": "~in & ~e"}),
        ("add-stations 3", "add-stations", "", 0, {"count": "3"}),
        ("set-variable CP001 A.B 1", "set-variable", "CP001", 0, {"variable": "A.B", "value": "1"}),
    ],
)  # fmt: skip
def test_a_line_is_a_command(line: str, name: str, station: str, evse: int, arguments: dict[str, str]) -> None:
    order = read(line)
    assert (order.spec.name, order.station, order.evse_id, order.arguments) == (name, station, evse, arguments)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("strat CP001", "there is no command 'strat'; did you mean start?"),
        ("qqqqqq", "there is no command 'qqqqqq'; help tells what there is"),
        ("stop CP001 1 why", "stop: what is 'why'? Write stop STATION [EVSE]"),
        ("add-stations 1 2", "add-stations: what is '2'? Write add-stations [count]"),
        ("start 'CP001", "begins with a quote that does not end"),
        ("fault CP001 1 a b c d e", "Write fault STATION [EVSE] kind [level] [tech-code] [tech-info]"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(line: str, error: str) -> None:
    with pytest.raises(LocalError) as raised:
        read(line)
    assert error in str(raised.value)


@given(st.sampled_from(sorted(COMMANDS)), st.text(max_size=60))
def test_any_text_is_a_command_or_an_error(name: str, text: str) -> None:
    spec = COMMANDS[name]
    try:
        order = read_order(spec, text)
    except LocalError:
        return
    assert set(order.arguments) <= {each.name for each in spec.arguments}
    assert spec.scope is Scope.EVSE or order.evse_id == 0


@given(st.sampled_from(sorted(COMMANDS)), st.data())
def test_every_argument_can_be_given_by_name(name: str, data: st.DataObject) -> None:
    spec = COMMANDS[name]
    values = {each.name: data.draw(st.text(st.characters(blacklist_characters='"'))) for each in spec.arguments}
    where = "" if spec.scope is Scope.FLEET else "CP001 "
    text = where + " ".join(f'{argument}="{value}"' for argument, value in values.items())
    assert read_order(spec, text).arguments == values


def test_usage_names_every_argument() -> None:
    for spec in COMMANDS.values():
        assert all(each.name in usage(spec) for each in spec.arguments)
