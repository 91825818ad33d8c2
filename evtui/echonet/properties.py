"""What properties there are: super class, node profile and EV charger (Appendix Release R), as tables.

A row says what may be done with a property and what its bytes mean: the codes it can have, or a number and its unit.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

MOST = 999_999_999
"""The largest figure that the unsigned long properties of the EV charger hold."""


class Kind(StrEnum):
    """How the bytes are read."""

    BYTES = "bytes"
    CODE = "code"
    NUMBER = "number"
    PAIR = "pair"  # least and most
    MAP = "map"
    LIST = "list"  # a count, then objects


class Rule(msgspec.Struct, frozen=True):
    """A property: who may do what with it, how long its EDT is, and what that means. `most` bounds numbers;
    `unit` is worth `scale` for each count."""

    epc: int
    name: str
    sizes: frozenset[int] = frozenset((1,))
    get: bool = True
    set: bool = False
    inf: bool = False
    kind: Kind = Kind.BYTES
    codes: Mapping[int, str] = MappingProxyType({})
    most: int = MOST
    unit: str = ""
    scale: float = 1.0

    def fits(self, edt: bytes) -> bool:
        """The size is right, and the value is one that the standard has."""
        if len(edt) not in self.sizes:
            return False
        value = int.from_bytes(edt, "big")
        if self.kind is Kind.CODE:
            return value in self.codes
        return self.kind is not Kind.NUMBER or value <= self.most

    def text(self, edt: bytes) -> str:
        """The value for people."""
        value = int.from_bytes(edt, "big")
        if not self.fits(edt):
            return edt.hex(" ").upper()
        if self.kind is Kind.CODE:
            return self.codes[value]
        if self.kind is Kind.NUMBER:
            return self._figure(value)
        if self.kind is Kind.PAIR:
            half = len(edt) // 2
            return " to ".join(self._figure(int.from_bytes(each, "big")) for each in (edt[:half], edt[half:]))
        if self.kind is Kind.MAP:
            codes = sorted(read_map(edt) or ())
            return f"{len(codes)}: {' '.join(f'{each:02X}' for each in codes)}"
        if self.kind is Kind.LIST:
            return f"{edt[0]}: {' '.join(edt[i : i + 3].hex().upper() for i in range(1, len(edt), 3))}"
        return edt.hex(" ").upper()

    def _figure(self, value: int) -> str:
        return f"{value * self.scale:.12g} {self.unit}" if self.scale != 1.0 else f"{value} {self.unit}".rstrip()


def _size(*sizes: int) -> frozenset[int]:
    return frozenset(sizes)


def _codes(**labels: str) -> Mapping[int, str]:
    """Codes as keywords: `x30="on"`."""
    return MappingProxyType({int(code[1:], 16): label for code, label in labels.items()})


def _number(epc: int, name: str, size: int, unit: str, **more: object) -> Rule:
    return msgspec.structs.replace(
        Rule(epc, name, _size(size), kind=Kind.NUMBER, unit=unit, most=MOST if size == 4 else 256**size - 1), **more
    )


def _table(rules: Iterable[Rule]) -> Mapping[int, Rule]:
    return MappingProxyType({rule.epc: rule for rule in rules})


_MAPS = (
    Rule(0x9D, "Status change announcement property map", frozenset(range(1, 18)), kind=Kind.MAP),
    Rule(0x9E, "Set property map", frozenset(range(1, 18)), kind=Kind.MAP),
    Rule(0x9F, "Get property map", frozenset(range(1, 18)), kind=Kind.MAP),
)

_LIST_SIZES = frozenset(range(1, 254, 3))

NODE_PROFILE: Mapping[int, Rule] = _table(
    (
        Rule(0x80, "Operating status", inf=True, kind=Kind.CODE, codes=_codes(x30="booted", x31="not booted")),
        Rule(0x82, "Version information", _size(4)),
        Rule(0x83, "Identification number", _size(17)),
        Rule(0x8A, "Manufacturer code", _size(3)),
        *_MAPS,
        _number(0xD3, "Number of self-node instances", 3, ""),
        _number(0xD4, "Number of self-node classes", 2, ""),
        Rule(0xD5, "Instance list notification", _LIST_SIZES, inf=True, kind=Kind.LIST),
        Rule(0xD6, "Self-node instance list S", _LIST_SIZES, kind=Kind.LIST),
        Rule(0xD7, "Self-node class list S", frozenset(range(1, 18, 2))),
    )
)
"""Class 0EF0. D5 may be read as well: the standard leaves that open."""

_SUPER_CLASS = (
    Rule(0x80, "Operation status", inf=True, kind=Kind.CODE, codes=_codes(x30="on", x31="off")),
    Rule(0x81, "Installation location", _size(1, 17), set=True, inf=True),
    Rule(0x82, "Standard version information", _size(4)),
    Rule(0x83, "Identification number", _size(17)),
    Rule(0x86, "Manufacturer's fault code", frozenset(range(4, 230))),
    Rule(0x88, "Fault status", inf=True, kind=Kind.CODE, codes=_codes(x41="fault", x42="no fault")),
    Rule(
        0x89,
        "Fault description",
        _size(2),
        kind=Kind.CODE,
        codes=_codes(
            x0000="no fault",
            x000A="safety device: ground fault",
            x000B="safety device: overcurrent",
            x000C="safety device: emergency stop",
            x000D="abnormal event: supply",
            x000E="safety device: over-temperature",
            x0014="switch: contactor",
            x003C="component: lock",
            x03FF="unknown",
        ),
    ),
    Rule(0x8A, "Manufacturer code", _size(3)),
    Rule(0x8C, "Product code", _size(12)),
    Rule(0x8D, "Production number", _size(12)),
    *_MAPS,
)

EV_CHARGER: Mapping[int, Rule] = _table(
    (
        *_SUPER_CLASS,
        _number(0xC5, "Rated charge capacity", 4, "W"),
        Rule(
            0xC7,
            "Vehicle connection and chargeable status",
            inf=True,
            kind=Kind.CODE,
            codes=_codes(x30="not connected", x40="not chargeable", x41="chargeable", x44="unknown", xFF="undefined"),
        ),
        Rule(0xC8, "Minimum/maximum charging power", _size(8), kind=Kind.PAIR, unit="W"),
        Rule(0xCA, "Minimum/maximum charging current", _size(4), kind=Kind.PAIR, unit="A", scale=0.1),
        Rule(
            0xCC,
            "Charger type",
            kind=Kind.CODE,
            codes=_codes(
                x10="AC, no communication",
                x11="AC, control pilot",
                x12="AC, high-level communication",
                x21="DC, type AA",
                x31="DC, type BB",
                x41="DC, type EE",
                x51="DC, type FF",
            ),
        ),
        Rule(
            0xCD,
            "Vehicle connection confirmation",
            get=False,
            set=True,
            kind=Kind.CODE,
            codes=_codes(x10="confirm the connection"),
        ),
        _number(0xCE, "Chargeable capacity of the battery", 4, "Wh"),
        _number(0xCF, "Remaining chargeable capacity of the battery", 4, "Wh"),
        _number(0xD0, "Used capacity of the battery", 4, "Wh"),
        _number(0xD2, "Rated voltage", 2, "V"),
        _number(0xD3, "Measured instantaneous charging power", 4, "W"),
        _number(0xD8, "Measured cumulative charging energy", 4, "kWh", scale=0.001),
        Rule(
            0xD9,
            "Cumulative charging energy reset",
            get=False,
            set=True,
            kind=Kind.CODE,
            codes=_codes(x00="reset"),
        ),
        Rule(
            0xDA,
            "Operation mode setting",
            set=True,
            inf=True,
            kind=Kind.CODE,
            codes=_codes(x42="charge", x44="standby", x47="idle", x40="other"),
        ),
        _number(0xE2, "Remaining stored electricity of the battery", 4, "Wh"),
        _number(0xE4, "State of charge of the battery", 1, "%", most=100),
        Rule(0xE6, "Vehicle ID", frozenset(range(1, 26))),
        _number(0xE7, "Charging amount setting", 4, "Wh", set=True, inf=True),
        _number(0xEB, "Charging power setting", 4, "W", set=True, inf=True),
        _number(0xED, "Charging current setting", 2, "A", scale=0.1, set=True, inf=True, most=65_533),
    )
)
"""Class 02A1, with what it has of the super class."""

OPTIONAL_FOR_DC = frozenset((0xCA, 0xD2))
"""The appendix speaks of them for AC; a DC charger has no current and no voltage of its own to rate."""


def write_map(codes: Iterable[int]) -> bytes:
    """A property map: the codes themselves below 16 of them, a bitmap from there on."""
    listed = sorted(codes)
    if len(listed) < 16:
        return bytes((len(listed), *listed))
    rows = bytearray(16)
    for code in listed:
        rows[code & 0x0F] |= 1 << (code >> 4) - 8
    return bytes((len(listed),)) + bytes(rows)


def read_map(edt: bytes) -> set[int] | None:
    """The codes of a property map in either form; None if it is none."""
    if not edt:
        return None
    count, body = edt[0], edt[1:]
    if count < 16:
        codes = set(body)
        valid = len(body) == count and all(code >= 0x80 for code in codes)
    else:
        codes = {0x80 + 0x10 * bit + row for row, bits in enumerate(body) for bit in range(8) if bits >> bit & 1}
        valid = len(body) == 16
    return codes if valid and len(codes) == count else None
