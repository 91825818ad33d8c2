"""The OCA schemas as the `ocpp` package brings them: the single source of validators, forms and matrices."""

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from evtui.errors import LocalError

Version = Literal["1.6", "2.0.1"]
Kind = Literal["Request", "Response"]

_FOLDERS: dict[str, str] = {"1.6": "v16", "2.0.1": "v201"}
_SUFFIXES = {("1.6", "Request"): "", ("2.0.1", "Request"): "Request"}


@cache
def actions_of(version: Version) -> frozenset[str]:
    """All actions of a version. LocalError: the schemas are not there."""
    return frozenset(path.stem.removesuffix("Response") for path in _folder(version).glob("*Response.json"))


@cache
def all_actions() -> tuple[str, ...]:
    """Those of any version, sorted. LocalError: the schemas are not there."""
    return tuple(sorted(frozenset().union(*map(actions_of, get_args(Version)))))


def schema_of(version: Version, action: str, kind: Kind) -> dict[str, Any]:
    """The schema of a message that there is."""
    path = _folder(version) / f"{action}{_SUFFIXES.get((version, kind), 'Response')}.json"
    # Some of the files begin with a byte order mark.
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return schema


def _folder(version: str) -> Path:
    # `ocpp` itself is cheap to import but its versions are not, and all we need are files.
    spec = importlib.util.find_spec("ocpp")
    if spec is None or not spec.submodule_search_locations:
        raise LocalError("the ocpp package, which brings the OCA schemas, is not installed")
    return Path(spec.submodule_search_locations[0]) / _FOLDERS[version] / "schemas"
