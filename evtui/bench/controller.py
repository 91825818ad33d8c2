"""A controller of ECHONET Lite that asks as those of homes do, and more often: Gets of eight properties to one instance
after the other, and among ten of them a Set, which the node tells all."""

import asyncio
import socket
import time
from types import TracebackType
from typing import Self

from evtui.echonet.frame import Esv, Frame, Property, decode
from evtui.echonet.profile import PROFILE
from evtui.echonet.wire import GROUP, PORT

_CONTROLLER = 0x05FF01
_INSTANCES = 0xD6
_LOCATION = 0x81
_READ = tuple(Property(epc) for epc in (0x80, 0x88, 0xC7, 0xD3, 0xD8, 0xDA, 0xE2, 0xE4))
_SETS = 10  # one request of so many is a Set
_WAIT_S, _ATTEMPTS = 0.5, 40
_MULTICAST_ALL = 49  # Linux; Python has no name for it
_TIDS = 0x10000


class Controller:
    """At an address of its own, for the node at another one. Answers and notifications are timed from the request."""

    def __init__(self, address: str, node: str) -> None:
        self.requests = 0
        self.faults = 0
        self.answers_ms: list[float] = []
        self.notified_ms: list[float] = []
        self._node = node
        self._found: tuple[int, ...] = ()
        self._sent: dict[int, float] = {}  # by TID, when
        self._set: dict[tuple[int, bytes], float] = {}  # what was set and is not told yet, when
        self._home = _socket((address, PORT))
        self._group = _socket((GROUP, PORT))
        self._group.setsockopt(socket.IPPROTO_IP, _MULTICAST_ALL, 0)
        membership = socket.inet_aton(GROUP) + socket.inet_aton(address)
        self._group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for each in (self._home, self._group):
            loop.add_reader(each, self._hear, each)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for each in (self._home, self._group):
            loop.remove_reader(each)
            each.close()

    async def find(self, instances: int) -> None:
        """Asks for the instance list until the node is there, with so many. TimeoutError: it does not come."""
        for _ in range(_ATTEMPTS):
            self._say(Frame(0, _CONTROLLER, PROFILE, Esv.GET, (Property(_INSTANCES),)))
            await asyncio.sleep(_WAIT_S)
            if len(self._found) == instances:
                return
        raise TimeoutError(f"the node shows {len(self._found)} of {instances} instances")

    async def ask_for(self, seconds: float, rate: float) -> None:
        """Asks `rate` times a second, whether answers come or not."""
        began = time.monotonic()
        for number in range(round(seconds * rate)):
            wait_s = began + number / rate - time.monotonic()
            if wait_s > 0.0 or number % 32 == 0:
                await asyncio.sleep(max(0.0, wait_s))
            self._ask(number)

    def _ask(self, number: int) -> None:
        turn, place = divmod(number, len(self._found))
        eoj, tid = self._found[place], 1 + number % (_TIDS - 1)
        self.requests += 1
        now = self._sent[tid] = time.monotonic()
        if (turn + place) % _SETS:
            self._say(Frame(tid, _CONTROLLER, eoj, Esv.GET, _READ))
            return
        where = bytes((0x08 + 8 * (turn // _SETS % 15),))
        self._set[eoj, where] = now
        self._say(Frame(tid, _CONTROLLER, eoj, Esv.SET_C, (Property(_LOCATION, where),)))

    def _say(self, frame: Frame) -> None:
        self._home.sendto(frame.encode(), (self._node, PORT))

    def _hear(self, source: socket.socket) -> None:
        while True:
            try:
                datagram, (address, _) = source.recvfrom(65_535)
            except BlockingIOError:
                return
            frame = decode(datagram) if address == self._node else None
            if frame is not None:
                self._take(frame, time.monotonic())

    def _take(self, frame: Frame, now: float) -> None:
        if frame.esv is Esv.INF:
            for each in frame.properties:
                if each.epc == _LOCATION and (set_at := self._set.pop((frame.seoj, each.edt), None)) is not None:
                    self.notified_ms.append((now - set_at) * 1000.0)
            return
        if frame.seoj == PROFILE:
            listed = frame.properties[0].edt[1:]
            self._found = tuple(int.from_bytes(listed[at : at + 3], "big") for at in range(0, len(listed), 3))
            return
        sent_at = self._sent.pop(frame.tid, None)
        if sent_at is not None:
            self.answers_ms.append((now - sent_at) * 1000.0)
            self.faults += frame.esv not in (Esv.GET_RES, Esv.SET_RES)


def _socket(address: tuple[str, int]) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    return sock
