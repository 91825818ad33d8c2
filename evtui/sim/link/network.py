"""Which network profile a station dials: slots, their priority, attempts, and the level of security that never falls
(A05, B09, B10)."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from evtui.errors import LocalError
from evtui.sim.link import network_profile
from evtui.sim.link.network_profile import NetworkProfile, NetworkSpec
from evtui.sim.memory import Memory
from evtui.sim.requests import SetNetworkProfile, StatusAnswer, StatusInfo
from evtui.sim.variables.device_model import Definition, DeviceModel

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
    """What a CSMS has made of the slots that the configuration gave, the security profile once reached, and what worked
    last."""

    profiles: tuple[tuple[int, NetworkProfile], ...] = ()
    removed: tuple[int, ...] = ()
    security_profile: int = 0
    proven: tuple[int, NetworkProfile] | None = None


class Network:
    """`slot` and `profile` are those that are dialled, or in use. What a CSMS writes into the slot in use counts from
    the next reboot on (B09, remark), into another slot when that is dialled."""

    __slots__ = (
        "_failures",
        "_last",
        "_memory",
        "_model",
        "_profiles",
        "_proven",
        "_removed",
        "_spec",
        "_timeout_s",
        "_written",
        "profile",
        "security_profile",
        "slot",
    )

    def __init__(self, model: DeviceModel, memory: Memory, spec: NetworkSpec) -> None:
        self._model = model
        self._memory = memory
        self._spec = spec
        kept = memory.recall(KEY, NetworkRecord) or NetworkRecord()
        self._removed = kept.removed
        self._written = dict(kept.profiles)
        given = dict(enumerate(spec.profiles, 1))
        self._profiles = {slot: each for slot, each in given.items() if slot not in self._removed} | self._written
        self._failures = 0
        self._last: tuple[int, NetworkProfile] | None = None  # of the last connection since the station started
        self._proven = kept.proven  # of the last connection ever
        self._timeout_s = model.get(_TIMEOUT)  # where a profile tells none
        first = self._order[0]
        self.security_profile = kept.security_profile or self._profiles[first].security_profile
        self.slot, self.profile = first, self._profiles[first]
        self._aim(first, self.profile)
        self._prune()
        model.bind(_LIVE, self)
        model.guard(PRIORITY, self._check_priority)

    # -- dialling ---------------------------------------------------------------------------------

    def rebooted(self) -> None:
        """Connecting begins with the first entry of the priority (A05.FR.05, B10.FR.04)."""
        self._last = None
        self._aim(*self._candidates[0])

    def failed(self) -> bool:
        """An attempt failed. After NetworkProfileConnectionAttempts of them it is the next entry's turn, after the last
        what worked once, then the first again: it never stops (B10.FR.03, FR.07 to FR.09). Says whether another profile
        is dialled now."""
        self._failures += 1
        if self._failures < self._model.integer(_ATTEMPTS):
            return False
        before, ways = (self.slot, self.profile), self._candidates
        self._aim(*ways[(ways.index(before) + 1) % len(ways) if before in ways else 0])
        return before != (self.slot, self.profile)

    def connected(self, slot: int) -> tuple[bool, tuple[int, ...]]:
        """A connection stands. Says whether by another slot than the last one, and which slots were removed because
        their security profile is lower (A05.FR.06)."""
        if slot != self.slot:  # a reset came while it was dialled
            self._aim(slot, self._profiles[slot])
        self._failures = 0
        here = slot, self.profile
        moved, self._last, self._proven = self._last not in (None, here), here, here
        self.security_profile = self.profile.security_profile
        removed = tuple(each for each in sorted(self._profiles) if each != slot and self._is_lower(each))
        for each in removed:
            del self._profiles[each]
            self._written.pop(each, None)
        self._removed += removed
        self._prune()
        self._keep()
        return moved, removed

    def secure(self) -> None:
        """There is a password: every plain link becomes one with basic auth."""
        self.profile = _with_password(self.profile)
        if self._last is not None:
            self._last = self._last[0], _with_password(self._last[1])
        if self._proven is not None:
            self._proven = self._proven[0], _with_password(self._proven[1])
        self._profiles = {slot: _with_password(each) for slot, each in self._profiles.items()}
        self._written = {slot: _with_password(each) for slot, each in self._written.items()}
        self._keep()

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
        if slot in self._ranked() and self._uncertified(profile):
            return _rejected("InvalidNetworkConf", "that slot is in use, and there is no client certificate")
        self._profiles[slot] = self._written[slot] = profile
        self._removed = tuple([each for each in self._removed if each != slot])
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
            if self._uncertified(profile):
                raise LocalError(f"slot {word} wants a client certificate, and there is none")

    def _uncertified(self, profile: NetworkProfile) -> bool:
        return profile.security_profile == 3 and not self._spec.certificate

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
            self._model.set_local(PRIORITY, ",".join(str(slot) for slot in self._order), guarded=False)

    @property
    def _candidates(self) -> list[tuple[int, NetworkProfile]]:
        """What is dialled, in this order: by priority, and then what worked last, if it was overwritten since."""
        ways = [(slot, self._profiles[slot]) for slot in self._order]
        proven = self._proven
        if proven is not None and proven[0] in self._written and not self._lowers(proven[1].security_profile):
            ways += [proven] if proven not in ways else []
        return ways

    def _aim(self, slot: int, profile: NetworkProfile) -> None:
        self.slot, self.profile = slot, profile
        self._failures = 0
        self._model.set_local(_TIMEOUT, str(self.profile.message_timeout_s or self._timeout_s))

    def _keep(self) -> None:
        written = tuple(sorted(self._written.items()))
        self._memory.keep(
            KEY, NetworkRecord(written, tuple(sorted(self._removed)), self.security_profile, self._proven)
        )


_LIVE: Mapping[str, Callable[[Network, Definition], str]] = {
    "OCPPCommCtrlr.ActiveNetworkProfile": lambda network, _: str(network.slot),
    "SecurityCtrlr.SecurityProfile": lambda network, _: str(network.security_profile),
}


def _with_password(profile: NetworkProfile) -> NetworkProfile:
    return msgspec.structs.replace(profile, security_profile=max(1, profile.security_profile))


def _rejected(reason: str, text: str) -> StatusAnswer:
    return StatusAnswer("Rejected", StatusInfo(reason, text))
