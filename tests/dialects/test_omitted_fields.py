"""OCPP-J 4.1.5: an optional field that says nothing is left out; it is never null, an empty list or an empty object."""

from collections.abc import Iterator
from typing import Any

import pytest

from evtui.dialects import v201, v201_requests
from evtui.sim.requests import (
    GetBaseReport,
    GetTransactionStatus,
    GetVariable,
    GetVariables,
    MessageTrigger,
    Refusal,
    ReportBase,
    Request,
    SetVariables,
    SetVariableTo,
    TriggerMessage,
)
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType
from evtui.sim.variables.reports import VariableRef
from tests.proof import proves
from tests.sim.playbook import Playbook

pytestmark = proves("OCPP-J.4")

DC = EvseSpec((ConnectorSpec(ConnectorType.CCCS2, phases=0),))

QUESTIONS: tuple[Request, ...] = (
    GetBaseReport(1, ReportBase.FULL_INVENTORY),
    GetBaseReport(2, ReportBase.SUMMARY_INVENTORY),
    GetTransactionStatus(),
    GetTransactionStatus("nobody's"),
    GetVariables(
        tuple(
            GetVariable(VariableRef(component, variable))
            for component, variable in (
                ("TxCtrlr", "EVConnectionTimeOut"),
                ("Toaster", "Heat"),
                ("TxCtrlr", "Heat"),
                ("SecurityCtrlr", "BasicAuthPassword"),
                ("AuthCtrlr", "MasterPassGroupId"),
            )
        )
    ),
    SetVariables(
        tuple(
            SetVariableTo(VariableRef("TxCtrlr", variable), value)
            for variable, value in (("EVConnectionTimeOut", "33"), ("EVConnectionTimeOut", "never"), ("Heat", "1"))
        )
    ),
    *(TriggerMessage(trigger) for trigger in MessageTrigger),
)


def empty(node: Any, path: str = "") -> Iterator[str]:
    """Where nothing is said in so many words."""
    if node is None or node == [] or node == {}:
        yield path
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from empty(value, f"{path}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from empty(value, f"{path}[{number}]")


@pytest.mark.parametrize("flow", ["conformant", "classic"])
@pytest.mark.parametrize("evse", [EvseSpec(), DC], ids=["AC", "DC"])
def test_nothing_is_said_in_so_many_words(flow: str, evse: EvseSpec) -> None:
    play = Playbook(flow, (evse,)).charging()
    play.wait(3)
    for question in QUESTIONS:
        play.ask(question)
    play.lose_link()
    play.wait(5)
    play.link()
    play.stop()
    play.unplug()
    play.wait(400)
    actions = set()
    for send in play.sent:
        action, payload = v201.render(send.message, send.offline)
        actions.add(action)
        assert [f"{action}{path}" for path in empty(payload) if path] == []
    assert {"BootNotification", "NotifyReport", "TransactionEvent", "MeterValues", "Heartbeat"} <= actions
    for reply in play.answers:
        if not isinstance(reply.answer, Refusal):
            payload = v201_requests.render_answer(reply.answer)
            assert [f"{type(reply.answer).__name__}{path}" for path in empty(payload)] == []
