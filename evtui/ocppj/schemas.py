"""The OCA schemas of one OCPP version, compiled when first needed: the single judge of what a payload may look like."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from jsonschema_rs import ValidationError, ValidationErrorKind, Validator, validator_for

from evtui.errors import LocalError
from evtui.ocppj.fault import Fault, path_text, printable
from evtui.ocppj.schema_files import Kind, Version, actions_of, schema_of

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
        self.actions = actions_of(version)
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
        return schema_of(self.version, action, kind)

    def faults(self, action: str, payload: Any) -> list[Fault]:
        """All that is wrong with the payload of a CALL (at most a hundred things), each at its own field. LocalError
        for an unknown action."""
        validator = self._checks.get((action, "Request")) or self._compile(action, "Request")
        first = self.validate(action, "Request", payload)
        if first is None:
            return []
        try:
            return [_fault(error) for _, error in zip(range(_MORE_LIMIT), validator.iter_errors(payload), strict=False)]
        except (ValueError, TypeError, RecursionError):
            return [first]

    def judge_text(self, action: str, text: str) -> Fault | None:
        """What is wrong with a CALL that somebody wrote by hand: `text` is its payload, as it would be sent."""
        if action not in self.actions:
            return Fault(FORMAT, "", f"OCPP {self.version} has no action {printable(action, 60)}")
        try:
            payload = msgspec.json.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return Fault(FORMAT, "", printable(f"not JSON: {error}"))
        return self.validate(action, "Request", payload)

    def _compile(self, action: str, kind: Kind) -> Validator:
        validator = validator_for(self.schema(action, kind), validate_formats=True, mask="the value")
        self._checks[action, kind] = validator
        return validator


@cache
def schemas_of(version: Version) -> Schemas:
    """The one judge that all users of a version share, with what is compiled already."""
    return Schemas(version)


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
    return Fault(_CODES.get(kind.name, PROPERTY), path_text(path), printable(reason))


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
