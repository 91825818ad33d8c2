"""What runs beside a fleet in its host, as windows see it: so far the ECHONET Lite node.

Like the door, it imports next to nothing: the window reads it before anything of a protocol is loaded.
"""

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


class Beside(Protocol):
    """What a host has besides the fleet."""

    async def node(self) -> NodeView | None:
        """The ECHONET Lite node as it stands now; None: there is none."""


class Attendance(msgspec.Struct, frozen=True):
    """Who looks on: windows, and those that may only read. `stays`: the host goes on when all of them have gone."""

    windows: int = 1
    readers: int = 0
    stays: bool = False


class HostDoor(Door, Beside, Protocol):
    """What a window holds of a host: the door of its fleet, what is beside it, and who else looks on."""

    async def attendance(self) -> Attendance:
        """Who looks on now, this window included."""


class Alone:
    """Nothing is beside the fleet."""

    async def node(self) -> NodeView | None:
        return None
