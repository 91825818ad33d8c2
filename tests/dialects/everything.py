"""Payloads that use every field of a schema, with or without customData wherever it may be."""

from typing import Any, Literal

from evtui.ocppj.schema_files import schema_of

CUSTOM = {"vendorId": "com.example", "mood": ["good", None], "deep": {"er": 1.5, "customData": "as well"}}
_TEXTS = {"date-time": "2026-05-04T12:00:00Z", "uri": "https://example.com/a"}


def everything(action: str, kind: Literal["Request", "Response"], *, custom: bool) -> dict[str, Any]:
    """A payload of 2.0.1 with all its fields; `kind` is Request or Response."""
    schema = schema_of("2.0.1", action, kind)
    payload = _make(schema, schema.get("definitions", {}), custom)
    assert isinstance(payload, dict)
    return payload


def _make(schema: dict[str, Any], definitions: dict[str, Any], custom: bool) -> object:
    if "$ref" in schema:
        return _make(definitions[schema["$ref"].rpartition("/")[2]], definitions, custom)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {}).items()
            made = {name: _make(field, definitions, custom) for name, field in fields if name != "customData"}
            return made | ({"customData": CUSTOM} if custom and "customData" in schema.get("properties", {}) else {})
        case "array":
            return [_make(schema["items"], definitions, custom)] * max(1, schema.get("minItems", 1))
        case "integer":
            return 1
        case "number":
            return 1.5
        case "boolean":
            return True
        case "string":
            return _TEXTS.get(schema.get("format", ""), "x")
        case _:
            return {"any": ["thing"]}
