"""Frames as pretty lines."""

import json

from hypothesis import given
from hypothesis import strategies as st

from evtui.tui.json_text import pretty, pretty_lines, tokens, wrapped
from evtui.tui.paint import text_of, width_of

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(documents)
def test_indenting_changes_nothing_but_space(document: object) -> None:
    assert json.loads(pretty(json.dumps(document))) == document


@given(st.text(max_size=300))
def test_what_is_no_json_loses_no_character_but_space(text: str) -> None:
    def squeezed(each: str) -> str:
        return "".join(c for c in each if c not in " \t\r\n")

    assert squeezed(pretty(text)) == squeezed(text)


def test_the_envelope_stays_on_one_line_and_each_key_has_its_own() -> None:
    text = '[2,"m1","BootNotification",{"reason":"PowerUp","chargingStation":{"model":"AC22"}}]'
    assert pretty(text).splitlines() == [
        '[2, "m1", "BootNotification", {',
        '  "reason": "PowerUp",',
        '  "chargingStation": {',
        '    "model": "AC22"',
        "  }",
        "}]",
    ]


def test_a_list_of_objects_stays_with_its_objects() -> None:
    assert pretty('{"sampledValue":[{"value":1},{"value":2}]}').splitlines() == [
        "{",
        '  "sampledValue": [{',
        '    "value": 1',
        "  }, {",
        '    "value": 2',
        "  }]",
        "}",
    ]


def test_empty_containers_close_on_the_spot() -> None:
    assert pretty('[3,"m1",{}]') == '[3, "m1", {}]'


def test_numbers_stay_as_they_were_on_the_wire() -> None:
    assert '"value": 1.50e+03' in pretty('{"value":1.50e+03}')


def test_keys_strings_numbers_and_literals_have_roles_of_their_own() -> None:
    roles = {text: role for line in pretty_lines('{"a":"b","c":1,"d":null}', str) for text, role in line}
    assert (roles['"a"'], roles['"b"'], roles["1"], roles["null"]) == (
        "json-key",
        "json-string",
        "json-number",
        "json-literal",
    )


def test_an_unclosed_string_takes_the_rest_and_is_marked() -> None:
    assert list(tokens('["abc, 1]'))[-1] == ("wrong", '"abc, 1]')


def test_a_thousand_brackets_neither_recurse_nor_run_away_to_the_right() -> None:
    lines = list(pretty_lines('{"a":' * 1000 + "1" + "}" * 1000, str))
    assert max(width_of(line) for line in lines) < 100


def test_hostile_quotes_take_linear_time() -> None:
    text = '"\\",' * 16_000
    assert "".join(token for _, token in tokens(text)) == text


@given(st.text(alphabet="ab東 ", min_size=1, max_size=120), st.integers(8, 40))
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, width: int) -> None:
    parts = list(wrapped([("  ", "text"), (text, "text")], width))
    assert all(width_of(part) <= width for part in parts)
    assert "".join(text_of(part)[2:] for part in parts) == text
