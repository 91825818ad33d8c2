"""The frames of one station on their way between its RPC engine and the socket, and what rules do to them there.

Pure: texts are put in, steps are taken out, and the time is an argument. There is a lane for each direction. As on a
TCP link, frames stay in order within theirs: one that is held or delayed holds back all that come behind it; a deferred
one alone is overtaken. WebSocket pings are no frames, and pass.
"""

from collections import deque
from collections.abc import Callable, Iterator
from math import inf
from typing import Any, Literal, NamedTuple

import msgspec

from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.filter.single import lets_through
from evtui.ocppj.frame import Direction, FrameType, as_text
from evtui.ocppj.received import FrameMeta
from evtui.ocppj.rpc import spelled
from evtui.ocppj.rules.rule import Deed, Dice, Read, Rule, Spread

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED
MOST_WAITING = 1_000
"""Frames in a lane: the connection is cut when the peer sends on and on while one is held."""

MOST_RULES = 50


class Step(NamedTuple):
    """What happens next. "pass": the frame goes on, over the wire or to the RPC engine; "lose": it ends here, and is
    recorded all the same; "cut": the connection breaks off, `note` says why. A copy is `paired` with no answer."""

    kind: Literal["pass", "lose", "cut"]
    direction: Direction
    meta: FrameMeta
    text: str | bytes
    note: str = ""
    original: str = ""
    paired: bool = True


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of a held frame: "pass", "edit" (with `text`), "drop", "delay" (by `delay_ms`), "duplicate", or
    "answer" (with `code`)."""

    what: str
    text: str = ""
    delay_ms: Spread | None = None
    code: str = "InternalError"


class Held(NamedTuple):
    """A frame that is held. `since_s` is elapsed time."""

    number: int
    direction: Direction
    meta: FrameMeta
    text: str
    since_s: float
    rule: str


class Active(NamedTuple):
    """A rule that is at work: how many frames it has met, how many it still may (0: any number)."""

    rule: Rule
    met: int
    left: int


class _Armed:
    def __init__(self, rule: Rule, dice: Dice) -> None:
        self.rule = rule
        self.term = rule.term
        self.dice = dice
        self.met = 0

    @property
    def left(self) -> int:
        return self.rule.times - self.met if self.rule.times else 0

    def meets(self, station: str, item: "_Item") -> bool:
        rule = self.rule
        if rule.every_s is not None or not rule.concerns(item.meta):
            return False
        if not lets_through(self.term, station, item.direction, item.meta, as_text(item.text)):
            return False
        return rule.chance_percent == 100.0 or self.dice.uniform(0.0, 100.0) < rule.chance_percent


class _Item:
    """A frame on its way. It may go on at `ready_s`; at infinity, it is held."""

    def __init__(self, direction: Direction, meta: FrameMeta, text: str | bytes, now_s: float) -> None:
        self.direction = direction
        self.meta = meta
        self.text = text
        self.original: str | bytes = ""
        self.since_s = self.ready_s = now_s
        self.fate: Literal["pass", "drop", "answer", "cut"] = "pass"
        self.copies = 0
        self.code = ""
        self.delayed_by = ""
        self.held_by = ""
        self.number = 0
        self.notes: list[str] = []

    def change(self, text: str, meta: FrameMeta) -> None:
        self.original = self.original or self.text
        self.text, self.meta = text, meta


class Lanes:
    """Of one station, across its connections. `dice` makes the chance of a rule from its name; frames of the `station`
    are told by its filter."""

    __slots__ = (
        "_cuts",
        "_deferred",
        "_dice",
        "_held",
        "_lanes",
        "_linked",
        "_read",
        "_rules",
        "_station",
        "_steps",
        "_version",
    )

    def __init__(self, station: str, dice: Callable[[str], Dice]) -> None:
        self._station = station
        self._dice = dice
        self._rules: dict[str, _Armed] = {}
        self._lanes: dict[Direction, deque[_Item]] = {SENT: deque(), RECEIVED: deque()}
        self._deferred: list[_Item] = []
        self._cuts: list[tuple[float, str]] = []  # when this connection is cut, and by which rule
        self._steps: deque[Step] = deque()
        self._held = 0  # so far
        self._version = "2.0.1"
        self._read: Read = lambda text: FrameMeta(FrameType.UNREADABLE, "", "")
        self._linked = False

    # -- rules ------------------------------------------------------------------------------------

    @property
    def rules(self) -> tuple[Active, ...]:
        """Those at work, in the order in which they are asked."""
        return tuple([Active(armed.rule, armed.met, armed.left) for armed in self._rules.values()])

    def add(self, rule: Rule, now_s: float) -> Rule:
        """Puts a rule behind the others; its name gets a number if it is that of its action and taken. LocalError when
        there is one of that name."""
        if len(self._rules) >= MOST_RULES:
            raise LocalError(f"there are {MOST_RULES} rules already")
        if rule.name in self._rules:
            if rule.name != rule.deed:
                raise LocalError(f"there is a rule {rule.name} already")
            numbers = range(2, MOST_RULES + 2)
            name = next(f"{rule.deed}-{n}" for n in numbers if f"{rule.deed}-{n}" not in self._rules)
            rule = msgspec.structs.replace(rule, name=name)
        armed = self._rules[rule.name] = _Armed(rule, self._dice(rule.name))
        if self._linked:
            self._set_cut(armed, now_s)
        return rule

    def remove(self, name: str) -> Rule:
        """Takes a rule away; what it has done already stays. LocalError if there is none of that name."""
        armed = self._rules.pop(name, None)
        if armed is None:
            there = f"there are {', '.join(self._rules)}" if self._rules else "there are none"
            raise LocalError(f"there is no rule {printable(name, 40)}: {there}")
        self._cuts = [cut for cut in self._cuts if cut[1] != name]
        return armed.rule

    # -- the connection ---------------------------------------------------------------------------

    def linked(self, version: str, read: Read, now_s: float) -> None:
        """There is a connection; `read` tells what a text is."""
        self._version, self._read, self._linked = version, read, True
        self._cuts.clear()
        for armed in self._rules.values():
            self._set_cut(armed, now_s)

    def lost(self, now_s: float) -> list[Step]:
        """The connection is gone, and with it all that was on its way: gives that, to be recorded."""
        self._linked = False
        self._cuts.clear()
        gone = [step for step in self._steps if step.kind != "cut"]
        gone = [step._replace(kind="lose", note=_joined(step.note, "lost with the connection")) for step in gone]
        for item in (*self._lanes[SENT], *self._lanes[RECEIVED], *self._deferred):
            notes = (*item.notes, *self._times(item, now_s), "lost with the connection")
            gone.append(self._step("lose", item, _joined(*notes)))
        for lane in self._lanes.values():
            lane.clear()
        self._deferred.clear()
        self._steps.clear()
        return gone

    # -- frames -----------------------------------------------------------------------------------

    def put(self, direction: Direction, meta: FrameMeta, text: str | bytes, now_s: float) -> None:
        """A frame comes into its lane: the rules are asked, one after the other, until one has decided its fate."""
        item = _Item(direction, meta, text, now_s)
        loose = False
        for armed in tuple(self._rules.values()):
            if not armed.meets(self._station, item):
                continue
            if not self._apply(armed, item):
                continue
            armed.met += 1
            loose |= armed.rule.deed is Deed.DEFER
            if armed.rule.times and not armed.left:
                del self._rules[armed.rule.name]
            if item.fate != "pass" or item.held_by:
                break
        if loose and not item.held_by:
            self._deferred.append(item)
        elif len(self._lanes[direction]) < MOST_WAITING:
            self._lanes[direction].append(item)
        else:
            self._steps.append(self._step("lose", item, "too many wait behind a held frame"))
            self._steps.append(Step("cut", direction, meta, "", f"{MOST_WAITING} frames wait behind a held one"))

    def take(self, now_s: float) -> Step | None:
        """The next step that is due."""
        if self._steps:
            return self._steps.popleft()
        for cut in self._cuts:
            if cut[0] <= now_s:
                self._cuts.remove(cut)
                self._rules[cut[1]].met += 1
                return Step("cut", SENT, FrameMeta(FrameType.UNREADABLE, "", ""), "", f"the rule {cut[1]} cut it")
        for lane in self._lanes.values():
            if lane and lane[0].ready_s <= now_s:
                return self._finish(lane.popleft(), now_s)
        for item in self._deferred:
            if item.ready_s <= now_s:
                self._deferred.remove(item)
                return self._finish(item, now_s)
        return None

    @property
    def deadline_s(self) -> float | None:
        """When the next step is due; None if nothing is on its way but what is held."""
        if self._steps:
            return -inf
        due = [lane[0].ready_s for lane in self._lanes.values() if lane]
        due += [item.ready_s for item in self._deferred]
        due += [at_s for at_s, _ in self._cuts]
        soonest = min(due, default=inf)
        return None if soonest == inf else soonest

    @property
    def sending(self) -> bool:
        """Something sent is on its way that nobody has to let go first."""
        lane = self._lanes[SENT]
        return bool(lane) and lane[0].ready_s != inf

    @property
    def idle(self) -> bool:
        """There is no rule, and nothing is on its way."""
        return not (self._rules or self._deferred or self._steps or any(self._lanes.values()))

    # -- what is held -----------------------------------------------------------------------------

    @property
    def held(self) -> tuple[Held, ...]:
        """The frames that are held, the oldest first."""
        found = [item for lane in self._lanes.values() for item in lane if item.ready_s == inf]
        return tuple(
            [
                Held(item.number, item.direction, item.meta, as_text(item.text), item.since_s, item.held_by)
                for item in sorted(found, key=_number_of)
            ]
        )

    def release(self, number: int | None, verdict: Verdict, now_s: float) -> Held:
        """Lets a held frame go, the oldest without a number. LocalError when it is not held, or that cannot become of
        it."""
        held = self.held
        found = next((each for each in held if number in (None, each.number)), None)
        if found is None:
            which = "no frame is held" if number is None or not held else f"frame {number} is not held"
            raise LocalError(f"{which}: there {'is' if len(held) == 1 else 'are'} {_numbers(held)}" if held else which)
        item = next(each for each in self._lanes[found.direction] if each.number == found.number)
        words = self._decide(item, verdict, now_s)
        item.notes.append(f"held {_seconds(now_s - item.since_s)} by {item.held_by}, then {words}")
        return found

    def _decide(self, item: _Item, verdict: Verdict, now_s: float) -> str:
        """Carries the verdict out, in words."""
        ready_s, words = now_s, "passed"
        match verdict.what:
            case "pass":
                pass
            case "edit":
                item.change(verdict.text, self._reread(item, verdict.text))
                words = "edited"
            case "drop":
                item.fate, words = "drop", "dropped"
            case "delay":
                if verdict.delay_ms is None:
                    raise LocalError("delay-ms: say how long, such as 200")
                delay_ms = verdict.delay_ms.draw(self._dice(f"release {item.number}"))
                ready_s, words = now_s + delay_ms / 1000.0, f"delayed {delay_ms:.0f} ms"
            case "duplicate":
                item.copies, words = item.copies + 1, "passed twice"
            case "answer":
                if item.meta.type is not FrameType.CALL or not item.meta.message_id:
                    raise LocalError("only a CALL can be answered")
                item.code = spelled(verdict.code, self._version)
                item.fate, words = "answer", f"answered with {item.code}"
            case _:
                raise LocalError(f"{printable(verdict.what, 40)} is nothing that can become of a frame")
        item.ready_s = ready_s
        return words

    # -- how it works -----------------------------------------------------------------------------

    def _set_cut(self, armed: _Armed, now_s: float) -> None:
        if armed.rule.every_s is not None:
            self._cuts.append((now_s + armed.rule.every_s.draw(armed.dice), armed.rule.name))

    def _apply(self, armed: _Armed, item: _Item) -> bool:
        """Does to a frame what the rule says; False if that changes nothing."""
        rule, by = armed.rule, armed.rule.name
        match rule.deed:
            case Deed.HOLD:
                self._held += 1
                item.number, item.held_by, item.ready_s = self._held, by, inf
            case Deed.DROP:
                item.fate = "drop"
                item.notes.append(f"dropped by {by}")
            case Deed.CUT:
                item.fate = "cut"
                item.notes.append(f"lost: {by} cut the connection")
            case Deed.DELAY | Deed.DEFER if rule.delay_ms is not None:
                item.ready_s += rule.delay_ms.draw(armed.dice) / 1000.0
                item.delayed_by = _joined(item.delayed_by, by, between=" and ")
            case Deed.DUPLICATE:
                item.copies += 1
                item.notes.append(f"duplicated by {by}")
            case Deed.EDIT:
                before = as_text(item.text)
                text = before.replace(rule.find, rule.replace)
                if text == before:
                    return False
                item.change(text, self._reread(item, text))
                item.notes.append(f"edited by {by}")
            case Deed.CORRUPT:
                text = as_text(item.text)
                if len(text) < 2:
                    return False
                at = min(int(armed.dice.uniform(1, len(text))), len(text) - 1)
                item.change(text[:at], self._reread(item, text[:at]))
                item.notes.append(f"cut short after {at} of {len(text)} characters by {by}")
            case _:
                item.fate, item.code = "answer", spelled(rule.code, self._version)
                item.notes.append(f"answered with {item.code} by {by}")
        return True

    def _reread(self, item: _Item, text: str) -> FrameMeta:
        """What a changed frame is: an answer keeps the action of its CALL."""
        meta = self._read(text)
        if meta.action or meta.type is not item.meta.type or meta.message_id != item.meta.message_id:
            return meta
        return FrameMeta(meta.type, item.meta.action, meta.message_id, meta.fault)

    def _finish(self, item: _Item, now_s: float) -> Step:
        """The frame leaves its lane; what follows from it comes at once behind it."""
        note = _joined(*item.notes, *self._times(item, now_s))
        if item.fate == "drop":
            return self._step("lose", item, note)
        if item.fate == "cut":
            self._steps.append(Step("cut", item.direction, item.meta, "", item.notes[-1].removeprefix("lost: ")))
            return self._step("lose", item, note)
        if item.fate == "answer":
            self._answer(item, now_s)
            return self._step("lose", item, note)
        step = self._step("pass", item, note)
        for _ in range(item.copies):
            self._steps.append(step._replace(note="duplicate", original="", paired=False))
        return step

    def _answer(self, item: _Item, now_s: float) -> None:
        """Nobody but we saw the CALL: its answer goes back in the other lane."""
        message_id = _id_of(as_text(item.text)) or item.meta.message_id
        frame: tuple[Any, ...] = (4, message_id, item.code, "answered by a rule", {})
        text = msgspec.json.encode(frame).decode()
        back = RECEIVED if item.direction is SENT else SENT
        answer = _Item(back, FrameMeta(FrameType.CALLERROR, item.meta.action, item.meta.message_id), text, now_s)
        answer.notes.append("made by a rule")
        self._lanes[back].append(answer)

    def _times(self, item: _Item, now_s: float) -> Iterator[str]:
        waited_s = now_s - item.since_s
        if item.ready_s == inf:
            yield f"held {_seconds(waited_s)} by {item.held_by}"
        elif item.delayed_by:
            yield f"delayed {waited_s * 1000.0:.0f} ms by {item.delayed_by}"
        elif waited_s >= 0.001 and not item.held_by:
            yield f"waited {waited_s * 1000.0:.0f} ms behind another"

    def _step(self, kind: Literal["pass", "lose"], item: _Item, note: str) -> Step:
        original = as_text(item.original)
        answer = item.meta.type not in (FrameType.CALL, FrameType.SEND)
        return Step(kind, item.direction, item.meta, item.text, note, original, kind == "pass" or not answer)


def _id_of(text: str) -> str | None:
    try:
        frame: list[Any] = msgspec.json.decode(text, type=list[Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return frame[1] if len(frame) > 1 and type(frame[1]) is str else None


def _joined(*parts: str, between: str = "; ") -> str:
    return between.join(part for part in parts if part)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s"


def _numbers(held: tuple[Held, ...]) -> str:
    return ", ".join(str(each.number) for each in held)


def _number_of(item: _Item) -> int:
    return item.number
