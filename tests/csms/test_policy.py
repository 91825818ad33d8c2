"""Policies: what is decided about each answer, purely, and what comes of it on the wire."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from evtui.csms.doors import Doors
from evtui.csms.policy import (
    PROPER,
    Conduct,
    Misbehaviour,
    Policies,
    Policy,
    broken,
    conduct,
    read_policies,
)
from evtui.csms.server import Csms
from evtui.errors import ConfigError
from evtui.ocppj.frame import Direction
from evtui.ocppj.schemas import schemas_of
from tests.csms.stations import BOOT, PATIENCE_S, station, until

# -- what is decided ------------------------------------------------------------------------------

_kinds = st.sampled_from(("late", "silent", "callerror", "invalid", "wrong id", "drop"))
_deeds = st.builds(
    Misbehaviour,
    kind=_kinds,
    probability=st.floats(0, 1),
    actions=st.lists(st.sampled_from(("Heartbeat", "Authorize")), max_size=2).map(tuple),
    delay_ms=st.integers(0, 5000),
    spread_ms=st.integers(0, 5000),
)
_policies = st.builds(Policy, seed=st.integers(), misbehaviour=st.lists(_deeds, max_size=4).map(tuple))


@given(_policies, st.text(max_size=48), st.integers(0, 1 << 40), st.sampled_from(("Heartbeat", "Authorize", "Boot")))
def test_the_same_seed_station_and_number_decide_the_same(
    policy: Policy, station_id: str, number: int, action: str
) -> None:
    decided = conduct(policy, station_id, number, action)
    assert decided == conduct(policy, station_id, number, action)
    assert 0 <= decided.delay_s <= 4 * 10
    wanted = [each for each in policy.misbehaviour if not each.actions or action in each.actions]
    assert decided.wrong is None or (decided.wrong in wanted and decided.wrong.kind != "late")
    if not any(each.probability for each in wanted):
        assert decided == PROPER


@given(_kinds, st.integers(), st.integers(0, 1 << 40))
def test_a_probability_of_one_is_always_and_of_none_is_never(kind: Any, seed: int, number: int) -> None:
    always = Misbehaviour(kind)
    never = Misbehaviour(kind, probability=0)
    assert conduct(Policy(seed=seed, misbehaviour=(always,)), "A", number, "Heartbeat") != PROPER
    assert conduct(Policy(seed=seed, misbehaviour=(never,)), "A", number, "Heartbeat") == PROPER


@given(st.integers(), st.floats(0.1, 0.9))
def test_it_happens_about_as_often_as_it_is_likely(seed: int, probability: float) -> None:
    policy = Policy(seed=seed, misbehaviour=(Misbehaviour("silent", probability),))
    happened = sum(conduct(policy, "CP001", number, "Heartbeat").wrong is not None for number in range(600))
    assert abs(happened / 600 - probability) < 0.12  # six standard deviations


@given(st.integers(), st.integers(0, 2000), st.integers(0, 2000))
def test_a_delay_stays_within_its_spread(seed: int, delay_ms: int, spread_ms: int) -> None:
    policy = Policy(seed=seed, misbehaviour=(Misbehaviour("late", delay_ms=delay_ms, spread_ms=spread_ms),))
    decided = conduct(policy, "CP001", 1, "Heartbeat")
    assert max(0, delay_ms - spread_ms) <= round(decided.delay_s * 1000, 6) <= delay_ms + spread_ms
    assert decided.wrong is None


def test_what_is_late_may_be_wrong_too_and_the_first_thing_counts() -> None:
    late, error, drop = Misbehaviour("late", delay_ms=500), Misbehaviour("callerror"), Misbehaviour("drop")
    policy = Policy(misbehaviour=(late, error, late, drop))
    assert conduct(policy, "CP001", 0, "Heartbeat") == Conduct(1.0, error)


def test_stations_and_rules_have_chances_of_their_own() -> None:
    policy = Policy(misbehaviour=(Misbehaviour("silent", 0.5), Misbehaviour("drop", 0.5)))
    decided = {
        station_id: tuple(getattr(conduct(policy, station_id, n, "Heartbeat").wrong, "kind", "") for n in range(64))
        for station_id in ("CP001", "CP002")
    }
    assert decided["CP001"] != decided["CP002"]
    assert set(decided["CP001"]) == {"", "silent", "drop"}


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("Heartbeat", {"currentTime": "2026-01-02T03:04:05Z"}),
        ("StatusNotification", {}),
        ("Authorize", {"idTokenInfo": {"status": "Accepted"}}),
        ("GetInstalledCertificateIds", {"status": "NotFound"}),
    ],
)
def test_a_broken_answer_breaks_its_schema(action: str, payload: dict[str, Any]) -> None:
    assert schemas_of("2.0.1").validate(action, "Response", payload) is None
    assert schemas_of("2.0.1").validate(action, "Response", broken(payload)) is not None


# -- a file of policies ---------------------------------------------------------------------------


def test_a_file_says_the_default_and_those_of_stations(tmp_path: Path) -> None:
    toml = tmp_path / "policy.toml"
    toml.write_text(
        '[default]\ninterval_s = 10\n[[station.CP001.misbehaviour]]\nkind = "late"\ndelay_ms = 200\n'
        '[station."CP 2"]\nboot_status = "Rejected"\n'
    )
    wanted = Policies(
        Policy(interval_s=10),
        {"CP001": Policy(misbehaviour=(Misbehaviour("late", delay_ms=200),)), "CP 2": Policy("Rejected")},
    )
    assert read_policies(str(toml), "--policy") == wanted
    as_json = tmp_path / "policy.json"
    as_json.write_text('{"station": {"CP001": {"boot_status": "Pending"}}}')
    assert read_policies(str(as_json), "--policy") == Policies(None, {"CP001": Policy("Pending")})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "[default\n", "--policy: .*a.toml: no TOML"),
        ("a.json", "{", "--policy: .*a.json: no JSON"),
        ("a.toml", "[default]\nboot = 1\n", r"default.boot: there is no such key"),
        ("a.toml", '[default]\nboot_status = "accepted"\n', "default.boot_status"),
        ("a.toml", '[[default.misbehaviour]]\nkind = "late"\nprobability = 2\n', "probability"),
        (
            "a.toml",
            '[[default.misbehaviour]]\nkind = "drop"\nactions = ["Boot"]\n',
            r"default.*\[0\].actions",
        ),
        (
            "a.toml",
            '[[station.A.misbehaviour]]\nkind = "callerror"\ncode = "No"\n',
            r"station.A.*\[0\].code",
        ),
    ],
)
def test_a_wrong_file_is_told_by_its_key(tmp_path: Path, name: str, text: str, message: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_policies(str(file), "--policy")


# -- on the wire ----------------------------------------------------------------------------------


def _treat(csms: Csms, *deeds: Misbehaviour) -> None:
    csms.set_policy(Policy(misbehaviour=deeds), "CP001")


@pytest.mark.parametrize("version", ["ocpp2.0.1", "ocpp1.6"])
async def test_a_callerror_on_purpose_takes_nothing_in(csms: Csms, version: str) -> None:
    _treat(csms, Misbehaviour("callerror", actions=("BootNotification",), code="FormatViolation"))
    boot = BOOT if version == "ocpp2.0.1" else {"chargePointVendor": "V", "chargePointModel": "M"}
    async with station(csms, subprotocols=(version,)) as link:
        kind, _, code, description, _ = await link.ask("BootNotification", boot)
    assert (kind, code.replace("Formation", "Format")) == (4, "FormatViolation")
    assert description == "on purpose, as the policy says"
    assert csms.books.registry.station("CP001").registration is None


async def test_an_invalid_answer_is_sent_and_marked(csms: Csms) -> None:
    _treat(csms, Misbehaviour("invalid", actions=("Heartbeat",)))
    async with station(csms) as link:
        await link.boot()
        answer = await link.call("Heartbeat", {})
    assert schemas_of("2.0.1").validate("Heartbeat", "Response", answer) is not None
    assert csms.tap.newest(1)[0].fault.endswith("(on purpose, as the policy says)")


async def test_an_answer_with_a_wrong_id_is_sent_and_marked(csms: Csms) -> None:
    _treat(csms, Misbehaviour("wrong id", actions=("Heartbeat",)))
    async with station(csms) as link:
        await link.boot()
        kind, message_id, payload = await link.ask("Heartbeat", {})
        assert (kind, list(payload)) == (3, ["currentTime"])
        assert len(message_id) == 36
    assert csms.tap.newest(1)[0].fault == "the id is of no CALL (on purpose, as the policy says)"


async def test_silence_takes_the_message_in_and_says_nothing(csms: Csms) -> None:
    _treat(csms, Misbehaviour("silent", actions=("StatusNotification",)))
    status = {
        "timestamp": "2026-01-02T03:04:05Z",
        "connectorStatus": "Occupied",
        "evseId": 1,
        "connectorId": 1,
    }
    async with station(csms) as link:
        await link.boot()
        await link.say([2, "unanswered", "StatusNotification", status])
        await link.call("Heartbeat", {})
        # The same again is a retry, not a double that is being answered already.
        await link.say([2, "unanswered", "StatusNotification", status])
        await link.call("Heartbeat", {})
    record = csms.books.registry.station("CP001")
    assert record.connectors[1, 1].status == "Occupied"
    assert [notice.text for notice in record.notices] == ["on purpose, as the policy says: no answer"] * 2


async def test_the_connection_is_cut_instead_of_an_answer(csms: Csms) -> None:
    _treat(csms, Misbehaviour("drop", actions=("Heartbeat",)))
    async with station(csms) as link:
        await link.boot()
        await link.say([2, "1", "Heartbeat", {}])
        with pytest.raises(ConnectionClosed):
            await link.hear()
        await until(lambda: not csms.connected)


async def test_a_late_answer_holds_up_nothing_else(csms: Csms) -> None:
    _treat(csms, Misbehaviour("late", actions=("Heartbeat",), delay_ms=700))
    loop = asyncio.get_running_loop()
    async with station(csms) as link:
        await link.boot()
        began = loop.time()
        await link.say([2, "late", "Heartbeat", {}])
        await link.call("Authorize", {"idToken": {"idToken": "A", "type": "Central"}})
        assert (await link.hear())[1] == "late"
        assert loop.time() - began >= 0.69
    answered = [frame for frame in csms.tap.newest(100) if frame.direction is Direction.RECEIVED]
    assert [frame.action for frame in answered] == ["BootNotification", "Authorize", "Heartbeat"]


async def test_late_answers_do_not_hold_up_the_end() -> None:
    async with Csms(port=0, web_port=None) as csms, station(csms) as link:
        _treat(csms, Misbehaviour("late", delay_ms=600_000))
        for number in range(100):  # more than may be late: the rest are not
            await link.say([2, str(number), "BootNotification", BOOT])
        assert (await link.hear())[1] == "64"
        async with asyncio.timeout(PATIENCE_S):
            await csms.close()


async def test_a_policy_is_kept_and_one_of_the_start_wins(tmp_path: Path) -> None:
    def new(policies: Policies | None = None) -> Csms:
        return Csms(port=0, web_port=None, db=lambda port: tmp_path / "csms.db", policies=policies)

    async with new() as csms:
        csms.set_policy(Policy("Pending"), "CP001")
        csms.set_policy(Policy(interval_s=7))
        csms.set_policy(Policy("Rejected"), "CP003")
        csms.set_policy(None, "CP003")
    async with new() as csms:
        registry = csms.books.registry
        assert [registry.policy_of(each) for each in ("CP001", "CP002", "CP003")] == [
            Policy("Pending"),
            Policy(interval_s=7),
            Policy(interval_s=7),
        ]
    async with new(Policies(Policy(interval_s=8), {"CP001": Policy("Rejected")})) as csms:
        registry = csms.books.registry
        assert (registry.policy_of("CP001"), registry.policy_of("CP002")) == (Policy("Rejected"), Policy(interval_s=8))


async def test_a_station_that_was_given_a_policy_is_known() -> None:
    policies = Policies(station={"CP001": Policy()})
    async with (
        Csms(port=0, web_port=None, doors=Doors(unknown="pending"), policies=policies) as csms,
        station(csms) as known,
        station(csms, "CP002") as stranger,
    ):
        assert (await known.boot())["status"] == "Accepted"
        assert (await stranger.boot())["status"] == "Pending"
