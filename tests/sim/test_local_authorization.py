"""C09-C16, E05, E07: what the station knows by itself decides, until the CSMS says otherwise."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import AddToCache
from evtui.sim.messages import Authorize, IdToken, IdTokenInfo, NotifyCustomerInformation, TransactionEvent
from evtui.sim.requests import (
    AuthorizationData,
    ClearCache,
    CustomerInformation,
    RequestStartTransaction,
    SendLocalList,
    StartAnswer,
    StatusAnswer,
    UpdateType,
)
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import AuthorizationStatus, IdTokenType
from tests.proof import proves
from tests.sim.playbook import BEGIN, CARD, OTHER_CARD, Playbook, script

pytestmark = proves("Authorize", "C09", "C10", "C12", "C13", "C14", "C15", "C16")

ACCEPTED, BLOCKED, INVALID = AuthorizationStatus.ACCEPTED, AuthorizationStatus.BLOCKED, AuthorizationStatus.INVALID
FAMILY, STRANGERS, MASTERS = (IdToken(name, IdTokenType.CENTRAL) for name in ("family", "strangers", "masters"))
GOOD = IdTokenInfo(ACCEPTED)
OF_THE_FAMILY = IdTokenInfo(ACCEPTED, FAMILY)
MASTER = IdToken("MASTER")
ASKED, STARTED = "Authorize DEADBEEF", "Started Authorized EVConnected evse 1/1 DEADBEEF Transaction.Begin"

Make = Callable[..., Playbook]


def station(**variables: str) -> Playbook:
    """Two EVSEs, a car at the first; the CSMS accepts everybody."""
    names = {name.replace("__", "."): value for name, value in variables.items()}
    play = Playbook(evses=(EvseSpec(), EvseSpec()), variables=names).booted()
    play.plug_in()
    return play


def listed(*infos: IdTokenInfo, **variables: str) -> Playbook:
    """A station whose local list has these of CARD and OTHER_CARD."""
    play = station(**variables)
    rows = tuple(AuthorizationData(card, info) for card, info in zip((CARD, OTHER_CARD), infos, strict=False))
    assert play.ask(SendLocalList(1, UpdateType.FULL, rows))[0] == StatusAnswer("Accepted")
    return play


def cached(*infos: IdTokenInfo, **variables: str) -> Playbook:
    """A station whose cache knows these of CARD and OTHER_CARD: they were presented where no car is."""
    play = station(**variables)
    for card, info in zip((CARD, OTHER_CARD), infos, strict=False):
        learn(play, card, info)
    return play


def learn(play: Playbook, card: IdToken, info: IdTokenInfo) -> None:
    """The CSMS says that of a card, at EVSE 2."""
    play.csms.tokens[card.id_token] = info
    assert script(play.present(card, 2)) == [f"Authorize {card.id_token}"]
    if info.status is ACCEPTED and info.group_id_token != MASTERS:
        play.stop(2)
    del play.csms.tokens[card.id_token]


def refusals(play: Playbook) -> list[str]:
    return play.said(NoticeKind.REFUSED)


def starts(play: Playbook, card: IdToken = CARD) -> list[str]:
    """What presenting a card at the car's EVSE leads to, without the energy that follows."""
    return script(play.present(card))


# -- C10, C12: the cache --------------------------------------------------------------------------


@proves("C12.FR.02", "C12.FR.04")
def test_c12_a_cached_identifier_begins_without_being_asked_about() -> None:
    """TC_C_08."""
    play = cached(GOOD)
    assert starts(play) == [STARTED]
    play.wait(1)
    assert play.reading().charging_state == "Charging"


def test_c10_fr_04_the_answer_to_authorize_is_remembered_even_if_nobody_waits_for_it() -> None:
    play = station()
    play.csms.keep_silent(Authorize)
    play.present()
    play.stop()
    play.answer()
    assert not play.reading().authorized
    assert starts(play) == [STARTED]


def test_c10_fr_05_the_answer_to_a_transaction_is_remembered() -> None:
    """TC_C_34, C12.FR.06."""
    play = cached(GOOD)
    play.csms.tokens[CARD.id_token] = IdTokenInfo(INVALID)
    assert starts(play)[-1].startswith("Ended Deauthorized EVConnected DeAuthorized")
    assert starts(play) == [ASKED]


def test_c10_fr_05_also_when_the_transaction_is_over_by_then() -> None:
    play = cached(GOOD)
    play.lose_link()
    play.present()
    play.wait(1)
    play.present()
    play.csms.tokens[CARD.id_token] = IdTokenInfo(BLOCKED)
    play.link()
    assert starts(play) == [ASKED]


@pytest.mark.parametrize("status", [status for status in AuthorizationStatus if status is not ACCEPTED])
def test_c10_fr_03_a_cached_identifier_that_is_not_accepted_is_asked_about_again(status: AuthorizationStatus) -> None:
    """C12.FR.05, TC_C_09 to TC_C_12."""
    play = cached(IdTokenInfo(status))
    assert starts(play) == [ASKED, STARTED]


def test_c10_fr_03_unless_the_cache_has_the_last_word() -> None:
    """TC_C_57: AuthCacheCtrlr.DisablePostAuthorize."""
    play = cached(IdTokenInfo(BLOCKED), AuthCacheCtrlr__DisablePostAuthorize="true")
    assert starts(play) == []
    assert refusals(play)[-1] == '"DEADBEEF": the cache says Blocked'
    assert starts(play, OTHER_CARD)[0] == "Authorize CAFE"


def test_c12_without_local_pre_authorize_the_csms_is_asked_about_everybody() -> None:
    """TC_C_36."""
    play = cached(GOOD, AuthCtrlr__LocalPreAuthorize="false")
    play.csms.tokens[CARD.id_token] = IdTokenInfo(INVALID)
    assert starts(play) == [ASKED]


def test_c10_fr_08_an_identifier_is_asked_about_again_when_its_time_is_over() -> None:
    """TC_C_46."""
    play = cached(GOOD, AuthCacheCtrlr__LifeTime="60")
    play.sleep(61)
    assert starts(play) == [ASKED, STARTED]


@pytest.mark.parametrize("make", [listed, cached])
@proves("C10.FR.02", "D01.FR.10", "SendLocalList")
def test_c10_fr_02_and_d01_fr_10_what_is_known_outlasts_a_power_cut(make: Make) -> None:
    """TC_C_32."""
    play = make(GOOD)
    play.cut_power()
    if not play.reading().plugged:
        play.plug_in()
    play.link()
    assert starts(play) == [STARTED]
    assert play.station.tokens.list.version == (1 if make is listed else 0)


@proves("CustomerInformation", "N09", "N10")
def test_n10_what_the_cache_knows_of_a_customer_is_told_and_forgotten_and_what_the_list_knows_is_told() -> None:
    """N10.FR.03."""
    play = cached(IdTokenInfo(BLOCKED, FAMILY, cache_expiry=BEGIN + timedelta(days=1), evse_ids=(1, 2)))
    play.ask(SendLocalList(1, UpdateType.FULL, (AuthorizationData(CARD, GOOD),)))
    known = (
        "In the local list: Accepted",
        "In the cache since 2026-05-04T12:00:00.250Z: Blocked, of the group family, at EVSE 1, 2, "
        "until 2026-05-05T12:00:00.250Z",
    )
    _, sent = play.ask(CustomerInformation(1, True, True, CARD))
    told = "\n".join(message.data for message in sent if isinstance(message, NotifyCustomerInformation))
    assert all(line in told for line in known)
    _, sent = play.ask(CustomerInformation(2, True, False, CARD))
    told = "\n".join(message.data for message in sent if isinstance(message, NotifyCustomerInformation))
    assert [line in told for line in known] == [True, False]


@proves("ClearCache", "C11", "C11.FR.03")
def test_c11_a_cache_that_was_cleared_knows_nobody() -> None:
    """TC_C_37."""
    play = cached(GOOD)
    assert play.ask(ClearCache())[0] == StatusAnswer("Accepted")
    assert play.station.variables.get("AuthCacheCtrlr.Storage") == "0"
    assert starts(play) == [ASKED, STARTED]


@proves("ClearCache", "C11.FR.04")
def test_c11_fr_04_a_cache_that_is_off_is_not_cleared_and_not_asked() -> None:
    """TC_C_38."""
    play = cached(GOOD)
    play.set("AuthCacheCtrlr.Enabled", "false")
    answer, _ = play.ask(ClearCache())
    assert isinstance(answer, StatusAnswer)
    assert (answer.status, answer.info and answer.info.reason_code) == ("Rejected", "NotEnabled")
    assert starts(play) == [ASKED, STARTED]
    play.set("AuthCacheCtrlr.Enabled", "true")
    play.present()
    assert starts(play) == [STARTED]


def test_storage_tells_the_bytes_in_use() -> None:
    play = station()
    before = int(play.station.variables.get("AuthCacheCtrlr.Storage"))
    learn(play, CARD, GOOD)
    assert int(play.station.variables.get("AuthCacheCtrlr.Storage")) > before == 0


@pytest.mark.parametrize("kind", [IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION])
@proves("RequestStartTransaction", "C02.FR.03", "C03.FR.02", "C05.FR.02")
def test_identifiers_of_the_csms_itself_and_nobodys_are_not_remembered(kind: IdTokenType) -> None:
    play = station()
    play.ask(RequestStartTransaction(1, IdToken("X", kind), 1))
    assert play.events()[0].id_token == IdToken("X", kind)
    assert play.station.tokens.counts(play.now).cached == 0


def test_c12_an_identifier_is_good_only_at_the_evses_that_the_csms_named() -> None:
    """C01.FR.21."""
    play = cached(IdTokenInfo(ACCEPTED, evse_ids=(2,)))
    play.csms.tokens[CARD.id_token] = IdTokenInfo(ACCEPTED, evse_ids=(2,))
    assert starts(play) == [ASKED]
    assert refusals(play) == ['"DEADBEEF": the CSMS does not allow it at this EVSE']
    play.plug_in(2)
    assert script(play.present(evse_id=2)) == [STARTED.replace("1/1", "2/1")]


def test_each_presentation_counts_for_the_policy_and_each_remote_start_that_is_to_be_authorized() -> None:
    """LRU, LFU."""
    play = cached(GOOD, GOOD)
    play.present()
    play.stop()
    play.ask(RequestStartTransaction(1, CARD, 1))
    cache = play.station.tokens.cache
    first, second = cache.entry(CARD), cache.entry(OTHER_CARD)
    assert first is not None
    assert second is not None
    assert (first.uses, second.uses) == (3, 1)
    assert first.used > second.used


@proves("RequestStartTransaction")
def test_f01_a_remote_start_that_is_to_be_authorized_trusts_what_is_known() -> None:
    """AuthorizeRemoteStart: as if the identifier were presented."""
    play = cached(GOOD)
    answer, sent = play.ask(RequestStartTransaction(42, CARD, 1))
    assert answer == StartAnswer("Accepted")
    assert script(sent) == [STARTED.replace("Authorized", "RemoteStart")]


# -- C13: without a link --------------------------------------------------------------------------


@pytest.mark.parametrize("make", [listed, cached])
@pytest.mark.parametrize(("offline", "authorized"), [("true", True), ("false", False)])
def test_c13_without_a_link_local_authorize_offline_lets_known_identifiers_begin(
    make: Make, offline: str, authorized: bool
) -> None:
    """C13.FR.02, TC_C_21. One that is known is not unknown: C15 does not help it."""
    play = make(GOOD, AuthCtrlr__LocalAuthorizeOffline=offline, AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    play.lose_link()
    play.present()
    assert play.reading().authorized is authorized
    if not authorized:
        assert refusals(play) == ['"DEADBEEF": there is no link to the CSMS, and LocalAuthorizeOffline is false']


@pytest.mark.parametrize("unknown", ["true", "false"])
@pytest.mark.parametrize("status", [INVALID, BLOCKED, AuthorizationStatus.EXPIRED])
def test_c13_without_a_link_an_identifier_that_is_not_accepted_begins_nothing(
    status: AuthorizationStatus, unknown: str
) -> None:
    """C13.FR.02, FR.04; TC_C_22 to TC_C_24."""
    play = listed(IdTokenInfo(status), AuthCtrlr__OfflineTxForUnknownIdEnabled=unknown)
    play.lose_link()
    play.present()
    assert refusals(play) == [f'"DEADBEEF": the local list says {status}']


def test_c13_fr_01_the_list_goes_before_the_cache() -> None:
    """C14.FR.01, TC_C_25."""
    play = cached(GOOD, AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    play.ask(SendLocalList(1, UpdateType.FULL, (AuthorizationData(CARD, IdTokenInfo(INVALID)),)))
    assert starts(play) == [ASKED, STARTED]
    play.present()
    play.lose_link()
    play.present()
    assert not play.reading().authorized
    play.set("LocalAuthListCtrlr.Enabled", "false")
    play.present()
    assert play.reading().authorized


@pytest.mark.parametrize("unknown", ["true", "false"])
def test_c13_fr_05_without_a_link_what_has_expired_in_the_list_is_neither_good_nor_unknown(unknown: str) -> None:
    """C13.FR.06."""
    soon = IdTokenInfo(ACCEPTED, cache_expiry=BEGIN + timedelta(seconds=30))
    play = listed(soon, AuthCtrlr__OfflineTxForUnknownIdEnabled=unknown)
    play.lose_link()
    play.sleep(31)
    play.present()
    assert refusals(play) == ['"DEADBEEF": the local list says Expired']


def test_c13_a_link_that_is_lost_before_the_answer_leaves_the_decision_to_the_list() -> None:
    play = listed(GOOD, AuthCtrlr__LocalPreAuthorize="false")
    play.csms.keep_silent(Authorize)
    assert starts(play) == [ASKED]
    play.lose_link()
    assert play.reading().authorized


# -- C14: the list, with a link -------------------------------------------------------------------


@proves("C14.FR.02", "SendLocalList")
def test_c14_fr_02_a_listed_identifier_begins_without_being_asked_about() -> None:
    """TC_C_27."""
    assert starts(listed(GOOD)) == [STARTED]


@pytest.mark.parametrize("status", [INVALID, BLOCKED, AuthorizationStatus.EXPIRED])
def test_c14_fr_03_a_listed_identifier_that_is_not_accepted_is_asked_about(status: AuthorizationStatus) -> None:
    """TC_C_28 to TC_C_31."""
    assert starts(listed(IdTokenInfo(status))) == [ASKED, STARTED]


def test_c14_fr_03_unless_the_list_has_the_last_word() -> None:
    """TC_C_58: LocalAuthListCtrlr.DisablePostAuthorize, which says nothing of the cache."""
    play = listed(IdTokenInfo(INVALID), LocalAuthListCtrlr__DisablePostAuthorize="true")
    assert starts(play) == []
    assert refusals(play) == ['"DEADBEEF": the local list says Invalid']
    learn(play, OTHER_CARD, IdTokenInfo(INVALID))
    assert starts(play, OTHER_CARD)[0] == "Authorize CAFE"


@pytest.mark.parametrize("post", ["true", "false"])
def test_c14_fr_05_what_has_expired_in_the_list_is_asked_about(post: str) -> None:
    """FR.04 before that."""
    soon = IdTokenInfo(ACCEPTED, cache_expiry=BEGIN + timedelta(seconds=30))
    play = listed(soon, LocalAuthListCtrlr__DisablePostAuthorize=post)
    assert starts(play) == [STARTED]
    play.present()
    play.sleep(31)
    assert starts(play)[0] == ASKED


def test_d01_fr_09_what_the_csms_answers_changes_the_cache_and_not_the_list() -> None:
    play = listed(IdTokenInfo(INVALID))
    starts(play)
    assert play.station.tokens.list.state.entries[0].info.status is INVALID
    play.present()
    assert starts(play)[0] == ASKED


# -- the CSMS is not to be asked -------------------------------------------------------------------


@pytest.mark.parametrize("pre", ["true", "false"])
def test_disable_remote_authorization_leaves_list_and_cache(pre: str) -> None:
    play = cached(GOOD, IdTokenInfo(BLOCKED), AuthCtrlr__LocalPreAuthorize=pre)
    play.set("AuthCtrlr.DisableRemoteAuthorization", "true")
    assert starts(play, OTHER_CARD) == []
    assert refusals(play)[-1] == '"CAFE": the cache says Blocked'
    assert starts(play) == [STARTED]


# -- C15: unknown, without a link -----------------------------------------------------------------


@proves("C15.FR.01", "C15.FR.08")
def test_c15_fr_01_who_begins_as_an_unknown_is_not_remembered_until_the_csms_has_judged() -> None:
    play = station(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    play.lose_link()
    play.present()
    assert play.reading().authorized
    assert play.station.tokens.counts(play.now).cached == 0
    play.wait(1)
    play.present()
    play.set("AuthCtrlr.OfflineTxForUnknownIdEnabled", "false")
    play.present()
    assert refusals(play) == ['"DEADBEEF": there is no link to the CSMS, and OfflineTxForUnknownIdEnabled is false']
    play.link()
    assert play.station.tokens.counts(play.now).cached == 1


@proves("C15.FR.04", "E05.FR.10")
def test_c15_fr_04_who_turns_out_to_be_invalid_is_stopped() -> None:
    play = station(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
    play.lose_link()
    play.present()
    play.wait(1)
    play.csms.tokens[CARD.id_token] = IdTokenInfo(INVALID)
    assert script(play.link())[-1].startswith("Ended Deauthorized EVConnected DeAuthorized")


@proves("C15.FR.06", "E05.FR.02")
def test_c15_fr_06_or_gets_no_energy_any_more() -> None:
    """TC_C_26: its identifier still ends the transaction."""
    play = station(AuthCtrlr__OfflineTxForUnknownIdEnabled="true", TxCtrlr__StopTxOnInvalidId="false")
    play.lose_link()
    play.present()
    play.wait(1)
    play.csms.tokens[CARD.id_token] = IdTokenInfo(INVALID)
    assert "Updated ChargingStateChanged SuspendedEVSE" in script(play.link())
    assert starts(play)[0].startswith("Ended StopAuthorized EVConnected Local DEADBEEF")


@pytest.mark.parametrize("make", [listed, cached])
@proves("C15.FR.07", "E05.FR.03")
def test_e05_fr_03_one_that_is_known_and_turns_out_to_be_invalid_gets_the_energy_it_may_have(
    make: Make,
) -> None:
    """TC_C_13 to TC_C_17."""
    play = make(GOOD, TxCtrlr__StopTxOnInvalidId="false", TxCtrlr__MaxEnergyOnInvalidId="1000")
    play.csms.tokens[CARD.id_token] = IdTokenInfo(INVALID)
    play.sleep(0)
    register_wh = play.reading().register_wh
    play.present()
    play.wait(1)
    assert play.reading().charging_state == "Charging"
    play.wait(10)
    assert play.reading().charging_state == "SuspendedEVSE"
    assert play.reading().register_wh - register_wh == pytest.approx(1_000, abs=5)


@proves("C15.FR.05", "E05.FR.11")
def test_e05_fr_11_the_cable_of_one_that_is_invalid_stays_locked_until_it_is_presented() -> None:
    play = cached(GOOD, OCPPCommCtrlr__UnlockOnEVSideDisconnect="false")
    play.csms.tokens[CARD.id_token] = IdTokenInfo(INVALID)
    play.present()
    play.wait(1)
    assert play.unplug() == []
    assert play.reading().status == "Occupied"
    assert script(play.present(OTHER_CARD)) == ["Authorize CAFE"]
    assert refusals(play)[-1] == '"CAFE": another one began what runs here'
    assert script(play.present()) == ["StatusNotification 1/1 Available"]
    assert script(play.present()) == [ASKED]


# -- C09, E07: groups -----------------------------------------------------------------------------


@pytest.mark.parametrize("pre", ["true", "false"])
@pytest.mark.parametrize("make", [listed, cached])
@proves("C01.FR.03", "C09.FR.03", "C09.FR.07", "E07.FR.01", "E07.FR.02")
def test_c09_fr_07_a_known_member_of_the_group_ends_the_session_without_being_asked_about(make: Make, pre: str) -> None:
    """TC_C_40, TC_C_41."""
    play = make(OF_THE_FAMILY, OF_THE_FAMILY, AuthCtrlr__LocalPreAuthorize=pre)
    play.csms.tokens[CARD.id_token] = OF_THE_FAMILY
    play.present()
    play.wait(1)
    assert starts(play, OTHER_CARD)[0].startswith("Ended StopAuthorized EVConnected Local CAFE")


def test_c09_fr_07_also_without_a_link() -> None:
    play = listed(OF_THE_FAMILY, OF_THE_FAMILY, AuthCtrlr__LocalAuthorizeOffline="false")
    play.csms.tokens[CARD.id_token] = OF_THE_FAMILY
    play.present()
    play.lose_link()
    play.present(OTHER_CARD)
    assert not play.reading().authorized


@proves("C09.FR.11")
def test_c09_fr_11_a_known_member_that_is_not_accepted_is_asked_about_and_ends_nothing() -> None:
    """TC_C_43, TC_C_44."""
    play = listed(OF_THE_FAMILY, IdTokenInfo(INVALID, FAMILY))
    play.csms.tokens = {CARD.id_token: OF_THE_FAMILY, OTHER_CARD.id_token: IdTokenInfo(INVALID, FAMILY)}
    play.present()
    assert starts(play, OTHER_CARD) == ["Authorize CAFE"]
    assert play.reading().authorized
    play.lose_link()
    play.present(OTHER_CARD)
    assert play.reading().authorized


@pytest.mark.parametrize("info", [GOOD, IdTokenInfo(ACCEPTED, STRANGERS)])
def test_c09_a_known_identifier_of_another_group_ends_nothing(info: IdTokenInfo) -> None:
    play = listed(OF_THE_FAMILY, info)
    play.csms.tokens[CARD.id_token] = OF_THE_FAMILY
    play.present()
    play.present(OTHER_CARD)
    assert play.reading().authorized
    assert refusals(play)[-1] == '"CAFE": another one began what runs here'


def test_c09_an_empty_group_is_no_group() -> None:
    nobodys = IdTokenInfo(ACCEPTED, IdToken("", IdTokenType.CENTRAL))
    play = listed(nobodys, nobodys)
    play.csms.tokens[CARD.id_token] = nobodys
    play.present()
    play.present(OTHER_CARD)
    assert play.reading().authorized


@proves("C01.FR.23")
def test_c01_fr_23_a_transaction_whose_driver_has_gone_takes_no_other() -> None:
    """TxStopPoint does not end it with the authorization."""
    play = cached(GOOD, GOOD, TxCtrlr__TxStopPoint="EVConnected")
    play.present()
    play.wait(1)
    play.present()
    assert play.reading().transaction_id == "tx-1"
    assert starts(play, OTHER_CARD) == []
    assert refusals(play)[-1] == '"CAFE": another one began what runs here'
    assert starts(play)[0].startswith("Updated Authorized")
    play.present()
    play.unplug()
    play.plug_in()
    assert starts(play, OTHER_CARD)[0].startswith("Started")


def test_c01_fr_23_also_when_the_power_was_cut_meanwhile() -> None:
    play = Playbook(resume_on_boot=True, variables={"TxCtrlr.TxStopPoint": "EVConnected"}).charging()
    play.present()
    play.cut_power()
    play.link()
    play.present(OTHER_CARD)
    assert refusals(play) == ['"CAFE": another one began what runs here']
    play.present()
    assert play.reading().authorized


@proves("RequestStartTransaction", "F01.FR.24")
def test_f01_fr_24_nor_may_the_csms_have_another_one_go_on_with_it() -> None:
    play = cached(GOOD, GOOD, TxCtrlr__TxStopPoint="EVConnected")
    play.present()
    play.wait(1)
    play.present()
    answer, sent = play.ask(RequestStartTransaction(1, OTHER_CARD, 1))
    assert isinstance(answer, StartAnswer)
    assert (answer.status, sent) == ("Rejected", [])


# -- C16: the master pass -------------------------------------------------------------------------


def guarded(**variables: str) -> Playbook:
    """A station that knows of a master pass, which EVSE 2's driver has just presented in vain."""
    play = cached(GOOD, GOOD, AuthCtrlr__MasterPassGroupId="Masters", **variables)
    learn(play, MASTER, IdTokenInfo(ACCEPTED, MASTERS))
    play.csms.tokens[MASTER.id_token] = IdTokenInfo(ACCEPTED, MASTERS)
    return play


@proves("C16.FR.02", "C16.FR.03", "C12.FR.09")
def test_c16_a_master_pass_is_asked_about_although_it_is_known() -> None:
    """TC_C_45, TC_C_47, TC_C_49: it begins nothing, and ends everything."""
    play = guarded()
    play.plug_in(2)
    assert script(play.present(MASTER)) == ["Authorize MASTER"]
    play.present()
    play.present(OTHER_CARD, 2)
    ended = "Ended StopAuthorized EVConnected MasterPass MASTER Transaction.Begin+Transaction.End"
    assert script(play.present(MASTER)) == ["Authorize MASTER", ended, ended]
    assert [play.reading(evse_id).authorized for evse_id in (1, 2)] == [False, False]
    assert play.said(NoticeKind.MASTER_PASS) == ['"MASTER"'] * 3


@pytest.mark.parametrize("in_list", [True, False])
@proves("C16.FR.04", "C16.FR.05")
def test_c16_without_a_link_a_master_pass_that_is_known_is_enough(in_list: bool) -> None:
    play = guarded()
    if in_list:
        play.ask(ClearCache())
        rows = (AuthorizationData(MASTER, IdTokenInfo(ACCEPTED, MASTERS)), AuthorizationData(CARD, GOOD))
        play.ask(SendLocalList(1, UpdateType.FULL, rows))
    play.present()
    play.wait(1)
    play.lose_link()
    play.present(MASTER)
    assert not play.reading().authorized
    play.present(MASTER)
    assert not play.reading().authorized


def test_c16_fr_02_a_master_pass_also_ends_what_nobody_was_authorized_for() -> None:
    play = station(TxCtrlr__TxStartPoint="EVConnected", AuthCtrlr__MasterPassGroupId="masters")
    play.csms.tokens[MASTER.id_token] = IdTokenInfo(ACCEPTED, MASTERS)
    assert play.reading().transaction_id == "tx-1"
    assert script(play.present(MASTER, 2))[1] == (
        "Ended StopAuthorized EVConnected MasterPass MASTER Transaction.Begin+Transaction.End"
    )


def test_c16_a_master_pass_lets_go_of_cables_that_were_left() -> None:
    play = guarded(OCPPCommCtrlr__UnlockOnEVSideDisconnect="false")
    play.present()
    play.wait(1)
    play.unplug()
    assert play.reading().status == "Occupied"
    assert "StatusNotification 1/1 Available" in script(play.present(MASTER, 2))


def test_c16_where_authorization_is_no_stop_point_its_reason_is_told_at_the_end() -> None:
    """E07."""
    play = guarded(TxCtrlr__TxStopPoint="EVConnected")
    play.present()
    play.wait(1)
    assert "Updated StopAuthorized MASTER" in script(play.present(MASTER))
    assert script(play.unplug())[1].startswith("Ended EVCommunicationLost Idle MasterPass")


def test_c16_fr_03_an_unknown_that_turns_out_to_be_a_master_pass_is_stopped() -> None:
    play = station(AuthCtrlr__OfflineTxForUnknownIdEnabled="true", AuthCtrlr__MasterPassGroupId="masters")
    play.csms.tokens[MASTER.id_token] = IdTokenInfo(ACCEPTED, MASTERS)
    play.lose_link()
    play.present(MASTER)
    assert play.reading().authorized
    play.wait(1)
    assert script(play.link())[-1].startswith("Ended Deauthorized EVConnected DeAuthorized")
    assert refusals(play) == ['"MASTER": a master pass begins nothing']


@proves("RequestStartTransaction", "C16.FR.03")
def test_c16_fr_03_a_master_pass_begins_nothing_from_afar_either() -> None:
    play = guarded()
    play.present()
    answer, _ = play.ask(RequestStartTransaction(1, CARD, 2, MASTERS))
    assert isinstance(answer, StartAnswer)
    assert (answer.status, answer.info and answer.info.reason_code) == ("Rejected", "InvalidIdToken")
    answer, sent = play.ask(RequestStartTransaction(1, MASTER, 2))
    assert (answer, script(sent)) == (StartAnswer("Accepted"), ["Authorize MASTER"])
    assert refusals(play)[-1] == '"MASTER": a master pass begins nothing'
    assert play.reading().authorized


def test_c16_a_master_pass_that_is_not_accepted_ends_nothing() -> None:
    play = guarded()
    play.present()
    play.csms.tokens[MASTER.id_token] = IdTokenInfo(BLOCKED, MASTERS)
    play.present(MASTER)
    assert play.reading().authorized


# -- C02, C06: other identifiers ------------------------------------------------------------------


@proves("C02", "C02.FR.01")
def test_c02_the_start_button_needs_no_text_and_no_word_of_the_csms() -> None:
    play = station()
    button = IdToken("whatever", IdTokenType.NO_AUTHORIZATION)
    assert starts(play, button) == ["Started Authorized EVConnected evse 1/1 anybody Transaction.Begin"]
    assert isinstance(play.sent[-1].message, TransactionEvent)
    assert play.sent[-1].message.id_token == IdToken("", IdTokenType.NO_AUTHORIZATION)
    assert starts(play, CARD) == [ASKED]
    assert play.reading().authorized
    assert starts(play, button)[0].startswith("Ended StopAuthorized")


@proves("C06", "C06.FR.02")
def test_c06_an_identifier_of_the_station_itself_is_asked_about() -> None:
    assert starts(station(), IdToken("TICKET", IdTokenType.LOCAL))[0] == "Authorize TICKET"


@proves("C04", "C04.FR.03", "C04.FR.04")
def test_c04_a_key_code_is_asked_about_every_time() -> None:
    play = station()
    code = IdToken("4711", IdTokenType.KEY_CODE)
    assert starts(play, code)[0] == "Authorize 4711"
    play.present(code)
    assert starts(play, code)[0] == "Authorize 4711"
    assert "4711" not in repr(play.notices)


# -- the operator ---------------------------------------------------------------------------------


def test_the_operator_can_have_the_cache_know_an_identifier() -> None:
    play = station()
    play.event(AddToCache(CARD, OF_THE_FAMILY))
    assert play.said(NoticeKind.CACHED) == ['"DEADBEEF": Accepted, of the group family']
    assert starts(play) == [STARTED]


@pytest.mark.parametrize(
    ("token", "info", "why"),
    [
        (IdToken("X", IdTokenType.CENTRAL), GOOD, "the cache keeps no identifiers of type Central"),
        (IdToken("4711", IdTokenType.KEY_CODE), GOOD, "the cache keeps no identifiers of type KeyCode"),
        (IdToken("X" * 37), GOOD, "an identifier has at most 36 characters"),
        (CARD, IdTokenInfo(ACCEPTED, IdToken("X" * 37)), "an identifier has at most 36 characters"),
        (CARD, IdTokenInfo(ACCEPTED, cache_expiry=BEGIN - timedelta(seconds=1)), "it has expired already"),
    ],
)
def test_the_operator_hears_why_the_cache_does_not_take_one(token: IdToken, info: IdTokenInfo, why: str) -> None:
    play = station()
    play.event(AddToCache(token, info))
    assert play.said(NoticeKind.IMPOSSIBLE) == [why]
    assert play.station.tokens.counts(play.now).cached == 0


def test_the_operator_hears_that_the_cache_is_off() -> None:
    play = station(AuthCacheCtrlr__Enabled="false")
    play.event(AddToCache(CARD, GOOD))
    assert play.said(NoticeKind.IMPOSSIBLE) == ["the cache is off: AuthCacheCtrlr.Enabled is false"]
