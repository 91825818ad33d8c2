"""The node without a socket: a datagram goes in, datagrams come out (part 2, 4.2).

| request | done | not, or not all of it |
|---|---|---|
| SetI | silence | SetI_SNA |
| SetC | Set_Res | SetC_SNA |
| Get | Get_Res | Get_SNA |
| INF_REQ | INF, to all | INF_SNA |
| SetGet | SetGet_Res | SetGet_SNA |
| INFC | INFC_Res | |

What can be done is done, even if the rest is not. An object that is not there, and anything that is no request, is
met with silence.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from evtui.echonet.frame import Esv, Frame, Property, decode
from evtui.echonet.node_object import NodeObject
from evtui.echonet.profile import MOST_INSTANCES, PROFILE, Profile

MOST_BYTES = 1400
"""Of the values in an answer, which is one Ethernet frame then; what goes beyond is refused like what is not there."""

_INSTANCE_LIST = 0xD5


class Outgoing(NamedTuple):
    """A frame to be sent: to whoever asked, or to all."""

    frame: Frame
    multicast: bool = False


class Node:
    """The node profile and the devices of one node."""

    def __init__(self, identity: bytes, devices: Iterable[NodeObject] = ()) -> None:
        """`identity` is the 17 bytes of property 83 of the node profile."""
        self._identity = identity
        self._tid = 0
        self._told: dict[tuple[int, int], bytes] = {}
        self.profile = Profile(identity)
        self.devices: Mapping[int, NodeObject] = {}
        self._take(devices)
        self._news()  # what holds at the start is no news

    # -- what others ask --------------------------------------------------------------------------

    def receive(self, datagram: bytes) -> list[Outgoing]:
        """What has to be sent because of a datagram."""
        request = decode(datagram)
        return [] if request is None else self.answer(request)

    def answer(self, request: Frame) -> list[Outgoing]:
        """The answers to a frame: one for each object that it is addressed to."""
        service = SERVICES.get(request.esv)
        if service is None:
            return []
        return [out for each in self.addressed(request.deoj) if (out := service(each, request)) is not None]

    def addressed(self, deoj: int) -> list[NodeObject]:
        """The objects of an address; instance 0 means all of the class."""
        if deoj & 0xFF:
            found = self.profile if deoj == PROFILE else self.devices.get(deoj)
            return [] if found is None else [found]
        everything = (self.profile, *self.devices.values())
        return [each for each in everything if each.eoj >> 8 == deoj >> 8]

    # -- what we tell -----------------------------------------------------------------------------

    def introduce(self) -> list[Outgoing]:
        """The instance list, to all: at the start, and whenever instances come or go."""
        return [self._inform(self.profile, {_INSTANCE_LIST: self.profile.value(_INSTANCE_LIST) or b""})]

    def replace(self, devices: Iterable[NodeObject]) -> list[Outgoing]:
        """Other devices from now on; tells the instance list if it is another one."""
        before = self.profile.instances
        self._take(devices)
        gone = [key for key in self._told if key[0] not in self.devices and key[0] != PROFILE]
        for key in gone:
            del self._told[key]
        came = {eoj: each for eoj, each in self.devices.items() if eoj not in before}
        for each in came.values():
            self._remember(each)
        return self.introduce() if before != self.profile.instances else []

    def changes(self, deoj: int | None = None) -> list[Outgoing]:
        """What has changed and is not told yet, of what the announcement maps name: one INF for each object. `deoj`:
        of the objects of that address alone, which is all that a request to it can change at once."""
        return [
            self._inform(self.devices[eoj], {epc: edt for _, epc, edt in group})
            for eoj, group in groupby(self._news(deoj), key=lambda item: item[0])
        ]

    # -- inside -----------------------------------------------------------------------------------

    def _take(self, devices: Iterable[NodeObject]) -> None:
        self.devices = {each.eoj: each for each in devices}
        assert len(self.devices) <= MOST_INSTANCES, "more than an instance list holds"
        self.profile = Profile(self._identity, tuple(self.devices))

    def _news(self, deoj: int | None = None) -> list[tuple[int, int, bytes]]:
        among = self.devices.values() if deoj is None else self.addressed(deoj)
        devices = (each for each in among if each.eoj != PROFILE)
        return [(each.eoj, epc, edt) for each in devices for epc, edt in self._remember(each).items()]

    def _remember(self, device: NodeObject) -> dict[int, bytes]:
        """What a device would announce and has not told yet."""
        news = {epc: edt for epc, edt in device.announced().items() if self._told.get((device.eoj, epc)) != edt}
        for epc, edt in news.items():
            self._told[device.eoj, epc] = edt
        return news

    def _inform(self, source: NodeObject, values: Mapping[int, bytes]) -> Outgoing:
        self._tid = self._tid % 0xFFFF + 1
        properties = tuple(Property(epc, edt) for epc, edt in values.items())
        return Outgoing(Frame(self._tid, source.eoj, PROFILE, Esv.INF, properties), multicast=True)


# -- services -------------------------------------------------------------------------------------


def _set_i(target: NodeObject, request: Frame) -> Outgoing | None:
    done, properties = _written(target, request.properties)
    return None if done else _reply(target, request, Esv.SET_I_SNA, properties)


def _set_c(target: NodeObject, request: Frame) -> Outgoing:
    done, properties = _written(target, request.properties)
    return _reply(target, request, Esv.SET_RES if done else Esv.SET_C_SNA, properties)


def _get(target: NodeObject, request: Frame) -> Outgoing:
    done, properties = _readings(target.get, request.properties)
    return _reply(target, request, Esv.GET_RES if done else Esv.GET_SNA, properties)


def _inf_req(target: NodeObject, request: Frame) -> Outgoing:
    done, properties = _readings(target.notify, request.properties)
    return _reply(target, request, Esv.INF if done else Esv.INF_SNA, properties)._replace(multicast=done)


def _set_get(target: NodeObject, request: Frame) -> Outgoing:
    set_all, sets = _written(target, request.properties)
    got_all, gets = _readings(target.get, request.gets)
    esv = Esv.SET_GET_RES if set_all and got_all else Esv.SET_GET_SNA
    return _reply(target, request, esv, sets, gets)


def _infc(target: NodeObject, request: Frame) -> Outgoing:
    return _reply(target, request, Esv.INFC_RES, tuple(Property(each.epc) for each in request.properties))


SERVICES: Mapping[Esv, Callable[[NodeObject, Frame], Outgoing | None]] = MappingProxyType(
    {
        Esv.SET_I: _set_i,
        Esv.SET_C: _set_c,
        Esv.GET: _get,
        Esv.INF_REQ: _inf_req,
        Esv.SET_GET: _set_get,
        Esv.INFC: _infc,
    }
)
"""What can be asked of an object."""


def _written(target: NodeObject, properties: tuple[Property, ...]) -> tuple[bool, tuple[Property, ...]]:
    """Writes one after the other: whether all were accepted, and the answer: empty where done, an echo where not."""
    done = [target.set(each.epc, each.edt) for each in properties]
    answers = (Property(each.epc) if good else each for each, good in zip(properties, done, strict=True))
    return all(done), tuple(answers)


def _readings(
    read: Callable[[int], bytes | None], properties: tuple[Property, ...]
) -> tuple[bool, tuple[Property, ...]]:
    """Reads one after the other: whether all could be, and the answer: empty where not."""
    answers = []
    room = MOST_BYTES
    done = True
    for each in properties:
        edt = read(each.epc)
        if edt is None or len(edt) > room:
            done = False
            edt = b""
        room -= len(edt)
        answers.append(Property(each.epc, edt))
    return done, tuple(answers)


def _reply(
    target: NodeObject,
    request: Frame,
    esv: Esv,
    properties: tuple[Property, ...],
    gets: tuple[Property, ...] = (),
) -> Outgoing:
    return Outgoing(Frame(request.tid, target.eoj, request.seoj, esv, properties, gets))
