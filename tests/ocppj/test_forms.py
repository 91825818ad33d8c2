"""Forms made from schemas: every message has one, what it begins with is valid, and no payload is lost in it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.csms.handlers import dialogues
from evtui.errors import LocalError
from evtui.ocppj.forms import (
    FROM_STATION,
    Field,
    Shown,
    actions,
    encoded,
    fill,
    form_of,
    in_order,
    limits,
    parse,
    put,
    rows,
    without,
    written,
)
from evtui.ocppj.schema_files import Version, actions_of
from evtui.ocppj.schemas import schemas_of
from tests.dialects.everything import everything

MESSAGES: list[tuple[Version, str]] = [
    *(("2.0.1", action) for action in sorted(actions_of("2.0.1"))),
    *(("1.6", action) for action in sorted(actions_of("1.6"))),
]
LIVE: dict[str, Any] = {
    "format.date-time": "2026-05-04T12:00:00.000Z",
    "format.uri": "http://127.0.0.1/",
    "evse.id": 2,
    "evseId": 2,
    "connectorId": 1,
    "transactionId": "5f2",
    "idToken": "DEADBEEF",
    "idTag": "DEADBEEF",
}

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    scalars | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(("version", "action"), MESSAGES)
def test_what_a_form_begins_with_is_valid_and_is_all_that_is_required(version: Version, action: str) -> None:
    form = form_of(version, action)
    payload = fill(form, LIVE)
    assert schemas_of(version).faults(action, payload) == []
    assert schemas_of(version).judge_text(action, encoded(payload)) is None
    for row in rows(form, payload):
        assert row.there or not row.field.required
        if row.there and not row.holds and row.field.kind != "any":
            assert parse(row.field, written(row.value)) == row.value


@pytest.mark.parametrize("action", sorted(actions_of("2.0.1")))
def test_a_payload_with_every_field_goes_through_a_form_unchanged(action: str) -> None:
    form = form_of("2.0.1", action)
    payload = everything(action, "Request", custom=True)
    lines = rows(form, payload)
    assert all(row.known for row in lines)
    assert in_order(form, payload) == payload
    assert _rebuilt(form, payload) == payload


@given(st.sampled_from(MESSAGES), st.dictionaries(st.text(max_size=6), anything, max_size=4))
def test_so_does_whatever_else_is_in_one(message: tuple[Version, str], payload: dict[str, Any]) -> None:
    form = form_of(*message)
    assert _rebuilt(form, payload) == payload
    assert in_order(form, payload) == payload


def _rebuilt(form: Field, payload: dict[str, Any]) -> Any:
    """Line by line, as somebody would type it in."""
    made: Any = {}
    for row in rows(form, payload):
        if row.there:
            made = put(made, row.path, type(row.value)() if row.holds else row.value)
    return made


@given(st.data())
def test_what_is_put_in_can_be_taken_out_again(data: st.DataObject) -> None:
    form = form_of(*data.draw(st.sampled_from(MESSAGES)))
    payload = fill(form, LIVE)
    absent = [row for row in rows(form, payload) if not row.there]
    if absent:
        row = data.draw(st.sampled_from(absent))
        more = put(payload, row.path, fill(row.field, LIVE))
        assert more != payload
        assert without(more, row.path) == payload


def test_what_is_live_is_taken_where_it_fits() -> None:
    payload = fill(form_of("2.0.1", "TransactionEvent"), LIVE)
    assert payload == {
        "eventType": "Ended",
        "timestamp": "2026-05-04T12:00:00.000Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "5f2"},
    }
    evse = next(field for field in form_of("2.0.1", "TransactionEvent").fields if field.name == "evse")
    assert fill(evse, LIVE) == {"id": 2}
    assert fill(form_of("1.6", "StopTransaction"), LIVE)["transactionId"] == 0, "a text is no number"


def test_fields_say_what_they_take() -> None:
    form = form_of("2.0.1", "TransactionEvent")
    fields = {field.name: field for field in form.fields}
    assert list(fields)[-1] == "customData"
    assert [field.required for field in form.fields] == sorted((f.required for f in form.fields), reverse=True)
    assert limits(fields["eventType"]) == "one of Ended, Started, Updated"
    assert limits(fields["timestamp"]) == "date and time (RFC 3339)"
    assert limits(fields["meterValue"]) == "list, at least one item"
    assert fields["seqNo"].help.startswith("Incremental sequence number")
    assert "urn:" not in fields["transactionInfo"].help


def test_lines_fold_and_absent_fields_can_be_left_out() -> None:
    form = form_of("2.0.1", "BootNotification")
    payload = fill(form, LIVE)
    assert [row.place for row in rows(form, payload, Shown(absent=False))] == [
        "chargingStation",
        "chargingStation.model",
        "chargingStation.vendorName",
        "reason",
    ]
    folded = rows(form, payload, Shown({("chargingStation",)}))
    assert [(row.place, row.folded) for row in folded] == [("chargingStation", True), ("reason", False)]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "12", "12"),
        ("integer", " 12 ", 12),
        ("integer", "1.5", "1.5"),
        ("integer", "9" * 30, "9" * 30),
        ("number", "1.50", 1.5),
        ("number", "NaN", "NaN"),
        ("number", "7", 7),
        ("boolean", "TRUE", True),
        ("boolean", "yes", "yes"),
        ("any", '{"a":[1]}', {"a": [1]}),
        ("any", "plain", "plain"),
    ],
)
def test_what_is_typed_becomes_what_the_field_takes_or_stays_text(kind: str, text: str, value: Any) -> None:
    parsed = parse(Field("f", kind), text)
    assert (type(parsed), parsed) == (type(value), value)


def test_a_payload_that_is_no_object_is_one_line() -> None:
    (row,) = rows(form_of("1.6", "Heartbeat"), [1, 2])
    assert (row.path, row.value, row.known) == ((), [1, 2], False)


def test_every_fault_stands_at_its_field() -> None:
    found = schemas_of("2.0.1").faults("TransactionEvent", {"eventType": "Nope", "seqNo": "x", "evse": {}})
    places = {fault.path: fault.reason for fault in found}
    assert places["seqNo"] == "must be of type integer, is a string"
    assert places["evse.id"] == "is missing"
    assert places["timestamp"] == "is missing"
    assert '"Nope" is not one of' in places["eventType"]


def test_whose_message_it_is_agrees_with_what_the_csms_answers() -> None:
    for dialogue in dialogues().values():
        assert set(dialogue.handlers) <= FROM_STATION[dialogue.version] <= actions_of(dialogue.version)
    assert len(actions("2.0.1", of_station=False)) == 64
    assert actions("2.0.1", of_station=False)[:40] == sorted(
        (actions_of("2.0.1") - FROM_STATION["2.0.1"]) | {"DataTransfer"}
    )


def test_an_action_that_there_is_not_has_no_form() -> None:
    with pytest.raises(LocalError, match=r"OCPP 1\.6 has no action Made"):
        form_of("1.6", "Made")


def test_a_form_can_be_told_as_json() -> None:
    told = msgspec.json.decode(msgspec.json.encode(form_of("1.6", "Reset")))
    assert told["fields"][0] == {
        "name": "type",
        "kind": "string",
        "required": True,
        "choices": ["Hard", "Soft"],
    }
