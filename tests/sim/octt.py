"""Certification's reusable states as playbook steps: what a driver does, and what a station must then say.

Each step gives what was sent because of it, and checks the validations that hold for every test case which uses it
(OCPP 2.0.1 Part 6). Transactions are told by their start and stop points alone, as the test tool knows them.
"""

from evtui.sim.events import EvWants, OccupyBay, UnplugAtStation
from evtui.sim.messages import Authorize, Message, StatusNotification, TransactionEvent
from evtui.sim.requests import RequestStartTransaction, RequestStopTransaction, StartAnswer, StatusAnswer
from tests.sim.playbook import CARD, Playbook

QUIET = {"SampledDataCtrlr.TxUpdatedInterval": "0", "AuthCacheCtrlr.Enabled": "false"}
"""No samples, and everybody is asked for."""


class Octt(Playbook):
    """The tool of certification, with a driver of its own; `starts` and `stops` are the points that it has set."""

    def __init__(self, start: str = "PowerPathClosed", stop: str = "EVConnected,Authorized", **variables: str) -> None:
        named = {name.replace("__", "."): value for name, value in variables.items()}
        points = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
        super().__init__(variables={**QUIET, **points, **named}, speed=10.0)
        self.starts, self.stops = set(start.split(",")), set(stop.split(","))
        self.booted()

    @property
    def transaction_id(self) -> str:
        """That of the newest transaction."""
        return self.events()[-1].transaction_id

    @property
    def runs(self) -> bool:
        """A transaction has started and not ended."""
        events = self.events()
        return bool(events) and events[-1].event_type != "Ended"

    # -- the states -------------------------------------------------------------------------------

    def parking_bay_occupied(self) -> list[Message]:
        sent = self.event(OccupyBay(1, True))
        if "ParkingBayOccupancy" in self.starts:
            assert only_event(sent).trigger_reason == "EVDetected"
        return sent

    def ev_connected_pre_session(self, authorized: bool = False) -> list[Message]:
        ran = self.runs
        sent = self.plug_in()
        status = sent[0]
        assert isinstance(status, StatusNotification)
        assert (status.status, status.evse_id, status.connector_id) == ("Occupied", 1, 1)
        begins = "EVConnected" in self.starts or (authorized and "PowerPathClosed" in self.starts)
        if ran or begins:
            event = only_event(sent)
            assert event.event_type == ("Updated" if ran else "Started")
            assert event.trigger_reason in ("CablePluggedIn", "ChargingStateChanged", "RemoteStart")
            assert event.charging_state in ("EVConnected", "SuspendedEVSE", "Charging")
            assert (event.evse_id, event.connector_id) == (1, 1)
        return sent

    def authorized(self, remote: bool = False) -> list[Message]:
        ran = self.runs
        if remote:
            answer, sent = self.ask(RequestStartTransaction(7, CARD, 1))
            assert isinstance(answer, StartAnswer)
            assert answer.status == "Accepted"
            assert answer.transaction_id == (self.transaction_id if ran else None)
        else:
            sent = self.present()
        assert isinstance(sent[0], Authorize)
        assert sent[0].id_token == CARD
        if ran or "Authorized" in self.starts:
            event = only_event(sent)
            assert event.trigger_reason == ("RemoteStart" if remote else "Authorized")
            assert event.id_token == CARD
            assert event.remote_start_id == (7 if remote else None)
        return sent

    def energy_transfer_started(self) -> list[Message]:
        """From wherever the driver stands: he presents the card, plugs in, and energy flows."""
        before = len(self.sent)
        if not self.reading().authorized:
            self.authorized()
        if not self.reading().plugged:
            self.ev_connected_pre_session(authorized=True)
        self.wait(1)
        event = self.events()[-1]
        assert (event.trigger_reason, event.charging_state) == ("ChargingStateChanged", "Charging")
        return [send.message for send in self.sent[before:]]

    def energy_transfer_suspended(self) -> list[Message]:
        if self.reading().charging_state != "Charging":
            self.energy_transfer_started()
        sent = self.event(EvWants(1, False))
        event = only_event(sent)
        assert event.trigger_reason == "ChargingStateChanged"
        assert event.charging_state in ("EVConnected", "SuspendedEV")
        assert event.event_type == "Updated" or event.stopped_reason == "StoppedByEV"
        return sent

    def stop_authorized(self, remote: bool = False) -> list[Message]:
        if self.reading().charging_state != "Charging":
            self.energy_transfer_started()
        if remote:
            answer, sent = self.ask(RequestStopTransaction(self.transaction_id))
            assert answer == StatusAnswer("Accepted")
        else:
            sent = self.present()
        event = events(sent)[0]
        assert event.trigger_reason == ("RemoteStop" if remote else "StopAuthorized")
        assert event.id_token in (None, CARD)
        return sent

    def ev_connected_post_session(self) -> list[Message]:
        sent = self.stop_authorized()
        if not self.stops & {"Authorized", "PowerPathClosed"}:
            event = events(sent)[1]
            assert (event.trigger_reason, event.charging_state) == ("ChargingStateChanged", "EVConnected")
        return sent

    def ev_disconnected(self) -> list[Message]:
        if self.reading().plugged and self.reading().authorized:
            self.ev_connected_post_session()
        ran = self.runs
        sent = self.event(UnplugAtStation(1))
        status = sent[0]
        assert isinstance(status, StatusNotification)
        assert (status.status, status.evse_id, status.connector_id) == ("Available", 1, 1)
        if ran:
            event = only_event(sent)
            assert (event.trigger_reason, event.charging_state) == ("EVCommunicationLost", "Idle")
        else:
            assert events(sent) == []
        return sent

    def parking_bay_unoccupied(self) -> list[Message]:
        if self.reading().plugged:
            self.ev_disconnected()
        ran = self.runs
        sent = self.event(OccupyBay(1, False))
        if ran and "ParkingBayOccupancy" in self.stops:
            event = only_event(sent)
            assert (event.event_type, event.trigger_reason) == ("Ended", "EVDeparted")
            assert event.stopped_reason == "Local"
        return sent


def events(sent: list[Message]) -> list[TransactionEvent]:
    """The transaction events among them."""
    return [message for message in sent if isinstance(message, TransactionEvent)]


def only_event(sent: list[Message]) -> TransactionEvent:
    """The one transaction event among them."""
    (event,) = events(sent)
    return event


def ended(sent: list[Message]) -> TransactionEvent:
    """The event that ended the transaction, which comes last."""
    event = events(sent)[-1]
    assert event.event_type == "Ended"
    return event
