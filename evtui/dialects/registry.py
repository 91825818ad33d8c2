"""Which dialect an agreed subprotocol speaks."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from evtui.dialects import v16, v201, v201_requests
from evtui.dialects.translator import Stateless, Translator
from evtui.sim.station import Station


class Dialect(msgspec.Struct, frozen=True):
    """A version. `actions` are the requests of a CSMS that are more than refused; `translator(station)` makes the
    translator of one station. `silent_while_rejected`: a rejected station answers nothing at all, instead of
    SecurityError. `keeps_values`: clock-aligned values are queued as messages of transactions are."""

    version: Literal["1.6", "2.0.1"]
    subprotocol: str
    actions: frozenset[str]
    translator: Callable[[Station], Translator]
    silent_while_rejected: bool = False
    keeps_values: bool = False


_V201 = Stateless(v201.render, v201.parse_answer, v201_requests.parse_request, v201_requests.render_answer)

_ALL = (
    Dialect("2.0.1", v201.SUBPROTOCOL, v201_requests.ACTIONS, lambda station: _V201),
    Dialect("1.6", v16.SUBPROTOCOL, v16.ACTIONS, v16.V16, silent_while_rejected=True, keeps_values=True),
)

DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.subprotocol: dialect for dialect in _ALL})
"""By subprotocol, in the order in which a station offers them."""
