"""Rules on the wire."""

from evtui.engine.commands.rules import CODES
from evtui.engine.effects.effect import Arguments, Effect, Spot
from evtui.engine.effects.link import LONGEST_TEXT
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.rules.lanes import Verdict
from evtui.ocppj.rules.rule import rule_of, spread_of

_SHOWN = 200


async def add(spot: Spot, arguments: Arguments) -> Effect:
    """It is at work at once. LocalError names what makes no rule."""
    given = {name: text for name, text in arguments.items() if name != "action"}
    rule = spot.session.add_rule(rule_of(arguments["action"], given))
    return Effect(True, printable(f"rule {rule.name}: {rule}", _SHOWN))


async def remove(spot: Spot, arguments: Arguments) -> Effect:
    """What it has done already stays. LocalError if there is none of that name."""
    rule = spot.session.meddler.remove(arguments["name"])
    return Effect(True, f"rule {rule.name} is gone")


async def clear(spot: Spot, arguments: Arguments) -> Effect:
    """All rules go, and what they hold passes."""
    meddler = spot.session.meddler
    rules, held = meddler.rules, meddler.held
    for active in rules:
        meddler.remove(active.rule.name)
    for frame in held:
        spot.session.release(frame.number, Verdict("pass"))
    if not rules and not held:
        return Effect(True, "there was no rule")
    passed = f", {len(held)} held frame{'s' if len(held) != 1 else ''} passed" if held else ""
    return Effect(True, f"{len(rules)} rule{'s' if len(rules) != 1 else ''} gone{passed}")


async def release(spot: Spot, arguments: Arguments) -> Effect:
    """It goes its way. LocalError when that cannot become of it."""
    number, text = arguments["frame"].strip(), arguments["text"]
    if number and not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise LocalError(f"frame: {printable(number, 40)} is no number")
    verdict = arguments["do"] or "pass"
    if verdict == "edit" and not text:
        raise LocalError("text: say what the frame says instead")
    if len(text) > LONGEST_TEXT:
        raise LocalError(f"text: {len(text)} characters, at most {LONGEST_TEXT} can be sent")
    if not text.isascii() and text.encode("utf-8", "ignore").decode() != text:
        raise LocalError("text: this is no Unicode text, and a WebSocket carries no other")
    delay = spread_of(arguments["delay-ms"])
    if arguments["delay-ms"] and delay is None:
        raise LocalError(f"delay-ms: {printable(arguments['delay-ms'], 40)} is no delay such as 200 or 200+-50")
    held = spot.session.release(
        int(number) if number else None, Verdict(verdict, text, delay, arguments["code"] or CODES[0])
    )
    return Effect(True, f"{held.meta.action or held.meta.type.name}: {_DONE[verdict]}")


_DONE = {
    "pass": "passed on",
    "edit": "passed on, edited",
    "drop": "dropped",
    "delay": "passes on later",
    "duplicate": "passed on twice",
    "answer": "answered with a CALLERROR",
}
