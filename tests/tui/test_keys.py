"""The table of keys."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import evtui.tui
from evtui.engine.commands import COMMANDS
from evtui.tui.app import EvtuiApp
from evtui.tui.bindings import bindings
from evtui.tui.keys import BY_ID, DIALOGS, HEADINGS, KEYS, TOGETHER, Where, clash, key_name, keys_of, shown_key
from evtui.tui.screens.fleet import FleetScreen
from evtui.tui.screens.help import help_lines


def test_every_binding_has_an_id_a_description_and_a_help_text() -> None:
    for where in Where:
        for binding in bindings(where):
            assert isinstance(binding, Binding)
            assert binding.id
            assert binding.description
            assert len(binding.tooltip) > 3


def ours() -> Iterator[type[DOMNode]]:
    """Every screen, dialog and widget of the window, and the window itself."""
    for module in pkgutil.walk_packages(evtui.tui.__path__, "evtui.tui."):
        for each in vars(import_module(module.name)).values():
            if isinstance(each, type) and issubclass(each, DOMNode) and each.__module__ == module.name:
                yield each


@pytest.mark.parametrize("node", ours(), ids=lambda node: node.__name__)
def test_every_binding_of_what_is_ours_comes_from_the_table(node: type[DOMNode]) -> None:
    merged = node._merged_bindings
    for binding in merged.key_to_bindings.values() if merged else ():
        for each in binding:
            assert each.id in BY_ID, f"{node.__name__} binds {each.key} to {each.action}: no settings can re-map it"
            spec = next(spec for spec in KEYS if (spec.id, spec.action) == (each.id, each.action))
            assert each.tooltip == spec.help


def test_every_key_is_bound_by_something_that_has_its_action() -> None:
    bound = {
        (each.id, each.action)
        for node in ours()
        if (merged := node._merged_bindings)
        for binding in merged.key_to_bindings.values()
        for each in binding
    }
    assert {(spec.id, spec.action) for spec in KEYS} == bound


@pytest.mark.parametrize("node", ours(), ids=lambda node: node.__name__)
def test_every_action_that_is_bound_is_there(node: type[DOMNode]) -> None:
    spaces: dict[str, type[DOMNode]] = {"app": EvtuiApp, "screen": FleetScreen}
    for bound in node._merged_bindings.key_to_bindings.values() if node._merged_bindings else ():
        for each in bound:
            space, _, name = each.action.split("(")[0].rpartition(".")
            assert callable(getattr(spaces.get(space, node), f"action_{name}", None)), f"{each.key}: {each.action}"


def test_every_part_has_a_heading_and_its_help_can_be_shown() -> None:
    assert set(HEADINGS) == set(Where)
    for where in Where:
        shown = "\n".join("".join(text for text, _ in line) for line in help_lines([where], {}, "", 90))
        assert HEADINGS[where] in shown
        assert all(spec.help.split()[0] in shown for spec in keys_of(where))


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


@pytest.mark.parametrize(
    ("keymap", "found"),
    [
        ({"log.write": "s"}, ("s", "log.write", "evse.start")),
        ({"fleet.sort": "x"}, ("x", "fleet.sort", "evse.stop")),
        ({"fleet.echonet": "z"}, ("z", "fleet.sort", "fleet.echonet")),
        ({"charts.next": "left"}, ("left", "chart.earlier", "charts.next")),
        ({"filter.help": "enter"}, ("enter", "field.submit", "filter.help")),
        ({"line.complete": "right"}, ("right", "field.right", "line.complete")),
        ({"form.next": "ctrl+c"}, ("ctrl+c", "form.next", "window.interrupt")),
        ({"window.detach": "ctrl+q"}, ("ctrl+q", "window.detach", "window.quit-anywhere")),
        ({"choice.take": "q"}, None),  # nothing but a dialog's own keys works in it
        ({"log.copy": "s,t"}, ("s", "log.copy", "evse.start")),
        ({"log.copy": "t"}, None),  # in the station view the log comes first while it has the focus
        ({"chart.leave": "t"}, None),
    ],
)
def test_a_clash_is_found_between_parts_that_work_at_the_same_time(
    keymap: dict[str, str], found: tuple[str, str, str] | None
) -> None:
    assert clash(keymap) == found


def test_parts_that_work_together_are_known_ones() -> None:
    assert all(len(set(parts)) == len(parts) > 1 for parts in TOGETHER)
    assert Where.EVERYWHERE not in {part for parts in TOGETHER for part in parts}
    assert {parts[1] for parts in TOGETHER if parts[0] is Where.FIELD} < set(DIALOGS)


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
