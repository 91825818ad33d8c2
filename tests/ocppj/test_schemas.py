"""What the judge says of payloads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.ocppj.fault import REASON_LIMIT, Fault, printable
from evtui.ocppj.schema_files import Version
from evtui.ocppj.schemas import Schemas, schemas_of
from tests.ocppj.samples import boot_notification, set_variables, transaction_event

V201 = schemas_of("2.0.1")
V16 = schemas_of("1.6")


def fault(action: str, payload: Any, schemas: Schemas = V201) -> Fault:
    found = schemas.validate(action, "Request", payload)
    assert found is not None
    return found


def test_it_knows_the_actions_of_each_version() -> None:
    assert len(V201.actions) == 64
    assert len(V16.actions) == 39
    assert "TransactionEvent" in V201.actions
    assert "StartTransaction" in V16.actions


@pytest.mark.parametrize("version", ["2.0.1", "1.6"])
def test_every_schema_compiles(version: Version) -> None:
    schemas = Schemas(version)
    for action in schemas.actions:
        for kind in ("Request", "Response"):
            assert schemas.validate(action, kind, []) is not None


def test_valid_payloads_have_no_fault() -> None:
    assert V201.validate("TransactionEvent", "Request", transaction_event()) is None
    assert V201.validate("TransactionEvent", "Response", {}) is None
    assert V16.validate("Heartbeat", "Response", {"currentTime": "2026-11-23T20:00:00Z"}) is None


def test_users_of_a_version_share_its_compiled_schemas() -> None:
    assert schemas_of("2.0.1") is V201


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in transaction_event().items() if name != key}


@pytest.mark.parametrize(
    ("change", "code", "path", "reason"),
    [
        (_without("seqNo"), "OccurrenceConstraintViolation", "seqNo", "is missing"),
        ({"meterValue": []}, "OccurrenceConstraintViolation", "meterValue", "has 0 elements, at least 1 are required"),
        ({"seqNo": "4"}, "TypeConstraintViolation", "seqNo", "must be of type integer, is a string"),
        ({"seqNo": None}, "TypeConstraintViolation", "seqNo", "must be of type integer, is null"),
        ({"offline": 1}, "TypeConstraintViolation", "offline", "must be of type boolean, is a number"),
        (
            {"eventType": "Paused"},
            "PropertyConstraintViolation",
            "eventType",
            '"Paused" is not one of Ended, Started, Updated',
        ),
        ({"timestamp": "yesterday"}, "PropertyConstraintViolation", "timestamp", "is not a date-time"),
        (
            {"transactionInfo": {"transactionId": "x" * 37}},
            "PropertyConstraintViolation",
            "transactionInfo.transactionId",
            "has 37 characters, at most 36 are allowed",
        ),
        ({"mood": "good"}, "FormatViolation", "mood", "is no field of this message"),
        ({"evse": {"id": 1, "mood": 2}}, "FormatViolation", "evse.mood", "is no field of this message"),
    ],
)
def test_each_kind_of_fault_has_its_error_code_path_and_reason(
    change: dict[str, Any], code: str, path: str, reason: str
) -> None:
    payload = change if "eventType" in change and len(change) > 1 else transaction_event() | change
    assert fault("TransactionEvent", payload) == Fault(code, path, reason)


def test_a_path_leads_through_lists() -> None:
    payload = transaction_event()
    payload["meterValue"][0]["sampledValue"][2]["value"] = "230"
    assert fault("TransactionEvent", payload).path == "meterValue[0].sampledValue[2].value"


def test_further_faults_are_counted() -> None:
    assert fault("TransactionEvent", {}).reason == "is missing (and 4 more)"


def test_a_float_without_fraction_is_an_integer() -> None:
    assert V201.validate("TransactionEvent", "Request", transaction_event() | {"seqNo": 4.0}) is None


def test_custom_data_may_stand_anywhere() -> None:
    """TC_P_03"""
    payload = boot_notification() | {"customData": {"vendorId": "ACME", "mood": ["good"]}}
    assert V201.validate("BootNotification", "Request", payload) is None


def test_a_value_that_may_be_a_secret_is_never_told() -> None:
    secret = "correct horse battery staple " * 100
    told = [
        fault("SetVariables", set_variables("BasicAuthPassword", secret)),
        fault("SetVariables", set_variables("BasicAuthPassword", {"nested": secret})),
        fault("SetVariables", {"setVariableData": secret}),
        fault("Authorize", {"idToken": {"idToken": secret, "type": "KeyCode"}}),
        fault("BootNotification", {"reason": "PowerUp", "chargingStation": secret}),
    ]
    assert not [each for each in told if "horse" in str(each)]


def _deep(levels: int) -> dict[str, Any]:
    outermost: dict[str, Any] = {}
    node = outermost
    for _ in range(levels):
        node["customData"] = {}
        node = node["customData"]
    return outermost


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "text",
        3.5,
        [],
        [{}],
        True,
        {"seqNo": 10**400},
        {"seqNo": float("nan")},
        {"seqNo": float("inf")},
        {"eventType": "\ud800"},
        {"\ud800": 1},
        {1: 2},
        {"eventType": "x" * 1_000_000},
        {f"unknown{n}": n for n in range(100_000)},
        {"eventType": "\x1b]0;pwned\x07"},
        _deep(100_000),
    ],
    ids=lambda payload: type(payload).__name__,
)
def test_whatever_comes_is_a_fault_and_never_an_error(payload: Any) -> None:
    told = str(fault("TransactionEvent", payload))
    assert 0 < len(told) <= REASON_LIMIT
    assert told.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=20,
)


@given(st.sampled_from(sorted(V201.actions)), JSON)
def test_any_json_is_judged(action: str, payload: Any) -> None:
    verdict = V201.validate(action, "Request", payload)
    assert verdict is None or str(verdict).isprintable()


def test_an_unknown_action_is_our_own_mistake() -> None:
    with pytest.raises(LocalError, match="no action Dance"):
        V201.validate("Dance", "Request", {})
    with pytest.raises(LocalError, match="no action"):
        V201.validate("../v16/schemas/Reset", "Request", {})


@given(st.text(st.characters()), st.integers(1, 300))
def test_printable_text_can_do_nothing_to_a_terminal(text: str, limit: int) -> None:
    shown = printable(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit
    if text.isprintable() and len(text) <= limit:
        assert shown == text
