"""C10, C11: what the cache keeps, how long, and what goes when it is full."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from evtui.errors import LocalError
from evtui.sim.authorization_cache import CAPACITY_BYTES, AuthorizationCache
from evtui.sim.memory import Memory, Row
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.spec import StationSpec
from evtui.sim.terms import AuthorizationStatus, IdTokenType
from evtui.sim.variables.device_model import DeviceModel
from evtui.sim.variables.standard_variables import definitions
from tests.proof import proves

pytestmark = proves("C10")

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
GOOD = IdTokenInfo(AuthorizationStatus.ACCEPTED)
BAD = IdTokenInfo(AuthorizationStatus.BLOCKED)
A, B, C, D = (IdToken(letter) for letter in "ABCD")
POLICY, LIFE_TIME, ENABLED = "AuthCacheCtrlr.Policy", "AuthCacheCtrlr.LifeTime", "AuthCacheCtrlr.Enabled"


def factory() -> DeviceModel:
    return DeviceModel(definitions(StationSpec("CP001")))


def new_cache(model: DeviceModel | None = None, capacity_bytes: int = CAPACITY_BYTES) -> AuthorizationCache:
    return AuthorizationCache(model or factory(), Memory(), capacity_bytes)


def room_for(entries: int) -> int:
    """Bytes for so many identifiers of one letter that are Accepted."""
    cache = new_cache()
    cache.store(A, GOOD, NOON)
    return entries * cache.storage_bytes(NOON)


def cache_for(entries: int, policy: str = "LRU") -> AuthorizationCache:
    """A cache with room for so many."""
    model = factory()
    model.set_local(POLICY, policy)
    return new_cache(model, room_for(entries))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def kept(cache: AuthorizationCache, at: datetime = NOON) -> str:
    return "".join(entry.id_token.id_token for entry in cache.entries(at))


# -- what it keeps --------------------------------------------------------------------------------


def test_it_keeps_the_last_word_of_the_csms_whatever_it_was() -> None:
    """C10.FR.01."""
    cache = new_cache()
    assert cache.store(A, BAD, NOON)
    assert cache.find(A, NOON) == BAD
    assert cache.store(IdToken("a"), GOOD, NOON)
    assert cache.find(A, NOON) == GOOD
    assert cache.find(IdToken("A", IdTokenType.LOCAL), NOON) is None
    assert len(cache.entries(NOON)) == 1


@pytest.mark.parametrize("kind", [IdTokenType.CENTRAL, IdTokenType.NO_AUTHORIZATION, IdTokenType.KEY_CODE])
def test_some_types_are_never_kept(kind: IdTokenType) -> None:
    """C02.FR.03, C03.FR.02, C04.FR.03, C05.FR.02."""
    cache = new_cache()
    assert not cache.store(IdToken("A", kind), GOOD, NOON)
    assert cache.storage_bytes(NOON) == 0


def test_while_it_is_off_it_tells_and_learns_nothing_but_keeps_what_it_has() -> None:
    """C10.FR.11."""
    model = factory()
    cache = new_cache(model)
    cache.store(A, GOOD, NOON)
    model.set_local(ENABLED, "false")
    assert cache.find(A, NOON) is None
    assert not cache.store(A, BAD, NOON)
    assert not cache.store(B, GOOD, NOON)
    model.set_local(ENABLED, "true")
    assert cache.find(A, NOON) == GOOD
    assert cache.find(B, NOON) is None


def test_one_identifier_can_be_forgotten_or_all() -> None:
    """C11.FR.01; N10."""
    cache = new_cache()
    cache.store(A, GOOD, NOON)
    cache.store(B, GOOD, NOON)
    assert cache.forget(A)
    assert not cache.forget(A)
    assert kept(cache) == "B"
    cache.clear()
    assert kept(cache) == ""
    assert cache.storage_bytes(NOON) == 0


def test_custom_is_no_policy_of_ours() -> None:
    with pytest.raises(LocalError, match="LRU, LFU, FIFO"):
        factory().set_local(POLICY, "CUSTOM")


# -- how long -------------------------------------------------------------------------------------


def test_an_identifier_goes_when_its_life_time_since_the_csms_spoke_of_it_is_over() -> None:
    """C10.FR.08, and FR.10 as its erratum has it."""
    model = factory()
    model.set_local(LIFE_TIME, "60")
    cache = new_cache(model)
    cache.store(A, GOOD, NOON)
    cache.use(A)
    assert cache.find(A, after(60)) == GOOD
    assert cache.find(A, after(61)) is None
    cache.store(A, GOOD, after(30))
    assert cache.find(A, after(61)) == GOOD


def test_a_new_life_time_holds_for_what_is_there() -> None:
    model = factory()
    cache = new_cache(model)
    cache.store(A, GOOD, NOON)
    model.set_local(LIFE_TIME, "10")
    assert kept(cache, after(11)) == ""


def test_the_csmss_own_expiry_goes_before_the_life_time() -> None:
    """C10.FR.13."""
    model = factory()
    model.set_local(LIFE_TIME, "60")
    cache = new_cache(model)
    cache.store(A, IdTokenInfo(AuthorizationStatus.ACCEPTED, cache_expiry=after(600)), NOON)
    cache.store(B, IdTokenInfo(AuthorizationStatus.ACCEPTED, cache_expiry=after(6)), NOON)
    assert kept(cache, after(6)) == "AB"
    assert kept(cache, after(7)) == "A"
    assert kept(cache, after(601)) == ""


def test_an_expiry_in_the_past_keeps_an_identifier_out_and_takes_it_out() -> None:
    """C10.FR.10, its erratum's note."""
    cache = new_cache()
    over = IdTokenInfo(AuthorizationStatus.ACCEPTED, cache_expiry=after(-1))
    assert not cache.store(A, over, NOON)
    cache.store(B, GOOD, NOON)
    assert not cache.store(B, over, NOON)
    assert kept(cache) == ""
    assert cache.storage_bytes(NOON) == 0


# -- room -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "left"), [("LRU", "ACD"), ("LFU", "BCD"), ("FIFO", "BCD")])
def test_the_policy_says_which_goes_when_it_is_full(policy: str, left: str) -> None:
    """C10.FR.07: B was presented twice, A once but last."""
    cache = cache_for(3, policy)
    for token in (A, B, C):
        cache.store(token, GOOD, NOON)
    for token in (B, B, C, C, A):
        cache.use(token)
    assert cache.store(D, GOOD, NOON)
    assert kept(cache) == left


def test_a_new_policy_holds_at_once() -> None:
    model = factory()
    cache = new_cache(model, room_for(2))
    for token in (A, B):
        cache.store(token, GOOD, NOON)
    cache.use(A)
    model.set_local(POLICY, "fifo")
    cache.store(C, GOOD, NOON)
    assert kept(cache) == "BC"


def test_what_has_expired_goes_first() -> None:
    """C10.FR.07."""
    model = factory()
    model.set_local(LIFE_TIME, "60")
    cache = new_cache(model, room_for(2))
    cache.store(A, GOOD, NOON)
    cache.store(B, BAD, after(30))
    cache.use(A)
    cache.store(C, GOOD, after(61))
    assert kept(cache, after(61)) == "BC"


def test_then_what_is_not_accepted() -> None:
    """C10.FR.07."""
    cache = cache_for(3)
    for token, info in ((A, GOOD), (B, BAD), (C, GOOD)):
        cache.store(token, info, NOON)
    cache.use(B)
    cache.store(D, GOOD, NOON)
    assert kept(cache) == "ACD"


def test_who_is_presented_while_it_is_off_is_not_counted() -> None:
    model = factory()
    cache = new_cache(model, room_for(2))
    cache.store(A, GOOD, NOON)
    cache.store(B, GOOD, NOON)
    model.set_local(ENABLED, "false")
    cache.use(A)
    model.set_local(ENABLED, "true")
    cache.store(C, GOOD, NOON)
    assert kept(cache) == "BC"


def test_what_is_larger_than_the_cache_stays_out() -> None:
    cache = cache_for(2)
    cache.store(A, GOOD, NOON)
    everywhere = IdTokenInfo(AuthorizationStatus.ACCEPTED, evse_ids=tuple(range(1000)))
    assert not cache.store(B, everywhere, NOON)
    assert not cache.store(A, everywhere, NOON)
    assert kept(cache) == ""


# -- a simpler cache says the same -----------------------------------------------------------------

tokens = st.sampled_from([A, B, C, D, IdToken("E"), IdToken("a"), IdToken("A", IdTokenType.E_MAID)])
infos = st.builds(
    IdTokenInfo,
    st.sampled_from([AuthorizationStatus.ACCEPTED, AuthorizationStatus.ACCEPTED, AuthorizationStatus.EXPIRED]),
    st.none() | st.just(IdToken("G", IdTokenType.CENTRAL)),
    st.none() | st.integers(-5, 60).map(after),
)


class Known:
    """What the simple cache knows of an identifier."""

    def __init__(self, token: IdToken, info: IdTokenInfo, updated: datetime, arrival: int) -> None:
        self.token, self.info, self.updated, self.arrival = token, info, updated, arrival
        self.presented = [arrival]

    def over(self, at: datetime, life_time_s: int) -> bool:
        ends = self.info.cache_expiry or self.updated + timedelta(seconds=life_time_s)
        return at > ends


class AnyCache(RuleBasedStateMachine):
    """Whatever comes, it has what a list searched from one end to the other would have, and never too much."""

    @initialize(policy=st.sampled_from(["LRU", "LFU", "FIFO"]), room=st.integers(1, 4))
    def begin(self, policy: str, room: int) -> None:
        self.model = factory()
        self.model.set_local(POLICY, policy)
        self.capacity = room_for(room)
        self.memory = Memory()
        self.disk: dict[str, Row] = {}
        self.cache = AuthorizationCache(self.model, self.memory, self.capacity)
        self.rows: list[Known] = []
        self.at = NOON
        self.moments = 0

    @property
    def on(self) -> bool:
        return self.model.flag(ENABLED)

    @property
    def life_time_s(self) -> int:
        return self.model.integer(LIFE_TIME)

    def alive(self) -> list[Known]:
        return [row for row in self.rows if not row.over(self.at, self.life_time_s)]

    def row(self, token: IdToken) -> Known | None:
        return next((row for row in self.alive() if row.token.key == token.key), None)

    def kept(self, token: IdToken) -> Known | None:
        """Also one that is over, until room is needed."""
        return next((row for row in self.rows if row.token.key == token.key), None)

    def bytes(self, row: Known) -> int:
        alone = new_cache()
        alone.store(row.token, IdTokenInfo(row.info.status, row.info.group_id_token), NOON)
        if row.info.cache_expiry is not None:
            alone.store(row.token, IdTokenInfo(row.info.status, row.info.group_id_token, after(9)), NOON)
        return alone.storage_bytes(NOON)

    @rule(token=tokens, info=infos)
    def store(self, token: IdToken, info: IdTokenInfo) -> None:
        stored = self.cache.store(token, info, self.at)
        if not self.on:
            assert not stored
            return
        self.moments += 1
        self.rows = self.alive()
        row = self.row(token)
        if row is None:
            row = Known(token, info, self.at, self.moments)
            self.rows.append(row)
        row.token, row.info, row.updated = token, info, self.at
        if row.over(self.at, self.life_time_s) or self.bytes(row) > self.capacity:
            self.rows.remove(row)
            assert not stored
            return
        while sum(map(self.bytes, self.rows)) > self.capacity:
            others = [other for other in self.rows if other is not row]
            refused = [other for other in others if other.info.status is not AuthorizationStatus.ACCEPTED]
            self.rows.remove(self.victim(refused or others))
        assert stored

    def victim(self, rows: list[Known]) -> Known:
        match self.model.text(POLICY):
            case "LRU":
                return min(rows, key=lambda row: row.presented[-1])
            case "LFU":
                fewest = min(len(row.presented) for row in rows)
                return min((row for row in rows if len(row.presented) == fewest), key=lambda row: row.presented[-1])
            case _:
                return min(rows, key=lambda row: row.arrival)

    @rule(token=tokens)
    def use(self, token: IdToken) -> None:
        self.cache.use(token)
        row = self.kept(token)
        self.moments += 1
        if row is not None and self.on:
            row.presented.append(self.moments)

    @rule(token=tokens)
    def forget(self, token: IdToken) -> None:
        row = self.kept(token)
        assert self.cache.forget(token) is (row is not None)
        if row is not None:
            self.rows.remove(row)

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.rows = []

    @rule(seconds=st.integers(0, 30))
    def wait(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)

    @rule(life_time_s=st.sampled_from([0, 20, 86_400]))
    def live(self, life_time_s: int) -> None:
        self.model.set_local(LIFE_TIME, str(life_time_s))

    @rule(policy=st.sampled_from(["LRU", "LFU", "FIFO"]))
    def change_policy(self, policy: str) -> None:
        self.model.set_local(POLICY, policy)

    @rule(on=st.sampled_from(["true", "true", "false"]))
    def switch(self, on: str) -> None:
        self.model.set_local(ENABLED, on)

    @rule()
    def power_cycle(self) -> None:
        """C10.FR.02: what was kept makes the same cache again."""
        self.memory = Memory(self.written())
        self.cache = AuthorizationCache(self.model, self.memory, self.capacity)

    def written(self) -> dict[str, Row]:
        """What would be on the disk now."""
        for key, record in self.memory.collect().items():
            if record is None:
                del self.disk[key]
            else:
                self.disk[key] = msgspec.msgpack.encode(record)
        return dict(self.disk)

    @invariant()
    def it_finds_what_is_there(self) -> None:
        for token in (A, B, C, D, IdToken("E"), IdToken("A", IdTokenType.E_MAID)):
            row = self.row(token)
            assert self.cache.find(token, self.at) == (row.info if row is not None and self.on else None)

    @invariant()
    def it_has_what_is_alive_and_never_too_much(self) -> None:
        rows = sorted(self.alive(), key=lambda row: row.arrival)
        assert [entry.id_token for entry in self.cache.entries(self.at)] == [row.token for row in rows]
        assert self.cache.storage_bytes(self.at) == sum(map(self.bytes, rows)) <= self.capacity


TestAnyCache = AnyCache.TestCase
TestAnyCache.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
