"""Whatever CSMSs write, refuse and forget: a station always has somewhere to dial, and its security never falls."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from evtui.sim.events import ConnectTrouble
from evtui.sim.link import network_profile
from evtui.sim.link.network import PRIORITY, SLOTS
from evtui.sim.link.network_profile import NetworkProfile, NetworkSpec
from evtui.sim.link.passwords import PASSWORD
from evtui.sim.messages import BootNotification, TransactionEvent
from evtui.sim.requests import Reset, ResetType, SetNetworkProfile, SetVariables, SetVariableTo
from evtui.sim.terms import RegistrationStatus
from evtui.sim.variables.reports import VariableRef
from tests.sim.playbook import Playbook

a_profile = st.builds(
    NetworkProfile,
    st.sampled_from(["ws://a.test", "wss://b.test/ocpp", "wss://c.test", "ws://d.test:1", "http://e.test", ""]),
    st.integers(-1, 4),
    st.sampled_from([0, 20]),
    st.sampled_from(["OCPP20", "OCPP16"]),
)
priorities = st.lists(st.sampled_from(SLOTS), min_size=1, max_size=3).map(",".join)
passwords = st.sampled_from(["the first password", "the second password", "short"])
TALKS = (RegistrationStatus.ACCEPTED, RegistrationStatus.PENDING)


class AnyUplink(RuleBasedStateMachine):
    """A station whose link comes and goes."""

    @initialize(slots=st.integers(1, 3), password=st.booleans(), certificate=st.booleans(), secure=st.booleans())
    def begin(self, slots: int, password: bool, certificate: bool, secure: bool) -> None:
        url, level = ("wss://x.test", 3 if certificate else 2) if secure else ("ws://x.test", int(password))
        spec = NetworkSpec((NetworkProfile(url, level),) * slots, password, certificate)
        self.play = Playbook(network=spec, variables={"OCPPCommCtrlr.NetworkProfileConnectionAttempts": "2"})
        self.level = 0
        self.seen = 0

    # -- what happens -----------------------------------------------------------------------------

    @precondition(lambda self: not self.play.linked)
    @rule()
    def link(self) -> None:
        self.play.link()

    @precondition(lambda self: self.play.linked)
    @rule(seconds=st.floats(0.0, 100.0))
    def lose_link(self, seconds: float) -> None:
        self.play.lose_link()
        self.play.wait(seconds)

    @precondition(lambda self: not self.play.linked)
    @rule(trouble=st.sampled_from(ConnectTrouble), times=st.integers(1, 7))
    def fail(self, trouble: ConnectTrouble, times: int) -> None:
        assert self.play.fail_to_connect(trouble, times) == []

    @precondition(lambda self: self.play.linked and self.play.station.registration in TALKS)
    @rule(slot=st.integers(0, 4), profile=a_profile)
    def write(self, slot: int, profile: NetworkProfile) -> None:
        self.play.ask(SetNetworkProfile(slot, profile))

    @precondition(lambda self: self.play.linked and self.play.station.registration in TALKS)
    @rule(variable=st.one_of(st.tuples(st.just(PRIORITY), priorities), st.tuples(st.just(PASSWORD), passwords)))
    def set_variable(self, variable: tuple[str, str]) -> None:
        component, _, name = variable[0].partition(".")
        self.play.ask(SetVariables((SetVariableTo(VariableRef(component, name), variable[1]),)))

    @precondition(lambda self: self.play.linked and self.play.station.registration in TALKS)
    @rule(type=st.sampled_from(ResetType))
    def reset(self, type: ResetType) -> None:
        self.play.ask(Reset(type))

    @rule(seconds=st.floats(0.0, 100.0))
    def cut_power(self, seconds: float) -> None:
        self.play.cut_power(seconds)

    @rule()
    def drive(self) -> None:
        self.play.plug_in()
        self.play.present()

    @rule(status=st.sampled_from(RegistrationStatus))
    def change_mind_on_boots(self, status: RegistrationStatus) -> None:
        self.play.csms.boot, self.play.csms.interval_s = status, 10

    @rule(forgets=st.booleans())
    def forget(self, forgets: bool) -> None:
        if forgets:
            self.play.csms.fail(TransactionEvent, "SecurityError")
        else:
            self.play.csms.replies.clear()

    # -- what always holds ------------------------------------------------------------------------

    @invariant()
    def security_never_falls(self) -> None:
        """A00.FR.005, A05.FR.10, B09.FR.04."""
        level = int(self.play.station.variables.get("SecurityCtrlr.SecurityProfile"))
        assert level >= self.level
        self.level = level

    @invariant()
    def there_is_somewhere_to_dial(self) -> None:
        """B10.FR.09: never a stranded asset."""
        station = self.play.station
        network = station.uplink.network
        assert str(network.slot) in SLOTS
        assert network.profile.csms_url
        scheme = "wss:" if network.profile.security_profile >= 2 else "ws:"
        assert network.profile.csms_url.startswith(scheme)
        priority = station.variables.members(PRIORITY)
        assert priority
        assert all(int(slot) in network._profiles for slot in priority)
        assert station.variables.get("OCPPCommCtrlr.ActiveNetworkProfile") == str(network.slot)

    @invariant()
    def what_is_dialled_can_be_used(self) -> None:
        network = self.play.station.uplink.network
        for slot, profile in network._written.items():
            assert network_profile.problem(profile, ("OCPP20",)) is None, slot

    @invariant()
    def nothing_but_boots_goes_out_before_accepted(self) -> None:
        """B01.FR.08, B10.FR.10."""
        for send, standing in zip(self.play.sent[self.seen :], self.play.standing[self.seen :], strict=True):
            assert standing is RegistrationStatus.ACCEPTED or isinstance(send.message, BootNotification)
        self.seen = len(self.play.sent)

    @invariant()
    def no_password_is_told(self) -> None:
        for password in ("the first password", "the second password"):
            assert password not in repr(self.play.notices[-5:])


TestAnyUplink = AnyUplink.TestCase
TestAnyUplink.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
