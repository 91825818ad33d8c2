"""The node profile object 0EF001: who the node is, and what instances it has."""

from collections.abc import Sequence

from evtui.echonet.node_object import NodeObject
from evtui.echonet.properties import NODE_PROFILE

PROFILE = 0x0EF001
MAKER = b"\xff\xff\xf0"
"""A manufacturer code for evaluation: the range FFFFF0 to FFFFFF belongs to nobody."""

MOST_INSTANCES = 84
"""The instance list is one EDT: a count, and three bytes for each."""

_VERSION = b"\x01\x0e\x01\x00"  # 1.14, message format 1
_BOOTED = b"\x30"


class Profile(NodeObject):
    """0EF001. `instances` are those of the devices, in order."""

    def __init__(self, identity: bytes, instances: Sequence[int] = ()) -> None:
        """`identity` is the 17 bytes of property 83."""
        super().__init__(PROFILE, NODE_PROFILE)
        self._identity = identity
        self.instances = tuple(instances)

    def value(self, epc: int) -> bytes | None:
        match epc:
            case 0x80:
                return _BOOTED
            case 0x82:
                return _VERSION
            case 0x83:
                return self._identity
            case 0x8A:
                return MAKER
            case 0xD3:
                return len(self.instances).to_bytes(3, "big")
            case 0xD4:
                return (len(self._classes) + 1).to_bytes(2, "big")
            case 0xD5 | 0xD6:
                listed = b"".join(each.to_bytes(3, "big") for each in self.instances)
                return bytes((len(self.instances),)) + listed
            case 0xD7:
                listed = b"".join(each.to_bytes(2, "big") for each in self._classes)
                return bytes((len(self._classes),)) + listed
            case _:
                return None

    @property
    def _classes(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(each >> 8 for each in self.instances))
