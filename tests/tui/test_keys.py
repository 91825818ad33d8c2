"""The table of keys."""

import pytest

from evtui.engine.commands import COMMANDS
from evtui.tui.bindings import bindings
from evtui.tui.keys import KEYS, Where, clash, key_name, keys_of, shown_key


def test_every_binding_has_an_id_a_description_and_a_help_text() -> None:
    from textual.binding import Binding

    for where in Where:
        for binding in bindings(where):
            assert isinstance(binding, Binding)
            assert binding.id
            assert binding.description
            assert len(binding.tooltip) > 3


def test_every_help_text_is_a_sentence_without_a_full_stop() -> None:
    for spec in KEYS:
        assert spec.help[0].isupper()
        assert not spec.help.endswith(".")


def test_a_binding_that_shares_its_id_does_the_same_wherever_it_works() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for spec in KEYS:
        assert seen.setdefault(spec.id, (spec.keys, spec.action)) == (spec.keys, spec.action)


def test_commands_that_keys_submit_are_in_the_registry() -> None:
    assert {spec.command for spec in KEYS if spec.command} <= set(COMMANDS)


def test_whatever_changes_the_fleet_is_marked_so() -> None:
    assert all(spec.changes == bool(spec.command) for spec in KEYS)


def test_no_key_means_two_things_in_one_place() -> None:
    assert clash({}) is None


def test_a_clash_is_found_within_a_place_and_with_what_works_everywhere() -> None:
    assert clash({"evse.start": "x"}) == ("x", "evse.start", "evse.stop")
    assert clash({"evse.start": "q"}) == ("q", "evse.start", "window.quit")


def test_the_fleet_screen_and_its_panels_share_no_key() -> None:
    fleet = {key for spec in keys_of(Where.FLEET) for key in spec.keys.split(",")}
    for where in (Where.GRID, Where.LOG):
        assert not fleet & {key for spec in keys_of(where) for key in spec.keys.split(",")}


@pytest.mark.parametrize(("key", "name"), [("question_mark", "?"), ("ctrl+p", "^p"), ("pagedown", "pgdn"), ("s", "s")])
def test_keys_are_named_as_people_call_them(key: str, name: str) -> None:
    assert key_name(key) == name


def test_a_re_mapped_key_is_shown_instead() -> None:
    spec = keys_of(Where.FLEET)[0]
    assert shown_key(spec, {}) == "s"
    assert shown_key(spec, {"evse.start": "f2,c"}) == "f2"
