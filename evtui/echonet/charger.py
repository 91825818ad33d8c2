"""An EVSE as an EV charger object, class 02A1: what its station shows, in the standard's codes and units.

| operation mode | here |
|---|---|
| 42 charge | energy flows, or is about to |
| 44 standby | suspended by whomever: the transaction goes on; or the driver is authorized and nothing has begun |
| 47 idle | no transaction |
| 40 other | faulted, reserved, unavailable, crashed |

Properties of the battery have no value while no car is there.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from evtui.echonet.identity import identity
from evtui.echonet.node_object import NodeObject
from evtui.echonet.profile import MAKER
from evtui.echonet.properties import EV_CHARGER, MOST, OPTIONAL_FOR_DC, Rule
from evtui.engine.door import EvseDetail, LinkState, StationDetail
from evtui.sim.physics.ev import CATALOGUE
from evtui.sim.physics.grid import NOMINAL_V
from evtui.sim.physics.limits import MINIMUM_A

CHARGE, STANDBY, IDLE, OTHER = 0x42, 0x44, 0x47, 0x40
NOT_CONNECTED, NOT_CHARGEABLE, CHARGEABLE, UNDEFINED = 0x30, 0x40, 0x41, 0xFF

_BROKEN = ("Faulted", "Unavailable", "Reserved")
_RELEASE_R = b"\0\0R\0"
_FAULT, _NO_FAULT = b"\x41", b"\x42"
_NOWHERE = b"\0"  # the place of installation was never said
_NO_MOST_A = 65_533  # the largest that the current setting holds

_TYPES: Mapping[str, int] = MappingProxyType(
    {"cType1": 0x11, "cType2": 0x11, "sType2": 0x11, "cG105": 0x21, "cCCS1": 0x41, "cCCS2": 0x51}
)
"""Charger types by connector: all of ours for AC have a control pilot; AA is CHAdeMO, EE and FF are the two CCS."""

_BATTERY_WH: Mapping[str, float] = MappingProxyType({model.name: model.battery_wh for model in CATALOGUE.values()})

_AVAILABILITY: Mapping[str, int] = MappingProxyType(
    {"Available": 0x30, "Occupied": 0x31, "Reserved": 0x31, "Unavailable": 0x32, "Faulted": 0x33}
)


class Order(NamedTuple):
    """A command of the door that a Set asks for."""

    command: str
    arguments: dict[str, str]


class Charger(NodeObject):
    """One EVSE. `update` brings what its station shows; `order` takes what is to be done there, and says whether it
    could take any more."""

    def __init__(
        self,
        eoj: int,
        station: StationDetail,
        evse_id: int,
        node_identity: bytes,
        order: Callable[["Charger", Order], bool],
        extra: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        """`extra` are properties beyond the standard, by their meaning."""
        self.station_id = station.row.id
        self.evse_id = evse_id
        self.station = station
        self.evse = self._own(station)
        super().__init__(eoj, _rules(self.evse, extra))
        self._extra = extra
        self._identity = identity(node_identity.hex(), self.station_id, str(evse_id))
        self._order = order
        self._location = _NOWHERE
        self._reset_wh = 0.0
        self._power_w: int | None = None
        self._current: int | None = None  # in 0.1 A
        self._energy_wh: int | None = None
        self._ordered: int | None = None  # the mode that was asked for and is not reached yet

    def update(self, station: StationDetail) -> None:
        """What the station shows now. With the end of a transaction the amount that was set for it is over, too."""
        before = self.evse.row.transaction_id
        self.station = station
        self.evse = self._own(station)
        if before is not None and self.evse.row.transaction_id != before:
            self._energy_wh = None

    def settled(self) -> None:
        """All that was ordered is done, or was refused: from now on the mode is what the station shows."""
        self._ordered = None

    # -- what can be read -------------------------------------------------------------------------

    def value(self, epc: int) -> bytes | None:
        if epc in self._extra:
            return _EXTRAS[self._extra[epc]](self)
        read = _VALUES.get(epc)
        return None if read is None else read(self)

    @property
    def mode(self) -> int:
        """The operation mode: what was ordered, until it is reached or refused."""
        return self._ordered if self._ordered is not None else self._shown_mode

    @property
    def connection(self) -> int:
        """Whether a car is there, and whether it can be charged."""
        row = self.evse.row
        if self._crashed:
            return UNDEFINED
        if not row.plugged:
            return NOT_CONNECTED
        full = row.soc_percent is not None and row.soc_percent >= 100.0
        return NOT_CHARGEABLE if row.status in _BROKEN or full else CHARGEABLE

    @property
    def _shown_mode(self) -> int:
        row = self.evse.row
        if self._crashed or row.status in _BROKEN:
            return OTHER
        if row.transaction_id is None:
            return STANDBY if row.authorized else IDLE
        charges = row.charging_state == "Charging" or (row.charging_state == "EVConnected" and row.authorized)
        return CHARGE if charges else STANDBY

    @property
    def _crashed(self) -> bool:
        return self.station.row.link is LinkState.CRASHED

    @property
    def _faulted(self) -> bool:
        return self._crashed or self.evse.row.status == "Faulted"

    @property
    def _is_dc(self) -> bool:
        return _is_dc(self.evse)

    @property
    def _battery_wh(self) -> float | None:
        """What the car's battery holds; None without a car."""
        return None if self.evse.ev is None else _BATTERY_WH.get(self.evse.ev)

    @property
    def _most_a(self) -> float:
        """What the EVSE is rated for on each phase of its connector."""
        return self.evse.row.rated_w / (max(len(self.evse.voltage_v), 1) * NOMINAL_V)

    def _own(self, station: StationDetail) -> EvseDetail:
        return station.evses[self.evse_id - 1]

    # -- what can be set --------------------------------------------------------------------------

    def accept(self, epc: int, edt: bytes) -> bool:
        value = int.from_bytes(edt, "big")
        match epc:
            case 0x81:
                self._location = edt
            case 0xCD:
                pass  # the state of the connection is confirmed before every answer
            case 0xD9:
                self._reset_wh = self.evse.register_wh
            case 0xDA:
                return self._accept_mode(value)
            case 0xE7:
                return self._accept_setting("_energy_wh", value)
            case 0xEB:
                return self._accept_setting("_power_w", value)
            case 0xED:
                return self._accept_setting("_current", value)
            case _:
                return False
        return True

    def _accept_mode(self, mode: int) -> bool:
        before = self.mode
        if before == OTHER or mode == OTHER or (mode == CHARGE and self.connection != CHARGEABLE):
            return False
        if mode == before:
            return True
        command = _COMMANDS.get((before, mode))
        if command == "resume" and self.evse.row.transaction_id is None and self._ordered is None:
            return True  # authorized: it begins by itself
        if command is None or not self._order(self, Order(command, {})):
            return False
        self._ordered = mode
        return True

    def _accept_setting(self, name: str, value: int) -> bool:
        before = getattr(self, name)
        setattr(self, name, value)
        taken = self._order(self, self._energy_order() if name == "_energy_wh" else self._limit_order())
        if not taken:
            setattr(self, name, before)
        return taken

    def _limit_order(self) -> Order:
        figures = {"source": "echonet"}
        if self._power_w is not None:
            figures["power-w"] = str(self._power_w)
        if self._current is not None:
            figures["current-a"] = f"{self._current / 10:g}"
        return Order("limit", figures)

    def _energy_order(self) -> Order:
        return Order("limit-energy", {"energy-wh": str(self._energy_wh)})


_COMMANDS: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        (IDLE, CHARGE): "start",
        (STANDBY, CHARGE): "resume",
        (CHARGE, STANDBY): "suspend",
        (CHARGE, IDLE): "stop",
        (STANDBY, IDLE): "stop",
    }
)
"""From one operation mode to another; there is no way from idle to standby."""


def _is_dc(evse: EvseDetail) -> bool:
    return evse.connector_type in ("cCCS1", "cCCS2", "cG105")


def _rules(evse: EvseDetail, extra: Mapping[int, str]) -> Mapping[int, Rule]:
    """The properties that this charger has."""
    left_out = OPTIONAL_FOR_DC if _is_dc(evse) else ()
    own = {epc: rule for epc, rule in EV_CHARGER.items() if epc not in left_out}
    return MappingProxyType(own | {epc: Rule(epc, what, _EXTRA_SIZES[what]) for epc, what in extra.items()})


# -- values ---------------------------------------------------------------------------------------


def _figure(value: float | None, size: int = 4) -> bytes | None:
    """A figure, rounded, within what the property holds."""
    return None if value is None else min(max(round(value), 0), MOST, 256**size - 1).to_bytes(size, "big")


def _code(value: int) -> bytes:
    return bytes((value,))


def _words(text: str | None) -> bytes:
    """12 bytes of ASCII, padded with zeros."""
    return (text or "").encode("ascii", "replace")[:12].ljust(12, b"\0")


def _share(charger: Charger, of_soc: Callable[[float], float]) -> bytes | None:
    """A part of the battery; None while no car is there, or nobody knows its state of charge."""
    battery_wh, soc_percent = charger._battery_wh, charger.evse.row.soc_percent
    return None if battery_wh is None or soc_percent is None else _figure(battery_wh * of_soc(soc_percent) / 100.0)


def _least_to_most_w(charger: Charger) -> bytes:
    least_w = 0.0 if charger._is_dc else MINIMUM_A * NOMINAL_V * charger.evse.phases
    return (_figure(least_w) or b"") + (_figure(charger.evse.row.rated_w) or b"")


def _least_to_most_a(charger: Charger) -> bytes:
    return (_figure(MINIMUM_A * 10, 2) or b"") + (_figure(charger._most_a * 10, 2) or b"")


def _current_setting(charger: Charger) -> bytes | None:
    if charger._current is not None:
        return _figure(charger._current, 2)
    return _figure(_NO_MOST_A if charger._is_dc else charger._most_a * 10, 2)


def _energy_wh(charger: Charger) -> bytes:
    counted_wh = round(charger.evse.register_wh - charger._reset_wh)
    return (max(counted_wh, 0) % (MOST + 1)).to_bytes(4, "big")


_VALUES: Mapping[int, Callable[[Charger], bytes | None]] = MappingProxyType(
    {
        0x80: lambda each: b"\x31" if each._crashed else b"\x30",
        0x81: lambda each: each._location,
        0x82: lambda each: _RELEASE_R,
        0x83: lambda each: each._identity,
        0x88: lambda each: _FAULT if each._faulted else _NO_FAULT,
        0x89: lambda each: b"\x03\xff" if each._faulted else b"\0\0",
        0x8A: lambda each: MAKER,
        0x8C: lambda each: _words(each.station.model),
        0x8D: lambda each: _words(each.station.serial_number),
        0xC5: lambda each: _figure(each.evse.row.rated_w),
        0xC7: lambda each: _code(each.connection),
        0xC8: _least_to_most_w,
        0xCA: _least_to_most_a,
        0xCC: lambda each: _code(_TYPES[each.evse.connector_type]),
        0xCE: lambda each: _figure(each._battery_wh),
        0xCF: lambda each: _share(each, lambda soc: 100.0 - soc),
        0xD0: lambda each: _figure(each._battery_wh),
        0xD2: lambda each: _figure(NOMINAL_V, 2),
        0xD3: lambda each: _figure(each.evse.row.power_w),
        0xD8: _energy_wh,
        0xDA: lambda each: _code(each.mode),
        0xE2: lambda each: _share(each, lambda soc: soc),
        0xE4: lambda each: _figure(each.evse.row.soc_percent, 1),
        0xE6: lambda each: b"\0",  # no car of ours tells who it is
        0xE7: lambda each: _figure(MOST if each._energy_wh is None else each._energy_wh),
        0xEB: lambda each: _figure(each.evse.row.rated_w if each._power_w is None else each._power_w),
        0xED: _current_setting,
    }
)

_EXTRAS: Mapping[str, Callable[[Charger], bytes | None]] = MappingProxyType(
    {
        "availability": lambda each: _code(_AVAILABILITY[each.evse.row.status]),
        "energy": lambda each: _figure(each.evse.register_wh),
        "power": lambda each: _figure(each.evse.row.power_w / 100.0, 2),
    }
)
"""For old gateways: 30 available, 31 occupied, 32 unavailable, 33 faulted; the register in Wh; power in 0.1 kW."""

_EXTRA_SIZES: Mapping[str, frozenset[int]] = MappingProxyType(
    {"availability": frozenset((1,)), "energy": frozenset((4,)), "power": frozenset((2,))}
)
