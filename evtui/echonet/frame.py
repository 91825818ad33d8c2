"""ECHONET Lite frames (part 2, chapter 3): `EHD1 EHD2 TID(2) SEOJ(3) DEOJ(3) ESV OPC {EPC PDC EDT}*OPC`, big-endian."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

import msgspec

EHD = b"\x10\x81"
"""ECHONET Lite, message format 1; format 2 is free and says nothing to us."""

_HEADER = 12


class Esv(IntEnum):
    """What a frame wants, or answers."""

    SET_I = 0x60
    SET_C = 0x61
    GET = 0x62
    INF_REQ = 0x63
    SET_GET = 0x6E
    SET_RES = 0x71
    GET_RES = 0x72
    INF = 0x73
    INFC = 0x74
    INFC_RES = 0x7A
    SET_GET_RES = 0x7E
    SET_I_SNA = 0x50
    SET_C_SNA = 0x51
    GET_SNA = 0x52
    INF_SNA = 0x53
    SET_GET_SNA = 0x5E


NAMES: Mapping[Esv, str] = MappingProxyType(
    {
        Esv.SET_I: "SetI",
        Esv.SET_C: "SetC",
        Esv.GET: "Get",
        Esv.INF_REQ: "INF_REQ",
        Esv.SET_GET: "SetGet",
        Esv.SET_RES: "Set_Res",
        Esv.GET_RES: "Get_Res",
        Esv.INF: "INF",
        Esv.INFC: "INFC",
        Esv.INFC_RES: "INFC_Res",
        Esv.SET_GET_RES: "SetGet_Res",
        Esv.SET_I_SNA: "SetI_SNA",
        Esv.SET_C_SNA: "SetC_SNA",
        Esv.GET_SNA: "Get_SNA",
        Esv.INF_SNA: "INF_SNA",
        Esv.SET_GET_SNA: "SetGet_SNA",
    }
)
"""The standard's words for services."""

_TWO_LISTS = (Esv.SET_GET, Esv.SET_GET_RES, Esv.SET_GET_SNA)


class Property(msgspec.Struct, frozen=True):
    """A property in a frame: its code and up to 255 bytes."""

    epc: int
    edt: bytes = b""


class Frame(msgspec.Struct, frozen=True):
    """A frame. `seoj` and `deoj` are class group, class and instance code in one number, such as 0x02A101. SetGet and
    its answers have the properties to get as a second list, `gets`."""

    tid: int
    seoj: int
    deoj: int
    esv: Esv
    properties: tuple[Property, ...]
    gets: tuple[Property, ...] = ()

    def encode(self) -> bytes:
        """The datagram."""
        parts = [
            EHD,
            self.tid.to_bytes(2, "big"),
            self.seoj.to_bytes(3, "big"),
            self.deoj.to_bytes(3, "big"),
            bytes((self.esv,)),
            _encoded(self.properties),
        ]
        if self.esv in _TWO_LISTS:
            parts.append(_encoded(self.gets))
        return b"".join(parts)


def decode(datagram: bytes) -> Frame | None:
    """The frame in a datagram; None for what the standard wants passed over in silence: another format, an unknown
    service, a frame that is cut off, and one without properties. Bytes after the last property are ignored."""
    if len(datagram) < _HEADER or not datagram.startswith(EHD):
        return None
    try:
        esv = Esv(datagram[10])
    except ValueError:
        return None
    gets: tuple[Property, ...] = ()
    try:
        properties, end = _decoded(datagram, _HEADER - 1)
        if esv in _TWO_LISTS:
            gets, _ = _decoded(datagram, end)
    except IndexError:
        return None
    if not properties or (esv is Esv.SET_GET and not gets):
        return None
    tid, seoj, deoj = (int.from_bytes(datagram[i:j], "big") for i, j in ((2, 4), (4, 7), (7, 10)))
    return Frame(tid, seoj, deoj, esv, properties, gets)


def _encoded(properties: tuple[Property, ...]) -> bytes:
    return bytes((len(properties),)) + b"".join([bytes((each.epc, len(each.edt))) + each.edt for each in properties])


def _decoded(datagram: bytes, at: int) -> tuple[tuple[Property, ...], int]:
    """The list that begins at `at`, and where it ends. IndexError: it is cut off."""
    count = datagram[at]
    at += 1
    properties = []
    for _ in range(count):
        epc, size = datagram[at], datagram[at + 1]
        at += 2
        if at + size > len(datagram):
            raise IndexError
        properties.append(Property(epc, datagram[at : at + size]))
        at += size
    return tuple(properties), at
