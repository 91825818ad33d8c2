"""The sockets of a node: UDP 3610, and the groups 224.0.23.0 and ff02::1.

An answer goes to port 3610 of whoever asked, whatever port the question came from, and comes from the address that was
asked. At one address a socket of its own hears the group; at 0.0.0.0 one socket hears all, and the kernel tells with
each datagram which address it was sent to.
"""

import errno
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from evtui.errors import ConfigError

PORT = 3610
GROUP = "224.0.23.0"
GROUP_V6 = "ff02::1"
ANY = "0.0.0.0"

_LINUX = sys.platform == "linux"
_IP_PKTINFO = 8  # Linux; Python has no name for it before 3.14
_IP_MULTICAST_ALL = 49
_LARGEST = 65_535


class Peer(NamedTuple):
    """Whoever sent a datagram, and how to answer: through which socket, from which address (in the kernel's form)."""

    address: str
    scope: int
    through: socket.socket
    asked: bytes = b""


class Heard(NamedTuple):
    """A datagram that came in."""

    datagram: bytes
    peer: Peer
    multicast: bool


class Wire:
    """The sockets of a node at one address, or at all of them."""

    def __init__(self, address: str, port: int = PORT, interface: str | None = None, multicast: bool = True) -> None:
        """Opens them. `interface` is the only one whose group is joined; ConfigError: the port is taken, or the address
        is none of this machine."""
        self.address = address
        self.port = port
        self._own = (address, port)
        self._v4: socket.socket | None = None
        self._v6: socket.socket | None = None
        self._group: socket.socket | None = None
        self._links: list[int] = []
        try:
            self._open(interface, multicast)
        except ConfigError:
            self.close()
            raise

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """All that can hear."""
        return tuple(each for each in (self._v4, self._v6, self._group) if each is not None)

    def hear(self, source: socket.socket) -> Heard | None:
        """The next datagram of a socket, None when there is none; an echo of our own is empty."""
        try:
            datagram, ancillary, _, sender = source.recvmsg(_LARGEST, 256)
        except OSError:
            return None
        if sender[:2] == self._own:
            datagram = b""
        to, asked = _addressed(ancillary)
        through = source
        if source is self._group:
            assert self._v4 is not None
            through = self._v4
        multicast = source is self._group or to in (GROUP, GROUP_V6)
        scope = sender[3] if len(sender) == 4 else 0
        return Heard(datagram, Peer(sender[0], scope, through, b"" if multicast else asked), multicast)

    def answer(self, datagram: bytes, peer: Peer) -> None:
        """Sends to whoever asked; what cannot be sent is lost, as it may be with UDP anyway."""
        with suppress(OSError):
            if peer.through is self._v6:
                to: tuple[str, int] | tuple[str, int, int, int] = (peer.address, self.port, 0, peer.scope)
                asked = [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, peer.asked)]
            else:
                to = (peer.address, self.port)
                asked = [(socket.IPPROTO_IP, _IP_PKTINFO, peer.asked)]
            peer.through.sendmsg([datagram], asked if peer.asked else [], 0, to)

    def tell_all(self, datagram: bytes) -> None:
        """Sends to the groups, on every interface that was joined."""
        if self._v4 is not None and self.address != ANY and self._group is not None:
            with suppress(OSError):
                self._v4.sendto(datagram, (GROUP, self.port))
        for link in self._links:
            with suppress(OSError):
                assert self._v4 is not None
                self._v4.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, _mreqn("", link))
                self._v4.sendto(datagram, (GROUP, self.port))
            with suppress(OSError):
                if self._v6 is not None:
                    self._v6.sendto(datagram, (GROUP_V6, self.port, 0, link))

    def close(self) -> None:
        """Leaves the groups and frees the port."""
        for each in self.sockets:
            each.close()

    # -- opening ----------------------------------------------------------------------------------

    def _open(self, interface: str | None, multicast: bool) -> None:
        if ":" in self.address:
            self._v6 = self._bound(socket.AF_INET6, self.address)
            return
        self._v4 = self._bound(socket.AF_INET, self.address)
        self._v4.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        if self.address == ANY:
            self._listen_everywhere(interface, multicast)
        elif multicast:
            self._listen_to_group()

    def _bound(self, family: socket.AddressFamily, address: str) -> socket.socket:
        """A socket that came first: of two nodes at one address each would be heard by chance. Whoever comes later may
        listen at other addresses of the same port."""
        self._socket(family, address, shared=False).close()
        return self._socket(family, address, shared=True)

    def _socket(self, family: socket.AddressFamily, address: str, *, shared: bool) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address, self.port))
        except OSError as error:
            sock.close()
            raise ConfigError(_why(error, address, self.port)) from None
        return sock

    def _listen_to_group(self) -> None:
        """The group gets a socket that is shared with the nodes and controllers of other addresses."""
        assert self._v4 is not None
        home = socket.inet_aton(self.address)
        group = self._group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        group.setblocking(False)
        try:
            group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if _LINUX:
                group.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
            group.bind((GROUP, self.port))
            group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + home)
            self._v4.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, home)
        except OSError as error:
            raise ConfigError(_why(error, GROUP, self.port)) from None

    def _listen_everywhere(self, interface: str | None, multicast: bool) -> None:
        assert self._v4 is not None
        if _LINUX:
            self._v4.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        links = list(_links(interface))
        with suppress(ConfigError, OSError):  # IPv6 where it can be had
            self._v6 = self._bound(socket.AF_INET6, "::")
            self._v6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        if not multicast:
            return
        for link in links:
            with suppress(OSError):  # an interface that is down, or has no address
                self._v4.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, _mreqn(GROUP, link))
                self._links.append(link)
            if self._v6 is not None:
                with suppress(OSError):
                    joined = socket.inet_pton(socket.AF_INET6, GROUP_V6) + struct.pack("@I", link)
                    self._v6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, joined)


def _mreqn(group: str, link: int) -> bytes:
    return struct.pack("4s4si", socket.inet_aton(group or ANY), bytes(4), link)


def _links(interface: str | None) -> Iterator[int]:
    """The numbers of the interfaces to join on."""
    for number, name in socket.if_nameindex():
        if interface in (None, name):
            yield number
            if interface is not None:
                return
    if interface is not None:
        raise ConfigError(f"echonet.interface: there is no interface {interface!r}; there are {_interfaces()}")


def _interfaces() -> str:
    return ", ".join(name for _, name in socket.if_nameindex())


def _addressed(ancillary: list[tuple[int, int, bytes]]) -> tuple[str, bytes]:
    """The address that a datagram was sent to, where the kernel tells, and the same in its form for answers."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO) and len(data) >= 12:
            return socket.inet_ntoa(data[8:12]), struct.pack("i4s4s", 0, data[4:8], bytes(4))
        if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO) and len(data) >= 20:
            return socket.inet_ntop(socket.AF_INET6, data[:16]), bytes(data[:20])
    return "", b""


def _why(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"ECHONET Lite: UDP port {port} of {address} is taken, by another node or controller; "
            "stop it, or give this node an address of its own with --echonet-host, such as 127.0.0.2"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"ECHONET Lite: {address} is no address of this machine; use one that is, or 0.0.0.0 for all"
    return f"ECHONET Lite: cannot listen on UDP port {port} of {address}: {error.strerror or error}"
