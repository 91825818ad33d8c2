"""The seam between versions: what a dialect does for one station, as long as that station lives.

A translator outlasts links. What only its version has to remember (1.6: which transaction has which id) it keeps in
the station's memory.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from evtui.sim.actions import Send
from evtui.sim.instant import Instant
from evtui.sim.messages import Answer, Message
from evtui.sim.requests import Refusal, Request, RequestAnswer

Payload = dict[str, Any]

Call = tuple[str, Payload]
"""Action and payload of a CALL."""


class Asked(NamedTuple):
    """What a CSMS asks, in sim's terms, and how the station's answer goes back. A Refusal has no payload."""

    request: Request
    render: Callable[[RequestAnswer], Payload]


class Translator(Protocol):
    """Between one station and whatever CSMS speaks this version."""

    @property
    def watches(self) -> bool:
        """There may be something to `observe`."""

    def linked(self) -> None:
        """There is a new link: what was on its way over the last one may never have arrived."""

    def render(self, send: Send) -> Call | Answer:
        """The CALL for a message; or, where the version has none for it, the answer that the station gets at once.
        ProtocolError: the version cannot say what the message tells."""

    def parse_answer(self, message: Message, payload: object) -> Answer:
        """What the CSMS answered to `message`. ProtocolError: the payload does not say what must be known."""

    def parse_request(self, action: str, payload: Mapping[str, Any]) -> Asked | Payload | Refusal:
        """What a CSMS asks, `payload` being one that the schema allows; or the dialect's own answer. ProtocolError:
        what the schema allows and the version does not."""

    def observe(self, now: Instant) -> Sequence[Call]:
        """CALLs of the version's own, about what has changed at the station since the last look."""

    def noted(self, call: Call) -> None:
        """The CSMS has taken note of such a CALL, or failed to."""

    def number_of(self, transaction_id: str) -> int | None:
        """What the CSMS calls a transaction, where it is the one that gives them their names."""


class Stateless:
    """The translator of a version that says what sim says: nothing to remember, no CALLs of its own."""

    __slots__ = ("_parse_request", "_render", "_render_answer", "parse_answer")
    watches = False

    def __init__(
        self,
        render: Callable[[Message, bool], Call],
        parse_answer: Callable[[Message, object], Answer],
        parse_request: Callable[[str, Mapping[str, Any]], Request],
        render_answer: Callable[[RequestAnswer], Payload],
    ) -> None:
        self.parse_answer = parse_answer
        self._render = render
        self._parse_request = parse_request
        self._render_answer = render_answer

    def linked(self) -> None:
        """Nothing was promised."""

    def render(self, send: Send) -> Call:
        return self._render(send.message, send.offline)

    def parse_request(self, action: str, payload: Mapping[str, Any]) -> Asked:
        return Asked(self._parse_request(action, payload), self._render_answer)

    def observe(self, now: Instant) -> Sequence[Call]:
        return ()

    def noted(self, call: Call) -> None:
        """There are none."""

    def number_of(self, transaction_id: str) -> int | None:
        return None
