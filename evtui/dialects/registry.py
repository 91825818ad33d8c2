"""Which dialect an agreed subprotocol speaks."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from evtui.dialects import v201, v201_requests
from evtui.sim.messages import Answer, Message
from evtui.sim.requests import Request, RequestAnswer


class Dialect(msgspec.Struct, frozen=True):
    """A version's translators. `render(message, offline)` gives action and payload of a CALL; `parse_answer(message,
    payload)` what the CSMS answered to it, or a ProtocolError. `actions` are those of the CSMS that are more than
    refused: `parse_request(action, payload)` reads one that the schema allows, `render_answer(answer)` gives the
    payload of its CALLRESULT."""

    version: Literal["1.6", "2.0.1"]
    subprotocol: str
    render: Callable[[Message, bool], tuple[str, dict[str, Any]]]
    parse_answer: Callable[[Message, object], Answer]
    actions: frozenset[str]
    parse_request: Callable[[str, Mapping[str, Any]], Request]
    render_answer: Callable[[RequestAnswer], dict[str, Any]]


_ALL = (
    Dialect(
        "2.0.1",
        v201.SUBPROTOCOL,
        v201.render,
        v201.parse_answer,
        v201_requests.ACTIONS,
        v201_requests.parse_request,
        v201_requests.render_answer,
    ),
)

DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.subprotocol: dialect for dialect in _ALL})
"""By subprotocol, in the order in which a station offers them."""
