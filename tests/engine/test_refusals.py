"""What a station does not do is refused as the standard says: OCPP-J 4.3, NotSupported for a known action."""

import json

import pytest

from evtui.dialects.registry import DIALECTS, Dialect
from evtui.ocppj.schemas import schemas_of
from evtui.sim.terms import RegistrationStatus
from tests.engine.test_exchange import exchange
from tests.matrix import SUPPORT
from tests.proof import proves


def _refused(dialect: Dialect) -> list[str]:
    sent = set(SUPPORT[dialect.version]["sent"])
    return sorted(schemas_of(dialect.version).actions - sent - dialect.actions)


CASES = [
    pytest.param(dialect, action, marks=proves(action, version=dialect.version), id=f"{dialect.version}-{action}")
    for dialect in DIALECTS.values()
    for action in _refused(dialect)
]


def _answer(dialect: Dialect, action: str) -> list[object]:
    over = exchange(dialect)
    _, event = over.receive(json.dumps([2, "m1", action, {}]), 0.0, RegistrationStatus.ACCEPTED)
    assert event is None
    answer: list[object] = json.loads(over.outgoing.pop(0).text)
    return answer


@pytest.mark.parametrize(("dialect", "action"), CASES)
def test_an_action_that_is_not_supported_is_refused_whatever_its_payload(dialect: Dialect, action: str) -> None:
    assert _answer(dialect, action)[:3] == [4, "m1", "NotSupported"]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_an_action_that_the_version_does_not_have_is_not_implemented(dialect: Dialect) -> None:
    assert _answer(dialect, "MakeCoffee")[:3] == [4, "m1", "NotImplemented"]
