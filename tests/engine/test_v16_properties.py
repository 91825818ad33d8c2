"""Whatever drivers, link, central system and time do: what always holds of what OCPP 1.6 says."""

import json
from collections import deque
from itertools import count, pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from evtui.dialects.registry import DIALECTS
from evtui.engine.exchange import Exchange
from evtui.sim.actions import Action, Hangup, Reply, Send
from evtui.sim.events import ClearFaults, Event, Fault, LinkLost, UnplugAtStation
from evtui.sim.fault_kinds import FaultKind
from evtui.sim.messages import Message
from evtui.sim.spec import ConnectorSpec, EvseSpec
from evtui.sim.terms import ConnectorType, TxPoint
from tests.dialects.test_v16_status import STEPS
from tests.sim.playbook import CARD, OTHER_CARD, Playbook

DIALECT = DIALECTS["ocpp1.6"]
EVSES = (
    EvseSpec((ConnectorSpec(), ConnectorSpec(ConnectorType.CTYPE2))),
    EvseSpec((ConnectorSpec(ConnectorType.CCCS2, phases=0),)),
)
CONNECTORS = 3

Payload = dict[str, Any]


class CentralSystem:
    """Takes one CALL at a time, answers as told, and keeps what it took."""

    def __init__(self) -> None:
        self.boot = "Accepted"
        self.blocked: set[str] = set()
        self.fails: set[str] = set()  # actions that get a CALLERROR
        self.silent: set[str] = set()  # actions that get no answer
        self.taken: list[tuple[str, Payload, Payload]] = []  # action, request, answer
        self._numbers = count(1)

    def answer(self, time: str, message_id: str, action: str, payload: Payload) -> str | None:
        if action in self.silent:
            return None
        if action in self.fails:
            return json.dumps([4, message_id, "InternalError", "", {}])
        answer = self._answer(time, action, payload)
        self.taken.append((action, payload, answer))
        return json.dumps([3, message_id, answer])

    def _answer(self, time: str, action: str, payload: Payload) -> Payload:
        info = {"status": "Invalid" if payload.get("idTag") in self.blocked else "Accepted"}
        match action:
            case "BootNotification":
                return {"currentTime": time, "interval": 60, "status": self.boot}
            case "Heartbeat":
                return {"currentTime": time}
            case "Authorize":
                return {"idTagInfo": info}
            case "StartTransaction":
                return {"idTagInfo": info, "transactionId": next(self._numbers)}
            case _:
                return {}


class OldPlaybook(Playbook):
    """A playbook whose station talks 1.6 over an exchange."""

    def __init__(self, central: CentralSystem, **options: Any) -> None:
        self.central = central
        self.exchange: Exchange | None = None
        self.spoken: list[tuple[str, Payload]] = []
        self.registered: list[object] = []  # the registration at each CALL
        self._events: deque[Event] = deque()
        self._asked = count(1)
        self.replies: list[list[Any]] = []
        super().__init__(**options)
        self.translator = DIALECT.translator(self.station)

    def event(self, event: Event) -> list[Message]:
        self._events.append(event)
        self._go_on()
        return []

    def _go_on(self) -> None:
        """Until nobody has anything to say."""
        while self._events or (self.exchange is not None and self.exchange.outgoing):
            if self._events:
                for action in self.station.handle(self._events.popleft(), self.now):
                    self._do(action)
                if self.exchange is not None and self.station.online:
                    self.exchange.observe(self.now)
            else:
                self._deliver()

    def _do(self, action: Action) -> None:
        match action:
            case Send():
                assert self.exchange is not None
                outcome = self.exchange.send(action, self.elapsed_s)
                if outcome is not None:
                    self._events.append(outcome)
            case Reply():
                assert self.exchange is not None
                self.exchange.reply(action)
            case Hangup():
                assert self.exchange is not None
                self.replies += [frame for each in self.exchange.outgoing if (frame := json.loads(each.text))[0] != 2]
                self.exchange = None
                self.linked = False
                self._events.append(LinkLost("hung up"))
            case _:
                assert not list(self._carry_out(action))

    def _deliver(self) -> None:
        """One frame goes to the central system, and its answer comes back."""
        assert self.exchange is not None
        frame = self.exchange.outgoing.pop(0)
        assert frame.meta.fault == "", f"{frame.text}: {frame.meta.fault}"
        kind, message_id, *rest = json.loads(frame.text)
        if kind != 2:
            self.replies.append([kind, message_id, *rest])
            return
        action, payload = rest
        self.spoken.append((action, payload))
        self.registered.append(self.station.registration)
        text = self.central.answer(self.now.utc.isoformat(), message_id, action, payload)
        if text is not None:
            self._hear(text)

    def _hear(self, text: str) -> None:
        assert self.exchange is not None
        _, event = self.exchange.receive(text, self.elapsed_s, self.station.registration)
        if event is not None:
            self._events.append(event)

    def link(self) -> list[Message]:
        self.exchange = Exchange(DIALECT, self.translator, 30.0)
        return super().link()

    def lose_link(self) -> list[Message]:
        self.exchange = None
        return super().lose_link()

    def cut_power(self, *arguments: Any) -> None:
        self.exchange = None
        super().cut_power(*arguments)
        self.translator = DIALECT.translator(self.station)

    def call(self, action: str, payload: Payload) -> list[Any]:
        """The central system asks."""
        message_id = f"c-{next(self._asked)}"
        self._hear(json.dumps([2, message_id, action, payload]))
        self._go_on()
        return next(reply for reply in self.replies if reply[1] == message_id)

    def give_up(self) -> None:
        """What is in flight gets no answer in time."""
        assert self.exchange is not None
        deadline_s = self.exchange.deadline_s
        if deadline_s is not None:
            self.wait(max(0.0, deadline_s - self.elapsed_s))
            if self.exchange is not None and (failed := self.exchange.expire(self.elapsed_s)) is not None:
                self.event(failed)


an_evse = st.integers(1, 2)
mostly = st.sampled_from([True, True, True, False])
a_key = st.one_of(
    st.tuples(st.just("MeterValueSampleInterval"), st.sampled_from(["0", "1", "5"])),
    st.tuples(st.just("ClockAlignedDataInterval"), st.sampled_from(["0", "7"])),
    st.tuples(st.just("StopTransactionOnEVSideDisconnect"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("UnlockConnectorOnEVSideDisconnect"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("StopTransactionOnInvalidId"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("AuthorizeRemoteTxRequests"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("AuthorizationCacheEnabled"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("AllowOfflineTxForUnknownId"), st.sampled_from(["true", "false"])),
)
a_request: st.SearchStrategy[tuple[str, Payload]] = st.one_of(
    a_key.map(lambda key: ("ChangeConfiguration", {"key": key[0], "value": key[1]})),
    st.tuples(
        st.just("ChangeAvailability"),
        st.fixed_dictionaries(
            {"connectorId": st.integers(0, 4), "type": st.sampled_from(["Inoperative", "Operative", "Operative"])}
        ),
    ),
    st.tuples(
        st.just("RemoteStartTransaction"),
        st.fixed_dictionaries(
            {"idTag": st.sampled_from(["REMOTE", CARD.id_token])}, optional={"connectorId": st.integers(0, 4)}
        ),
    ),
    st.tuples(st.just("RemoteStopTransaction"), st.fixed_dictionaries({"transactionId": st.integers(1, 5)})),
    st.tuples(st.just("UnlockConnector"), st.fixed_dictionaries({"connectorId": st.integers(0, 4)})),
    st.tuples(st.just("Reset"), st.fixed_dictionaries({"type": st.sampled_from(["Soft", "Hard"])})),
    st.just(("GetConfiguration", {})),
    st.just(("ClearCache", {})),
    st.just(("TriggerMessage", {"requestedMessage": "Heartbeat"})),
)
points = st.sampled_from([TxPoint.POWER_PATH_CLOSED, TxPoint.EV_CONNECTED, TxPoint.AUTHORIZED, TxPoint.ENERGY_TRANSFER])
ACTIONS = ("BootNotification", "Authorize", "StartTransaction", "MeterValues", "StopTransaction", "StatusNotification")


class AnyStation(RuleBasedStateMachine):
    """A station with three connectors, and what can happen to it."""

    @initialize(flow=st.sampled_from(["conformant", "classic"]), start=points, resume=st.booleans(), linked=mostly)
    def begin(self, flow: str, start: TxPoint, resume: bool, linked: bool) -> None:
        self.central = CentralSystem()
        variables = {"TxCtrlr.TxStartPoint": start.value, "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "50"}
        self.play = OldPlaybook(
            self.central, flow=flow, evses=EVSES, variables=variables, resume_on_boot=resume, speed=600.0
        )
        self.seen = 0
        self.told: dict[int, str] = {}  # by connector, on this link
        self._back(linked)

    def _back(self, back: bool) -> None:
        if back and not self.play.linked:
            self.told.clear()
            self.play.link()

    # -- what happens -----------------------------------------------------------------------------

    @rule(evse_id=an_evse, seconds=st.floats(0.1, 10.0))
    def charge(self, evse_id: int, seconds: float) -> None:
        if not self.play.reading(evse_id).plugged:
            self.play.plug_in(evse_id)
        if not self.play.reading(evse_id).authorized:
            self.play.present(CARD, evse_id)
        self.play.wait(seconds)

    @rule(evse_id=an_evse, connector_id=st.integers(1, 2))
    def plug_in(self, evse_id: int, connector_id: int) -> None:
        self.play.plug_in(evse_id, connector_id)

    @rule(evse_id=an_evse, at_station=st.booleans())
    def unplug(self, evse_id: int, at_station: bool) -> None:
        if at_station:
            self.play.event(UnplugAtStation(evse_id))
        else:
            self.play.unplug(evse_id)

    @rule(evse_id=an_evse, card=st.sampled_from([CARD, OTHER_CARD]))
    def present(self, evse_id: int, card: Any) -> None:
        self.play.present(card, evse_id)

    @rule(evse_id=an_evse)
    def stop(self, evse_id: int) -> None:
        self.play.stop(evse_id)

    @rule(kind=st.sampled_from(FaultKind), evse_id=st.integers(0, 2), connector_id=st.integers(0, 2))
    def break_(self, kind: FaultKind, evse_id: int, connector_id: int) -> None:
        self.play.event(Fault(kind, evse_id, connector_id))

    @rule(evse_id=st.integers(0, 2), kind=st.none() | st.sampled_from(FaultKind))
    def mend(self, evse_id: int, kind: FaultKind | None) -> None:
        self.play.event(ClearFaults(evse_id, kind))

    @rule(seconds=st.floats(0.01, 40.0))
    def wait(self, seconds: float) -> None:
        self.play.wait(seconds)

    @precondition(lambda self: self.play.linked)
    @rule(request=a_request, back=mostly)
    def ask(self, request: tuple[str, Payload], back: bool) -> None:
        if self.play.station.registration == "Rejected":
            return
        kind = self.play.call(*request)[0]
        refused = request[0] == "TriggerMessage" or self.play.registered[-1] is None
        assert kind == 3 or refused or self.play.station.registration is None
        self._back(back)

    @precondition(lambda self: self.play.linked)
    @rule(seconds=st.floats(0.0, 60.0), back=mostly)
    def lose_link(self, seconds: float, back: bool) -> None:
        self.play.lose_link()
        self.play.wait(seconds)
        self._back(back)

    @precondition(lambda self: not self.play.linked)
    @rule()
    def link(self) -> None:
        self._back(True)

    @rule(seconds=st.floats(0.0, 60.0), back=mostly)
    def cut_power(self, seconds: float, back: bool) -> None:
        self.play.cut_power(seconds)
        self._back(back)

    @rule(status=st.sampled_from(["Accepted", "Accepted", "Pending", "Rejected"]))
    def change_mind_on_boots(self, status: str) -> None:
        self.central.boot = status

    @rule(tag=st.sampled_from([CARD.id_token, OTHER_CARD.id_token, "REMOTE"]))
    def change_mind_on_a_card(self, tag: str) -> None:
        self.central.blocked ^= {tag}

    @rule(action=st.sampled_from(ACTIONS), silent=st.booleans(), seconds=st.floats(0.0, 20.0), better=mostly)
    def misbehave(self, action: str, silent: bool, seconds: float, better: bool) -> None:
        (self.central.silent if silent else self.central.fails).add(action)
        self.play.wait(seconds)
        if better:
            self.behave()

    @rule()
    def behave(self) -> None:
        self.central.silent.clear()
        self.central.fails.clear()
        if self.play.exchange is not None:
            self.play.give_up()

    # -- what always holds ------------------------------------------------------------------------

    @invariant()
    def nothing_but_boots_goes_out_before_acceptance_and_statuses_follow_each_other_as_they_may(self) -> None:
        """S16 4.2, 4.9."""
        for (action, payload), registered in zip(
            self.play.spoken[self.seen :], self.play.registered[self.seen :], strict=True
        ):
            assert action == "BootNotification" or registered == "Accepted"
            if action == "BootNotification":
                self.told.clear()
            if action == "StatusNotification":
                number, status = payload["connectorId"], payload["status"]
                before = self.told.get(number)
                if number and before not in (None, status):
                    allowed = STEPS[before].split()  # type: ignore[index]
                    assert status in allowed or (before, status) in BEYOND, f"{before} to {status}"
                self.told[number] = status
        self.seen = len(self.play.spoken)

    @invariant()
    def the_central_system_knows_each_connector_as_it_is(self) -> None:
        """S16 4.9, once nothing is on its way."""
        play = self.play
        if not play.station.online or play.exchange is None or play.exchange.deadline_s is not None:
            return
        for number, use in enumerate(play.station.uses, 1):
            told = self.told.get(number)
            if told is None:
                continue  # as it was when the link was lost
            if use.status in ("Reserved", "Unavailable", "Faulted"):
                assert told == use.status
            elif use.status == "Available":
                assert told == ("Preparing" if use.authorized else "Available")
            elif use.transaction_id is None:
                assert told in ("Preparing", "Finishing")
            elif use.charging_state in ("Charging", "SuspendedEV", "SuspendedEVSE"):
                assert told == use.charging_state

    @invariant()
    def transactions_are_started_measured_and_stopped_under_one_number(self) -> None:
        """S16 3.7, 4.8, 4.10."""
        open_: dict[int, Payload] = {}
        over: set[int] = set()
        for action, payload, answer in self.central.taken:
            match action:
                case "StartTransaction":
                    open_[answer["transactionId"]] = payload
                case "MeterValues" if "transactionId" in payload:
                    number = payload["transactionId"]
                    assert number in open_
                    times = [value["timestamp"] for value in payload["meterValue"]]
                    assert times == sorted(times)
                case "StopTransaction":
                    number = payload["transactionId"]
                    assert number in open_
                    assert number not in over
                    over.add(number)
                    start = open_[number]
                    assert payload["meterStop"] >= start["meterStart"]
                    assert payload["timestamp"][:19] >= start["timestamp"][:19]
        registers = [
            (payload["connectorId"], payload["meterStart"])
            for action, payload, _ in self.central.taken
            if action == "StartTransaction"
        ]
        for (one, before), (other, after) in pairwise(registers):
            assert one != other or after >= before, "registers never run back"

    def teardown(self) -> None:
        """In the end every transaction that was begun is over, and nothing is owed."""
        if not hasattr(self, "play"):
            return
        play = self.play
        self.central.boot = "Accepted"
        self.behave()
        self._back(True)
        for evse_id in (1, 2):
            play.stop(evse_id)
        for _ in range(3):
            play.wait(400)
            self.behave()
            self._back(True)
        play.wait(400)
        assert play.station.queued == 0
        started = [answer["transactionId"] for action, _, answer in self.central.taken if action == "StartTransaction"]
        stopped = [payload["transactionId"] for action, payload, _ in self.central.taken if action == "StopTransaction"]
        assert sorted(started) == sorted(stopped)


BEYOND = {("Preparing", "Unavailable")}
"""Steps that S16 4.9 does not list, and that happen all the same: out of service with a cable in."""

TestAnyStation = AnyStation.TestCase
TestAnyStation.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
