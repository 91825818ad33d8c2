"""The node on real sockets of loopback: who is answered, where, from which address, and how soon."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from evtui.echonet.frame import Esv, Frame, Property, decode
from evtui.echonet.identity import identity, node_identity
from evtui.echonet.node import Node
from evtui.echonet.server import LONGEST_WAIT_S, MOST_WAITING, Server
from evtui.echonet.wire import GROUP, GROUP_V6, PORT, Heard, Peer, Wire
from evtui.errors import ConfigError
from tests.echonet.controller import Controller, loopback
from tests.echonet.device import CHARGER, IDENTITY, SECOND, Device, node

pytestmark = [
    pytest.mark.xdist_group("echonet"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"),
]

PROFILE = 0x0EF001
STATUS = Property(0x80)


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.run())
        try:
            yield server
        finally:
            task.cancel()
            server.wire.close()


def server_at(address: str, **more: object) -> Server:
    return Server(Wire(address), node(), **more)  # type: ignore[arg-type]


async def test_the_answer_goes_to_port_3610_of_whoever_asked_from_the_address_that_was_asked() -> None:
    home = loopback()
    with Controller(loopback()) as controller:
        async with running(server_at(home)):
            tid = controller.ask(home, CHARGER, Esv.GET, Property(0xDA))
            frame, sender = await controller.answer(tid)
    assert sender == (home, PORT)
    assert frame == Frame(tid, CHARGER, 0x05FF01, Esv.GET_RES, (Property(0xDA, b"\x47"),))


async def test_a_node_that_starts_tells_all_its_instances() -> None:
    home = loopback()
    with Controller(loopback()) as controller:
        async with running(server_at(home)):
            assert await controller.told(0xD5, home) == bytes.fromhex("0102A101")


@pytest.mark.usefixtures("alone_on_3610")  # others ask all nodes, too
async def test_what_all_were_asked_is_answered_after_a_wait_and_what_one_was_asked_at_once() -> None:
    home = loopback()
    waits: list[float] = []

    def wait_s() -> float:
        waits.append(0.05)
        return waits[-1]

    with Controller(loopback()) as controller:
        async with running(server_at(home, wait_s=wait_s)):
            tid = controller.ask(home, PROFILE, Esv.GET, STATUS)
            await controller.answer(tid)
            assert waits == []
            tid = controller.ask(GROUP, PROFILE, Esv.GET, Property(0xD6))
            frame, sender = await _answer_of(controller, tid, home)
            assert waits == [0.05]
    assert sender == (home, PORT)
    assert frame.properties == (Property(0xD6, bytes.fromhex("0102A101")),)


async def _answer_of(controller: Controller, tid: int, home: str) -> tuple[Frame, tuple[str, int]]:
    while True:
        frame, sender = await controller.answer(tid)
        if sender[0] == home:
            return frame, sender


def test_the_random_wait_is_short() -> None:
    assert LONGEST_WAIT_S <= 1.0


@pytest.mark.usefixtures("alone_on_3610")  # others ask all nodes, too
async def test_instance_0_asked_of_one_node_is_answered_at_once() -> None:
    home = loopback()

    def never() -> float:
        raise AssertionError("no wait for unicast")

    with Controller(loopback()) as controller:
        async with running(server_at(home, wait_s=never)):
            frame, _ = await controller.answer(controller.ask(home, 0x02A100, Esv.GET, STATUS))
    assert frame.seoj == CHARGER


async def test_what_a_controller_changes_is_told_to_all() -> None:
    home = loopback()
    with Controller(loopback()) as one, Controller(loopback()) as other:
        async with running(server_at(home)):
            assert await one.set(home, CHARGER, 0xDA, b"\x42")
            assert await other.told(0xDA, home, CHARGER) == b"\x42"


async def test_an_inf_that_was_requested_is_told_to_all() -> None:
    home = loopback()
    with Controller(loopback()) as one, Controller(loopback()) as other:
        async with running(server_at(home)):
            one.ask(home, CHARGER, Esv.INF_REQ, Property(0xD3))
            assert await other.told(0xD3, home, CHARGER) == bytes(4)


async def test_silence_is_silence_on_the_wire_too() -> None:
    home = loopback()
    with Controller(loopback()) as controller:
        async with running(server_at(home)):
            controller.send(home, b"\x10\x82 free format")
            controller.ask(home, 0x02A109, Esv.GET, STATUS)
            controller.ask(home, CHARGER, Esv.SET_I, Property(0xDA, b"\x44"))
            last = controller.ask(home, CHARGER, Esv.GET, STATUS)
            frame, _ = await controller._next(controller._home)
            assert frame.tid == last
            assert controller.nothing_waits()


async def test_a_second_node_at_the_same_address_is_refused_with_a_way_out() -> None:
    home = loopback()
    first = Wire(home)
    try:
        with pytest.raises(ConfigError, match=rf"UDP port 3610 of {home} is taken.*--echonet-host"):
            Wire(home)
        with pytest.raises(ConfigError, match=r"UDP port 3610 of 0\.0\.0\.0 is taken"):
            Wire("0.0.0.0", interface="lo")
    finally:
        first.close()
    Wire(home).close()


async def test_a_controller_that_shares_its_port_does_not_hide_that_it_is_taken() -> None:
    home = loopback()
    with Controller(home, group=False), pytest.raises(ConfigError, match="is taken"):
        Wire(home)


async def test_two_nodes_of_two_addresses_live_side_by_side() -> None:
    homes = loopback(), loopback()
    with Controller(loopback()) as controller:
        async with running(server_at(homes[0], wait_s=float)), running(server_at(homes[1], wait_s=float)):
            tid = controller.ask(GROUP, PROFILE, Esv.GET, STATUS)
            found: set[str] = set()
            while not found >= set(homes):
                _, sender = await controller.answer(tid)
                found.add(sender[0])


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1 is no address of this machine"):
        Wire("192.0.2.1")


def test_an_interface_that_does_not_exist_is_refused_and_frees_the_port() -> None:
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"there is no interface 'nope'; there are .*lo"):
            Wire("0.0.0.0", 0, interface="nope")


async def test_a_node_without_multicast_answers_and_joins_no_group() -> None:
    home = loopback()
    wire = Wire(home, multicast=False)
    assert len(wire.sockets) == 1
    with Controller(loopback()) as controller:
        async with running(Server(wire, node())):
            assert await controller.get(home, CHARGER, 0xDA) == b"\x47"


@pytest.fixture
def everywhere() -> Wire:
    """A node of all addresses that joins the group on loopback alone; its port is one of its own."""
    return Wire("0.0.0.0", 36_100, interface="lo")


async def test_a_node_of_all_addresses_answers_from_the_one_that_was_asked(everywhere: Wire) -> None:
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.setblocking(False)
    asker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    everywhere.port = _free_port(asker)
    asked = loopback()
    with asker:
        async with running(Server(everywhere, node(), wait_s=float)):
            loop = asyncio.get_running_loop()
            question = Frame(5, 0x05FF01, CHARGER, Esv.GET, (STATUS,)).encode()
            await loop.sock_sendto(asker, question, (asked, 36_100))
            datagram, sender = await asyncio.wait_for(loop.sock_recvfrom(asker, 2000), 10)
    answer = decode(datagram)
    assert answer is not None
    assert (answer.tid, answer.esv) == (5, Esv.GET_RES)
    assert sender == (asked, 36_100)


def _free_port(sock: socket.socket) -> int:
    sock.bind(("127.0.0.1", 0))
    port: int = sock.getsockname()[1]
    return port


async def test_ipv6_is_answered_where_it_can_be_had() -> None:
    try:
        wire = Wire("::1", 36_101)
    except ConfigError as error:
        pytest.skip(str(error))
    asker = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    asker.setblocking(False)
    asker.bind(("::1", 0))
    wire.port = asker.getsockname()[1]
    with asker:
        async with running(Server(wire, node())):
            loop = asyncio.get_running_loop()
            question = Frame(6, 0x05FF01, CHARGER, Esv.GET, (STATUS,)).encode()
            await loop.sock_sendto(asker, question, ("::1", 36_101))
            datagram, sender = await asyncio.wait_for(loop.sock_recvfrom(asker, 2000), 10)
    answer = decode(datagram)
    assert answer is not None
    assert answer.tid == 6
    assert sender[:2] == ("::1", 36_101)


async def test_a_node_of_all_addresses_joins_the_group_of_ipv6_and_leaves_it_again() -> None:
    before = _members()
    if before is None:
        pytest.skip("no IPv6 here")
    wire = Wire("0.0.0.0", 36_102, interface="lo")
    assert _members() == before + 1
    wire.close()
    assert _members() == before


def _members() -> int | None:
    """How many have joined ff02::1 on loopback, as the kernel counts them."""
    file = Path("/proc/net/igmp6")
    for line in file.read_text().splitlines() if file.exists() else ():
        _, link, group, users, *_ = line.split()
        if (link, group) == ("lo", "ff02" + "0" * 27 + "1"):
            return int(users)
    return None


class _Socket:
    """One that hears a datagram for the IPv6 group, and notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, object]] = []

    def recvmsg(self, size: int, ancillary: int) -> object:
        info = socket.inet_pton(socket.AF_INET6, GROUP_V6) + (7).to_bytes(4, sys.byteorder)
        return b"?", [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, info)], 0, ("fe80::2", 5_000, 0, 7)

    def sendmsg(self, buffers: list[bytes], ancillary: list[object], flags: int, to: object) -> None:
        assert ancillary == [], "the kernel chooses the address of that link"
        self.sent.append((buffers[0], to))

    def sendto(self, datagram: bytes, to: object) -> None:
        self.sent.append((datagram, to))

    def close(self) -> None:
        pass


def test_a_question_to_the_group_of_ipv6_is_answered_on_its_link_and_all_links_are_told() -> None:
    """No test sends beyond loopback, and loopback has no such route: the socket is not a real one."""
    wire = Wire("0.0.0.0", 36_103, interface="lo")
    for each in wire.sockets:
        each.close()
    fake = wire._v6 = cast(socket.socket, _Socket())
    wire._v4, wire._links = None, [7]
    heard = wire.hear(fake)
    assert heard is not None
    assert heard.multicast
    wire.answer(b"!", heard.peer)
    assert cast(_Socket, fake).sent == [(b"!", ("fe80::2", 36_103, 0, 7))]


def test_what_is_for_all_goes_to_the_group_of_ipv6_on_every_link() -> None:
    wire = Wire("0.0.0.0", 36_104, interface="lo")
    assert wire._v6 is not None
    wire._v6.close()
    fake = wire._v6 = cast(socket.socket, _Socket())
    link = socket.if_nametoindex("lo")
    wire.tell_all(b"INF")
    assert cast(_Socket, fake).sent == [(b"INF", (GROUP_V6, 36_104, 0, link))]
    wire.close()


async def test_of_a_flood_only_so_much_waits() -> None:
    home = loopback()
    server = server_at(home, wait_s=lambda: 60.0)
    with Controller(loopback()) as controller:
        async with running(server):
            await controller.told(0xD5, home)
            question = Frame(1, 0x05FF01, 0x0EF000, Esv.GET, (STATUS,)).encode()
            peer = Peer(controller.address, 0, server.wire.sockets[0])
            for _ in range(2 * MOST_WAITING):
                await server._handle(Heard(question, peer, multicast=True))
            assert len(server._waiting) == MOST_WAITING
            for _ in range(2 * MOST_WAITING):
                controller.send(home, b"noise")
            tid = controller.ask(home, CHARGER, Esv.GET, STATUS)
            while True:
                try:
                    async with asyncio.timeout(0.5):
                        await controller.answer(tid)
                        break
                except TimeoutError:  # it was among those that were lost
                    tid = controller.ask(home, CHARGER, Esv.GET, STATUS)
        assert not server._waiting


async def test_objects_are_brought_up_to_date_before_they_are_asked() -> None:
    home = loopback()
    device = Device()
    subject = node()
    subject.replace([device])

    async def refresh(deoj: int) -> None:
        assert deoj == CHARGER
        device.values[0xD3] = b"\0\0\x2a\xf8"

    with Controller(loopback()) as controller:
        async with running(Server(Wire(home), subject, refresh)):
            assert await controller.get(home, CHARGER, 0xD3) == b"\0\0\x2a\xf8"


async def test_every_frame_can_be_watched() -> None:
    home = loopback()
    seen: list[tuple[bytes, str, bool]] = []
    with Controller(loopback()) as controller:
        async with running(server_at(home, told=lambda *each: seen.append(each))):
            await controller.get(home, CHARGER, 0xDA)
    assert [(frame.esv, address, sent) for data, address, sent in seen if (frame := decode(data))] == [
        (Esv.INF, "", True),
        (Esv.GET, controller.address, False),
        (Esv.GET_RES, controller.address, True),
    ]


def test_an_identification_number_is_stable_and_of_the_node_alone() -> None:
    assert node_identity("127.0.0.1") == node_identity("127.0.0.1") != node_identity("127.0.0.2")
    assert len(identity("CP001", "1")) == 17
    assert identity("CP001", "1").startswith(b"\xfe\xff\xff\xf0")


class Watched(Device):
    """Knows how often it was looked through for news."""

    looks = 0

    def announced(self) -> dict[int, bytes]:
        self.looks += 1
        return super().announced()


async def test_a_request_to_one_charger_does_not_look_through_the_others() -> None:
    home = loopback()
    asked, other = Watched(), Watched(SECOND)
    with Controller(loopback()) as controller:
        async with running(Server(Wire(home), Node(IDENTITY, (asked, other)))):
            before = other.looks
            assert await controller.set(home, CHARGER, 0x81, b"\x08")
            assert await controller.told(0x81, home, CHARGER) == b"\x08"
            assert await controller.get(home, CHARGER, 0xDA) == b"\x47"
    assert asked.looks > before
    assert other.looks == before
