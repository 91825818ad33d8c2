"""Which dialect an agreed subprotocol speaks."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from evtui.dialects import v201
from evtui.sim.messages import Answer, Message


class Dialect(msgspec.Struct, frozen=True):
    """A version's translators. `render(message, offline)` gives action and payload of a CALL; `parse_answer(message,
    payload)` what the CSMS answered to it, or a ProtocolError."""

    version: Literal["1.6", "2.0.1"]
    subprotocol: str
    render: Callable[[Message, bool], tuple[str, dict[str, Any]]]
    parse_answer: Callable[[Message, object], Answer]


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {dialect.subprotocol: dialect for dialect in (Dialect("2.0.1", v201.SUBPROTOCOL, v201.render, v201.parse_answer),)}
)
"""By subprotocol, in the order in which a station offers them."""
