"""C01-C06, C09, C15, C16, E07: who may charge, and who may end it."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import judge_answer, same, shown
from evtui.sim.messages import Authorize, IdToken, IdTokenInfo, TransactionEvent
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import AuthorizationStatus, IdTokenType
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, script

pytestmark = proves("Authorize", "C01")

ACCEPTED = AuthorizationStatus.ACCEPTED
FAMILY, STRANGERS, MASTERS = (IdToken(name, IdTokenType.CENTRAL) for name in ("family", "strangers", "masters"))


def plugged_in(**variables: str) -> Playbook:
    names = {name.replace("__", "."): value for name, value in variables.items()}
    play = Playbook(variables=names).booted()
    play.plug_in()
    return play


# -- asking the CSMS ------------------------------------------------------------------------------


def test_the_csms_is_asked_and_its_word_starts_the_session() -> None:
    """C01.FR.01, C01.FR.02."""
    play = plugged_in()
    assert script(play.present())[0] == "Authorize DEADBEEF"
    assert play.said(NoticeKind.AUTHORIZED) == ['"DEADBEEF"']
    assert play.reading().transaction_id == "tx-1"


@pytest.mark.parametrize("status", [status for status in AuthorizationStatus if status is not ACCEPTED])
def test_an_identifier_that_is_not_accepted_starts_nothing(status: AuthorizationStatus) -> None:
    play = plugged_in()
    play.csms.tokens[CARD.id_token] = IdTokenInfo(status)
    assert script(play.present()) == ["Authorize DEADBEEF"]
    assert play.said(NoticeKind.REFUSED) == [f'"DEADBEEF": the CSMS says {status}']
    assert not play.reading().authorized
    assert play.wait(10) == []


def test_an_identifier_is_good_only_at_the_evses_that_the_csms_names() -> None:
    """C01.FR.20."""
    play = Playbook(evses=(EvseSpec(), EvseSpec())).booted()
    play.csms.tokens[CARD.id_token] = IdTokenInfo(ACCEPTED, evse_ids=(2,))
    play.present(evse_id=1)
    assert play.said(NoticeKind.REFUSED) == ['"DEADBEEF": the CSMS does not allow it at this EVSE']
    play.present(evse_id=2)
    assert play.reading(2).authorized


def test_a_csms_that_fails_to_judge_refuses() -> None:
    play = plugged_in()
    play.csms.fail(Authorize)
    play.present()
    assert play.said(NoticeKind.REFUSED) == ['"DEADBEEF": the CSMS did not judge it (InternalError)']
    play.csms.behave(Authorize)
    assert script(play.present())[0] == "Authorize DEADBEEF"


def test_a_second_identifier_waits_for_the_word_on_the_first() -> None:
    play = plugged_in()
    play.csms.keep_silent(Authorize)
    play.present()
    assert play.present(OTHER_CARD) == []
    assert play.said(NoticeKind.REFUSED) == ['"CAFE": another one is being checked']
    play.answer()
    assert play.reading().authorized


def test_a_word_that_comes_after_the_operator_gave_up_starts_nothing() -> None:
    play = plugged_in()
    play.csms.keep_silent(Authorize)
    play.present()
    play.stop()
    play.answer()
    assert not play.reading().authorized


def test_an_identifier_of_more_than_36_characters_is_not_sent() -> None:
    play = plugged_in()
    assert play.present(IdToken("x" * 37)) == []
    assert play.said(NoticeKind.REFUSED)[0].endswith("an identifier has at most 36 characters")


# -- ending what runs -----------------------------------------------------------------------------


def test_the_same_identifier_ends_the_session_without_asking() -> None:
    """C01.FR.03, E07.FR.01."""
    play = plugged_in()
    play.present()
    play.wait(2)
    assert script(play.present())[0].startswith("Ended StopAuthorized")


def test_the_same_identifier_in_small_letters_is_the_same() -> None:
    """C01.FR.25: text and type count."""
    play = plugged_in()
    play.present()
    assert script(play.present(IdToken("deadbeef")))[0].startswith("Ended StopAuthorized")


def test_the_same_text_of_another_type_is_another_identifier() -> None:
    play = plugged_in()
    play.present()
    assert script(play.present(IdToken(CARD.id_token, IdTokenType.CENTRAL))) == ["Authorize DEADBEEF"]
    assert play.reading().authorized


def test_another_identifier_ends_nothing() -> None:
    play = plugged_in()
    play.present()
    assert script(play.present(OTHER_CARD)) == ["Authorize CAFE"]
    assert play.said(NoticeKind.REFUSED) == ['"CAFE": another one began what runs here']
    assert play.reading().authorized


def test_another_identifier_of_the_same_group_ends_the_session() -> None:
    """C09.FR.04, E07.FR.02: the event tells the identifier that ended it."""
    play = plugged_in()
    play.csms.tokens = {card.id_token: IdTokenInfo(ACCEPTED, FAMILY) for card in (CARD, OTHER_CARD)}
    play.present()
    play.wait(1)
    assert script(play.present(OTHER_CARD)) == [
        "Authorize CAFE",
        "Ended StopAuthorized EVConnected Local CAFE Transaction.Begin+Transaction.End",
    ]


@pytest.mark.parametrize(
    "info", [IdTokenInfo(ACCEPTED, STRANGERS), IdTokenInfo(AuthorizationStatus.BLOCKED, FAMILY), IdTokenInfo(ACCEPTED)]
)
def test_an_identifier_of_another_group_or_an_invalid_one_ends_nothing(info: IdTokenInfo) -> None:
    """C09.FR.11."""
    play = plugged_in()
    play.csms.tokens = {CARD.id_token: IdTokenInfo(ACCEPTED, FAMILY), OTHER_CARD.id_token: info}
    play.present()
    play.present(OTHER_CARD)
    assert play.reading().authorized


def test_the_group_may_be_told_by_the_answer_to_the_transaction() -> None:
    play = plugged_in(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    play.csms.tokens = {card.id_token: IdTokenInfo(ACCEPTED, FAMILY) for card in (CARD, OTHER_CARD)}
    play.lose_link()
    play.present()
    play.link()
    assert script(play.present(OTHER_CARD))[1].startswith("Ended StopAuthorized")


def test_a_master_pass_begins_nothing_and_ends_everything() -> None:
    """C16."""
    play = Playbook(
        evses=(EvseSpec(), EvseSpec(), EvseSpec()), variables={"AuthCtrlr.MasterPassGroupId": MASTERS.id_token}
    ).booted()
    master = IdToken("MASTER")
    play.csms.tokens[master.id_token] = IdTokenInfo(ACCEPTED, MASTERS)
    for evse_id in (1, 2):
        play.plug_in(evse_id)
        play.present(evse_id=evse_id)
    sent = script(play.present(master, evse_id=3))
    assert [line.split(" Transaction")[0] for line in sent] == [
        "Authorize MASTER",
        "Ended StopAuthorized EVConnected MasterPass MASTER",
        "Ended StopAuthorized EVConnected MasterPass MASTER",
    ]
    assert not play.reading(3).authorized


# -- without asking -------------------------------------------------------------------------------


def test_without_a_link_an_unknown_identifier_is_refused() -> None:
    play = plugged_in()
    play.lose_link()
    play.present()
    assert play.said(NoticeKind.REFUSED) == [
        '"DEADBEEF": there is no link to the CSMS, and OfflineTxForUnknownIdEnabled is false'
    ]


def test_without_a_link_an_unknown_identifier_may_charge_if_the_station_is_told_so() -> None:
    """C15."""
    play = plugged_in(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    play.lose_link()
    play.present()
    play.wait(1)
    assert play.reading().charging_state == "Charging"


@pytest.mark.parametrize(("enabled", "authorized"), [("true", True), ("false", False)])
def test_a_link_that_is_lost_before_the_answer_leaves_the_decision_to_the_station(
    enabled: str, authorized: bool
) -> None:
    """C15."""
    play = plugged_in(AuthCtrlr__OfflineTxForUnknownIdEnabled=enabled)
    play.csms.keep_silent(Authorize)
    play.present()
    play.lose_link()
    assert play.reading().authorized is authorized
    assert len(play.said(NoticeKind.REFUSED)) == (not authorized)


def test_a_station_that_was_never_accepted_lets_nobody_charge() -> None:
    play = Playbook(variables={"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"})
    play.plug_in()
    play.present()
    assert play.said(NoticeKind.REFUSED) == [
        '"DEADBEEF": the CSMS has not accepted this station yet, and TxBeforeAcceptedEnabled is false'
    ]


def test_a_station_may_be_told_not_to_ask() -> None:
    """DisableRemoteAuthorization."""
    play = plugged_in(AuthCtrlr__DisableRemoteAuthorization="true")
    assert play.present() == []
    assert play.said(NoticeKind.REFUSED) == [
        '"DEADBEEF": DisableRemoteAuthorization is true, and no local list or cache knows it'
    ]


def test_where_nobody_is_asked_plugging_in_is_enough() -> None:
    """C02.FR.01: AuthCtrlr.Enabled false."""
    play = Playbook(variables={"AuthCtrlr.Enabled": "false"}).booted()
    sent = play.plug_in()
    assert script(sent)[1].startswith("Started Authorized EVConnected evse 1/1")
    token = next(message.id_token for message in sent if isinstance(message, TransactionEvent) and message.id_token)
    assert token == IdToken("", IdTokenType.NO_AUTHORIZATION)


def test_where_nobody_is_asked_an_identifier_that_was_presented_is_told() -> None:
    play = Playbook(variables={"AuthCtrlr.Enabled": "false"}).booted()
    assert play.present() == []
    assert "DEADBEEF" in script(play.plug_in())[1]


# -- words ----------------------------------------------------------------------------------------


def test_a_key_code_is_never_shown() -> None:
    """C04.FR.04."""
    play = plugged_in()
    play.csms.tokens["4711"] = IdTokenInfo(AuthorizationStatus.INVALID)
    play.present(IdToken("4711", IdTokenType.KEY_CODE))
    assert "4711" not in repr(play.notices)
    assert shown(IdToken("4711", IdTokenType.KEY_CODE)) == "a key code"


def test_identifiers_are_compared_by_text_and_type() -> None:
    assert same(IdToken("aB"), IdToken("Ab"))
    assert not same(IdToken("aB"), IdToken("aB", IdTokenType.CENTRAL))
    assert judge_answer(CARD, IdTokenInfo(ACCEPTED, evse_ids=(1,)), 1)


def test_where_nobody_is_asked_any_identifier_ends_the_session() -> None:
    play = Playbook(variables={"AuthCtrlr.Enabled": "false"}).booted()
    play.plug_in()
    play.wait(1)
    assert script(play.present())[0].startswith("Ended StopAuthorized EVConnected Local DEADBEEF")


def test_stopping_locally_also_ends_what_runs_while_an_identifier_is_being_checked() -> None:
    play = Playbook(variables={"TxCtrlr.TxStartPoint": "EVConnected"}).booted()
    play.plug_in()
    play.csms.keep_silent(Authorize)
    play.present()
    play.stop()
    assert script(play.answer())[0].startswith("Ended AbnormalCondition EVConnected Local")
    assert not play.reading().authorized
