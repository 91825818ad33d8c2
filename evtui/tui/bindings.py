"""Textual's bindings, generated from the table of keys."""

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from evtui.tui.keys import Where, keys_of, with_keys


def bindings(where: Where) -> list[BindingType]:
    """The bindings of a part of the window; settings.toml re-maps them by id."""
    return [
        Binding(
            spec.keys,
            spec.action,
            description=spec.title or spec.help,
            show=bool(spec.title),
            id=spec.id,
            tooltip=spec.help,
            priority=where is Where.WINDOW,
        )
        for spec in keys_of(where)
    ]


def keyed(node: DOMNode, text: str) -> str:
    """A text that names bindings in backticks, with the keys that they have in the window of `node`."""
    return with_keys(text, getattr(node.app, "keymap", {}))
