"""Configuration keys of OCPP 1.6: what each says is what the device model says, and so is what is set (S16 9)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.dialects.translator import Asked
from evtui.dialects.v16_configuration import KEYS, password_of
from evtui.ocppj.endpoint import Secret
from evtui.sim.memory import Memory
from evtui.sim.requests import Refusal, SetVariables, SetVariablesAnswer, VariableAnswer
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from evtui.sim.variables.provisioning import set_variables
from evtui.sim.variables.reports import VariableRef
from tests.dialects.v16 import TWO_AND_ONE, Subject
from tests.proof import proves

REQUIRED = (
    *("AuthorizeRemoteTxRequests", "ClockAlignedDataInterval", "ConnectionTimeOut", "ConnectorPhaseRotation"),
    *("GetConfigurationMaxKeys", "HeartbeatInterval", "LocalAuthorizeOffline", "LocalPreAuthorize"),
    *("MeterValuesAlignedData", "MeterValuesSampledData", "MeterValueSampleInterval", "NumberOfConnectors"),
    *("ResetRetries", "StopTransactionOnEVSideDisconnect", "StopTransactionOnInvalidId", "StopTxnAlignedData"),
    *("StopTxnSampledData", "SupportedFeatureProfiles", "TransactionMessageAttempts"),
    *("TransactionMessageRetryInterval", "UnlockConnectorOnEVSideDisconnect"),
)
"""Of the core profile (S16 9.1)."""
READ_ONLY = {
    "ConnectorPhaseRotationMaxLength",
    "GetConfigurationMaxKeys",
    "MessageTimeout",
    "MeterValuesAlignedDataMaxLength",
    "MeterValuesSampledDataMaxLength",
    "NumberOfConnectors",
    "StopTransactionMaxMeterValues",
    "StopTxnAlignedDataMaxLength",
    "StopTxnSampledDataMaxLength",
    "SupportedFeatureProfiles",
}
FIXED_CABLE = (EvseSpec((ConnectorSpec(ConnectorType.CTYPE2),)),)


def rows(subject: Subject, *names: str) -> dict[str, dict[str, Any]]:
    """The configurationKey rows of an answer, by key."""
    payload = subject.answers("GetConfiguration", {"key": list(names)} if names else {})
    return {row["key"]: row for row in payload.get("configurationKey", ())}


def value(subject: Subject, name: str) -> str:
    text: str = rows(subject, name)[name]["value"]
    return text


def change(subject: Subject, key: str, text: str) -> str:
    """What a ChangeConfiguration is answered when the station's device model decides."""
    payload = {"key": key, "value": text}
    asked = subject.translator.parse_request("ChangeConfiguration", payload)
    if not isinstance(asked, Asked):
        status: str = subject.answers("ChangeConfiguration", payload)["status"]
        return status
    assert isinstance(asked.request, SetVariables)
    answer, _ = set_variables(subject.station.model, asked.request)
    answered: str = subject.answered("ChangeConfiguration", payload, answer)["status"]
    return answered


# -- reading --------------------------------------------------------------------------------------


@proves("GetConfiguration", version="1.6")
def test_all_required_keys_are_there() -> None:
    assert set(REQUIRED) <= set(rows(Subject()))


@proves("GetConfiguration", version="1.6")
def test_only_the_profile_that_is_implemented_is_listed() -> None:
    assert value(Subject(), "SupportedFeatureProfiles") == "Core"


@proves("GetConfiguration", version="1.6")
def test_keys_of_other_profiles_are_unknown() -> None:
    names = ["LocalAuthListMaxLength", "ReserveConnectorZeroSupported", "ChargeProfileMaxStackLevel"]
    assert Subject().answers("GetConfiguration", {"key": names}) == {"unknownKey": names}


@proves("GetConfiguration", version="1.6")
def test_read_only_keys_say_so() -> None:
    assert {name for name, row in rows(Subject()).items() if row["readonly"]} == READ_ONLY
    assert rows(Subject(FIXED_CABLE))["UnlockConnectorOnEVSideDisconnect"] == {
        "key": "UnlockConnectorOnEVSideDisconnect",
        "readonly": True,
        "value": "false",
    }, "ERR-16 3.84"


@proves("GetConfiguration", version="1.6")
def test_keys_are_asked_for_without_regard_to_case_each_is_told_once() -> None:
    """CiString50Type."""
    payload = Subject().answers("GetConfiguration", {"key": ["heartbeatINTERVAL", "Mood", "HeartbeatInterval", "Mood"]})
    assert payload == {
        "configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
        "unknownKey": ["Mood"],
    }


@proves("GetConfiguration", version="1.6")
def test_an_empty_list_of_keys_means_all() -> None:
    """S16 5.8."""
    subject = Subject()
    assert subject.answers("GetConfiguration", {"key": []}) == subject.answers("GetConfiguration", {})


@proves("GetConfiguration", version="1.6")
def test_more_keys_than_may_be_asked_for_are_refused() -> None:
    subject = Subject(variables={"DeviceDataCtrlr.ItemsPerMessage[GetVariables]": "2"})
    assert value(subject, "GetConfigurationMaxKeys") == "2"
    refusal = subject.translator.parse_request("GetConfiguration", {"key": ["a", "b", "c"]})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "OccurrenceConstraintViolation"
    assert len(rows(subject)) > 2, "all are not asked for by name"


@proves("GetConfiguration", version="1.6")
def test_the_authorization_key_is_write_only() -> None:
    """J16, chapter 7."""
    subject = Subject(variables={"SecurityCtrlr.BasicAuthPassword": "0123456789abcdef"})
    assert rows(subject)["AuthorizationKey"] == {"key": "AuthorizationKey", "readonly": False}
    assert "0123456789abcdef" not in str(subject.answers("GetConfiguration", {}))


@proves("GetConfiguration", version="1.6")
def test_connectors_are_counted_over_all_evses() -> None:
    subject = Subject(TWO_AND_ONE)
    assert value(subject, "NumberOfConnectors") == "3"
    assert value(subject, "ConnectorPhaseRotation") == "1.RST,2.NotApplicable,3.NotApplicable"


@proves("GetConfiguration", version="1.6")
def test_the_most_values_of_a_stop_are_two_until_some_in_between_are_kept() -> None:
    """ERR-16 3.91."""
    subject = Subject(
        variables={"SampledDataCtrlr.TxEndedInterval": "0", "AlignedDataCtrlr.TxEndedInterval": "0"},
    )
    assert value(subject, "StopTransactionMaxMeterValues") == "2"
    assert change(subject, "MeterValueSampleInterval", "60") == "Accepted"
    assert value(subject, "StopTransactionMaxMeterValues") == "501"


# -- setting --------------------------------------------------------------------------------------

SET = {
    "AllowOfflineTxForUnknownId": ("true", "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
    "AuthorizationCacheEnabled": ("false", "AuthCacheCtrlr.Enabled"),
    "AuthorizeRemoteTxRequests": ("false", "AuthCtrlr.AuthorizeRemoteStart"),
    "ConnectionTimeOut": ("45", "TxCtrlr.EVConnectionTimeOut"),
    "HeartbeatInterval": ("33", "OCPPCommCtrlr.HeartbeatInterval"),
    "LocalAuthorizeOffline": ("false", "AuthCtrlr.LocalAuthorizeOffline"),
    "LocalPreAuthorize": ("false", "AuthCtrlr.LocalPreAuthorize"),
    "MaxEnergyOnInvalidId": ("500", "TxCtrlr.MaxEnergyOnInvalidId"),
    "MeterValuesAlignedData": ("Voltage,SoC", "AlignedDataCtrlr.Measurands"),
    "MeterValuesSampledData": ("Power.Active.Import", "SampledDataCtrlr.TxUpdatedMeasurands"),
    "ResetRetries": ("1", "OCPPCommCtrlr.ResetRetries"),
    "StopTransactionOnEVSideDisconnect": ("false", "TxCtrlr.StopTxOnEVSideDisconnect"),
    "StopTransactionOnInvalidId": ("false", "TxCtrlr.StopTxOnInvalidId"),
    "StopTxnAlignedData": ("", "AlignedDataCtrlr.TxEndedMeasurands"),
    "StopTxnSampledData": ("", "SampledDataCtrlr.TxEndedMeasurands"),
    "TransactionMessageAttempts": ("3", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]"),
    "TransactionMessageRetryInterval": ("60", "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]"),
    "UnlockConnectorOnEVSideDisconnect": ("false", "OCPPCommCtrlr.UnlockOnEVSideDisconnect"),
    "WebSocketPingInterval": ("0", "OCPPCommCtrlr.WebSocketPingInterval"),
    "MeterValueSampleInterval": ("10", "SampledDataCtrlr.TxUpdatedInterval"),
    "ClockAlignedDataInterval": ("900", "AlignedDataCtrlr.Interval"),
}


@proves("ChangeConfiguration", version="1.6")
@pytest.mark.parametrize("key", SET)
def test_a_key_sets_its_variable_and_says_it(key: str) -> None:
    text, variable = SET[key]
    subject = Subject()
    assert change(subject, key.upper(), text) == "Accepted"
    assert subject.station.model.get(variable) == text == value(subject, key)


@proves("ChangeConfiguration", version="1.6")
@pytest.mark.parametrize(
    ("key", "variables"),
    [
        (
            "MeterValueSampleInterval",
            ("SampledDataCtrlr.TxUpdatedInterval", "SampledDataCtrlr.TxEndedInterval"),
        ),
        ("ClockAlignedDataInterval", ("AlignedDataCtrlr.Interval", "AlignedDataCtrlr.TxEndedInterval")),
    ],
)
def test_an_interval_counts_for_meter_values_and_for_the_data_of_a_stop(key: str, variables: tuple[str, ...]) -> None:
    """S16 3.16.1, 3.16.2."""
    subject = Subject()
    change(subject, key, "7")
    assert [subject.station.model.get(each) for each in variables] == ["7", "7"]


@proves("ChangeConfiguration", "GetConfiguration", version="1.6")
@pytest.mark.parametrize(
    ("key", "controller"),
    [("MeterValueSampleInterval", "SampledDataCtrlr"), ("ClockAlignedDataInterval", "AlignedDataCtrlr")],
)
def test_data_that_is_switched_off_has_no_interval_until_one_is_set(key: str, controller: str) -> None:
    subject = Subject(variables={f"{controller}.Enabled": "false"})
    assert value(subject, key) == "0"
    assert change(subject, key, "5") == "Accepted"
    assert value(subject, key) == "5"
    assert subject.station.model.flag(f"{controller}.Enabled")


@proves("ChangeConfiguration", "GetConfiguration", version="1.6")
def test_whether_a_transaction_stops_without_its_car_is_for_one_key_to_say() -> None:
    """S16 4.10; in 2.0.1 TxStopPoint has a say in it."""
    subject = Subject(variables={"TxCtrlr.StopTxOnEVSideDisconnect": "false"})
    assert value(subject, "StopTransactionOnEVSideDisconnect") == "true", "EVConnected is a stop point"
    assert change(subject, "StopTransactionOnEVSideDisconnect", "False") == "Accepted"
    assert value(subject, "StopTransactionOnEVSideDisconnect") == "false"
    assert subject.station.model.get("TxCtrlr.TxStopPoint") == "Authorized"
    assert change(subject, "StopTransactionOnEVSideDisconnect", "true") == "Accepted"
    assert subject.station.model.get("TxCtrlr.TxStopPoint") == "EVConnected,Authorized"


@proves("ChangeConfiguration", version="1.6")
@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("StopTransactionOnEVSideDisconnect", "no"),
        ("HeartbeatInterval", "often"),
        ("WebSocketPingInterval", "-1"),
        ("LocalPreAuthorize", "maybe"),
        ("ClockAlignedDataInterval", "86401"),
        ("NumberOfConnectors", "9"),
        ("SupportedFeatureProfiles", "Core,SmartCharging"),
        ("MessageTimeout", "5"),
    ],
)
def test_what_cannot_be_set_is_rejected_and_nothing_changes(key: str, text: str) -> None:
    subject = Subject()
    before = rows(subject)
    assert change(subject, key, text) == "Rejected"
    assert rows(subject) == before


@proves("ChangeConfiguration", version="1.6")
@pytest.mark.parametrize(
    "key", ["MeterValuesAlignedData", "MeterValuesSampledData", "StopTxnAlignedData", "StopTxnSampledData"]
)
def test_measurands_that_are_not_measured_are_rejected_and_nothing_changes(key: str) -> None:
    """S16 3.16.4."""
    subject = Subject()
    before = rows(subject)
    assert change(subject, key, "Voltage,Temperature") == "Rejected"
    assert rows(subject) == before


@proves("ChangeConfiguration", version="1.6")
@pytest.mark.parametrize("key", ["Mood", "LocalAuthListEnabled", ""])
def test_a_key_that_there_is_not_is_not_supported(key: str) -> None:
    assert change(Subject(), key, "true") == "NotSupported"


@proves("ChangeConfiguration", version="1.6")
def test_what_needs_a_reboot_says_so() -> None:
    ref = VariableRef("OCPPCommCtrlr", "HeartbeatInterval")
    for statuses, expected in (
        (("Accepted",), "Accepted"),
        (("RebootRequired",), "RebootRequired"),
        (("Accepted", "RebootRequired"), "RebootRequired"),
        (("RebootRequired", "Rejected"), "Rejected"),
        (("UnknownVariable",), "Rejected"),
    ):
        answer = SetVariablesAnswer(tuple(VariableAnswer(ref, status) for status in statuses))
        payload = {"key": "HeartbeatInterval", "value": "5"}
        assert Subject().answered("ChangeConfiguration", payload, answer) == {"status": expected}


@proves("ChangeConfiguration", version="1.6")
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("0.RST,1.RTS,2.Unknown", "Accepted"),
        (" 1.TSR , 3.SRT", "Accepted"),
        ("1.RST,1.RTS", "Rejected"),
        ("4.RST", "Rejected"),
        ("1.ABC", "Rejected"),
        ("RST", "Rejected"),
        ("", "Rejected"),
        ("١.RST", "Rejected"),
    ],
)
def test_the_phase_rotation_is_a_list_of_connectors(text: str, status: str) -> None:
    subject = Subject(TWO_AND_ONE)
    assert change(subject, "ConnectorPhaseRotation", text) == status
    kept = text.replace(" ", "") if status == "Accepted" else "1.RST,2.NotApplicable,3.NotApplicable"
    assert value(subject, "ConnectorPhaseRotation") == kept


@proves("ChangeConfiguration", version="1.6")
def test_the_phase_rotation_outlasts_a_power_cut() -> None:
    subject = Subject()
    change(subject, "ConnectorPhaseRotation", "1.TSR")
    kept = {key: row for key, row in subject.memory.collect().items() if row is not None}
    assert value(Subject(memory=Memory(kept)), "ConnectorPhaseRotation") == "1.TSR"


# -- AuthorizationKey -----------------------------------------------------------------------------


@proves("ChangeConfiguration", version="1.6")
@given(st.binary(min_size=16, max_size=20))
def test_an_authorization_key_is_the_hexadecimal_form_of_the_passwords_bytes(password: bytes) -> None:
    """J16 6.2.2: whatever bytes they are, basic auth sends them."""
    subject = Subject()
    assert change(subject, "AuthorizationKey", password.hex()) == "Accepted"
    assert Secret(subject.station.variables.text("SecurityCtrlr.BasicAuthPassword")).octets == password


@proves("ChangeConfiguration", version="1.6")
@pytest.mark.parametrize("key", ["", "0", "no hex", "00" * 21, "00" * 15, "0x" + "00" * 16, " " + "00" * 16])
def test_a_key_that_is_too_short_too_long_or_no_hexadecimal_is_rejected(key: str) -> None:
    assert change(Subject(), "AuthorizationKey", key) == "Rejected"


def test_a_key_is_read_without_regard_to_case() -> None:
    assert password_of("4a6B") == "Jk"


@given(st.sampled_from(sorted(KEYS)), st.text(max_size=500))
def test_whatever_a_key_is_set_to_it_is_answered(key: str, text: str) -> None:
    assert change(Subject(), key, text) in ("Accepted", "Rejected", "NotSupported")
