"""Block H: a CSMS reserves EVSEs; drivers claim them, or do not come."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.messages import (
    Authorize,
    AuthorizeAnswer,
    Heartbeat,
    HeartbeatAnswer,
    IdToken,
    IdTokenInfo,
    StatusNotification,
    TransactionEvent,
)
from evtui.sim.requests import (
    AuthorizationData,
    CancelReservation,
    ChangeAvailability,
    MessageTrigger,
    OperationalStatus,
    RequestStartTransaction,
    ReserveNow,
    Reset,
    ResetType,
    SendLocalList,
    StartAnswer,
    StatusAnswer,
    TriggerMessage,
    UpdateType,
)
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import AuthorizationStatus, ConnectorType, IdTokenType, RegistrationStatus
from evtui.sim.variables.reports import EvseRef
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, script

pytestmark = proves("ReserveNow", "H01")

ONE, TWO, THREE = (EvseSpec(),), (EvseSpec(),) * 2, (EvseSpec(),) * 3
AC = EvseSpec()
DC = EvseSpec((ConnectorSpec(ConnectorType.CCCS2, 0), ConnectorSpec(ConnectorType.CG105, 0)))
FAMILY = IdToken("FAMILY", IdTokenType.CENTRAL)
OUT, BACK = OperationalStatus.INOPERATIVE, OperationalStatus.OPERATIVE
AT_CABLE = {"TxCtrlr.TxStartPoint": "EVConnected"}


def booted(evses: tuple[EvseSpec, ...] = ONE, **variables: str) -> Playbook:
    return Playbook(
        evses=evses, variables={name.replace("__", "."): value for name, value in variables.items()}
    ).booted()


def reserve(
    book: Playbook,
    number: int = 7,
    evse_id: int | None = 1,
    card: IdToken = CARD,
    type: ConnectorType | str | None = None,
    group: IdToken | None = None,
    minutes: float = 10.0,
) -> tuple[str, list[str]]:
    """What the station answers, and what it sends because of it."""
    request = ReserveNow(number, book.now.utc + timedelta(minutes=minutes), card, evse_id, type, group)
    answer, sent = book.ask(request)
    assert isinstance(answer, StatusAnswer)
    return answer.status, script(sent)


def why(book: Playbook) -> str:
    """The reason code of the last answer."""
    answer = book.answers[-1].answer
    assert isinstance(answer, StatusAnswer | StartAnswer)
    assert answer.info is not None
    return answer.info.reason_code


def cancel(book: Playbook, number: int = 7) -> tuple[str, list[str]]:
    answer, sent = book.ask(CancelReservation(number))
    assert isinstance(answer, StatusAnswer)
    return answer.status, script(sent)


def change(book: Playbook, to: OperationalStatus, evse: EvseRef | None = None) -> list[str]:
    return script(book.ask(ChangeAvailability(to, evse))[1])


def remote_start(book: Playbook, card: IdToken, evse_id: int | None = 1, group: IdToken | None = None) -> str:
    answer, _ = book.ask(RequestStartTransaction(1, card, evse_id, group))
    assert isinstance(answer, StartAnswer)
    return answer.status


def statuses(book: Playbook) -> list[str]:
    """Of its EVSEs."""
    variables = book.station.variables
    return [str(variables.get(f"EVSE({each}).AvailabilityState")) for each in range(1, len(book.spec.evses) + 1)]


# -- an EVSE is reserved --------------------------------------------------------------------------


@proves("StatusNotification", "H01.FR.03", "H01.FR.23")
def test_h01_all_connectors_of_a_reserved_evse_are_reserved_after_the_answer() -> None:
    book = booted((AC, DC))
    assert reserve(book, evse_id=2) == (
        "Accepted",
        ["StatusNotification 2/1 Reserved", "StatusNotification 2/2 Reserved"],
    )
    assert statuses(book) == ["Available", "Reserved"]
    assert book.station.variables.get("ChargingStation.AvailabilityState") == "Available"
    assert book.said(NoticeKind.REQUEST) == ["ReserveNow: Accepted"]


@proves("H01.FR.11")
def test_h01_fr_11_a_reserved_evse_is_occupied_to_the_next() -> None:
    """TC_H_03."""
    book = booted()
    reserve(book)
    assert reserve(book, 8, card=OTHER_CARD) == ("Occupied", [])


@proves("H01.FR.11")
@pytest.mark.parametrize(
    "use",
    [
        lambda book: book.plug_in(),
        lambda book: book.present(),
        lambda book: (book.plug_in(), book.present()),
        lambda book: (book.csms.keep_silent(Authorize), book.present()),
    ],
    ids=["cable", "driver", "charging", "being checked"],
)
def test_h01_fr_11_an_evse_in_use_is_occupied(use: Callable[[Playbook], object]) -> None:
    """TC_H_04."""
    book = booted()
    use(book)
    assert reserve(book)[0] == "Occupied"


@proves("H01.FR.14")
def test_h01_fr_14_an_evse_out_of_service_is_unavailable() -> None:
    """TC_H_06."""
    book = booted(TWO)
    change(book, OUT, EvseRef(1))
    assert reserve(book) == ("Unavailable", [])
    assert reserve(book, evse_id=2)[0] == "Accepted"


@proves("H01.FR.01")
@pytest.mark.parametrize("variable", ["Available", "Enabled"])
def test_h01_fr_01_a_station_that_takes_no_reservations_rejects_them(variable: str) -> None:
    """TC_H_22."""
    book = booted()
    book.set(f"ReservationCtrlr.{variable}", "false")
    assert reserve(book) == ("Rejected", [])
    assert why(book) == "NotEnabled"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"evse_id": 2}, "UnknownEvse"),
        ({"evse_id": 0}, "UnknownEvse"),
        ({"type": ConnectorType.CCCS2}, "UnknownConnectorType"),
        ({"evse_id": None, "type": "wInductive"}, "UnknownConnectorType"),
        ({"minutes": 0.0}, "InvalidValue"),
    ],
)
def test_h01_what_cannot_be_is_rejected(options: dict[str, object], reason: str) -> None:
    book = booted()
    assert reserve(book, **options) == ("Rejected", [])  # type: ignore[arg-type]
    assert why(book) == reason


def test_a_station_that_is_not_accepted_yet_takes_no_reservations() -> None:
    book = Playbook()
    book.csms.boot = RegistrationStatus.PENDING
    book.link()
    assert reserve(book) == ("Rejected", [])
    assert why(book) == "CSNotAccepted"


# -- the same id replaces -------------------------------------------------------------------------


@proves("H01.FR.02")
def test_h01_fr_02_the_same_id_replaces_the_driver() -> None:
    """TC_H_23."""
    book = booted()
    reserve(book)
    assert reserve(book, card=OTHER_CARD) == ("Accepted", []), "Reserved it is already"
    book.plug_in()
    book.present(CARD)
    assert not book.reading().authorized
    book.present(OTHER_CARD)
    assert book.events()[0].reservation_id == 7


@proves("H01.FR.02")
def test_h01_fr_02_the_same_id_moves_to_another_evse() -> None:
    book = booted(TWO)
    reserve(book)
    assert reserve(book, evse_id=2) == (
        "Accepted",
        ["StatusNotification 1/1 Available", "StatusNotification 2/1 Reserved"],
    )
    assert cancel(book) == ("Accepted", ["StatusNotification 2/1 Available"])
    assert cancel(book)[0] == "Rejected"


@proves("H01.FR.02")
def test_a_replacement_that_is_refused_changes_nothing() -> None:
    book = booted(TWO)
    book.plug_in(2)
    reserve(book)
    assert reserve(book, evse_id=2)[0] == "Occupied"
    assert statuses(book) == ["Reserved", "Occupied"]
    assert cancel(book)[0] == "Accepted"


@proves("H01.FR.02")
def test_a_reservation_is_replaced_though_somebody_has_put_a_cable_in() -> None:
    book = booted()
    reserve(book)
    book.plug_in()
    assert reserve(book, card=OTHER_CARD, minutes=60)[0] == "Accepted"
    assert reserve(book, 8)[0] == "Occupied"


# -- any EVSE -------------------------------------------------------------------------------------


@proves("H01.FR.04", "H01.FR.20")
def test_h01_fr_20_the_only_evse_is_reserved() -> None:
    """TC_H_08."""
    assert reserve(booted(), evse_id=None) == ("Accepted", ["StatusNotification 1/1 Reserved"])


@proves("H01.FR.20")
def test_h01_fr_20_with_as_many_reservations_as_evses_all_are_reserved() -> None:
    """TC_H_14."""
    book = booted(TWO)
    assert reserve(book, 1, None) == ("Accepted", [])
    assert reserve(book, 2, None, OTHER_CARD) == (
        "Accepted",
        ["StatusNotification 1/1 Reserved", "StatusNotification 2/1 Reserved"],
    )
    assert reserve(book, 3, None) == ("Occupied", [])


@proves("H01.FR.07", "H01.FR.20")
def test_h01_fr_07_the_last_free_evse_is_kept() -> None:
    book = booted(TWO)
    reserve(book, evse_id=None)
    assert script(book.plug_in(1)) == ["StatusNotification 1/1 Occupied", "StatusNotification 2/1 Reserved"]
    book.plug_in(2)
    book.present(OTHER_CARD, 2)
    assert not book.reading(2).authorized
    assert script(book.unplug(1)) == [
        "StatusNotification 1/1 Available",
        "StatusNotification 1/1 Reserved",
        "StatusNotification 2/1 Occupied",
    ]
    book.present(OTHER_CARD, 2)
    assert book.reading(2).authorized
    assert statuses(book) == ["Reserved", "Occupied"]


@proves("H01.FR.07", "H01.FR.11")
def test_a_named_reservation_cannot_take_what_an_open_one_needs() -> None:
    """TC_H_09."""
    book = booted(TWO)
    reserve(book, 1, None)
    assert reserve(book, 2, 1, OTHER_CARD) == (
        "Accepted",
        ["StatusNotification 1/1 Reserved", "StatusNotification 2/1 Reserved"],
    )
    assert reserve(book, 3, 2)[0] == "Occupied"
    assert reserve(book, 3, None)[0] == "Occupied"


@proves("H01.FR.19")
def test_h01_fr_19_without_non_evse_specific_an_evse_must_be_named() -> None:
    """TC_H_13."""
    book = booted()
    book.set("ReservationCtrlr.NonEvseSpecific", "false")
    assert reserve(book, evse_id=None) == ("Rejected", [])
    assert reserve(book, evse_id=None, type=ConnectorType.STYPE2) == ("Rejected", [])
    assert reserve(book, evse_id=1)[0] == "Accepted"


@proves("H01.FR.14")
def test_all_evses_out_of_service_are_unavailable() -> None:
    """TC_H_12; one that is only in use makes it Occupied."""
    book = booted(TWO)
    book.plug_in(2)
    change(book, OUT, EvseRef(1))
    assert reserve(book, evse_id=None)[0] == "Occupied"
    change(book, OUT)
    assert reserve(book, evse_id=None)[0] == "Unavailable"


# -- a connector of some type ---------------------------------------------------------------------


@proves("H01.FR.06", "H01.FR.24")
def test_h01_fr_24_the_only_evse_with_such_a_connector_is_reserved_with_all_its_connectors() -> None:
    """TC_H_15."""
    book = booted((AC, DC))
    assert reserve(book, evse_id=None, type=ConnectorType.CG105) == (
        "Accepted",
        ["StatusNotification 2/1 Reserved", "StatusNotification 2/2 Reserved"],
    )
    assert reserve(book, 8, None, type=ConnectorType.CCCS2)[0] == "Occupied", "TC_H_16"
    assert reserve(book, 8, None, type=ConnectorType.STYPE2)[0] == "Accepted"


@proves("H01.FR.09")
def test_h01_fr_09_of_two_such_evses_one_is_kept() -> None:
    book = booted((AC, DC, DC))
    assert reserve(book, evse_id=None, type=ConnectorType.CCCS2) == ("Accepted", [])
    assert script(book.plug_in(3))[-2:] == ["StatusNotification 2/1 Reserved", "StatusNotification 2/2 Reserved"]


@proves("H01.FR.07", "H01.FR.09")
def test_open_reservations_share_the_evses_as_well_as_can_be() -> None:
    """The first could have the only fast one, which the second needs."""
    book = booted((DC, AC))
    assert reserve(book, 1, None)[0] == "Accepted"
    assert reserve(book, 2, None, OTHER_CARD, ConnectorType.CCCS2)[0] == "Accepted"
    assert statuses(book) == ["Reserved", "Reserved"]
    book.plug_in(1)
    book.present(CARD, 1)
    assert not book.reading(1).authorized, "that would leave the second without a fast one"
    book.present(CARD, 2)
    assert book.reading(2).authorized


@proves("H01.FR.06")
def test_a_named_evse_must_have_a_connector_of_the_type() -> None:
    book = booted((AC, DC))
    assert reserve(book, evse_id=2, type=ConnectorType.CCCS2)[0] == "Accepted"
    assert reserve(book, 8, 1, type=ConnectorType.CCCS2)[0] == "Rejected"


# -- used -----------------------------------------------------------------------------------------


@proves("StatusNotification", "TransactionEvent", "H01.FR.15", "H03.FR.01", "H03.FR.09", "H03.FR.10")
def test_h03_the_driver_presents_the_identifier_then_plugs_in() -> None:
    """TC_H_01: Available again before the CSMS is asked; reservationId is told once."""
    book = booted()
    reserve(book)
    assert script(book.present()) == ["StatusNotification 1/1 Available", "Authorize DEADBEEF"]
    assert script(book.plug_in())[:2] == [
        "StatusNotification 1/1 Occupied",
        "Started CablePluggedIn EVConnected evse 1/1 DEADBEEF reservation 7 Transaction.Begin",
    ]
    book.wait(5)
    assert [event.reservation_id for event in book.events()] == [7] + [None] * (len(book.events()) - 1)
    assert book.said(NoticeKind.RESERVATION) == ["reservation 7 is used"]
    assert cancel(book)[0] == "Rejected"


@proves("StatusNotification", "TransactionEvent", "G01.FR.06", "G01.FR.09", "H03.FR.10")
def test_g01_fr_09_a_cable_alone_does_not_change_reserved() -> None:
    """The transaction begins with the cable, the reservation is told with the driver."""
    book = Playbook(variables=AT_CABLE).booted()
    reserve(book)
    assert script(book.plug_in()) == ["Started CablePluggedIn EVConnected evse 1/1 Transaction.Begin"]
    assert book.reading().status == "Reserved"
    assert script(book.present())[:3] == [
        "StatusNotification 1/1 Occupied",
        "Authorize DEADBEEF",
        "Updated Authorized DEADBEEF reservation 7",
    ]


@proves("G01.FR.09")
def test_g01_fr_09_nor_does_pulling_it() -> None:
    book = booted()
    reserve(book)
    assert (book.plug_in(), book.unplug()) == ([], [])
    assert book.reading().status == "Reserved"


@proves("G01.FR.09", "H03.FR.01")
def test_h03_another_identifier_does_not_charge() -> None:
    """TC_H_02."""
    book = booted()
    reserve(book)
    book.plug_in()
    assert script(book.present(OTHER_CARD)) == ["Authorize CAFE"]
    assert book.said(NoticeKind.REFUSED) == ['"CAFE": this EVSE is reserved for another one']
    assert (book.reading().status, book.events()) == ("Reserved", [])


@proves("H03.FR.04", "H03.FR.08")
def test_h03_fr_04_one_of_the_group_may() -> None:
    """TC_H_19: the CSMS tells the group."""
    book = booted()
    reserve(book, group=FAMILY)
    book.plug_in()
    book.csms.tokens[OTHER_CARD.id_token] = IdTokenInfo(AuthorizationStatus.ACCEPTED, FAMILY)
    assert script(book.present(OTHER_CARD))[:3] == [
        "Authorize CAFE",
        "StatusNotification 1/1 Occupied",
        "Started Authorized EVConnected evse 1/1 CAFE reservation 7 Transaction.Begin",
    ]


@proves("H03.FR.04")
def test_h03_another_group_may_not() -> None:
    book = booted()
    reserve(book, group=FAMILY)
    book.csms.tokens[OTHER_CARD.id_token] = IdTokenInfo(AuthorizationStatus.ACCEPTED, IdToken("OTHERS"))
    book.present(OTHER_CARD)
    assert not book.reading().authorized
    book.csms.tokens[OTHER_CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED, FAMILY)
    book.present(OTHER_CARD)
    assert book.reading().status == "Reserved", "one of the group, but blocked"


@proves("H03.FR.03", "H03.FR.06")
@pytest.mark.parametrize("group", [None, FAMILY])
def test_h03_fr_03_an_open_reservation_is_claimed_at_any_evse(group: IdToken | None) -> None:
    """TC_H_24."""
    book = booted(TWO)
    reserve(book, evse_id=None, card=CARD if group is None else OTHER_CARD, group=group)
    book.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.ACCEPTED, group)
    book.plug_in(2)
    assert statuses(book) == ["Reserved", "Occupied"]
    assert "StatusNotification 1/1 Available" in script(book.present(evse_id=2))
    assert book.events()[0].reservation_id == 7


@proves("H03.FR.02", "H03.FR.05")
def test_h03_fr_02_one_for_a_type_is_claimed_where_there_is_such_a_connector() -> None:
    book = booted((AC, DC, DC))
    reserve(book, evse_id=None, type=ConnectorType.CCCS2)
    book.plug_in(1)
    book.present(evse_id=1)
    assert book.events()[-1].reservation_id is None
    book.plug_in(3)
    book.present(evse_id=3)
    assert book.events()[-1].reservation_id == 7


@proves("RequestStartTransaction", "H03.FR.09", "F02.FR.06")
def test_f02_fr_06_a_remote_start_claims_too() -> None:
    book = booted()
    reserve(book)
    assert remote_start(book, CARD) == "Accepted"
    assert book.reading().status == "Available"
    book.plug_in()
    started = book.events()[0]
    assert (started.reservation_id, started.remote_start_id) == (7, 1)


@proves("RequestStartTransaction", "F01.FR.21", "F02.FR.23")
def test_f01_fr_21_a_remote_start_for_another_is_rejected() -> None:
    """TC_H_02 B."""
    book = booted()
    reserve(book)
    assert remote_start(book, OTHER_CARD) == "Rejected"
    assert remote_start(book, OTHER_CARD, group=FAMILY) == "Rejected"
    assert remote_start(book, OTHER_CARD, None) == "Rejected"


@proves("RequestStartTransaction", "F01.FR.22", "F02.FR.24")
def test_f01_fr_22_the_group_of_the_request_counts() -> None:
    book = booted()
    reserve(book, group=FAMILY)
    assert remote_start(book, OTHER_CARD) == "Rejected"
    assert remote_start(book, OTHER_CARD, group=IdToken("OTHERS")) == "Rejected"
    assert remote_start(book, OTHER_CARD, group=FAMILY) == "Accepted"
    assert book.reading().authorized


@proves("RequestStartTransaction", "F01.FR.20")
def test_f01_fr_20_a_remote_start_goes_to_the_evse_that_is_kept_for_it() -> None:
    book = booted(THREE)
    reserve(book, evse_id=2)
    book.plug_in(1)
    assert remote_start(book, OTHER_CARD, None) == "Accepted"
    assert remote_start(book, CARD, None) == "Accepted"
    assert [book.reading(each).authorized for each in (1, 2, 3)] == [True, True, False]


def test_where_nobody_is_asked_a_cable_does_not_begin_at_a_reserved_evse() -> None:
    book = booted(AuthCtrlr__Enabled="false")
    reserve(book)
    assert book.plug_in() == []
    assert not book.reading().authorized


def test_a_claim_that_comes_to_nothing_is_told() -> None:
    """The reservation is used up (H03.FR.09), and no transaction will say so."""
    book = booted()
    reserve(book)
    book.csms.tokens[CARD.id_token] = IdTokenInfo(AuthorizationStatus.BLOCKED)
    assert script(book.present()) == [
        "StatusNotification 1/1 Available",
        "Authorize DEADBEEF",
        "ReservationStatusUpdate 7 Removed",
    ]
    assert reserve(book, 8)[0] == "Accepted"


def test_a_driver_who_claims_and_does_not_plug_in_is_told_too() -> None:
    book = booted(TxCtrlr__EVConnectionTimeOut="30")
    reserve(book)
    book.present()
    assert script(book.wait(30)) == ["ReservationStatusUpdate 7 Removed"]


def test_while_the_driver_who_claims_is_checked_nobody_else_gets_the_evse() -> None:
    book = booted()
    reserve(book)
    book.csms.keep_silent(Authorize)
    book.present()
    assert reserve(book, 8)[0] == "Occupied"
    book.plug_in()
    book.answer()
    assert book.events()[0].reservation_id == 7


def test_a_transaction_that_begins_while_the_driver_is_checked_tells_the_reservation_with_the_driver() -> None:
    book = Playbook(variables=AT_CABLE).booted()
    reserve(book)
    book.csms.keep_silent(Authorize)
    book.present()
    book.plug_in()
    book.answer()
    assert [event.reservation_id for event in book.events()][:2] == [None, 7]


def test_an_identifier_that_was_being_checked_when_the_evse_became_reserved_is_refused() -> None:
    book = booted(TWO)
    book.csms.keep_silent(Authorize)
    book.present(OTHER_CARD, 2)
    assert reserve(book, evse_id=None)[0] == "Accepted"
    book.plug_in(1)
    book.answer(AuthorizeAnswer(IdTokenInfo(AuthorizationStatus.ACCEPTED)))
    assert not book.reading(2).authorized
    assert book.said(NoticeKind.REFUSED) == ['"CAFE": this EVSE is reserved for another one']


@proves("H03.FR.07")
def test_h03_fr_07_the_group_may_be_known_from_the_local_list() -> None:
    """Nobody is asked."""
    book = booted(LocalAuthListCtrlr__Enabled="true")
    entry = AuthorizationData(OTHER_CARD, IdTokenInfo(AuthorizationStatus.ACCEPTED, FAMILY))
    book.ask(SendLocalList(1, UpdateType.FULL, (entry,)))
    reserve(book, group=FAMILY)
    book.plug_in()
    assert script(book.present(OTHER_CARD))[:2] == [
        "StatusNotification 1/1 Occupied",
        "Started Authorized EVConnected evse 1/1 CAFE reservation 7 Transaction.Begin",
    ]


def test_ending_a_transaction_claims_nothing() -> None:
    book = booted(TWO)
    book.plug_in(1)
    book.present(CARD, 1)
    reserve(book, evse_id=2)
    book.present(CARD, 1)
    assert book.reading(1).transaction_id is None
    assert statuses(book) == ["Occupied", "Reserved"]


def test_a_master_pass_ends_transactions_at_a_reserved_evse_too() -> None:
    """C16.FR.02: it begins none."""
    book = booted(TWO, AuthCtrlr__MasterPassGroupId="MASTERS")
    book.csms.tokens[OTHER_CARD.id_token] = IdTokenInfo(AuthorizationStatus.ACCEPTED, IdToken("MASTERS"))
    book.plug_in(2)
    book.present(CARD, 2)
    reserve(book, evse_id=1)
    book.present(OTHER_CARD, 1)
    assert book.reading(2).transaction_id is None
    assert statuses(book) == ["Reserved", "Occupied"]


@proves("TriggerMessage", "F06.FR.12")
def test_a_triggered_status_is_the_same() -> None:
    book = booted()
    reserve(book)
    book.plug_in()
    _, sent = book.ask(TriggerMessage(MessageTrigger.STATUS_NOTIFICATION, EvseRef(1, 1)))
    assert script(sent) == ["StatusNotification 1/1 Reserved"]


@proves("F01.FR.02", "H03.FR.09")
def test_a_remote_start_that_asks_nobody_claims_too() -> None:
    book = booted(AuthCtrlr__AuthorizeRemoteStart="false")
    reserve(book, group=FAMILY)
    book.plug_in()
    answer, sent = book.ask(RequestStartTransaction(1, OTHER_CARD, 1, FAMILY))
    assert answer == StartAnswer("Accepted")
    assert script(sent)[:2] == [
        "StatusNotification 1/1 Occupied",
        "Started RemoteStart EVConnected evse 1/1 CAFE reservation 7 Transaction.Begin",
    ]


# -- cancelled ------------------------------------------------------------------------------------


@proves("CancelReservation", "H02.FR.02", "H02.FR.03", "H02.FR.04")
def test_h02_a_cancelled_evse_is_available_and_no_update_is_sent() -> None:
    """TC_H_17."""
    book = booted()
    reserve(book)
    assert cancel(book) == ("Accepted", ["StatusNotification 1/1 Available"])
    book.plug_in()
    book.present(OTHER_CARD)
    assert book.events()[0].reservation_id is None


@proves("CancelReservation", "H02.FR.05", "H02.FR.06")
def test_h02_fr_06_an_open_one_that_is_cancelled_gives_all_evses_back() -> None:
    book = booted(TWO)
    reserve(book, 1, None)
    reserve(book, 2, None)
    assert cancel(book, 1) == ("Accepted", ["StatusNotification 1/1 Available", "StatusNotification 2/1 Available"])


@proves("CancelReservation", "H02.FR.01")
def test_h02_fr_01_an_unknown_one_is_rejected() -> None:
    """TC_H_18."""
    book = booted()
    assert cancel(book, 1) == ("Rejected", [])
    assert why(book) == "NotFound"


@proves("CancelReservation")
def test_where_somebodys_cable_is_in_a_cancelled_evse_is_occupied() -> None:
    book = booted()
    reserve(book)
    book.plug_in()
    assert cancel(book) == ("Accepted", ["StatusNotification 1/1 Occupied"])


# -- not used -------------------------------------------------------------------------------------


@proves("ReservationStatusUpdate", "StatusNotification", "H04.FR.01", "H04.FR.02", "H04.FR.03")
def test_h04_an_expired_one_gives_the_evse_back_and_is_told() -> None:
    """TC_H_07."""
    book = booted()
    reserve(book, minutes=1)
    assert book.wait(59.5) == []
    assert script(book.wait(1)) == ["StatusNotification 1/1 Available", "ReservationStatusUpdate 7 Expired"]
    book.plug_in()
    book.present(OTHER_CARD)
    assert book.reading().authorized


@proves("ReservationStatusUpdate", "H04.FR.01")
def test_h04_an_open_one_expires_too() -> None:
    book = booted(TWO)
    reserve(book, evse_id=None, minutes=1)
    assert script(book.wait(61)) == ["ReservationStatusUpdate 7 Expired"]


@proves("H04.FR.01")
def test_h04_an_identifier_that_comes_too_late_finds_no_reservation() -> None:
    book = booted()
    reserve(book, minutes=1)
    book.plug_in()
    book.elapsed_s += 61
    book.present(OTHER_CARD)
    assert book.reading().authorized
    assert book.events()[0].reservation_id is None


@proves("H04.FR.01")
def test_h04_the_station_s_own_clock_counts() -> None:
    """The CSMS moves it forward, past the end of the reservation."""
    book = booted()
    book.csms.clock_off_s = -600.0
    book.wait(301)
    assert reserve(book, minutes=2)[0] == "Accepted"
    book.wait(200)
    assert book.reading().status == "Reserved", "12 minutes, by a clock that is 10 minutes late"
    book.csms.replies[Heartbeat] = lambda: HeartbeatAnswer(book.now.utc)
    assert "ReservationStatusUpdate 7 Expired" in script(book.wait(301))


@proves("ReservationStatusUpdate", "H01.FR.17")
def test_h01_fr_17_an_evse_that_goes_out_of_service_loses_its_reservation() -> None:
    """TC_H_21."""
    book = booted((AC, DC))
    reserve(book, evse_id=2)
    assert change(book, OUT, EvseRef(2)) == [
        "StatusNotification 2/1 Unavailable",
        "StatusNotification 2/2 Unavailable",
        "ReservationStatusUpdate 7 Removed",
    ]
    assert change(book, BACK, EvseRef(2)) == ["StatusNotification 2/1 Available", "StatusNotification 2/2 Available"]


@proves("ReservationStatusUpdate", "H01.FR.17")
def test_a_reservation_stays_as_long_as_a_connector_will_do() -> None:
    book = booted((AC, DC))
    reserve(book, evse_id=2)
    assert change(book, OUT, EvseRef(2, 2)) == ["StatusNotification 2/2 Unavailable"]
    assert change(book, BACK, EvseRef(2, 2)) == ["StatusNotification 2/2 Reserved"]
    reserve(book, evse_id=2, type=ConnectorType.CG105)
    assert change(book, OUT, EvseRef(2, 2)) == [
        "StatusNotification 2/2 Unavailable",
        "StatusNotification 2/1 Available",
        "ReservationStatusUpdate 7 Removed",
    ]


@proves("ReservationStatusUpdate", "H01.FR.16", "H01.FR.12")
@pytest.mark.parametrize("evse_id", [1, None])
def test_h01_fr_16_so_does_one_that_is_faulted(evse_id: int | None) -> None:
    book = booted()
    reserve(book, evse_id=evse_id)
    broken = script(book.fault(FaultKind.GROUND_FAULT))
    assert broken[-2:] == ["StatusNotification 1/1 Faulted", "ReservationStatusUpdate 7 Removed"]
    assert reserve(book, evse_id=evse_id)[0] == "Faulted"
    assert "StatusNotification 1/1 Available" in script(book.clear())
    assert reserve(book, evse_id=evse_id)[0] == "Accepted"


@proves("ReservationStatusUpdate", "H01.FR.07", "H01.FR.17")
def test_an_open_one_stays_as_long_as_there_is_room_and_the_last_goes_first() -> None:
    book = booted(THREE)
    reserve(book, 1, None)
    reserve(book, 2, None)
    assert change(book, OUT, EvseRef(1)) == [
        "StatusNotification 1/1 Unavailable",
        "StatusNotification 2/1 Reserved",
        "StatusNotification 3/1 Reserved",
    ]
    assert change(book, OUT, EvseRef(2)) == ["StatusNotification 2/1 Unavailable", "ReservationStatusUpdate 2 Removed"]
    assert cancel(book, 1)[0] == "Accepted"


def test_two_strangers_cables_do_not_take_an_evse_from_a_reservation_that_is_left() -> None:
    """Both EVSEs were Reserved when the cables came in; one of them is enough now."""
    book = booted(TWO)
    reserve(book, 1, None)
    reserve(book, 2, None)
    book.plug_in(1)
    book.plug_in(2)
    cancel(book, 2)
    assert sorted(statuses(book)) == ["Occupied", "Reserved"]
    assert book.wait(60) == []
    assert cancel(book, 1)[0] == "Accepted"


# -- what outlasts what ---------------------------------------------------------------------------


@proves("Reset", "B11.FR.05")
@pytest.mark.parametrize("type", ResetType)
def test_b11_fr_05_reserved_outlasts_a_reset(type: ResetType) -> None:
    """TC_B_24: a reservation does not keep a reset waiting."""
    book = booted()
    reserve(book)
    answer, _ = book.ask(Reset(type))
    assert answer == StatusAnswer("Accepted")
    assert script(book.link())[:2] == ["BootNotification RemoteReset", "StatusNotification 1/1 Reserved"]


@proves("Reset", "B11.FR.05", "B12.FR.03", "H01.FR.07")
def test_strangers_cables_do_not_take_the_last_evse_while_a_reset_waits() -> None:
    """It is Unavailable until then, and Reserved when the station is back."""
    book = booted(THREE)
    book.plug_in(1)
    book.present(OTHER_CARD, 1)
    reserve(book, evse_id=None)
    book.ask(Reset(ResetType.ON_IDLE))
    book.plug_in(2)
    book.plug_in(3)
    assert statuses(book) == ["Occupied", "Unavailable", "Unavailable"]
    book.stop(1)
    book.link()
    assert statuses(book) == ["Occupied", "Occupied", "Reserved"]
    book.present(OTHER_CARD, 3)
    assert not book.reading(3).authorized
    book.present(CARD, 3)
    assert book.events()[-1].reservation_id == 7


@proves("B01.FR.13", "H01.FR.15")
def test_b01_fr_13_reserved_outlasts_a_power_cut() -> None:
    book = booted((AC, DC))
    reserve(book, group=FAMILY)
    reserve(book, 8, None, type=ConnectorType.CCCS2)
    reserve(book, 9, None)
    cancel(book, 9)
    book.cut_power()
    assert statuses(book) == ["Reserved", "Reserved"]
    book.link()
    assert reserve(book, 10, None)[0] == "Occupied"
    book.plug_in()
    book.present()
    assert book.events()[0].reservation_id == 7
    assert [key for key in book.kept if key.startswith("reservation/")] == ["reservation/2"]


@proves("B01.FR.13", "H01.FR.07")
def test_a_power_cut_does_not_give_the_last_evse_to_a_stranger_s_cable() -> None:
    book = booted(TWO)
    reserve(book, evse_id=None)
    book.plug_in(1)
    book.plug_in(2)
    assert statuses(book) == ["Occupied", "Reserved"]
    book.cut_power()
    assert sorted(statuses(book)) == ["Occupied", "Reserved"]
    book.link()
    assert cancel(book)[0] == "Accepted"


@proves("B01.FR.13", "H04.FR.01")
def test_what_expires_in_the_dark_is_gone() -> None:
    book = booted()
    reserve(book, minutes=1)
    book.cut_power(90)
    assert statuses(book) == ["Available"]
    assert "StatusNotification 1/1 Available" in script(book.link())
    assert not any(key.startswith("reservation/") for key in book.kept)


def test_a_claim_that_a_power_cut_ends_is_none() -> None:
    book = booted()
    reserve(book)
    book.present()
    book.cut_power()
    assert statuses(book) == ["Reserved"]


@proves("StatusNotification", "B04")
def test_b04_what_becomes_of_a_reservation_without_a_link_shows_when_it_is_back() -> None:
    book = booted(OCPPCommCtrlr__OfflineThreshold="600")
    reserve(book, minutes=1)
    book.lose_link()
    book.wait(90)
    assert script(book.link()) == ["StatusNotification 1/1 Available"]


@proves("ReservationStatusUpdate")
def test_with_queue_all_messages_the_update_is_sent_later() -> None:
    book = booted(OCPPCommCtrlr__QueueAllMessages="true")
    reserve(book, minutes=1)
    book.lose_link()
    book.wait(90)
    assert "ReservationStatusUpdate 7 Expired" in script(book.link())


def test_the_times_of_statuses_are_those_of_the_change() -> None:
    book = booted()
    reserve(book, minutes=1)
    (status, _) = book.wait(70)
    assert isinstance(status, StatusNotification)
    assert (status.timestamp - book.now.utc).total_seconds() == pytest.approx(-10, abs=0.01)
    assert not any(isinstance(send.message, TransactionEvent) for send in book.sent)
