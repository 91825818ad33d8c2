"""A fleet in parts, each for a process or a machine of its own."""

from itertools import pairwise

import msgspec

from evtui.config import FleetConfig, GroupConfig


def shards(config: FleetConfig, parts: int) -> tuple[FleetConfig, ...]:
    """The stations of a fleet in at most `parts` shares that differ by one station at most; none is empty, unless the
    fleet is. Each keeps seed, rules and ids, so a station is the same wherever it runs; one after the other, the
    shares have the stations in the fleet's own order. ECHONET Lite stays out of them: a node shows the whole fleet."""
    total = sum(group.count for group in config.groups)
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
