"""Which network profile a station dials: slots, their priority, attempts, and the level of security that never falls
(A05, B09, B10)."""

from collections.abc import Iterator

import msgspec

from evtui.errors import LocalError
from evtui.sim.link import network_profile
from evtui.sim.link.network_profile import NetworkProfile, NetworkSpec
from evtui.sim.memory import Memory
from evtui.sim.requests import SetNetworkProfile, StatusAnswer, StatusInfo
from evtui.sim.variables.device_model import DeviceModel

PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority"
_ATTEMPTS = "OCPPCommCtrlr.NetworkProfileConnectionAttempts"
_TIMEOUT = "OCPPCommCtrlr.MessageTimeout[Default]"
_DOWNGRADE = "SecurityCtrlr.AllowSecurityProfileDowngrade"

SLOTS = ("1", "2", "3")
"""The valuesList of NetworkConfigurationPriority; two at least (B09.FR.06)."""

KEY = "network"


def initial(spec: NetworkSpec) -> dict[str, str]:
    """The initial priority: the slots that the configuration fills, in their order."""
    return {PRIORITY: ",".join(SLOTS[: len(spec.profiles)])}


class NetworkRecord(msgspec.Struct, frozen=True):
    """What a CSMS has made of the slots that the configuration gave, and the security profile once reached."""

    profiles: tuple[tuple[int, NetworkProfile], ...] = ()
    removed: tuple[int, ...] = ()
    security_profile: int = 0


class Network:
    """`slot` and `profile` are those that are dialled, or in use. What a CSMS writes into the slot in use counts from
    the next reboot on (B09, remark), into another slot when that is dialled."""

    def __init__(self, model: DeviceModel, memory: Memory, spec: NetworkSpec) -> None:
        self._model = model
        self._memory = memory
        self._spec = spec
        kept = memory.recall(KEY, NetworkRecord) or NetworkRecord()
        self._removed = set(kept.removed)
        self._written = dict(kept.profiles)
        given = dict(enumerate(spec.profiles, 1))
        self._profiles = {slot: each for slot, each in given.items() if slot not in self._removed} | self._written
        self._failures = 0
        self._last: int | None = None  # the slot of the last connection since the station started
        self._timeout_s = model.get(_TIMEOUT)  # where a profile tells none
        self.slot = self._order[0]
        self.profile = self._profiles[self.slot]
        self._aim(self.slot)
        self._prune()
        self.security_profile = kept.security_profile or self.profile.security_profile
        model.bind("OCPPCommCtrlr.ActiveNetworkProfile", lambda: str(self.slot))
        model.bind("SecurityCtrlr.SecurityProfile", lambda: str(self.security_profile))
        model.guard(PRIORITY, self._check_priority)

    # -- dialling ---------------------------------------------------------------------------------

    def rebooted(self) -> None:
        """Connecting begins with the first entry of the priority (A05.FR.05, B10.FR.04)."""
        self._last = None
        self._aim(self._order[0])

    def failed(self) -> bool:
        """An attempt failed. After NetworkProfileConnectionAttempts of them it is the next entry's turn, after the last
        the first's again: it never stops (B10.FR.03, FR.08, FR.09). Says whether another slot is dialled now."""
        self._failures += 1
        if self._failures < self._model.integer(_ATTEMPTS):
            return False
        before, order = self.slot, self._order
        self._aim(order[(order.index(before) + 1) % len(order)] if before in order else order[0])
        return self.slot != before

    def connected(self, slot: int) -> tuple[bool, tuple[int, ...]]:
        """A connection stands. Says whether by another slot than the last one, and which slots were removed because
        their security profile is lower (A05.FR.06)."""
        if slot != self.slot:  # a reset came while it was dialled
            self._aim(slot)
        self._failures = 0
        moved, self._last = self._last not in (None, slot), slot
        self.security_profile = self.profile.security_profile
        removed = tuple(each for each in sorted(self._profiles) if each != slot and self._is_lower(each))
        for each in removed:
            del self._profiles[each]
            self._written.pop(each, None)
            self._removed.add(each)
        self._prune()
        self._keep()
        return moved, removed

    def secure(self) -> None:
        """There is a password now: a plain link becomes one with basic auth."""
        if self.profile.security_profile == 0:
            self.profile = msgspec.structs.replace(self.profile, security_profile=1)
            self._profiles[self.slot] = msgspec.structs.replace(self._profiles[self.slot], security_profile=1)

    # -- B09 --------------------------------------------------------------------------------------

    def set(self, request: SetNetworkProfile) -> StatusAnswer:
        """Writes a slot, or says what is wrong (B09.FR.01 to FR.05, FR.31)."""
        slot, profile = request.slot, request.profile
        if str(slot) not in SLOTS:
            return _rejected("InvalidConfSlot", f"the slots are {', '.join(SLOTS)}")
        wrong = network_profile.problem(profile, self._spec.versions)
        if wrong is not None:
            return _rejected("InvalidNetworkConf", wrong)
        if self._lowers(profile.security_profile):
            return _rejected("NoSecurityDowngrade", f"security profile {self.security_profile} is in use")
        self._profiles[slot] = self._written[slot] = profile
        self._removed.discard(slot)
        self._keep()
        return StatusAnswer("Accepted")

    def _check_priority(self, members: tuple[str, ...]) -> None:
        """B10.FR.02, A05.FR.03, FR.08 to FR.10: none but what can be dialled. The system's certificates count as
        CSMSRootCertificate, so that there always is one (A05.FR.02)."""
        for word in members:
            profile = self._profiles.get(int(word))
            if profile is None:
                raise LocalError(f"slot {word} holds no network profile")
            if self._lowers(profile.security_profile):
                raise LocalError(f"slot {word} has a lower security profile than {self.security_profile}, in use now")
            if profile.security_profile == 3 and not self._spec.certificate:
                raise LocalError(f"slot {word} wants a client certificate, and there is none")

    def _lowers(self, security_profile: int) -> bool:
        """A00.FR.005: only from 3 to 2, and only if it is allowed."""
        allowed = self.security_profile == 3 and security_profile == 2 and self._model.flag(_DOWNGRADE)
        return security_profile < self.security_profile and not allowed

    def _is_lower(self, slot: int) -> bool:
        """Without TLS, a link with a password and one without differ too little to give one up."""
        security_profile = self._profiles[slot].security_profile
        return max(1, security_profile) < max(1, self.security_profile) and self._lowers(security_profile)

    # -- slots ------------------------------------------------------------------------------------

    @property
    def _order(self) -> list[int]:
        """What can be dialled, by priority; if that names nothing of it, all there is."""
        return list(self._ranked()) or sorted(self._profiles)

    def _ranked(self) -> Iterator[int]:
        return (int(word) for word in self._model.members(PRIORITY) if int(word) in self._profiles)

    def _prune(self) -> None:
        """The priority names nothing that is empty."""
        if len(list(self._ranked())) < len(self._model.members(PRIORITY)):
            self._model.set_local(PRIORITY, ",".join(str(slot) for slot in self._order))

    def _aim(self, slot: int) -> None:
        self.slot = slot
        self.profile = self._profiles[slot]
        self._failures = 0
        self._model.set_local(_TIMEOUT, str(self.profile.message_timeout_s or self._timeout_s))

    def _keep(self) -> None:
        written = tuple(sorted(self._written.items()))
        self._memory.keep(KEY, NetworkRecord(written, tuple(sorted(self._removed)), self.security_profile))


def _rejected(reason: str, text: str) -> StatusAnswer:
    return StatusAnswer("Rejected", StatusInfo(reason, text))
