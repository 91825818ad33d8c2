"""The OCA schemas of one OCPP version, compiled when first needed: the single judge of what a payload may look like."""

import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonschema_rs import ValidationError, ValidationErrorKind, Validator, validator_for

from evtui.errors import LocalError
from evtui.ocppj.fault import Fault, printable

Version = Literal["1.6", "2.0.1"]
Kind = Literal["Request", "Response"]

_FOLDERS: dict[str, str] = {"1.6": "v16", "2.0.1": "v201"}
_REQUEST_SUFFIX: dict[str, str] = {"1.6": "", "2.0.1": "Request"}
_MORE_LIMIT = 99  # a hostile payload may break thousands of rules; nobody reads on after these

FORMAT = "FormatViolation"
TYPE = "TypeConstraintViolation"
PROPERTY = "PropertyConstraintViolation"
OCCURRENCE = "OccurrenceConstraintViolation"

_CODES: dict[str, str] = {
    "type": TYPE,
    "required": OCCURRENCE,
    "minItems": OCCURRENCE,
    "maxItems": OCCURRENCE,
    "additionalProperties": FORMAT,
}
_JSON_TYPES: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


class Schemas:
    """The judge of one version; the same for stations and CSMS, as a schema belongs to a message, not to a side."""

    def __init__(self, version: Version) -> None:
        self.version: Version = version
        self._folder = _schema_folder(version)
        self._suffixes = {"Request": _REQUEST_SUFFIX[version], "Response": "Response"}
        self.actions = frozenset(path.stem.removesuffix("Response") for path in self._folder.glob("*Response.json"))
        self._checks: dict[tuple[str, str], Validator] = {}

    def validate(self, action: str, kind: Kind, payload: Any) -> Fault | None:
        """The first thing that is wrong with a payload, None if nothing is. LocalError for an unknown action."""
        validator = self._checks.get((action, kind)) or self._compile(action, kind)
        try:
            if validator.is_valid(payload):
                return None
            return _explain(validator, payload)
        except UnicodeEncodeError:
            return Fault(FORMAT, "", "a lone surrogate is no Unicode text")
        except (ValueError, TypeError, RecursionError) as error:
            # Too deep, or a value that JSON does not have: it is not the schema that refuses it.
            return Fault(FORMAT, "", printable(str(error)) or type(error).__name__)

    def schema(self, action: str, kind: Kind) -> Any:
        """The JSON schema itself. LocalError for an unknown action."""
        if action not in self.actions:
            raise LocalError(f"OCPP {self.version} has no action {printable(action, 60)}")
        path = self._folder / f"{action}{self._suffixes[kind]}.json"
        # Some of the files begin with a byte order mark.
        return json.loads(path.read_text(encoding="utf-8-sig"))

    def _compile(self, action: str, kind: Kind) -> Validator:
        validator = validator_for(self.schema(action, kind), validate_formats=True, mask="the value")
        self._checks[action, kind] = validator
        return validator


@cache
def schemas_of(version: Version) -> Schemas:
    """The one judge that all users of a version share, with what is compiled already."""
    return Schemas(version)


def _schema_folder(version: str) -> Path:
    # `ocpp` itself is cheap to import but its versions are not, and all we need are files.
    spec = importlib.util.find_spec("ocpp")
    if spec is None or not spec.submodule_search_locations:
        raise LocalError("the ocpp package, which brings the OCA schemas, is not installed")
    return Path(spec.submodule_search_locations[0]) / _FOLDERS[version] / "schemas"


# -- saying what is wrong -------------------------------------------------------------------------


def _explain(validator: Validator, payload: Any) -> Fault:
    errors = validator.iter_errors(payload)
    first = next(errors)
    more = sum(1 for _ in zip(range(_MORE_LIMIT), errors, strict=False))
    fault = _fault(first)
    if not more:
        return fault
    count = f"{more}+" if more == _MORE_LIMIT else str(more)
    return Fault(fault.code, fault.path, f"{fault.reason} (and {count} more)")


def _fault(error: ValidationError) -> Fault:
    kind = error.kind
    path = list(error.instance_path)
    match kind:
        case ValidationErrorKind.Required():
            path.append(kind.property)
        case ValidationErrorKind.AdditionalProperties():
            path.append(kind.unexpected[0])
    say = _REASONS.get(kind.name)
    reason = say(kind, error.instance) if say else error.message
    return Fault(_CODES.get(kind.name, PROPERTY), _path(path), printable(reason))


def _path(steps: list[str | int]) -> str:
    """`meterValue[0].sampledValue[2].value`"""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
    return printable(text, 100)


def _options(kind: Any, value: Any) -> str:
    shown = f'"{value if len(value) <= 40 else value[:39] + "…"}"' if isinstance(value, str) else _json_type(value)
    return f"{shown} is not one of {', '.join(map(str, kind.options))}"


def _json_type(value: Any) -> str:
    return _JSON_TYPES.get(type(value), "something else")


_REASONS: dict[str, Callable[[Any, Any], str]] = {
    "required": lambda kind, value: "is missing",
    "additionalProperties": lambda kind, value: "is no field of this message",
    "type": lambda kind, value: f"must be of type {' or '.join(kind.types)}, is {_json_type(value)}",
    "enum": _options,
    "maxLength": lambda kind, value: f"has {len(value)} characters, at most {kind.limit} are allowed",
    "minLength": lambda kind, value: f"has {len(value)} characters, at least {kind.limit} are required",
    "maxItems": lambda kind, value: f"has {len(value)} elements, at most {kind.limit} are allowed",
    "minItems": lambda kind, value: f"has {len(value)} elements, at least {kind.limit} are required",
    "maximum": lambda kind, value: f"is above {kind.limit}",
    "minimum": lambda kind, value: f"is below {kind.limit}",
    "multipleOf": lambda kind, value: f"is not a multiple of {kind.multiple_of}",
    "format": lambda kind, value: f"is not a {kind.format}",
}
