"""A fleet in parts: every station once, in order, and the same wherever it runs."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from evtui.config import EchonetConfig, FleetConfig, GroupConfig, station_rules, station_specs
from evtui.config_rules import RuleConfig
from evtui.shards import keeping, shards

groups = st.lists(st.integers(0, 7), max_size=4).map(
    lambda counts: tuple(
        GroupConfig(name=f"g{number}", id=f"G{number}-{{n}}", count=count, first=number + 1)
        for number, count in enumerate(counts)
    )
)


@given(groups, st.integers(1, 9), st.integers(-5, 5))
def test_the_parts_have_the_stations_of_the_fleet_in_its_order(
    groups: tuple[GroupConfig, ...], parts: int, seed: int
) -> None:
    fleet = FleetConfig(groups=groups, seed=seed)
    cut = shards(fleet, parts)
    assert tuple(spec for part in cut for spec in station_specs(part)) == station_specs(fleet)


@given(groups, st.integers(1, 9))
def test_the_parts_are_even_and_none_is_empty(groups: tuple[GroupConfig, ...], parts: int) -> None:
    counts = [len(station_specs(part)) for part in shards(FleetConfig(groups=groups), parts)]
    total = sum(counts)
    assert len(counts) == max(1, min(parts, total))
    assert max(counts) - min(counts) <= 1
    assert min(counts) >= 1 or total == 0


def test_the_node_is_none_of_theirs() -> None:
    assert not any(part.echonet.enabled for part in shards(FleetConfig(echonet=EchonetConfig(enabled=True)), 2))


@given(groups, st.data())
def test_what_is_kept_has_its_order_and_nothing_else(groups: tuple[GroupConfig, ...], data: st.DataObject) -> None:
    fleet = FleetConfig(groups=groups)
    specs = station_specs(fleet)
    kept = data.draw(st.sets(st.sampled_from([spec.id for spec in specs]))) if specs else set()
    assert station_specs(keeping(fleet, kept)) == tuple(spec for spec in specs if spec.id in kept)


def test_stations_that_were_added_are_numbered_on_in_the_last_group() -> None:
    fleet = FleetConfig(groups=(GroupConfig(id="A{n}", count=2), GroupConfig(id="B{n}", count=2, name="b")))
    ids = ["A2", "B1", "B2", "B3", "B7"]
    assert [spec.id for spec in station_specs(keeping(fleet, ids))] == ids
    assert {spec.group for spec in station_specs(keeping(fleet, ids)) if spec.id[0] == "B"} == {"b"}


def test_what_is_kept_stays_in_its_group() -> None:
    groups = (GroupConfig(name="a", id="A{n}", count=2), GroupConfig(name="b", id="A{n}", first=3, count=2))
    kept = keeping(FleetConfig(groups=groups), ["A1", "A2", "A3"])
    assert [(spec.id, spec.group) for spec in station_specs(kept)] == [("A1", "a"), ("A2", "a"), ("A3", "b")]


def test_more_can_be_added_like_the_last_ones_even_if_none_of_them_is_kept() -> None:
    groups = (GroupConfig(name="a", id="A{n}", count=2), GroupConfig(name="b", id="B{n}", count=2))
    kept = keeping(FleetConfig(groups=groups), ["A2"])
    assert (kept.groups[-1].name, kept.groups[-1].first, kept.groups[-1].count) == ("b", 3, 0)
    assert keeping(FleetConfig(groups=groups), ["A2", "B7"]).groups[-1].first == 8


def test_the_rules_of_the_configuration_are_for_those_that_are_added() -> None:
    one, two = RuleConfig("drop", name="one"), RuleConfig("drop", name="two")
    fleet = FleetConfig(groups=(GroupConfig(id="A{n}", count=2, rules=(two,)),), rules=(one,))
    kept = keeping(fleet, ["A1", "A2"])
    assert station_rules(kept) == {}
    (added,) = station_rules(replace(kept, groups=(replace(kept.groups[-1], count=1),))).values()
    assert [rule.name for rule in added] == ["one", "two"]
