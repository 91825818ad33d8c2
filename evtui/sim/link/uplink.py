"""The way to the CSMS: which network profile and which password are tried, and what comes of it (A01, A05, B10)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from evtui.sim.actions import NoticeKind
from evtui.sim.diagnostics.security_log import SecurityEventType
from evtui.sim.events import ConnectFailed, ConnectTrouble
from evtui.sim.instant import Instant
from evtui.sim.link.network import Network
from evtui.sim.link.network_profile import NetworkSpec
from evtui.sim.link.passwords import Passwords
from evtui.sim.memory import Memory
from evtui.sim.requests import SetNetworkProfile
from evtui.sim.surroundings import Say
from evtui.sim.variables.device_model import DeviceModel

_EVENTS: Mapping[ConnectTrouble, SecurityEventType] = MappingProxyType(
    {
        ConnectTrouble.UNAUTHORIZED: SecurityEventType.FAILED_TO_AUTHENTICATE,
        ConnectTrouble.CERTIFICATE: SecurityEventType.INVALID_CSMS_CERTIFICATE,  # A00.FR.310, FR.413
        ConnectTrouble.TLS_VERSION: SecurityEventType.INVALID_TLS_VERSION,  # A00.FR.316, FR.419
        ConnectTrouble.TLS_CIPHER: SecurityEventType.INVALID_TLS_CIPHER_SUITE,  # A00.FR.323, FR.426
    }
)

Alarm = Callable[[SecurityEventType, Instant, str], None]
"""Takes a security event: what it is, when, and what is known of it."""

_BASIC_AUTH = (1, 2)


class Uplink:
    """A station's. The engine dials what `network` and `passwords` say, and tells what became of it."""

    __slots__ = ("_alarm", "_met", "_say", "network", "passwords")

    def __init__(self, model: DeviceModel, memory: Memory, spec: NetworkSpec, alarm: Alarm, say: Say) -> None:
        self.passwords = Passwords(model, memory, spec.password)
        self.network = Network(model, memory, spec)
        if self.passwords.known:
            self.network.secure()
        self._alarm = alarm
        self._say = say
        self._met: tuple[ConnectTrouble, ...] = ()  # since the last connection

    @property
    def sends_password(self) -> bool:
        """The profile in use authenticates by password (A00.FR.202, FR.301)."""
        return self.network.profile.security_profile in _BASIC_AUTH

    def failed(self, event: ConnectFailed, now: Instant) -> None:
        """An attempt failed. Whatever it was, it is one security event until the next connection (A00.FR.316)."""
        trouble = event.trouble
        if trouble in _EVENTS and trouble not in self._met:
            self._met += (trouble,)
            self._alarm(_EVENTS[trouble], now, event.text)
        if trouble is ConnectTrouble.UNAUTHORIZED and self.sends_password and self.passwords.refused():
            self._say(NoticeKind.NETWORK, "the CSMS refuses this password: another one is tried next")
        if self.network.failed():
            self._say(NoticeKind.NETWORK, f"network profile {self.network.slot} is tried next")

    def connected(self, slot: int, now: Instant) -> bool:
        """A connection stands. Says whether it is by another profile than the last one: then the station has to be
        accepted again (B10.FR.10)."""
        self._met = ()
        moved, removed = self.network.connected(slot)
        if moved:
            self._say(NoticeKind.NETWORK, f"connected by network profile {slot}")
        if removed:
            gone = ", ".join(str(each) for each in removed)
            text = f"security profile {self.network.security_profile}; network profiles removed: {gone}"
            self._alarm(SecurityEventType.RECONFIGURATION, now, text)
        if self.sends_password and self.passwords.accepted():
            self._say(NoticeKind.WARNING, "the CSMS took an earlier password, not the newest: that one is given up")
        return moved

    def rebooted(self) -> None:
        """Connecting begins anew."""
        self.network.rebooted()

    def new_password(self, now: Instant) -> bool:
        """BasicAuthPassword was set. Says whether a connection with it is to be made at once; a client certificate
        goes on without it. The change is logged, the password never is (A01.FR.11, FR.12)."""
        self.passwords.set()
        self._alarm(SecurityEventType.RECONFIGURATION, now, "BasicAuthPassword was changed")
        self.network.secure()
        return self.sends_password

    def profile_set(self, request: SetNetworkProfile, now: Instant) -> None:
        """A CSMS has written a slot (B09.FR.01)."""
        text = f"network profile {request.slot}: security profile {request.profile.security_profile}"
        self._alarm(SecurityEventType.RECONFIGURATION, now, text)
