"""Which function carries a command out, and the word for several that did it."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from evtui.engine.effects import by_hand, cars, faults, limits, link, messages, rules, sessions, tokens, variables
from evtui.engine.effects.effect import Arguments, Effect, Spot


class Act(NamedTuple):
    """`done` is what a summary says of it: "3 started"."""

    carry_out: Callable[[Spot, Arguments], Awaitable[Effect]]
    done: str


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "start": Act(sessions.start, "started"),
        "stop": Act(sessions.stop, "stopped"),
        "authorize": Act(sessions.authorize, "authorized"),
        "add-to-cache": Act(tokens.add_to_cache, "added"),
        "plug-in": Act(cars.plug_in, "plugged in"),
        "unplug": Act(cars.unplug, "unplugged"),
        "toggle-plug": Act(cars.toggle_plug, "done"),
        "unplug-at-station": Act(cars.unplug_at_station, "unplugged"),
        "suspend-ev": Act(cars.suspend, "suspended"),
        "resume-ev": Act(cars.resume, "resumed"),
        "toggle-ev": Act(cars.toggle_ev, "done"),
        "ev-full": Act(cars.fill, "full"),
        "bay-occupied": Act(cars.arrive, "occupied"),
        "bay-free": Act(cars.leave, "free"),
        "toggle-bay": Act(cars.toggle_bay, "done"),
        "fault": Act(faults.fault, "broken"),
        "clear-fault": Act(faults.clear, "cleared"),
        "fail-resets": Act(faults.fail_resets, "done"),
        "lock-failure": Act(faults.fail_lock, "jammed"),
        "toggle-lock": Act(faults.toggle_lock, "done"),
        "emergency-stop": Act(faults.press, "stopped"),
        "release-emergency-stop": Act(faults.release, "released"),
        "toggle-emergency-stop": Act(faults.toggle_stop, "done"),
        "power-cut": Act(link.cut_power, "dark"),
        "power-return": Act(link.return_power, "back"),
        "power-cycle": Act(link.cycle_power, "back"),
        "toggle-power": Act(link.toggle_power, "done"),
        "cut-network": Act(link.cut_network, "cut"),
        "restore-network": Act(link.restore_network, "restored"),
        "toggle-network": Act(link.toggle_network, "done"),
        "close-connection": Act(link.close, "closed"),
        "send-raw": Act(link.send_raw, "sent"),
        "add-rule": Act(rules.add, "have the rule"),
        "remove-rule": Act(rules.remove, "without it"),
        "clear-rules": Act(rules.clear, "cleared"),
        "release": Act(rules.release, "released"),
        "suspend": Act(limits.suspend, "suspended"),
        "resume": Act(limits.resume, "resumed"),
        "limit": Act(limits.limit, "limited"),
        "limit-energy": Act(limits.limit_energy, "limited"),
        "set-variable": Act(variables.set_variable, "set"),
        "look-up-token": Act(tokens.look_up, "told"),
        "data-transfer": Act(messages.data_transfer, "answered"),
        "send": Act(by_hand.send, "answered"),
    }
)
"""Every command of an EVSE or of a station but remove-station, which the fleet itself carries out."""
