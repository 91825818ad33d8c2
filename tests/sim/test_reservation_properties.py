"""Whatever a CSMS reserves and whoever comes: an EVSE is left for each driver who is expected, and for no other."""

from datetime import timedelta
from itertools import permutations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from evtui.sim.evse import Evse
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.requests import (
    CancelReservation,
    ChangeAvailability,
    OperationalStatus,
    RequestStartTransaction,
    ReserveNow,
    Reset,
    ResetType,
    StatusAnswer,
)
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import AuthorizationStatus, ConnectorStatus, ConnectorType, IdTokenType
from evtui.sim.variables.reports import EvseRef
from tests.sim.playbook import Playbook

AC, DC = ConnectorSpec(), ConnectorSpec(ConnectorType.CCCS2, 0)
EVSES = (EvseSpec((AC,)), EvseSpec((AC, DC)), EvseSpec((DC,)))
CARDS = tuple(IdToken(each) for each in ("A", "B", "C", "D"))
FAMILY = IdToken("FAMILY", IdTokenType.CENTRAL)

a_card = st.sampled_from(CARDS)
an_evse = st.integers(1, len(EVSES))
maybe_an_evse = st.none() | an_evse


class Bookings(RuleBasedStateMachine):
    """A station that is online all the time; C and D are of one family."""

    @initialize(at_cable=st.booleans(), blocked=st.sampled_from([None, *CARDS]))
    def begin(self, at_cable: bool, blocked: IdToken | None) -> None:
        start = "EVConnected" if at_cable else "PowerPathClosed"
        self.play = Playbook(evses=EVSES, variables={"TxCtrlr.TxStartPoint": start}).booted()
        for card in CARDS:
            status = AuthorizationStatus.BLOCKED if card == blocked else AuthorizationStatus.ACCEPTED
            self.play.csms.tokens[card.id_token] = IdTokenInfo(status, FAMILY if card in CARDS[2:] else None)

    @rule(
        number=st.integers(1, 4),
        evse_id=maybe_an_evse,
        type=st.sampled_from([None, None, AC.type, DC.type]),
        card=a_card,
        group=st.sampled_from([None, FAMILY]),
        minutes=st.integers(1, 9),
    )
    def reserve(
        self, number: int, evse_id: int | None, type: ConnectorType | None, card: IdToken, group: object, minutes: int
    ) -> None:
        before = self.held()
        expires = self.play.now.utc + timedelta(minutes=minutes)
        request = ReserveNow(number, expires, card, evse_id, type, None if group is None else FAMILY)
        answer, _ = self.play.ask(request)
        assert isinstance(answer, StatusAnswer)
        if answer.status == "Accepted":
            assert request in self.held()
        else:
            assert self.held() == before

    @rule(number=st.integers(1, 4))
    def cancel(self, number: int) -> None:
        known = number in {each.id for each in self.held()}
        answer, _ = self.play.ask(CancelReservation(number))
        assert isinstance(answer, StatusAnswer)
        assert (answer.status == "Accepted") is known

    @rule(evse_id=an_evse, connector_id=st.integers(1, 2))
    def plug_in(self, evse_id: int, connector_id: int) -> None:
        self.play.plug_in(evse_id, connector_id)

    @rule(evse_id=an_evse)
    def unplug(self, evse_id: int) -> None:
        self.play.unplug(evse_id)

    @rule(evse_id=an_evse, card=a_card)
    def present(self, evse_id: int, card: IdToken) -> None:
        before, drivers = self.held(), self.drivers()
        self.play.present(card, evse_id)
        self.judge(before, drivers)

    @rule(evse_id=maybe_an_evse, card=a_card, group=st.sampled_from([None, FAMILY]))
    def start(self, evse_id: int | None, card: IdToken, group: object) -> None:
        before, drivers = self.held(), self.drivers()
        self.play.ask(RequestStartTransaction(1, card, evse_id, None if group is None else FAMILY))
        self.judge(before, drivers, group)

    @rule(evse_id=maybe_an_evse, connector_id=st.none() | st.just(1), to=st.sampled_from(OperationalStatus))
    def change(self, evse_id: int | None, connector_id: int | None, to: OperationalStatus) -> None:
        place = None if evse_id is None else EvseRef(evse_id, connector_id)
        self.play.ask(ChangeAvailability(to, place))

    @rule(evse_id=an_evse, kind=st.sampled_from([FaultKind.GROUND_FAULT, FaultKind.LOCK_FAILURE]), clear=st.booleans())
    def break_or_mend(self, evse_id: int, kind: FaultKind, clear: bool) -> None:
        if clear:
            self.play.clear(evse_id)
        else:
            self.play.fault(kind, evse_id)

    @rule(seconds=st.integers(1, 200))
    def wait(self, seconds: int) -> None:
        self.play.wait(seconds)

    @rule(type=st.sampled_from(ResetType))
    def reset(self, type: ResetType) -> None:
        self.play.ask(Reset(type))
        if not self.play.linked:
            self.play.link()

    @rule()
    def cut_power(self) -> None:
        before = self.held()
        self.play.cut_power(0.0)
        # What was to go out of service when a transaction ends is out of service now: the cut has ended it.
        for lost in set(before) - set(self.held()):
            assert any(not evse.bay.operative for evse in self.evses if lost.evse_id in (None, evse.id))
        self.play.link()

    # -- what always holds ------------------------------------------------------------------------

    @property
    def evses(self) -> tuple[Evse, ...]:
        return self.play.station._evses

    def held(self) -> list[ReserveNow]:
        return [each.wanted for each in self.play.station.reservations.held]

    def drivers(self) -> dict[int, bool]:
        return {evse.id: evse.authorization is not None for evse in self.evses}

    def judge(self, before: list[ReserveNow], drivers: dict[int, bool], asked: object = None) -> None:
        """Nobody but whom it is for began at an EVSE that was reserved; `asked` is the group that the CSMS named."""
        for evse in self.evses:
            if drivers[evse.id] or evse.authorization is None:
                continue
            token, group = evse.authorization.id_token, evse.authorization.info.group_id_token
            for wanted in before:
                if wanted.evse_id == evse.id:
                    assert token == wanted.id_token or wanted.group_id_token in {group, asked} - {None}

    @invariant()
    def there_is_an_evse_for_each(self) -> None:
        """H01.FR.07, H01.FR.09: compared with trying everything."""
        held = self.held()
        assert any(
            all(self.suits(evse, each) for evse, each in zip(order, held, strict=True))
            for order in permutations(self.evses, len(held))
        )

    @staticmethod
    def suits(evse: Evse, wanted: ReserveNow) -> bool:
        if wanted.evse_id not in (None, evse.id) or evse.authorization is not None:
            return False
        # Where a reset waits, Unavailable shows meanwhile (B12.FR.03), and Reserved again afterwards (B11.FR.05).
        shown = {ConnectorStatus.UNAVAILABLE if evse.bay.closed else ConnectorStatus.RESERVED}
        reserved = any(each.reserved and each.status in shown for each in evse.connectors)
        fits = any(each.usable and wanted.connector_type in (None, each.spec.type) for each in evse.connectors)
        return fits and (reserved or not evse.plugged)

    @invariant()
    def what_is_reserved_is_needed(self) -> None:
        """No EVSE is Reserved while there are no reservations."""
        if not self.held():
            assert not any(each.reserved for evse in self.evses for each in evse.connectors)

    @invariant()
    def what_is_kept_is_what_is_held(self) -> None:
        """B01.FR.13: a claim lasts until a transaction has told it."""
        rows = [key for key in self.play.kept if key.startswith("reservation/")]
        assert len(rows) == len(self.held()) + sum(evse.claimed is not None for evse in self.evses)


TestBookings = Bookings.TestCase
TestBookings.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_an_id_that_is_given_anew_after_a_claim_is_kept_once() -> None:
    """The power fails before a transaction has told of the claim: H01.FR.02 holds for what is kept, too."""
    state = Bookings()
    state.begin(at_cable=False, blocked=None)
    again = {"card": CARDS[0], "evse_id": None, "group": None, "minutes": 1, "number": 1, "type": None}
    state.reserve(**again)
    state.present(card=CARDS[0], evse_id=1)
    state.reserve(**again)
    state.cut_power()
    assert len(state.held()) == 1
    state.what_is_kept_is_what_is_held()


def test_an_evse_that_is_closed_for_a_reset_is_kept_all_the_same() -> None:
    """B12.FR.03: it is Unavailable when the second cable comes in, not Reserved."""
    state = Bookings()
    state.begin(at_cable=False, blocked=None)
    state.reserve(number=1, evse_id=None, type=None, card=CARDS[1], group=None, minutes=1)
    state.start(evse_id=None, card=CARDS[0], group=None)
    state.reset(ResetType.ON_IDLE)
    state.plug_in(2, 1)
    state.plug_in(3, 1)
    state.there_is_an_evse_for_each()
