"""Whatever valid or invalid messages a station sends, in whatever order: the rules judge and never fail."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evtui.csms.handlers import dialogues
from evtui.csms.lint.linter import Linter
from evtui.csms.lint.seeing import heard
from evtui.ocppj.rpc import Rpc
from evtui.ocppj.schemas import schemas_of
from tests.csms.messages import FROM_CHARGE_POINTS, FROM_STATIONS, old_payload, payload

_whole = st.integers(-(1 << 70), 1 << 70)
_odd = st.one_of(_whole, st.integers(-1, 3), st.floats(allow_nan=False), st.text(max_size=5), st.none(), st.booleans())
_words = st.sampled_from(
    ("Started", "Updated", "Ended", "Transaction.Begin", "Transaction.End", "MeterValuePeriodic", "RemoteStop")
)


def _mutated(node: Any, choose: Any) -> Any:
    if isinstance(node, dict):
        return {key: _mutated(value, choose) for key, value in node.items()}
    if isinstance(node, list):
        return [_mutated(value, choose) for value in node]
    if isinstance(node, bool) or choose(st.integers(0, 5)):
        return node
    return choose(_words if isinstance(node, str) else _odd)


@settings(max_examples=60)
@given(st.data(), st.sampled_from(("ocpp2.0.1", "ocpp1.6")))
def test_the_rules_never_fail(data: st.DataObject, version: str) -> None:
    dialogue = dialogues()[version]
    actions, made = (FROM_STATIONS, payload) if version == "ocpp2.0.1" else (FROM_CHARGE_POINTS, old_payload)
    heavy = ("TransactionEvent", "MeterValues") if version == "ocpp2.0.1" else ("StartTransaction", "StopTransaction")
    rpc = Rpc(schemas_of(dialogue.version), dialogue.handlers.keys())
    judge = Linter().judge("CP001", dialogue.version)
    judge.opened(None, ("T1", "7"))
    for number in range(data.draw(st.integers(0, 25))):
        action = data.draw(st.sampled_from(heavy) | st.sampled_from(actions))
        body = _mutated(made(action, data.draw(st.booleans())), data.draw)
        received = rpc.receive(json.dumps([2, f"{number}", action, body]), 0.0)
        judge.station(heard(received, 2 * number, float(number), data.draw(st.booleans())))
        if data.draw(st.booleans()):
            answer = rpc.result(
                f"{number}", action, {"transactionId": data.draw(st.integers(-1, 3)), "status": "Pending"}
            )
            judge.csms(answer, 2 * number + 1, float(number), data.draw(st.booleans()))
    assert all(finding.text.isprintable() for finding in judge.findings)
