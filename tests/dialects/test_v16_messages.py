"""OCPP 1.6: what a charge point says and is told, against the schemas."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from evtui.dialects.v16_transactions import MOST
from evtui.errors import ProtocolError
from evtui.sim import messages as say
from evtui.sim.memory import Memory
from evtui.sim.terms import (
    AuthorizationStatus,
    BootReason,
    ConnectorStatus,
    IdTokenType,
    Location,
    Measurand,
    Phase,
    ReadingContext,
    RegistrationStatus,
    StoppedReason,
    TransactionEventType,
    TriggerReason,
    UploadLogStatus,
)
from evtui.sim.variables.notify_event import NotifyEvent
from evtui.sim.variables.reports import NotifyReport
from tests.dialects.v16 import TWO_AND_ONE, Subject
from tests.proof import proves

NOON = datetime(2025, 6, 2, 12, 0, 0, 250_000, tzinfo=UTC)
TOKEN = say.IdToken("DEADBEEF")
TIME = "2025-06-02T12:00:00.250Z"
ACCEPTED = {"idTagInfo": {"status": "Accepted"}}


def event(
    kind: TransactionEventType,
    trigger: TriggerReason,
    seq_no: int,
    transaction_id: str = "tx-1",
    **fields: Any,
) -> say.TransactionEvent:
    return say.TransactionEvent(kind, NOON, trigger, seq_no, transaction_id, **fields)


def started(**fields: Any) -> say.TransactionEvent:
    given = {"evse_id": 1, "connector_id": 1, "id_token": TOKEN, "register_wh": 1000.4, **fields}
    return event(TransactionEventType.STARTED, TriggerReason.AUTHORIZED, 0, **given)


def updated(context: ReadingContext = ReadingContext.SAMPLE_PERIODIC, seq_no: int = 1) -> say.TransactionEvent:
    values = (say.MeterValue(NOON, (say.Sample(Measurand.POWER, 15560.123, context),)),)
    return event(
        TransactionEventType.UPDATED, TriggerReason.METER_VALUE_PERIODIC, seq_no, meter_values=values, register_wh=1500
    )


def ended(
    reason: StoppedReason = StoppedReason.LOCAL,
    trigger: TriggerReason = TriggerReason.STOP_AUTHORIZED,
    **fields: Any,
) -> say.TransactionEvent:
    return event(TransactionEventType.ENDED, trigger, 9, stopped_reason=reason, register_wh=2000.6, **fields)


def begun(number: int = 77, **options: Any) -> Subject:
    """A subject whose transaction has its number."""
    subject = Subject(**options)
    assert subject.says(started())[0] == "StartTransaction"
    subject.translator.parse_answer(started(), {**ACCEPTED, "transactionId": number})
    return subject


# -- what has no transaction ----------------------------------------------------------------------


@proves("BootNotification", version="1.6")
def test_a_boot_notification_describes_the_charge_point_as_far_as_cistrings_reach() -> None:
    boot = say.BootNotification(BootReason.REMOTE_RESET, "v" * 50, "AC22", "s" * 30, "f" * 60)
    assert Subject().says(boot) == (
        "BootNotification",
        {
            "chargePointVendor": "v" * 20,
            "chargePointModel": "AC22",
            "chargePointSerialNumber": "s" * 25,
            "firmwareVersion": "f" * 50,
        },
    )
    bare = say.BootNotification(BootReason.POWER_UP, "evtui", "AC22", None, None)
    assert set(Subject().says(bare)[1]) == {"chargePointVendor", "chargePointModel"}


@proves("Heartbeat", version="1.6")
def test_a_heartbeat_says_nothing() -> None:
    assert Subject().says(say.Heartbeat()) == ("Heartbeat", {})


@proves("Authorize", version="1.6")
def test_an_id_tag_has_no_type() -> None:
    assert Subject().says(say.Authorize(say.IdToken("A" * 20, IdTokenType.E_MAID))) == (
        "Authorize",
        {"idTag": "A" * 20},
    )


@proves("Authorize", version="1.6")
def test_an_identifier_that_is_too_long_for_an_id_tag_is_not_said_and_not_cut() -> None:
    with pytest.raises(ProtocolError, match="at most 20 characters"):
        Subject().keeps_quiet(say.Authorize(say.IdToken("A" * 21)))


@pytest.mark.parametrize(
    "message",
    [
        say.NotifyCustomerInformation(1, "data", 0, NOON, False),
        NotifyEvent(NOON, ()),
        say.SecurityEvent("StartupOfTheDevice", NOON),
        say.StatusNotification(NOON, 1, 1, ConnectorStatus.AVAILABLE),
        say.LogStatus(UploadLogStatus.IDLE),
        say.FirmwareStatus("Idle"),
        NotifyReport(1, NOON, 0, False, ()),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_the_core_profile_has_no_message_for_counts_as_answered(message: say.Message) -> None:
    assert Subject().keeps_quiet(message) == say.EmptyAnswer()


# -- transactions ---------------------------------------------------------------------------------


@proves("StartTransaction", version="1.6")
def test_a_transaction_starts_with_its_driver_and_the_meters_register() -> None:
    """S16 4.8."""
    assert Subject().says(started(reservation_id=4)) == (
        "StartTransaction",
        {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 1000, "timestamp": TIME, "reservationId": 4},
    )


@proves("StartTransaction", version="1.6")
def test_connectors_are_numbered_in_one_row_over_the_evses() -> None:
    """S16 3.8."""
    numbers = [
        Subject(TWO_AND_ONE).says(started(evse_id=evse_id, connector_id=connector_id), evse_id)[1]["connectorId"]
        for evse_id, connector_id in ((1, 1), (1, 2), (2, 1))
    ]
    assert numbers == [1, 2, 3]


@proves("StartTransaction", "MeterValues", "StopTransaction", version="1.6")
def test_the_number_that_the_csms_gave_stands_in_all_that_follows() -> None:
    subject = begun(77)
    action, payload = subject.says(updated())
    assert (action, payload["transactionId"], payload["connectorId"]) == ("MeterValues", 77, 1)
    action, payload = subject.says(ended())
    assert (action, payload["transactionId"]) == ("StopTransaction", 77)


@proves("StartTransaction", version="1.6")
def test_a_start_that_is_tried_again_says_the_same() -> None:
    """S16 3.7.1."""
    subject = Subject()
    assert subject.says(started()) == subject.says(started())


@proves("MeterValues", "StopTransaction", version="1.6")
def test_a_start_that_never_got_an_answer_gives_minus_one() -> None:
    """ERR-16 3.18."""
    subject = Subject()
    subject.says(started())
    assert subject.says(updated())[1]["transactionId"] == -1
    assert subject.says(ended())[1]["transactionId"] == -1


@proves("StopTransaction", version="1.6")
def test_the_number_is_known_after_a_power_cut() -> None:
    subject = begun(77)
    rows = {key: row for key, row in subject.memory.collect().items() if row is not None}
    assert Subject(memory=Memory(rows)).says(ended())[1]["transactionId"] == 77


@proves("StopTransaction", version="1.6")
def test_the_number_is_forgotten_when_the_csms_knows_of_the_end() -> None:
    subject = begun(77)
    subject.says(ended())
    assert subject.asked("RemoteStopTransaction", {"transactionId": 77}).request.transaction_id == "tx-1"  # type: ignore[union-attr]
    subject.translator.parse_answer(ended(), {})
    assert subject.asked("RemoteStopTransaction", {"transactionId": 77}).request.transaction_id == "unknown"  # type: ignore[union-attr]
    assert not [key for key, row in subject.memory.collect().items() if "tx-1" in key and row is not None]


def test_transactions_whose_end_was_given_up_do_not_pile_up() -> None:
    subject = Subject()
    for number in range(MOST + 10):
        subject.says(event(TransactionEventType.STARTED, TriggerReason.AUTHORIZED, 0, f"tx-{number}", id_token=TOKEN))
    kept = [key for key, row in subject.memory.collect().items() if key.startswith("v16/") and row is not None]
    assert len(kept) == MOST


@proves("StartTransaction", version="1.6")
def test_a_transaction_that_knows_no_driver_yet_begins_with_the_event_that_does() -> None:
    """TxStartPoint EVConnected: 1.6 has no transaction without an idTag."""
    subject = Subject(TWO_AND_ONE)
    assert subject.keeps_quiet(started(connector_id=2, id_token=None)) == say.TransactionEventAnswer()
    assert subject.keeps_quiet(updated()) == say.TransactionEventAnswer()
    authorized = event(TransactionEventType.UPDATED, TriggerReason.AUTHORIZED, 2, id_token=TOKEN, register_wh=1000)
    action, payload = subject.says(authorized)
    assert (action, payload["connectorId"], payload["meterStart"]) == ("StartTransaction", 2, 1000)


@proves("StartTransaction", version="1.6")
def test_a_transaction_that_begins_before_a_cable_is_in_is_on_the_first_connector() -> None:
    """TxStartPoint Authorized."""
    subject = Subject(TWO_AND_ONE)
    assert subject.says(started(evse_id=None, connector_id=None), evse_id=2)[1]["connectorId"] == 3


@proves("StopTransaction", version="1.6")
def test_a_transaction_that_never_knew_a_driver_is_not_told() -> None:
    subject = Subject()
    subject.keeps_quiet(started(id_token=None))
    assert subject.keeps_quiet(ended(StoppedReason.EV_DISCONNECTED)) == say.TransactionEventAnswer()
    assert subject.translator._transactions.get("tx-1") is None


@proves("StartTransaction", version="1.6")
def test_a_driver_whose_identifier_cannot_be_said_is_invalid() -> None:
    answer = Subject().keeps_quiet(started(id_token=say.IdToken("A" * 21)))
    assert answer == say.TransactionEventAnswer(say.IdTokenInfo(AuthorizationStatus.INVALID))


@proves("MeterValues", version="1.6")
def test_an_event_without_samples_is_not_told() -> None:
    subject = begun()
    changed = event(TransactionEventType.UPDATED, TriggerReason.CHARGING_STATE_CHANGED, 1)
    assert subject.keeps_quiet(changed) == say.TransactionEventAnswer()
    assert subject.keeps_quiet(updated(ReadingContext.TRANSACTION_BEGIN)) == say.TransactionEventAnswer()


@proves("StopTransaction", version="1.6")
def test_an_end_tells_register_driver_and_all_that_was_sampled_for_it() -> None:
    """S16 4.10, ERR-16 3.14."""
    contexts = (ReadingContext.TRANSACTION_BEGIN, ReadingContext.TRANSACTION_END)
    values = tuple(
        say.MeterValue(NOON + timedelta(seconds=n), (say.Sample(Measurand.ENERGY_REGISTER, 1000.4 + n, context),))
        for n, context in enumerate(contexts)
    )
    _, payload = begun().says(ended(id_token=TOKEN, meter_values=values))
    assert payload == {
        "transactionId": 77,
        "meterStop": 2001,
        "timestamp": TIME,
        "reason": "Local",
        "idTag": "DEADBEEF",
        "transactionData": [
            {
                "timestamp": f"2025-06-02T12:00:0{n}.250Z",
                "sampledValue": [
                    {
                        "value": f"{1000 + n}.4",
                        "context": context.value,
                        "measurand": "Energy.Active.Import.Register",
                        "unit": "Wh",
                    }
                ],
            }
            for n, context in enumerate(contexts)
        ],
    }
    assert set(begun().says(ended())[1]) == {"transactionId", "meterStop", "timestamp", "reason"}


REASONS = {
    StoppedReason.DE_AUTHORIZED: "DeAuthorized",
    StoppedReason.EMERGENCY_STOP: "EmergencyStop",
    StoppedReason.EV_DISCONNECTED: "EVDisconnected",
    StoppedReason.IMMEDIATE_RESET: "HardReset",
    StoppedReason.LOCAL: "Local",
    StoppedReason.MASTER_PASS: "Local",
    StoppedReason.POWER_LOSS: "PowerLoss",
    StoppedReason.REBOOT: "Reboot",
    StoppedReason.REMOTE: "Remote",
}


@proves("StopTransaction", version="1.6")
@pytest.mark.parametrize("reason", StoppedReason)
def test_each_reason_has_a_word_in_16_or_is_other(reason: StoppedReason) -> None:
    assert begun().says(ended(reason))[1]["reason"] == REASONS.get(reason, "Other")


@proves("StopTransaction", version="1.6")
def test_unlocking_is_a_reason_of_its_own() -> None:
    assert begun().says(ended(StoppedReason.OTHER, TriggerReason.UNLOCK_COMMAND))[1]["reason"] == "UnlockCommand"


@proves("Reset", "StopTransaction", version="1.6")
@pytest.mark.parametrize("kind", ["Soft", "Hard"])
def test_the_end_says_which_reset_it_was_also_after_it(kind: str) -> None:
    subject = begun()
    subject.asked("Reset", {"type": kind})
    rows = {key: row for key, row in subject.memory.collect().items() if row is not None}
    assert Subject(memory=Memory(rows)).says(ended(StoppedReason.IMMEDIATE_RESET))[1]["reason"] == f"{kind}Reset"


# -- meter values ---------------------------------------------------------------------------------


@proves("MeterValues", version="1.6")
@pytest.mark.parametrize(
    ("measurand", "unit"),
    [
        (Measurand.ENERGY_REGISTER, "Wh"),
        (Measurand.ENERGY_INTERVAL, "Wh"),
        (Measurand.POWER, "W"),
        (Measurand.POWER_FACTOR, None),
        (Measurand.POWER_OFFERED, "W"),
        (Measurand.CURRENT, "A"),
        (Measurand.CURRENT_OFFERED, "A"),
        (Measurand.VOLTAGE, "V"),
        (Measurand.FREQUENCY, None),
        (Measurand.SOC, "Percent"),
    ],
)
def test_a_value_is_text_with_the_units_of_16(measurand: Measurand, unit: str | None) -> None:
    """Frequency has none (ERR-16 3.86)."""
    sample = say.Sample(measurand, 31.5, ReadingContext.SAMPLE_CLOCK, Phase.L1_N, Location.OUTLET)
    _, payload = Subject().says(say.MeterValues(1, (say.MeterValue(NOON, (sample,)),)))
    (value,) = payload["meterValue"][0]["sampledValue"]
    assert value.pop("unit", None) == unit
    assert value == {
        "value": "31.5",
        "context": "Sample.Clock",
        "measurand": measurand.value,
        "phase": "L1-N",
        "location": "Outlet",
    }


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (27359298.751, "27359298.751"), (230.0, "230"), (1e9, "1" + "0" * 9)]
)
def test_a_value_is_written_plainly(value: float, text: str) -> None:
    sample = say.Sample(Measurand.VOLTAGE, value, ReadingContext.SAMPLE_CLOCK)
    _, payload = Subject().says(say.MeterValues(1, (say.MeterValue(NOON, (sample,)),)))
    assert payload["meterValue"][0]["sampledValue"][0]["value"] == text


@proves("MeterValues", version="1.6")
def test_the_main_meter_is_connector_0_without_a_transaction() -> None:
    """S16 4.7, ERR-16 3.16."""
    values = (say.MeterValue(NOON, (say.Sample(Measurand.POWER, 1.0, ReadingContext.SAMPLE_CLOCK),)),)
    _, payload = Subject(TWO_AND_ONE).says(say.MeterValues(0, values))
    assert (payload["connectorId"], "transactionId" in payload) == (0, False)
    assert Subject(TWO_AND_ONE).says(say.MeterValues(2, values))[1]["connectorId"] == 3


# -- what the CSMS answers ------------------------------------------------------------------------


@proves("BootNotification", version="1.6")
@pytest.mark.parametrize("status", RegistrationStatus)
def test_a_boot_is_answered_with_status_interval_and_time(status: RegistrationStatus) -> None:
    boot = say.BootNotification(BootReason.POWER_UP, "evtui", "AC22", None, None)
    payload = {"status": status.value, "interval": 60, "currentTime": "2025-06-02T14:00:00.250+02:00"}
    assert Subject().translator.parse_answer(boot, payload) == say.BootAnswer(status, 60, NOON)


@proves("Heartbeat", version="1.6")
def test_a_heartbeat_is_answered_with_the_time_which_is_utc_if_no_zone_is_named() -> None:
    answer = Subject().translator.parse_answer(say.Heartbeat(), {"currentTime": "2025-06-02T12:00:00.250"})
    assert answer == say.HeartbeatAnswer(NOON)


@proves("Authorize", version="1.6")
@pytest.mark.parametrize("status", ["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"])
def test_an_id_tag_is_judged_with_its_parent_and_expiry(status: str) -> None:
    info = {"status": status, "parentIdTag": "PARENT", "expiryDate": "2025-06-02T12:00:00.250Z"}
    answer = Subject().translator.parse_answer(say.Authorize(TOKEN), {"idTagInfo": info})
    assert answer == say.AuthorizeAnswer(
        say.IdTokenInfo(AuthorizationStatus(status), say.IdToken("PARENT"), cache_expiry=NOON)
    )


@proves("StartTransaction", version="1.6")
def test_a_start_is_answered_with_what_the_csms_thinks_of_the_driver() -> None:
    """ERR-16 3.17."""
    subject = Subject()
    subject.says(started())
    answer = subject.translator.parse_answer(started(), {"idTagInfo": {"status": "Blocked"}, "transactionId": 1})
    assert answer == say.TransactionEventAnswer(say.IdTokenInfo(AuthorizationStatus.BLOCKED))


@proves("StopTransaction", version="1.6")
def test_an_end_may_be_answered_with_a_judgement() -> None:
    invalid = say.TransactionEventAnswer(say.IdTokenInfo(AuthorizationStatus.INVALID))
    assert begun().translator.parse_answer(ended(), {"idTagInfo": {"status": "Invalid"}}) == invalid
    assert begun().translator.parse_answer(ended(), {}) == say.TransactionEventAnswer()


@proves("StartTransaction", version="1.6")
@pytest.mark.parametrize("number", [0, -5, 2**31 - 1, 2**40, 7.0, "7"])
def test_any_number_of_a_transaction_will_do(number: Any) -> None:
    """ERR-16 3.54: negative numbers and 0 have no special meaning."""
    subject = begun(number)
    assert subject.says(ended())[1]["transactionId"] == int(number)
    assert subject.asked("RemoteStopTransaction", {"transactionId": int(number)}).request.transaction_id == "tx-1"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        (say.Heartbeat(), {}),
        (say.Heartbeat(), {"currentTime": "yesterday"}),
        (say.Heartbeat(), None),
        (say.Heartbeat(), {"currentTime": "0001-01-01T00:00:00+14:00"}),
        (say.Authorize(TOKEN), {"idTagInfo": {}}),
        (say.Authorize(TOKEN), {"idTagInfo": {"status": "Fine"}}),
        (say.Authorize(TOKEN), {"idTagInfo": {"status": "Accepted", "parentIdTag": "p" * 100_000}}),
        (started(), ACCEPTED),
        (started(), {**ACCEPTED, "transactionId": 1e300}),
        (started(), {**ACCEPTED, "transactionId": 2**70}),
    ],
)
def test_an_answer_that_does_not_say_what_must_be_known_is_a_protocol_error(message: Any, payload: object) -> None:
    subject = Subject()
    subject.says(message)
    with pytest.raises(ProtocolError):
        subject.translator.parse_answer(message, payload)
