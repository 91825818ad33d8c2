"""Whatever a station says, OCPP 1.6 says nothing that its schemas do not allow."""

import math
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from evtui.dialects.v16 import V16
from evtui.errors import ProtocolError
from evtui.sim import messages as say
from evtui.sim.actions import Send
from evtui.sim.terms import (
    BootReason,
    ChargingState,
    IdTokenType,
    Location,
    Measurand,
    Phase,
    ReadingContext,
    StoppedReason,
    TransactionEventType,
    TriggerReason,
)
from tests.dialects.v16 import SCHEMAS, TWO_AND_ONE, Subject

times = st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds / 7, UTC))
texts = st.text(st.characters(codec="utf-8"), max_size=60)
tokens = st.builds(say.IdToken, texts, st.sampled_from(IdTokenType))
samples = st.builds(
    say.Sample,
    st.sampled_from(Measurand),
    st.floats(-1e9, 1e12).map(lambda value: round(value, 3)),
    st.sampled_from(ReadingContext),
    st.none() | st.sampled_from(Phase),
    st.none() | st.sampled_from(Location),
)
meter_values = st.lists(
    st.builds(say.MeterValue, times, st.lists(samples, min_size=1, max_size=3).map(tuple)), max_size=3
).map(tuple)
events = st.builds(
    say.TransactionEvent,
    event_type=st.sampled_from(TransactionEventType),
    timestamp=times,
    trigger_reason=st.sampled_from(TriggerReason),
    seq_no=st.integers(0, 5),
    transaction_id=st.sampled_from(["tx-1", "tx-2"]),
    charging_state=st.none() | st.sampled_from(ChargingState),
    stopped_reason=st.none() | st.sampled_from(StoppedReason),
    reservation_id=st.none() | st.integers(0, 2**31 - 1),
    evse_id=st.none() | st.integers(1, 2),
    connector_id=st.none() | st.integers(1, 2),
    id_token=st.none() | tokens,
    meter_values=meter_values,
    register_wh=st.floats(0, 1e12),
)
messages = (
    events
    | st.builds(say.Authorize, tokens)
    | st.builds(say.BootNotification, st.sampled_from(BootReason), texts, texts, st.none() | texts, st.none() | texts)
    | st.builds(say.MeterValues, st.integers(0, 3), meter_values.filter(bool))
)


@given(st.lists(st.tuples(messages, st.none() | st.integers(-5, 2**31)), max_size=8))
def test_every_payload_is_valid_whatever_happened_before(steps: list[tuple[say.Message, int | None]]) -> None:
    translator: V16 = Subject(TWO_AND_ONE).translator
    for message, number in steps:
        try:
            rendered = translator.render(Send(1, message, evse_id=1))
        except ProtocolError:
            continue
        if not isinstance(rendered, tuple):
            continue
        action, payload = rendered
        assert SCHEMAS.validate(action, "Request", payload) is None
        for row in payload.get("meterValue") or payload.get("transactionData") or ():
            for sample in row["sampledValue"]:
                assert math.isfinite(float(sample["value"]))
        if action == "StartTransaction" and number is not None:
            translator.parse_answer(message, {"idTagInfo": {"status": "Accepted"}, "transactionId": number})


@given(st.lists(events, max_size=10))
def test_a_number_is_never_made_up(steps: list[say.TransactionEvent]) -> None:
    """It is the one that the CSMS gave, or -1 where it gave none (ERR-16 3.18)."""
    translator = Subject().translator
    for number, event in enumerate(steps, 100):
        rendered = translator.render(Send(1, event, evse_id=1))
        if not isinstance(rendered, tuple):
            continue
        action, payload = rendered
        if action == "StartTransaction":
            translator.parse_answer(event, {"idTagInfo": {"status": "Accepted"}, "transactionId": number})
        else:
            assert payload["transactionId"] in range(100, 100 + len(steps))
