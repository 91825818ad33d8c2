"""Configuration errors in people's words: which key, what is wrong, what it should be."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": 'text in quotes ("...")',
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
    "datetime": "a date",
}
_KINDS = ((dict, "a table"), (list, "a list of other things"))
_BOUNDS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}


def nearest(word: str, valid: Iterable[str]) -> str:
    """ "; did you mean X?", or all that is valid when nothing is near."""
    from difflib import get_close_matches

    words = list(valid)
    lowered = {each.lower(): each for each in words}
    if near := get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.55):
        return f"; did you mean {lowered[near[0]]}?"
    return f"; use one of {', '.join(words)}" if len(words) <= 16 else ""


def kind_of(value: object) -> str:
    """What a value of TOML is, in people's words."""
    return next((word for kind, word in _KINDS if isinstance(value, kind)), "a date or time")


def explain(error: msgspec.ValidationError, root: type, tree: Any) -> str:
    """A msgspec error about `tree` (read as a `root`) as "key.path: what is wrong; the fix"."""
    text, _, where = str(error).partition(" - at `")
    path = where.rstrip("`").removeprefix("$").removeprefix(".").replace("[...]", ".*")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", text):
        key = unknown[1]
        at = f"{path}.{key}" if path else key
        return f"{at}: there is no such key{nearest(key, _keys(root, path))}"
    return f"{path or 'the file'}: {_say(text, _value(tree, path), _type_at(root, path))}"


def _say(text: str, value: Any, kind: Any) -> str:
    if match := re.fullmatch(r"Expected `(.+?)`, got `(.+?)`", text):
        wanted = " or ".join(_TYPES.get(name, name) for name in match[1].split(" | ") if name != "null")
        return f"must be {wanted}, not {_TYPES.get(match[2], match[2])}"
    if match := re.fullmatch(r"Expected `(.+?)`(?: of length)? (>=|<=|>|<) (.+)", text):
        what = "must have a length of" if "of length" in text else "must be"
        return f"{what} {_BOUNDS[match[2]]} {match[3].removesuffix('.0')}{_got(value)}"
    if match := re.fullmatch(r"Object missing required field `(.+)`", text):
        return f"{match[1]} is missing"
    if re.match("Invalid enum value", text) and isinstance(kind, msgspec.inspect.EnumType):
        return f"{value!r} is not known{nearest(str(value), [str(each.value) for each in kind.cls])}"
    return text


def _got(value: Any) -> str:
    return f", not {value}" if isinstance(value, int | float) else ""


def _steps(path: str) -> list[str]:
    return re.findall(r"[^.\[\]]+", path)


def _type_at(root: type, path: str) -> Any:
    """The msgspec type that stands at a path, None where it cannot be told."""
    kind: Any = msgspec.inspect.type_info(root)
    for step in _steps(path):
        kind = _bare(kind)
        if isinstance(kind, msgspec.inspect.StructType):
            kind = next((field.type for field in kind.fields if field.encode_name == step), None)
        elif isinstance(kind, msgspec.inspect.VarTupleType | msgspec.inspect.ListType):
            kind = kind.item_type
        elif isinstance(kind, msgspec.inspect.DictType):
            kind = kind.value_type
        else:
            return None
    return _bare(kind)


def _bare(kind: Any) -> Any:
    """The type without `| None` around it and notes on it."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return _bare(next(each for each in kind.types if not isinstance(each, msgspec.inspect.NoneType)))
    return kind


def _keys(root: type, path: str) -> list[str]:
    kind = _type_at(root, path)
    return [field.encode_name for field in kind.fields] if isinstance(kind, msgspec.inspect.StructType) else []


def _value(tree: Any, path: str) -> Any:
    for step in _steps(path):
        if isinstance(tree, list) and step.isdigit() and int(step) < len(tree):
            tree = tree[int(step)]
        elif isinstance(tree, dict) and step in tree:
            tree = tree[step]
        else:
            return None
    return tree
