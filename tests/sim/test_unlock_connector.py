"""F05: a CSMS unlocks a connector."""

import pytest

from evtui.sim.messages import IdTokenInfo
from evtui.sim.requests import RequestStartTransaction, StatusAnswer, UnlockConnector
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import AuthorizationStatus, ConnectorType
from tests.proof import proves
from tests.sim.playbook import CARD, Playbook, script


def status(book: Playbook, evse_id: int = 1, connector_id: int = 1) -> str:
    answer, _ = book.ask(UnlockConnector(evse_id, connector_id))
    assert isinstance(answer, StatusAnswer)
    return answer.status


@proves("UnlockConnector", "F05")
def test_f05_a_lock_opens() -> None:
    """F05.FR.04, FR.06: also where no cable is in."""
    book = Playbook().booted()
    assert status(book) == "Unlocked"
    book.plug_in()
    assert status(book) == "Unlocked"


@proves("UnlockConnector", "F05")
def test_f05_fr_02_never_while_a_driver_charges() -> None:
    book = Playbook().charging()
    assert status(book) == "OngoingAuthorizedTransaction"
    assert book.reading().charging_state == "Charging"


@proves("UnlockConnector", "F05")
def test_f05_a_cable_that_was_left_comes_free() -> None:
    book = Playbook(variables={"OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false"}).charging()
    book.unplug()
    assert book.reading().status == "Occupied"
    _, sent = book.ask(UnlockConnector(1, 1))
    assert script(sent) == ["StatusNotification 1/1 Available"]


@proves("UnlockConnector", "F05.FR.04", "E05.FR.11")
def test_f05_fr_04_a_plug_that_was_held_comes_free_and_its_transaction_tells_why() -> None:
    book = Playbook(variables={"TxCtrlr.TxStopPoint": "EVConnected", "AuthCtrlr.AuthorizeRemoteStart": "false"})
    book.booted().plug_in()
    book.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.INVALID)
    book.ask(RequestStartTransaction(1, CARD, 1))
    answer, sent = book.ask(UnlockConnector(1, 1))
    assert answer == StatusAnswer("Unlocked")
    assert script(sent) == ["Updated UnlockCommand"]
    assert book.ask(UnlockConnector(1, 1)) == (StatusAnswer("Unlocked"), []), "it is open"


@proves("UnlockConnector", "F05")
@pytest.mark.parametrize("place", [(0, 1), (2, 1), (1, 0), (1, 2)])
def test_f05_fr_03_a_connector_that_does_not_exist_is_unknown(place: tuple[int, int]) -> None:
    assert status(Playbook().booted(), *place) == "UnknownConnector"


@proves("UnlockConnector", "F05")
def test_f05_a_fixed_cable_has_no_lock() -> None:
    fixed = EvseSpec((ConnectorSpec(ConnectorType.CTYPE2),))
    assert status(Playbook(evses=(fixed,)).booted()) == "UnlockFailed"
