"""Changes of variables while the station runs, by the CSMS or the operator: what has a new value holds at once."""

from collections.abc import Sequence
from typing import Protocol

from evtui.errors import LocalError
from evtui.sim.actions import NoticeKind
from evtui.sim.events import SetVariable
from evtui.sim.evse import Evse
from evtui.sim.instant import Instant
from evtui.sim.link.passwords import PASSWORD
from evtui.sim.link.uplink import Uplink
from evtui.sim.metering.aligned import AlignedData
from evtui.sim.surroundings import Say
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.kept_variables import KeptVariables


class Back(Protocol):
    """The station whose variables they are."""

    def hang_up(self, why: str, now: Instant) -> None:
        """Nothing more goes over this link."""


class Changes:
    """Keeps them over a power cut, and has everybody obey."""

    __slots__ = ("_aligned", "_evses", "_kept", "_model", "_say", "_station", "_uplink")

    def __init__(
        self,
        station: Back,
        model: DeviceModel,
        kept: KeptVariables,
        evses: Sequence[Evse],
        aligned: AlignedData,
        uplink: Uplink,
        say: Say,
    ) -> None:
        self._station = station
        self._model = model
        self._kept = kept
        self._evses = evses
        self._aligned = aligned
        self._uplink = uplink
        self._say = say

    def set(self, event: SetVariable, now: Instant) -> None:
        """A local change."""
        try:
            name = self._model.set_local(f"{event.component}.{event.variable}", event.value)
        except LocalError as error:
            self._say(NoticeKind.IMPOSSIBLE, str(error))
            return
        self.obey((name,), now)

    def obey(self, names: Sequence[str], now: Instant) -> None:
        """These have a new value, whoever set it."""
        for name in names:
            later = "; it holds from the next reset on" if self._model.needs_reboot(name) else ""
            self._say(NoticeKind.VARIABLE, f"{name} is {self._model.get(name) or 'set'} now{later}")
        self._kept.keep(names)
        self._aligned.keep_to_intervals(now)
        for evse in self._evses:
            evse.obey_variables(now)
        if PASSWORD in names and self._uplink.new_password(now):  # A01: it holds from the next connection on
            self._station.hang_up("a new password", now)
