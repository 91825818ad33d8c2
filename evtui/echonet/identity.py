"""Identification numbers (property 83): controllers know nodes and devices by them, so a restart never changes one."""

import socket
from hashlib import blake2b

from evtui.echonet.profile import MAKER

_OWN = b"\xfe"  # the manufacturer's own format


def identity(*parts: str) -> bytes:
    """17 bytes for whatever these words name."""
    return _OWN + MAKER + blake2b("\0".join(parts).encode(), digest_size=13).digest()


def node_identity(address: str) -> bytes:
    """That of the node at this address of this machine."""
    return identity("node", socket.gethostname(), address)
