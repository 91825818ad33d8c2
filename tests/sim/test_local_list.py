"""D01, D02: the list is what the CSMS makes it, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from evtui.sim import local_list
from evtui.sim.local_list import ListEntry, ListState, LocalList, updated
from evtui.sim.memory import Memory
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.requests import (
    AuthorizationData,
    GetLocalListVersion,
    ListVersionAnswer,
    SendLocalList,
    StatusAnswer,
    UpdateType,
)
from evtui.sim.terms import AuthorizationStatus, IdTokenType
from tests.proof import proves
from tests.sim.playbook import Playbook

pytestmark = proves("SendLocalList", "GetLocalListVersion", "D01", "D02")

FULL, DIFFERENTIAL = UpdateType.FULL, UpdateType.DIFFERENTIAL
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
GOOD = IdTokenInfo(AuthorizationStatus.ACCEPTED)
BAD = IdTokenInfo(AuthorizationStatus.BLOCKED)
A, B, C = (IdToken(letter) for letter in "ABC")
ENABLED = "LocalAuthListCtrlr.Enabled"


def full(version: int, *tokens: IdToken, info: IdTokenInfo | None = GOOD) -> SendLocalList:
    return SendLocalList(version, FULL, tuple(AuthorizationData(token, info) for token in tokens))


def changes(version: int, **infos: IdTokenInfo | None) -> SendLocalList:
    rows = tuple(AuthorizationData(IdToken(text), info) for text, info in infos.items())
    return SendLocalList(version, DIFFERENTIAL, rows)


def station(*requests: SendLocalList, **variables: str) -> Playbook:
    """A station that took these updates."""
    names = {name.replace("__", "."): value for name, value in variables.items()}
    play = Playbook(variables=names).booted()
    for request in requests:
        assert play.ask(request)[0] == StatusAnswer("Accepted")
    return play


def version(play: Playbook) -> int:
    answer, _ = play.ask(GetLocalListVersion())
    assert isinstance(answer, ListVersionAnswer)
    return answer.version_number


def refused(play: Playbook, request: SendLocalList, size: int = 100) -> tuple[str, str]:
    """Status and reason code of a request that changes nothing."""
    before = play.station.tokens.list.state
    answer, _ = play.ask(request, size)
    assert isinstance(answer, StatusAnswer)
    assert answer.info is not None
    assert play.station.tokens.list.state == before
    return answer.status, answer.info.reason_code


def listed(play: Playbook) -> dict[str, str]:
    return {each.id_token.id_token: str(each.info.status) for each in play.station.tokens.list.state.entries}


# -- D01: updates ---------------------------------------------------------------------------------


def test_d01_fr_15_a_full_update_replaces_the_list_whatever_its_version() -> None:
    play = station(full(7, A, B))
    assert play.ask(full(3, C))[0] == StatusAnswer("Accepted")
    assert listed(play) == {"C": "Accepted"}
    assert version(play) == 3


def test_d01_fr_04_a_full_update_without_identifiers_empties_the_list_and_has_a_version() -> None:
    """TC_D_04; D02, its remark."""
    play = station(full(7, A), full(8))
    assert listed(play) == {}
    assert version(play) == 8


def test_d01_fr_05_a_differential_update_without_identifiers_is_a_new_version_of_the_same_list() -> None:
    """TC_D_05."""
    play = station(full(7, A), changes(8))
    assert listed(play) == {"A": "Accepted"}
    assert version(play) == 8


def test_d01_fr_16_and_fr_17_a_differential_update_adds_changes_and_takes_out() -> None:
    """TC_D_02, TC_D_03."""
    play = station(full(1, A, B), changes(2, A=BAD, B=None, C=GOOD))
    assert listed(play) == {"A": "Blocked", "C": "Accepted"}
    assert version(play) == 2


def test_d01_fr_17_what_is_not_there_can_be_taken_out() -> None:
    assert listed(station(full(1, A), changes(2, C=None))) == {"A": "Accepted"}


def test_d01_the_first_update_may_be_differential() -> None:
    play = station(changes(1, A=GOOD))
    assert version(play) == 1


@pytest.mark.parametrize("number", [6, 7])
def test_d01_fr_19_a_differential_update_to_no_newer_version_is_a_mismatch(number: int) -> None:
    """TC_D_06."""
    play = station(full(7, A))
    assert refused(play, changes(number, B=GOOD)) == ("VersionMismatch", "ValueTooLow")


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize("kind", UpdateType)
def test_d01_fr_18_a_version_is_greater_than_zero(kind: UpdateType, number: int) -> None:
    assert refused(station(), SendLocalList(number, kind)) == ("Failed", "ValuePositiveOnly")


@pytest.mark.parametrize("kind", UpdateType)
def test_d01_fr_06_an_identifier_stands_in_an_update_once(kind: UpdateType) -> None:
    """C01.FR.25: the same text in small letters is the same."""
    twice = SendLocalList(2, kind, (AuthorizationData(A, GOOD), AuthorizationData(IdToken("a"), BAD)))
    assert refused(station(full(1, B)), twice) == ("Failed", "InvalidValue")


def test_d01_fr_06_the_same_text_of_another_type_is_another_identifier() -> None:
    play = station(full(1, A, IdToken("A", IdTokenType.E_MAID)))
    assert len(play.station.tokens.list.state.entries) == 2


def test_d01_a_full_update_says_of_each_identifier_what_is_thought_of_it() -> None:
    assert refused(station(full(1, A)), full(2, B, info=None)) == ("Failed", "MissingParam")


def test_d01_fr_11_a_message_has_at_most_so_many_items_and_bytes() -> None:
    play = station(full(1, A), LocalAuthListCtrlr__ItemsPerMessage="2", LocalAuthListCtrlr__BytesPerMessage="500")
    assert refused(play, full(2, A, B, C)) == ("Failed", "TooManyElements")
    assert refused(play, full(2, A, B), size=501) == ("Failed", "TooLargeElement")
    assert play.ask(full(2, A, B), size=500)[0] == StatusAnswer("Accepted")


def test_d01_fr_12_the_list_has_at_most_so_many_identifiers() -> None:
    rows = tuple(ListEntry(IdToken(str(number)), GOOD) for number in range(local_list.MOST_ENTRIES))
    many = ListState(1, rows)
    answer = updated(many, changes(2, A=GOOD))
    assert isinstance(answer, StatusAnswer)
    assert (answer.status, answer.info and answer.info.reason_code) == ("Failed", "TooManyElements")
    swapped = SendLocalList(2, DIFFERENTIAL, (AuthorizationData(IdToken("0")), AuthorizationData(A, GOOD)))
    assert isinstance(updated(many, swapped), ListState)


def test_d01_the_list_has_at_most_so_many_bytes() -> None:
    everywhere = IdTokenInfo(AuthorizationStatus.ACCEPTED, evse_ids=tuple(range(100_000)))
    answer = updated(ListState(), full(1, A, info=everywhere))
    assert isinstance(answer, StatusAnswer)
    assert (answer.status, answer.info and answer.info.reason_code) == ("Failed", "OutOfStorage")


def test_d01_fr_13_a_list_that_is_off_takes_nothing_and_keeps_what_it_has() -> None:
    """D01.FR.09, D02.FR.03."""
    play = station(full(7, A))
    play.set(ENABLED, "false")
    assert version(play) == 0
    assert refused(play, full(8, B)) == ("Failed", "NotEnabled")
    play.set(ENABLED, "true")
    assert version(play) == 7
    assert listed(play) == {"A": "Accepted"}


def test_d01_the_answer_goes_out_before_the_list_is_another() -> None:
    """Whoever is asked between the two finds the old list."""
    play = station(full(1, A))
    outcome = play.station.tokens.list.judge(full(2, B))
    assert isinstance(outcome, ListState)
    assert listed(play) == {"A": "Accepted"}


# -- D02, and what the variables say ---------------------------------------------------------------


def test_d02_fr_02_before_the_first_update_there_is_no_list() -> None:
    """D02.FR.01 after it."""
    play = station()
    assert version(play) == 0
    play.ask(full(4, A))
    assert version(play) == 4


def test_d01_fr_12_the_variables_tell_how_much_there_is() -> None:
    play = station(full(1, A, B))
    variables = play.station.variables
    assert variables.get("LocalAuthListCtrlr.Entries") == "2"
    assert int(variables.get("LocalAuthListCtrlr.Storage")) == local_list.storage_bytes(
        play.station.tokens.list.state.entries
    )
    play.ask(full(2))
    assert variables.get("LocalAuthListCtrlr.Entries") == variables.get("LocalAuthListCtrlr.Storage") == "0"


def test_c13_fr_05_what_is_past_its_expiry_is_expired_whatever_the_list_says() -> None:
    play = station()
    soon = NOON + timedelta(seconds=5)
    own = LocalList(play.station.model, Memory())
    own.install(ListState(1, (ListEntry(A, IdTokenInfo(GOOD.status, cache_expiry=soon)),)))
    found = [own.find(A, soon + timedelta(seconds=seconds)) for seconds in (0, 1)]
    assert [info and info.status for info in found] == [AuthorizationStatus.ACCEPTED, AuthorizationStatus.EXPIRED]


# -- a simpler list says the same ------------------------------------------------------------------

texts = st.sampled_from(["A", "a", "B", "C", "D"])
infos = st.sampled_from([GOOD, BAD, None])
rows = st.lists(st.tuples(texts, infos), max_size=4)


class AnyList(RuleBasedStateMachine):
    """Whatever the CSMS sends: the list is what a plain dictionary would be, and its version tells of each change."""

    @initialize()
    def begin(self) -> None:
        self.play = Playbook().booted()
        self.own: dict[str, IdTokenInfo] = {}
        self.version = 0
        self.on = True

    @rule(kind=st.sampled_from(UpdateType), number=st.integers(-1, 6), rows=rows)
    def update(self, kind: UpdateType, number: int, rows: list[tuple[str, IdTokenInfo | None]]) -> None:
        request = SendLocalList(number, kind, tuple(AuthorizationData(IdToken(text), info) for text, info in rows))
        answer, _ = self.play.ask(request)
        assert isinstance(answer, StatusAnswer)
        keys = [text.casefold() for text, _ in rows]
        if not self.on or number <= 0:
            assert answer.status == "Failed"
        elif kind is DIFFERENTIAL and number <= self.version:
            assert answer.status == "VersionMismatch"
        elif len(set(keys)) < len(keys) or (kind is FULL and any(info is None for _, info in rows)):
            assert answer.status == "Failed"
        else:
            assert answer.status == "Accepted"
            self.version = number
            if kind is FULL:
                self.own = {}
            for key, (_, info) in zip(keys, rows, strict=True):
                self.own.pop(key, None)
                if info is not None:
                    self.own[key] = info

    @rule(on=st.booleans())
    def switch(self, on: bool) -> None:
        self.on = on
        self.play.set(ENABLED, "true" if on else "false")

    @rule()
    def power_cycle(self) -> None:
        """D01.FR.10: what was kept makes the same list again."""
        self.play.cut_power()
        self.play.link()
        self.on = self.play.station.model.flag(ENABLED)

    @invariant()
    def it_is_what_the_csms_made_of_it(self) -> None:
        if not hasattr(self, "play"):
            return
        tokens, at = self.play.station.tokens, self.play.now.utc
        for text in "ABCD":
            found = tokens.list.find(IdToken(text), at)
            assert found == (self.own.get(text.casefold()) if self.on else None)
        assert {each.id_token.id_token.casefold() for each in tokens.list.state.entries} == self.own.keys()
        assert version(self.play) == (self.version if self.on else 0)
        assert self.play.station.variables.get("LocalAuthListCtrlr.Entries") == str(len(self.own))


TestAnyList = AnyList.TestCase
TestAnyList.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
