"""A datagram for people: decoded, and as hex, in JSON that every viewer of frames can show."""

from typing import Any, NamedTuple

import msgspec

from evtui.echonet.frame import NAMES, Frame, Property
from evtui.echonet.properties import EV_CHARGER, NODE_PROFILE

EVERYBODY = "224.0.23.0"


class Reading(NamedTuple):
    """The service by its name in the standard, the text, and what is wrong with the datagram."""

    service: str
    text: str
    fault: str


def read(datagram: bytes, frame: Frame | None, address: str) -> Reading:
    """What a datagram says; `frame` is what could be decoded of it, `address` the other side's, "" for everybody."""
    wire: dict[str, Any] = {"hex": datagram.hex(" ").upper(), "peer": address or EVERYBODY}
    if frame is None:
        return Reading("", _text(wire), "no ECHONET Lite frame that could be answered")
    service = NAMES[frame.esv]
    ours = next((eoj for eoj in (frame.seoj, frame.deoj) if eoj >> 8 in _CLASSES), 0)
    properties = [_property(each, ours) for each in frame.properties]
    gets = [_property(each, ours) for each in frame.gets]
    told = {
        "says": ", ".join(
            [f"{each['epc']} {each.get('value', each.get('edt', ''))}".rstrip() for each in properties + gets]
        ),
        **wire,
        "service": service,
        "from": f"{frame.seoj:06X}",
        "to": f"{frame.deoj:06X}",
        "tid": frame.tid,
        "properties": properties,
    }
    if gets:
        told["gets"] = gets
    return Reading(service, _text(told), "")


_CLASSES = {0x0EF0: NODE_PROFILE, 0x02A1: EV_CHARGER}


def _property(each: Property, eoj: int) -> dict[str, str]:
    """Code and name; the value, in hex and in words, if there is one."""
    told = {"epc": f"{each.epc:02X}"}
    rule = _CLASSES.get(eoj >> 8, {}).get(each.epc)
    if rule is not None:
        told["name"] = rule.name
    if each.edt:
        told["edt"] = each.edt.hex(" ").upper()
        if rule is not None:
            told["value"] = rule.text(each.edt)
    return told


def _text(told: dict[str, Any]) -> str:
    return msgspec.json.encode(told).decode()
