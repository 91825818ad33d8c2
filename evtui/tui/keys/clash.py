"""Two bindings on one key at the same time."""

from evtui.tui.keys.names import keys_bound
from evtui.tui.keys.spec import DIALOGS, Where
from evtui.tui.keys.table import keys_of

TOGETHER: tuple[tuple[Where, ...], ...] = (
    (Where.GRID, Where.FLEET),
    (Where.LOG, Where.FLEET),
    (Where.CHART, Where.CHARTS),
    (Where.FIELD, Where.FORM),
    (Where.FIELD, Where.FILTER),
    (Where.FIELD, Where.LINE),
    (Where.FIELD, Where.PALETTE),
)
"""Parts whose keys are at hand at the same time, beside those that stand alone. A log or a chart in another screen is
not here: while it has the focus its keys come first, and `escape` leads back to those of the screen that it covers."""

_ALONE = tuple(where for where in Where if where not in (Where.EVERYWHERE, Where.WINDOW))


def clash(keymap: dict[str, str]) -> tuple[str, str, str] | None:
    """Two bindings that `keymap` would put on one key at the same time, as (key, id, id); None if all is well."""
    for parts in (*((where,) for where in _ALONE), *TOGETHER, ()):
        beside = (Where.WINDOW,) if set(parts) & set(DIALOGS) else (Where.EVERYWHERE, Where.WINDOW)
        taken: dict[str, str] = {}
        for spec in (spec for where in (*parts, *beside) for spec in keys_of(where)):
            for key in keys_bound(spec, keymap):
                if taken.setdefault(key, spec.id) != spec.id:
                    return key, taken[key], spec.id
    return None
