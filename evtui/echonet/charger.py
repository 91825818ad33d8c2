"""An EVSE as an EV charger object, class 02A1: what its station shows, in the standard's codes and units.

| operation mode | here |
|---|---|
| 42 charge | energy flows, or is about to |
| 44 standby | suspended by whomever: the transaction goes on; or the driver is authorized and nothing has begun |
| 47 idle | no transaction |
| 40 other | faulted, reserved, unavailable, crashed, without power |

Properties of the battery have no value while no car is there, or nobody who could know.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from evtui.echonet.identity import identity
from evtui.echonet.node_object import NodeObject
from evtui.echonet.notebook import Kept
from evtui.echonet.profile import MAKER
from evtui.echonet.properties import EV_CHARGER, MOST, OPTIONAL_FOR_DC, Rule
from evtui.engine.door import EvseDetail, LinkState, SettingRow, StationDetail
from evtui.sim.fault_kinds import FAULTS, FaultKind
from evtui.sim.physics.ev import CATALOGUE
from evtui.sim.physics.grid import NOMINAL_V
from evtui.sim.physics.limits import MINIMUM_A

CHARGE, STANDBY, IDLE, OTHER = 0x42, 0x44, 0x47, 0x40
NOT_CONNECTED, NOT_CHARGEABLE, CHARGEABLE, UNDEFINED = 0x30, 0x40, 0x41, 0xFF

_BROKEN = ("Faulted", "Unavailable")
_STOPPED = (LinkState.CRASHED, LinkState.DARK)
_RELEASE_R = b"\0\0R\0"
_FAULT, _NO_FAULT = b"\x41", b"\x42"
_SOURCE = "echonet"  # of limits
_MOST_CODES = 225  # bytes of property 86
_NO_MOST_A = 65_533  # the largest that the current setting holds

_TYPES: Mapping[str, int] = MappingProxyType(
    {"cType1": 0x11, "cType2": 0x11, "sType2": 0x11, "cG105": 0x21, "cCCS1": 0x41, "cCCS2": 0x51}
)
"""Charger types by connector: all of ours for AC have a control pilot; AA is CHAdeMO, EE and FF are the two CCS."""

_BATTERY_WH: Mapping[str, float] = MappingProxyType({model.name: model.battery_wh for model in CATALOGUE.values()})

_AVAILABILITY: Mapping[str, int] = MappingProxyType(
    {"Available": 0x30, "Occupied": 0x31, "Reserved": 0x31, "Unavailable": 0x32, "Faulted": 0x33}
)


_NO_FAULT_KNOWN, _UNKNOWN_FAULT = 0x0000, 0x03FF

_DESCRIPTIONS: Mapping[FaultKind, int] = MappingProxyType(
    {
        FaultKind.GROUND_FAULT: 0x0A,
        FaultKind.OVERCURRENT: 0x0B,
        FaultKind.EMERGENCY_STOP: 0x0C,
        FaultKind.POWER_QUALITY: 0x0D,
        FaultKind.OVER_TEMPERATURE: 0x0E,
        FaultKind.CONTACTOR_WELD: 0x14,
        FaultKind.LOCK_FAILURE: 0x3C,
    }
)
"""Property 89: a safety device has tripped from 0A on, a switch is broken from 14 on, a component from 3C on."""


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
        extra: Mapping[int, str],
        kept: Kept,
        keep: Callable[["Charger", Kept], None],
    ) -> None:
        """`extra` are properties beyond the standard, by their meaning; `kept` is what was kept of it, and `keep` takes
        what is to be kept."""
        self.station_id = station.row.id
        self.evse_id = evse_id
        self.station = station
        self.evse = self._own(station)
        super().__init__(eoj, _rules(self.evse, extra))
        self._extra = extra
        self._identity = identity(node_identity.hex(), self.station_id, str(evse_id))
        self._order = order
        self._kept = kept
        self._keep = keep
        self._ordered: int | None = None  # the mode that was asked for and is not reached yet
        self._set: dict[int, int] = {}  # settings that are ordered and not there yet

    def update(self, station: StationDetail) -> None:
        """What the station shows now."""
        self.station = station
        self.evse = self._own(station)

    def settled(self) -> None:
        """All that was ordered is done, or was refused: from now on the mode and the settings are the station's."""
        self._ordered = None
        self._set.clear()

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
        if self._stopped:
            return UNDEFINED
        if not row.plugged:
            return NOT_CONNECTED
        full = row.soc_percent is not None and row.soc_percent >= 100.0
        return NOT_CHARGEABLE if row.status in _BROKEN or self.evse.barred or full else CHARGEABLE

    @property
    def _shown_mode(self) -> int:
        row = self.evse.row
        if self._stopped or row.status in (*_BROKEN, "Reserved"):
            return OTHER
        if row.transaction_id is None:
            return STANDBY if row.authorized else IDLE
        charges = row.charging_state == "Charging" or (row.charging_state == "EVConnected" and row.authorized)
        return CHARGE if charges else STANDBY

    @property
    def _stopped(self) -> bool:
        """The station is not there to act."""
        return self.station.row.link in _STOPPED

    @property
    def _reserved_for_us(self) -> bool:
        return self.evse.row.status == "Reserved" and not self.evse.barred and not self._stopped

    @property
    def _faults(self) -> list[FaultKind]:
        """What is wrong here, the worst first."""
        return sorted((FaultKind(each) for each in self.evse.row.faults), key=lambda kind: FAULTS[kind].severity)

    @property
    def _faulted(self) -> bool:
        crashed = self.station.row.link is LinkState.CRASHED
        return crashed or bool(self.evse.row.faults) or self.evse.row.status == "Faulted"

    @property
    def _is_dc(self) -> bool:
        return _is_dc(self.evse)

    @property
    def _battery_wh(self) -> float | None:
        """What the car's battery holds; None without a car, and while nobody can ask it."""
        return None if self.evse.ev is None or self._stopped else _BATTERY_WH.get(self.evse.ev)

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
                self._note(msgspec.structs.replace(self._kept, location=edt))
            case 0xCD:
                pass  # the state of the connection is confirmed before every answer
            case 0xD9:
                self._note(msgspec.structs.replace(self._kept, reset_wh=self.evse.register_wh))
            case 0xDA:
                return self._accept_mode(value)
            case 0xE7 | 0xEB | 0xED:
                return self._accept_setting(epc, value)
            case _:
                return False
        return True

    def _accept_mode(self, mode: int) -> bool:
        before = self.mode
        if mode == CHARGE and before == OTHER and self._reserved_for_us:
            before = IDLE
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

    def _accept_setting(self, epc: int, value: int) -> bool:
        if self._stopped or not self._order(self, self._setting_order(epc, value)):
            return False
        self._set[epc] = value
        return True

    def _setting_order(self, epc: int, value: int) -> Order:
        if epc == 0xE7:
            return Order("limit-energy", {"energy-wh": str(value)})
        power_w = value if epc == 0xEB else self._power_w
        current = value if epc == 0xED else self._current
        figures = {"source": _SOURCE}
        if power_w is not None:
            figures["power-w"] = str(power_w)
        if current is not None:
            figures["current-a"] = f"{current / 10:g}"
        return Order("limit", figures)

    @property
    def _power_w(self) -> int | None:
        """The limit in W that a controller has set; None: none."""
        if 0xEB in self._set:
            return self._set[0xEB]
        return next((round(each.power_w) for each in self._settings if each.power_w is not None), None)

    @property
    def _current(self) -> int | None:
        """The same in 0.1 A."""
        if 0xED in self._set:
            return self._set[0xED]
        return next((round(each.current_a * 10) for each in self._settings if each.current_a is not None), None)

    @property
    def _energy_wh(self) -> float | None:
        """What this transaction or else the next one may charge; None: anything."""
        return self._set.get(0xE7, self.evse.target_wh)

    @property
    def _settings(self) -> list[SettingRow]:
        return [each for each in self.evse.settings if each.source.partition("-")[0] == _SOURCE]

    def _note(self, kept: Kept) -> None:
        self._kept = kept
        self._keep(self, kept)


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


def _counted_wh(charger: Charger) -> bytes:
    """Since it was reset; a register that stands below that is another meter's."""
    register_wh, reset_wh = charger.evse.register_wh, charger._kept.reset_wh
    counted_wh = round(register_wh - reset_wh if reset_wh <= register_wh else register_wh)
    return (counted_wh % (MOST + 1)).to_bytes(4, "big")


def _description(charger: Charger) -> bytes:
    """Property 89: the worst fault."""
    worst = next(iter(charger._faults), None)
    unknown = _UNKNOWN_FAULT if charger._faulted else _NO_FAULT_KNOWN
    return (unknown if worst is None else _DESCRIPTIONS.get(worst, _UNKNOWN_FAULT)).to_bytes(2, "big")


def _maker_codes(charger: Charger) -> bytes:
    """Property 86: a size, the maker, and the codes of all faults in words that CSMSs know (ChargeX)."""
    codes = " ".join(FAULTS[kind].tech_code or kind.value for kind in charger._faults).encode()[:_MOST_CODES]
    return bytes((len(codes),)) + MAKER + codes


_VALUES: Mapping[int, Callable[[Charger], bytes | None]] = MappingProxyType(
    {
        0x80: lambda each: b"\x31" if each._stopped else b"\x30",
        0x81: lambda each: each._kept.location,
        0x82: lambda each: _RELEASE_R,
        0x83: lambda each: each._identity,
        0x86: _maker_codes,
        0x88: lambda each: _FAULT if each._faulted else _NO_FAULT,
        0x89: _description,
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
        0xD8: _counted_wh,
        0xDA: lambda each: _code(each.mode),
        0xE2: lambda each: _share(each, lambda soc: soc),
        0xE4: lambda each: None if each._battery_wh is None else _figure(each.evse.row.soc_percent, 1),
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
