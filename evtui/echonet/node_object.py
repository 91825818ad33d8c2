"""An object of a node: properties that can be read and written, and the maps that say which."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from evtui.echonet.properties import Rule, write_map

INF_MAP, SET_MAP, GET_MAP = 0x9D, 0x9E, 0x9F


class NodeObject(ABC):
    """One instance of a class. Below it are values; here is what the standard says of access to them."""

    def __init__(self, eoj: int, rules: Mapping[int, Rule]) -> None:
        self.eoj = eoj
        self.rules = rules
        self._maps = {
            INF_MAP: write_map(rule.epc for rule in rules.values() if rule.inf),
            SET_MAP: write_map(rule.epc for rule in rules.values() if rule.set),
            GET_MAP: write_map(rule.epc for rule in rules.values() if rule.get),
        }

    @abstractmethod
    def value(self, epc: int) -> bytes | None:
        """The value of a property that the class has; None when there is none now."""

    def accept(self, epc: int, edt: bytes) -> bool:
        """Takes a value of the right size and range; says whether it could."""
        return False

    def get(self, epc: int) -> bytes | None:
        """What a Get finds."""
        rule = self.rules.get(epc)
        return self._read(epc) if rule is not None and rule.get else None

    def notify(self, epc: int) -> bytes | None:
        """What an INF_REQ finds: also what is announced and cannot be read."""
        rule = self.rules.get(epc)
        return self._read(epc) if rule is not None and (rule.get or rule.inf) else None

    def set(self, epc: int, edt: bytes) -> bool:
        """Carries a Set out; says whether it was accepted."""
        rule = self.rules.get(epc)
        return rule is not None and rule.set and rule.fits(edt) and self.accept(epc, edt)

    def announced(self) -> dict[int, bytes]:
        """What others are told when it changes."""
        return {
            rule.epc: value for rule in self.rules.values() if rule.inf and (value := self.value(rule.epc)) is not None
        }

    def _read(self, epc: int) -> bytes | None:
        known = self._maps.get(epc)
        return known if known is not None else self.value(epc)
