"""A station's translator of OCPP 1.6 under test: whatever it says must be what the schemas allow."""

from typing import Any

from evtui.dialects.translator import Asked
from evtui.dialects.v16 import V16
from evtui.ocppj.schemas import schemas_of
from evtui.sim import messages as say
from evtui.sim.actions import Send
from evtui.sim.memory import Memory
from evtui.sim.requests import Refusal, RequestAnswer
from evtui.sim.spec import ConnectorSpec, EvseSpec, StationSpec
from evtui.sim.station import Station
from evtui.sim.terms import ConnectorType
from tests.sim.instants import at

SCHEMAS = schemas_of("1.6")
DC = ConnectorSpec(ConnectorType.CCCS2, phases=0)
TWO_AND_ONE = (EvseSpec((ConnectorSpec(), ConnectorSpec(phases=1))), EvseSpec((DC,)))
"""Connectors 1 and 2 on one EVSE, connector 3 on another."""


class Subject:
    """A station from the factory and its translator."""

    def __init__(
        self,
        evses: tuple[EvseSpec, ...] = (EvseSpec(),),
        memory: Memory | None = None,
        variables: dict[str, str] | None = None,
    ) -> None:
        self.memory = memory or Memory()
        spec = StationSpec("CP001", evses=evses, variables=variables or {})
        self.station = Station(spec, at(0.0), memory=self.memory)
        self.translator = V16(self.station)

    def says(self, message: say.Message, evse_id: int = 1) -> tuple[str, dict[str, Any]]:
        """The CALL for a message."""
        rendered = self.translator.render(Send(1, message, evse_id=evse_id))
        assert isinstance(rendered, tuple), rendered
        action, payload = rendered
        assert SCHEMAS.validate(action, "Request", payload) is None
        return action, payload

    def keeps_quiet(self, message: say.Message, evse_id: int = 1) -> say.Answer:
        """What the station is answered instead of a CALL."""
        rendered = self.translator.render(Send(1, message, evse_id=evse_id))
        assert not isinstance(rendered, tuple), rendered
        return rendered

    def asked(self, action: str, payload: dict[str, Any]) -> Asked:
        """What the station has to do for a request."""
        assert SCHEMAS.validate(action, "Request", payload) is None
        asked = self.translator.parse_request(action, payload)
        assert isinstance(asked, Asked), asked
        return asked

    def answered(self, action: str, payload: dict[str, Any], answer: RequestAnswer) -> dict[str, Any]:
        """What goes back when the station answers a request so."""
        rendered = self.asked(action, payload).render(answer)
        assert SCHEMAS.validate(action, "Response", rendered) is None
        return rendered

    def answers(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What the dialect answers to a request by itself."""
        assert SCHEMAS.validate(action, "Request", payload) is None
        answer = self.translator.parse_request(action, payload)
        assert not isinstance(answer, Asked | Refusal), answer
        assert SCHEMAS.validate(action, "Response", answer) is None
        return answer
