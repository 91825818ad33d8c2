"""What runs beside a fleet in its host, as windows see it: the ECHONET Lite node, and the embedded CSMS.

Like the door, it imports next to nothing: the window reads it before anything of a protocol is loaded.
"""

from enum import StrEnum
from typing import Protocol

import msgspec

from evtui.engine.door import Door


class PropertyRow(msgspec.Struct, frozen=True):
    """A property of an object. `text` is its value with its unit, "" when it has none now; `edt` the same in hex;
    `access` the services that may be used: of "get", "set", "inf"."""

    epc: int
    name: str
    text: str
    edt: str
    access: str


class ObjectRow(msgspec.Struct, frozen=True):
    """An object of the node; `about` says what stands behind it."""

    eoj: int
    about: str
    properties: tuple[PropertyRow, ...]


class NodeView(msgspec.Struct, frozen=True):
    """A node: where it listens, and its objects, the profile first."""

    address: str
    objects: tuple[ObjectRow, ...]


class Book(StrEnum):
    """What the embedded CSMS keeps a list of."""

    STATIONS = "stations"
    TRANSACTIONS = "transactions"
    TOKENS = "tokens"
    FINDINGS = "findings"


class CsmsQuery(msgspec.Struct, frozen=True):
    """Which rows of which book; with `station_id` those of this station alone."""

    book: Book = Book.STATIONS
    first: int = 0
    count: int = 50
    station_id: str = ""


class CsmsStation(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A station as the CSMS knows it. `version` is the last agreed one; `registration` is what its last Boot was
    answered; `connectors` are "1/1 Available" and the like; `transaction_id`, `evse_id`, and `id_token` are those of
    the newest transaction, which runs or not; `running` counts those that do. Times are Unix time."""

    station_id: str
    version: str
    connected: bool
    registration: str
    model: str
    connectors: tuple[str, ...]
    running: int
    power_w: float
    findings: int
    last_seen: float | None
    evse_id: int = 1
    transaction_id: str = ""
    id_token: str = ""


class CsmsTransaction(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A transaction as its station told it; `missing` counts the seqNos that never came."""

    station_id: str
    transaction_id: str
    evse_id: int | None
    id_token: str
    started_at: float
    ended_at: float | None
    state: str
    energy_wh: float | None
    events: int
    missing: int


class CsmsToken(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A token that the CSMS has listed; a KeyCode is not told."""

    id_token: str
    type: str
    status: str
    group: str
    evse_ids: tuple[int, ...]


class CsmsFinding(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """What a station has done against the standard; `requirement` says which rule of it."""

    station_id: str
    severity: str
    requirement: str
    text: str
    count: int
    last_at: float


class CsmsView(msgspec.Struct, frozen=True):
    """The embedded CSMS: where it listens, how much is in each of its books, and some rows of one of them. `unlisted`
    is what a token gets that is not listed."""

    url: str
    web_url: str
    connected: int
    counts: dict[Book, int]
    unlisted: str
    book: Book
    first: int
    rows: tuple[CsmsStation | CsmsTransaction | CsmsToken | CsmsFinding, ...]


class CsmsRequest(msgspec.Struct, frozen=True):
    """A CALL that the CSMS is to send; `payload` is JSON."""

    station_id: str
    action: str
    payload: str
    although_invalid: bool = False


class CsmsAnswer(msgspec.Struct, frozen=True):
    """What came of it: `text` is fit for a toast, `answer` is JSON that came back."""

    done: bool
    text: str
    answer: str = ""


class Beside(Protocol):
    """What a host has besides the fleet."""

    async def node(self) -> NodeView | None:
        """The ECHONET Lite node as it stands now; None: there is none."""

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        """The embedded CSMS as it stands now; None: there is none."""

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        """Lets the embedded CSMS ask a station, and tells the answer, or why there is none."""


class Attendance(msgspec.Struct, frozen=True):
    """Who looks on: windows, and those that may only read. `stays`: the host goes on when all of them have gone."""

    windows: int = 1
    readers: int = 0
    stays: bool = False


class HostDoor(Door, Beside, Protocol):
    """What a window holds of a host: the door of its fleet, what is beside it, and who else looks on."""

    async def attendance(self) -> Attendance:
        """Who looks on now, this window included."""


NO_CSMS = CsmsAnswer(False, "there is no embedded CSMS here")
"""The answer to a request where nobody can send it."""


class Alone:
    """Nothing is beside the fleet."""

    async def node(self) -> NodeView | None:
        return None

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        return None

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        return NO_CSMS
