"""Variables that were set while the station ran, by the CSMS or the operator: they outlast a power cut (B05, B06)."""

from collections.abc import Iterable

import msgspec

from evtui.errors import LocalError
from evtui.sim.memory import Memory
from evtui.sim.variables.device_model import DeviceModel

_PREFIX = "variable/"


class VariableRecord(msgspec.Struct, frozen=True):
    """`value` was set where the configuration says `initial`: when that changes, it is the newer word and wins."""

    value: str
    initial: str


class KeptVariables:
    """Made when the model has its initial values; from then on those that were kept hold. What somebody else keeps is
    named by `but`."""

    __slots__ = ("_but", "_memory", "_model", "dropped")

    def __init__(self, model: DeviceModel, memory: Memory, but: tuple[str, ...] = ()) -> None:
        self._model = model
        self._memory = memory
        self._but = but
        self.dropped: list[str] = []
        """What was kept and holds no longer, for people."""
        for key, record in memory.recall_all(_PREFIX, VariableRecord).items():
            name = key.removeprefix(_PREFIX)
            try:
                if record.initial == model.raw(name):
                    model.set_local(name, record.value)
                    continue
                why = f"{name} is what the configuration says now, not what was set before"
            except LocalError as error:
                why = f"what was set before holds no longer: {error}"
            self.dropped.append(why)
            memory.forget(key)

    def keep(self, names: Iterable[str]) -> None:
        """These have a new value."""
        for name in names:
            if name in self._but:
                continue
            key, value = f"{_PREFIX}{name}", self._model.raw(name)
            initial = self._model.initial(name)
            if value == initial:
                self._memory.forget(key)
            else:
                self._memory.keep(key, VariableRecord(value, initial))
