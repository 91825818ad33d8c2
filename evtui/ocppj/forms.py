"""Forms for messages, made from their schemas: which fields a message has, and what a new one may begin with.

A form edits nothing but the payload itself: what the schema knows no field for stays in it, and what it forbids can be
put in. No jsonschema here: the judge is `evtui.ocppj.schemas`.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from evtui.errors import LocalError
from evtui.ocppj.fault import path_text, printable
from evtui.ocppj.schema_files import Version, actions_of, schema_of

Step = str | int
Path = tuple[Step, ...]
"""Where something stands in a payload: names of fields, and indices in lists."""

ANY = "any"
CUSTOM = "customData"
_MOST_ROWS = 2_000


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field of a message. `kind` is string, integer, number, boolean, object, array or any. `fields` are those of an
    object, `item` is what an array holds; `choices` are all values of an enumeration; `default` is the standard's. In
    an `open` one anything else may stand, too."""

    name: str
    kind: str
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()
    format: str = ""
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_items: int = 0
    max_items: int | None = None
    default: Any = None
    fields: tuple["Field", ...] = ()
    item: "Field | None" = None
    open: bool = False


class Row(msgspec.Struct, frozen=True):
    """A line of a form. `there`: it is in the payload, as `value`; `known`: the schema has a field for it; `folded`: it
    has something in it that is not shown."""

    path: Path
    field: Field
    depth: int
    there: bool
    value: Any = None
    known: bool = True
    folded: bool = False

    @property
    def place(self) -> str:
        """As faults name it."""
        return path_text(self.path)

    @property
    def holds(self) -> bool:
        """It is an object or a list that is there."""
        return self.there and isinstance(self.value, dict | list)


# -- what a form is made of -----------------------------------------------------------------------


@lru_cache(maxsize=64)
def form_of(version: Version, action: str) -> Field:
    """The payload of a CALL as one field, an object. LocalError for an action that the version does not have."""
    if action not in actions_of(version):
        raise LocalError(f"OCPP {version} has no action {printable(action, 60)}")
    schema = schema_of(version, action, "Request")
    return _field(action, schema, schema.get("definitions", {}), required=True)


def _field(name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any], *, required: bool) -> Field:
    about = schema.get("description", "")
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
        about = about or schema.get("description", "")
    wanted = schema.get("required", ())
    names = schema.get("properties", {})
    items = schema.get("items")
    return Field(
        name,
        schema.get("type", ANY),
        required,
        _words(about),
        tuple(schema.get("enum", ())),
        schema.get("format", ""),
        schema.get("maxLength"),
        schema.get("minimum"),
        schema.get("maximum"),
        schema.get("minItems", 0),
        schema.get("maxItems"),
        schema.get("default"),
        tuple(
            _field(each, names[each], definitions, required=each in wanted)
            for each in sorted(names, key=lambda each: (each == CUSTOM, each not in wanted))
        ),
        None if items is None else _field(name, items, definitions, required=True),
        "type" not in schema or ("properties" in schema and schema.get("additionalProperties", True) is not False),
    )


def _words(text: str) -> str:
    """A description without the names of the model that it was generated from."""
    lines = [line.strip() for line in html.unescape(text).splitlines()]
    said = [line for line in lines if line and not line.startswith("urn:") and not _MODEL.fullmatch(line)]
    return printable(" ".join(said), 600)


_MODEL = re.compile(r"[\w. ]*_[\w. ]*\. [\w. ]+")


# -- what a new one begins with -------------------------------------------------------------------


def fill(field: Field, live: Mapping[str, Any], *, around: str = "") -> Any:
    """A value for a field with all that is required in it. `live` are values by name ("evse.id" before "id"), taken
    where they fit; `around` is the name of what it stands in."""
    if field.kind == "object":
        return {each.name: fill(each, live, around=field.name) for each in field.fields if each.required}
    if field.kind == "array":
        if field.item is None:
            return []
        return [fill(field.item, live, around=around) for _ in range(field.min_items)]
    known = live.get(f"{around}.{field.name}", live.get(field.name))
    if known is not None and _fits(field, known):
        return known
    if field.default is not None:
        return field.default
    if field.choices:
        return field.choices[0]
    match field.kind:
        case "string":
            return live.get(f"format.{field.format}", "") if field.format else ""
        case "integer":
            return int(field.minimum or 0)
        case "number":
            return float(field.minimum or 0.0)
        case "boolean":
            return False
        case _:
            return None


def _fits(field: Field, value: Any) -> bool:
    if field.choices:
        return value in field.choices
    match field.kind:
        case "string":
            return isinstance(value, str) and len(value) <= (field.max_length or len(value))
        case "integer":
            return type(value) is int
        case "number":
            return type(value) in (int, float)
        case "boolean":
            return type(value) is bool
        case _:
            return True


# -- reading and changing a payload ---------------------------------------------------------------


class Shown(NamedTuple):
    """Which lines there are: those in what is `folded` are not; what is not in the payload is if it is required,
    `absent`: optional, `custom`: customData."""

    folded: Set[Path] = frozenset()
    absent: bool = True
    custom: bool = False

    def wants(self, field: Field) -> bool:
        return field.required or (self.custom if field.name == CUSTOM else self.absent)


def rows(form: Field, payload: Any, shown: Shown = Shown()) -> list[Row]:  # noqa: B008
    """The lines of a form for a payload, whatever is in that."""
    if not isinstance(payload, dict):
        return [Row((), msgspec.structs.replace(form, kind=ANY), 0, True, payload, known=False)]
    found = _inside(form, payload, (), 0, shown)
    return [row for row, _ in zip(found, range(_MOST_ROWS), strict=False)]


def _inside(field: Field, value: Any, path: Path, depth: int, shown: Shown) -> Iterator[Row]:
    if isinstance(value, list):
        item = field.item or Field("", ANY, open=field.open)
        for index, each in enumerate(value):
            yield from _line(item, each, (*path, index), depth, shown, known=field.open or field.item is not None)
        return
    names = {each.name for each in field.fields}
    for each in field.fields:
        if each.name in value:
            yield from _line(each, value[each.name], (*path, each.name), depth, shown, known=True)
        elif shown.wants(each):
            yield Row((*path, each.name), each, depth, False)
    for name in value:
        if name not in names:
            unknown = Field(name, _KINDS.get(type(value[name]), ANY), open=field.open)
            yield from _line(unknown, value[name], (*path, name), depth, shown, known=field.open)


def _line(field: Field, value: Any, path: Path, depth: int, shown: Shown, *, known: bool) -> Iterator[Row]:
    shut = path in shown.folded and isinstance(value, dict | list)
    yield Row(path, field, depth, True, value, known, shut)
    if not shut and isinstance(value, dict | list):
        yield from _inside(field, value, path, depth + 1, shown)


_KINDS: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}


def put(payload: Any, path: Path, value: Any) -> Any:
    """The payload with a value at a place; an index one beyond the end of a list adds to it."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(payload) if isinstance(payload, list) else []
        old = items[step] if step < len(items) else None
        items[step : step + 1] = [put(old, rest, value)]
        return items
    fields = dict(payload) if isinstance(payload, dict) else {}
    fields[step] = put(fields.get(step), rest, value)
    return fields


def without(payload: Any, path: Path) -> Any:
    """The payload without what stands at a place."""
    step, rest = path[0], path[1:]
    if isinstance(payload, list) and isinstance(step, int):
        inner = [without(payload[step], rest)] if rest else []
        return [*payload[:step], *inner, *payload[step + 1 :]]
    if isinstance(payload, dict):
        if not rest:
            return {name: value for name, value in payload.items() if name != step}
        return {name: without(value, rest) if name == step else value for name, value in payload.items()}
    return payload


def in_order(form: Field, payload: Any) -> Any:
    """The payload with its fields in the order of the form: that of the schema, what is required first."""
    if isinstance(payload, list):
        return [in_order(form.item or Field("", ANY), each) for each in payload]
    if not isinstance(payload, dict):
        return payload
    known = {each.name: each for each in form.fields}
    names = [*(name for name in known if name in payload), *(name for name in payload if name not in known)]
    return {name: in_order(known.get(name) or Field(name, ANY), payload[name]) for name in names}


def parse(field: Field, text: str) -> Any:
    """What somebody typed as a value of a field. What does not fit stays text, and the schema says what is wrong."""
    match field.kind:
        case "string":
            return text
        case "integer":
            return int(text) if _INTEGER.fullmatch(text.strip()) else text
        case "number":
            return _number(text)
        case "boolean":
            return {"true": True, "false": False}.get(text.strip().lower(), text)
        case _:
            try:
                return msgspec.json.decode(text)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                return text


_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text.strip()):
        return int(text)
    try:
        value = msgspec.json.decode(text.strip())
    except (msgspec.MsgspecError, ValueError):
        return text
    return value if type(value) is float else text


def written(value: Any) -> str:
    """A value as one would type it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def encoded(payload: Any) -> str:
    """A payload as it is sent. LocalError for what JSON cannot say."""
    try:
        return msgspec.json.encode(payload).decode()
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise LocalError(f"this is not to be said in JSON: {printable(str(error))}") from None


def limits(field: Field) -> str:
    """What the schema allows, in a few words."""
    said = ["date and time (RFC 3339)" if field.format == "date-time" else _NOUNS.get(field.kind, field.kind)]
    if field.choices:
        said = [f"one of {', '.join(field.choices)}"]
    if field.max_length is not None:
        said.append(f"at most {field.max_length} characters")
    if field.minimum is not None:
        said.append(f"from {field.minimum:g}")
    if field.maximum is not None:
        said.append(f"to {field.maximum:g}")
    if field.min_items or field.max_items:
        said.append(f"{field.min_items} to {field.max_items} items" if field.max_items else "at least one item")
    return ", ".join(said)


_NOUNS = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list", "any": "JSON"}


# -- whose message it is --------------------------------------------------------------------------

FROM_STATION: Mapping[str, frozenset[str]] = {
    "1.6": frozenset(
        {
            "Authorize",
            "BootNotification",
            "DataTransfer",
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "SecurityEventNotification",
            "SignCertificate",
            "SignedFirmwareStatusNotification",
            "StartTransaction",
            "StatusNotification",
            "StopTransaction",
        }
    ),
    "2.0.1": frozenset(
        {
            "Authorize",
            "BootNotification",
            "ClearedChargingLimit",
            "DataTransfer",
            "FirmwareStatusNotification",
            "Get15118EVCertificate",
            "GetCertificateStatus",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "NotifyChargingLimit",
            "NotifyCustomerInformation",
            "NotifyDisplayMessages",
            "NotifyEVChargingNeeds",
            "NotifyEVChargingSchedule",
            "NotifyEvent",
            "NotifyMonitoringReport",
            "NotifyReport",
            "PublishFirmwareStatusNotification",
            "ReportChargingProfiles",
            "ReservationStatusUpdate",
            "SecurityEventNotification",
            "SignCertificate",
            "StatusNotification",
            "TransactionEvent",
        }
    ),
}
"""The requests of a station; all others are those of a CSMS, and DataTransfer is both's."""


def actions(version: Version, *, of_station: bool) -> Sequence[str]:
    """All actions of a version, first those that the side sends by the standard."""
    return sorted(actions_of(version), key=lambda name: (not is_sent_by(version, name, of_station=of_station), name))


def is_sent_by(version: Version, action: str, *, of_station: bool) -> bool:
    """The standard has this side send it."""
    return action == "DataTransfer" or (action in FROM_STATION[version]) is of_station
