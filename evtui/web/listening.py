"""Sockets that listen, on the port that was asked for or the next free one."""

import asyncio
import errno
import os
import socket
from ipaddress import ip_address

from evtui.errors import LocalError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BACKLOG = 1024  # a fleet dials all at once
_TRIES = 100
_ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class PortTakenError(LocalError):
    """Another program listens on the port that was asked for."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on a host."""
    try:
        return host in _LOOPBACK or ip_address(host).is_loopback
    except ValueError:
        return False


async def listen(host: str, port: int, exact: bool) -> tuple[socket.socket, ...]:
    """Listens on all addresses of a host; for loopback, on 127.0.0.1 and ::1. If the port is taken and need not be
    `exact`, the next free one serves. Port 0 is any free one. LocalError if there is no such address, PortTakenError if
    there is no port."""
    try:
        addresses = await _addresses(host)
    except OSError as error:
        raise LocalError(f"cannot listen on {host}: {error.strerror or error}") from None
    tries = 1 if exact else _TRIES
    for candidate in [0] * _TRIES if port == 0 else range(port, min(port + tries, 65_536)):
        try:
            return _listen(addresses, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise LocalError(f"cannot listen on {host}, port {candidate}: {error.strerror}") from None
    if exact:
        raise PortTakenError(f"port {port} on {host} is taken by another program; choose another")
    raise PortTakenError(f"ports {port} to {port + tries - 1} on {host} are all taken; choose another")


async def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    if host in _LOOPBACK:
        found = [(socket.AF_INET, "127.0.0.1")]
        return [*found, (socket.AF_INET6, "::1")] if _has_ipv6_loopback() else found
    loop = asyncio.get_running_loop()
    answers = await loop.getaddrinfo(host or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in answers))


def _has_ipv6_loopback() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        if error.errno in _ABSENT:
            return False
        raise
    return True


def _listen(addresses: list[tuple[socket.AddressFamily, str]], port: int) -> tuple[socket.socket, ...]:
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses:
            sock = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(sock)
            sock.setblocking(False)
            if os.name == "posix":  # elsewhere it would let us take a port that is in use
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((address, port))
            sock.listen(_BACKLOG)  # at once: until then another could bind the same port
            port = sock.getsockname()[1]
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return tuple(sockets)
