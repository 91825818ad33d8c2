"""A fleet in parts, each for a process or a machine of its own."""

from collections.abc import Collection
from itertools import pairwise

import msgspec

from evtui.config import FleetConfig, GroupConfig

_MOST_ADDED = 1_000_000


def shards(config: FleetConfig, parts: int) -> tuple[FleetConfig, ...]:
    """The stations of a fleet in at most `parts` shares that differ by one station at most; none is empty, unless the
    fleet is. Each keeps seed, rules and ids, so a station is the same wherever it runs; one after the other, the
    shares have the stations in the fleet's own order. ECHONET Lite stays out of them: a node shows the whole fleet."""
    total = config.stations
    parts = max(1, min(parts, total))
    bounds = [total * part // parts for part in range(parts + 1)]
    bare = msgspec.structs.replace(config, echonet=msgspec.structs.replace(config.echonet, enabled=False))
    return tuple(msgspec.structs.replace(bare, groups=_cut(config.groups, low, high)) for low, high in pairwise(bounds))


def _cut(groups: tuple[GroupConfig, ...], low: int, high: int) -> tuple[GroupConfig, ...]:
    """The stations numbered `low` to `high` (not in it) over all groups."""
    cut, begin = [], 0
    for group in groups:
        start, end = max(low, begin), min(high, begin + group.count)
        if start < end:
            cut.append(msgspec.structs.replace(group, first=group.first + start - begin, count=end - start))
        begin += group.count
    return tuple(cut)


def keeping(config: FleetConfig, ids: Collection[str]) -> FleetConfig:
    """The fleet with these stations alone: some may have been taken away meanwhile, and others have been added,
    numbered on in the last group. More can be added behind them. The configuration's rules on the wire are for those
    alone: which ones the others have by now, it does not know."""
    missing = set(ids)
    groups: list[GroupConfig] = []
    next_number = 0
    for number, group in enumerate(config.groups):
        last = number == len(config.groups) - 1
        n, apart = group.first, True
        while n < group.first + group.count or (last and missing and n < group.first + group.count + _MOST_ADDED):
            station_id = group.id.format(n=n)
            if station_id in missing:
                missing.remove(station_id)
                if apart:
                    groups.append(msgspec.structs.replace(group, first=n, count=1, rules=()))
                else:
                    groups[-1] = msgspec.structs.replace(groups[-1], count=groups[-1].count + 1)
                apart = False
            else:
                apart = True
            n += 1
        next_number = n
    if config.groups:
        last_group = config.groups[-1]
        rules = config.rules + last_group.rules
        groups.append(msgspec.structs.replace(last_group, first=next_number, count=0, rules=rules))
    return msgspec.structs.replace(config, groups=tuple(groups), rules=())
