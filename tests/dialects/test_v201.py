"""OCPP 2.0.1: what a station says and is told, against the schemas and their enumerations."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.dialects.primitives import timestamp
from evtui.dialects.registry import DIALECTS
from evtui.dialects.v201 import parse_answer, render
from evtui.errors import ProtocolError
from evtui.ocppj.schemas import schemas_of
from evtui.sim import messages as say
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.terms import (
    AuthorizationStatus,
    BootReason,
    ChargingState,
    ConnectorStatus,
    IdTokenType,
    Location,
    Measurand,
    Phase,
    ReadingContext,
    RegistrationStatus,
    ReservationUpdateStatus,
    StoppedReason,
    TransactionEventType,
    TriggerReason,
    UploadLogStatus,
)
from evtui.sim.variables.notify_event import EventData, NotifyEvent
from evtui.sim.variables.reports import EvseRef, VariableRef
from tests.proof import proves

NOON = datetime(2025, 6, 2, 12, 0, 0, 250_000, tzinfo=UTC)
TOKEN = say.IdToken("DEADBEEF")
BOOT = say.BootNotification(BootReason.POWER_UP, "evtui", "AC22", "EVT-000001", "1.0")
EVENT = say.TransactionEvent(TransactionEventType.UPDATED, NOON, TriggerReason.METER_VALUE_PERIODIC, 7, "tx-1")


def valid(message: say.Message, offline: bool = False) -> dict[str, Any]:
    action, payload = render(message, offline)
    assert schemas_of("2.0.1").validate(action, "Request", payload) is None
    return payload


# -- what a station says --------------------------------------------------------------------------


def test_a_boot_notification_describes_the_station() -> None:
    assert valid(BOOT) == {
        "reason": "PowerUp",
        "chargingStation": {
            "model": "AC22",
            "vendorName": "evtui",
            "serialNumber": "EVT-000001",
            "firmwareVersion": "1.0",
        },
    }


@proves("NotifyEvent", "N07.FR.05", "N07.FR.07")
def test_an_event_names_component_variable_and_cause() -> None:
    rcd = VariableRef("RCD", "Tripped", evse=EvseRef(1))
    first = EventData(7, NOON, rcd, "true", tech_code="CX002", tech_info="30 mA", transaction_id="tx-1")
    second = EventData(8, NOON, VariableRef("ChargingStation", "Problem"), "false", cause=7, cleared=True)
    assert valid(NotifyEvent(NOON, (first, second))) == {
        "generatedAt": "2025-06-02T12:00:00.250Z",
        "seqNo": 0,
        "eventData": [
            {
                "eventId": 7,
                "timestamp": "2025-06-02T12:00:00.250Z",
                "trigger": "Alerting",
                "actualValue": "true",
                "eventNotificationType": "HardWiredNotification",
                "component": {"name": "RCD", "evse": {"id": 1}},
                "variable": {"name": "Tripped"},
                "techCode": "CX002",
                "techInfo": "30 mA",
                "transactionId": "tx-1",
            },
            {
                "eventId": 8,
                "timestamp": "2025-06-02T12:00:00.250Z",
                "trigger": "Alerting",
                "actualValue": "false",
                "eventNotificationType": "HardWiredNotification",
                "component": {"name": "ChargingStation"},
                "variable": {"name": "Problem"},
                "cause": 7,
                "cleared": True,
            },
        ],
    }


def test_a_status_does_not_say_why_it_is_faulted() -> None:
    """2.0.1 has NotifyEvent for that."""
    status = say.StatusNotification(NOON, 1, 2, ConnectorStatus.FAULTED, FaultKind.GROUND_FAULT)
    assert set(valid(status)) == {"timestamp", "connectorStatus", "evseId", "connectorId"}


def test_what_a_record_says_nothing_of_is_left_out() -> None:
    """OCPP-J 4.1.5."""
    bare = say.BootNotification(BootReason.POWER_UP, "evtui", "AC22", None, None)
    assert valid(bare)["chargingStation"] == {"model": "AC22", "vendorName": "evtui"}
    assert valid(EVENT) == {
        "eventType": "Updated",
        "timestamp": "2025-06-02T12:00:00.250Z",
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 7,
        "transactionInfo": {"transactionId": "tx-1"},
    }


def test_an_update_of_a_reservation_says_which_and_what() -> None:
    update = say.ReservationStatusUpdate(7, ReservationUpdateStatus.EXPIRED)
    assert valid(update) == {"reservationId": 7, "reservationUpdateStatus": "Expired"}


def test_a_full_transaction_event_says_everything() -> None:
    sample = say.Sample(Measurand.POWER, 15560.123456, ReadingContext.SAMPLE_PERIODIC, Phase.L1, Location.OUTLET)
    event = say.TransactionEvent(
        TransactionEventType.ENDED,
        NOON,
        TriggerReason.STOP_AUTHORIZED,
        9,
        "tx-1",
        charging_state=ChargingState.EV_CONNECTED,
        time_spent_charging_s=30,
        stopped_reason=StoppedReason.LOCAL,
        remote_start_id=4,
        reservation_id=5,
        evse_id=1,
        connector_id=2,
        id_token=TOKEN,
        meter_values=(say.MeterValue(NOON, (sample,)),),
        number_of_phases_used=3,
        cable_max_current_a=32,
    )
    assert valid(event, offline=True) == {
        "eventType": "Ended",
        "timestamp": "2025-06-02T12:00:00.250Z",
        "triggerReason": "StopAuthorized",
        "seqNo": 9,
        "offline": True,
        "numberOfPhasesUsed": 3,
        "cableMaxCurrent": 32,
        "reservationId": 5,
        "transactionInfo": {
            "transactionId": "tx-1",
            "chargingState": "EVConnected",
            "timeSpentCharging": 30,
            "stoppedReason": "Local",
            "remoteStartId": 4,
        },
        "evse": {"id": 1, "connectorId": 2},
        "idToken": {"idToken": "DEADBEEF", "type": "ISO14443"},
        "meterValue": [
            {
                "timestamp": "2025-06-02T12:00:00.250Z",
                "sampledValue": [
                    {
                        "value": 15560.123456,
                        "context": "Sample.Periodic",
                        "measurand": "Power.Active.Import",
                        "phase": "L1",
                        "location": "Outlet",
                        "unitOfMeasure": {"unit": "W"},
                    }
                ],
            }
        ],
    }


def test_an_event_without_a_link_says_offline_and_one_with_a_link_does_not() -> None:
    """E04.FR.03."""
    assert valid(EVENT, offline=True)["offline"] is True
    assert "offline" not in valid(EVENT, offline=False)


@pytest.mark.parametrize(
    ("measurand", "unit"),
    [
        (Measurand.ENERGY_REGISTER, "Wh"),
        (Measurand.ENERGY_INTERVAL, "Wh"),
        (Measurand.POWER, "W"),
        (Measurand.POWER_OFFERED, "W"),
        (Measurand.CURRENT, "A"),
        (Measurand.CURRENT_OFFERED, "A"),
        (Measurand.VOLTAGE, "V"),
        (Measurand.FREQUENCY, "Hz"),
        (Measurand.SOC, "Percent"),
    ],
)
def test_every_measurand_goes_out_with_its_unit(measurand: Measurand, unit: str) -> None:
    values = say.MeterValues(
        1, (say.MeterValue(NOON, (say.Sample(measurand, 1.5, ReadingContext.SAMPLE_CLOCK, location=Location.EV),)),)
    )
    (meter_value,) = valid(values)["meterValue"]
    assert meter_value["sampledValue"] == [
        {
            "value": 1.5,
            "context": "Sample.Clock",
            "measurand": measurand.value,
            "unitOfMeasure": {"unit": unit},
            "location": "EV",
        }
    ]


def test_samples_of_a_kind_share_no_payload() -> None:
    """Whoever changes one frame on its way changes that alone."""
    sample = say.Sample(Measurand.POWER, 1.5, ReadingContext.SAMPLE_CLOCK)
    values = say.MeterValues(1, (say.MeterValue(NOON, (sample, sample)),))
    one, other = valid(values)["meterValue"][0]["sampledValue"]
    one["value"] = 2.5
    assert other["value"] == 1.5
    assert valid(values)["meterValue"][0]["sampledValue"] == [other, other]


def test_every_measurand_but_a_mere_ratio_has_a_unit() -> None:
    for measurand in Measurand:
        values = say.MeterValue(NOON, (say.Sample(measurand, 0.0, ReadingContext.OTHER),))
        [sample] = valid(say.MeterValues(0, (values,)))["meterValue"][0]["sampledValue"]
        assert ("unitOfMeasure" in sample) == (measurand is not Measurand.POWER_FACTOR)


@pytest.mark.parametrize(
    ("message", "action", "payload"),
    [
        (say.Heartbeat(), "Heartbeat", {}),
        (
            say.StatusNotification(NOON, 1, 2, ConnectorStatus.OCCUPIED),
            "StatusNotification",
            {
                "timestamp": "2025-06-02T12:00:00.250Z",
                "connectorStatus": "Occupied",
                "evseId": 1,
                "connectorId": 2,
            },
        ),
        (
            say.Authorize(say.IdToken("", IdTokenType.NO_AUTHORIZATION)),
            "Authorize",
            {"idToken": {"idToken": "", "type": "NoAuthorization"}},
        ),
        (
            say.SecurityEvent("StartupOfTheDevice", NOON),
            "SecurityEventNotification",
            {"type": "StartupOfTheDevice", "timestamp": "2025-06-02T12:00:00.250Z"},
        ),
        (
            say.SecurityEvent("SettingSystemTime", NOON, "by 3 s"),
            "SecurityEventNotification",
            {"type": "SettingSystemTime", "timestamp": "2025-06-02T12:00:00.250Z", "techInfo": "by 3 s"},
        ),
        (say.LogStatus(UploadLogStatus.IDLE), "LogStatusNotification", {"status": "Idle"}),
        (
            say.LogStatus(UploadLogStatus.UPLOADING, 12),
            "LogStatusNotification",
            {"status": "Uploading", "requestId": 12},
        ),
        (
            say.NotifyCustomerInformation(7, "No data", 0, NOON, False),
            "NotifyCustomerInformation",
            {"requestId": 7, "data": "No data", "seqNo": 0, "generatedAt": "2025-06-02T12:00:00.250Z", "tbc": False},
        ),
        (say.FirmwareStatus("Idle"), "FirmwareStatusNotification", {"status": "Idle"}),
    ],
)
def test_each_message_has_its_action_and_fields(message: say.Message, action: str, payload: dict[str, Any]) -> None:
    assert render(message) == (action, payload)
    valid(message)


def test_times_go_out_in_utc_whatever_the_zone_of_the_record() -> None:
    assert timestamp(NOON.astimezone(timezone(timedelta(hours=9)))) == "2025-06-02T12:00:00.250Z"


def test_a_time_on_the_second_has_no_fraction() -> None:
    assert timestamp(NOON.replace(microsecond=0)) == "2025-06-02T12:00:00Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_cut_to_milliseconds(time: datetime) -> None:
    precision = "milliseconds" if time.microsecond else "seconds"
    assert timestamp(time) == time.isoformat(timespec=precision).replace("+00:00", "Z")


tokens = st.builds(say.IdToken, st.text(max_size=36), st.sampled_from(IdTokenType))
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
samples = st.builds(
    say.Sample,
    st.sampled_from(Measurand),
    st.floats(-1e9, 1e9),
    st.sampled_from(ReadingContext),
    st.none() | st.sampled_from(Phase),
    st.none() | st.sampled_from(Location),
)
meter_values = st.builds(say.MeterValue, times, st.lists(samples, min_size=1, max_size=4).map(tuple))
counts = st.integers(0, 2**31 - 1)
events = st.builds(
    say.TransactionEvent,
    st.sampled_from(TransactionEventType),
    times,
    st.sampled_from(TriggerReason),
    counts,
    st.text("0123456789abcdef-", min_size=1, max_size=36),
    st.none() | st.sampled_from(ChargingState),
    st.none() | counts,
    st.none() | st.sampled_from(StoppedReason),
    st.none() | counts,
    st.none() | counts,
    st.none() | st.integers(1, 99),
    st.none() | st.integers(1, 9),
    st.none() | tokens,
    st.lists(meter_values, max_size=3).map(tuple),
    st.none() | st.integers(1, 3),
    st.none() | counts,
)


@given(events, st.booleans())
def test_whatever_a_station_says_of_a_transaction_is_valid(event: say.TransactionEvent, offline: bool) -> None:
    valid(event, offline)


# -- what a station is told -----------------------------------------------------------------------


def test_a_boot_answer_tells_status_interval_and_time() -> None:
    answer = parse_answer(
        BOOT, {"currentTime": "2025-06-02T14:00:00.25+02:00", "interval": 300, "status": "Accepted", "customData": {}}
    )
    assert answer == say.BootAnswer(RegistrationStatus.ACCEPTED, 300, NOON)


def test_a_time_without_a_zone_is_taken_as_utc() -> None:
    assert parse_answer(say.Heartbeat(), {"currentTime": "2025-06-02T12:00:00.25"}) == say.HeartbeatAnswer(NOON)


def test_an_authorization_tells_group_expiry_and_evses() -> None:
    answer = parse_answer(
        say.Authorize(TOKEN),
        {
            "idTokenInfo": {
                "status": "Accepted",
                "cacheExpiryDateTime": "2025-06-02T12:00:00.25Z",
                "evseId": [1, 2],
                "groupIdToken": {"idToken": "G", "type": "Central"},
                "language1": "ja",
            }
        },
    )
    info = say.IdTokenInfo(AuthorizationStatus.ACCEPTED, say.IdToken("G", IdTokenType.CENTRAL), NOON, (1, 2))
    assert answer == say.AuthorizeAnswer(info)


def test_a_transaction_event_may_be_answered_with_nothing() -> None:
    assert parse_answer(EVENT, {}) == say.TransactionEventAnswer()
    assert parse_answer(EVENT, {"customData": {"vendorId": "x"}}) == say.TransactionEventAnswer()


def test_a_transaction_event_may_bring_a_verdict_and_a_price() -> None:
    answer = parse_answer(EVENT, {"totalCost": 0, "idTokenInfo": {"status": "Invalid"}})
    assert answer == say.TransactionEventAnswer(say.IdTokenInfo(AuthorizationStatus.INVALID), 0.0)


@pytest.mark.parametrize(
    "message",
    [
        say.StatusNotification(NOON, 1, 1, ConnectorStatus.AVAILABLE),
        say.MeterValues(1, ()),
        say.SecurityEvent("StartupOfTheDevice", NOON),
    ],
)
def test_where_nothing_matters_in_an_answer_anything_will_do(message: say.Message) -> None:
    assert parse_answer(message, {"customData": 1}) == say.EmptyAnswer()


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        (BOOT, {}),
        (BOOT, {"currentTime": "yesterday", "interval": 1, "status": "Accepted"}),
        (BOOT, {"currentTime": "2025-06-02T12:00:00Z", "interval": "1", "status": "Accepted"}),
        (BOOT, {"currentTime": "2025-06-02T12:00:00Z", "interval": 1, "status": "accepted"}),
        (BOOT, {"currentTime": "0001-01-01T00:00:00+10:00", "interval": 1, "status": "Accepted"}),
        (say.Heartbeat(), []),
        (say.Authorize(TOKEN), {"idTokenInfo": None}),
        (say.Authorize(TOKEN), {"idTokenInfo": {"status": "Maybe"}}),
        (EVENT, "Accepted"),
        (EVENT, {"totalCost": "free"}),
    ],
)
def test_an_answer_that_says_not_what_it_must_is_a_protocol_error(message: say.Message, payload: object) -> None:
    with pytest.raises(ProtocolError, match=type(message).__name__):
        parse_answer(message, payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=8,
)
boots = st.fixed_dictionaries(
    {"currentTime": json_values | times.map(datetime.isoformat), "interval": json_values, "status": json_values}
)


@given(st.sampled_from([BOOT, say.Heartbeat(), say.Authorize(TOKEN), EVENT]), json_values | boots)
def test_no_answer_whatsoever_is_more_than_a_protocol_error(message: say.Message, payload: object) -> None:
    with suppress(ProtocolError):
        assert isinstance(parse_answer(message, payload), say.Answer)


def test_the_dialect_is_found_by_its_subprotocol() -> None:
    assert DIALECTS["ocpp2.0.1"].version == "2.0.1"
