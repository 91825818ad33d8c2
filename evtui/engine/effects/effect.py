"""What every effect needs: where a command acts, how its effect is waited for, and in which words it is told."""

from collections.abc import Mapping
from typing import NamedTuple

from evtui.engine.clock import Clock
from evtui.engine.commands import COMMANDS
from evtui.engine.door import EvseRow, LinkState
from evtui.engine.ear import Ear, Handled
from evtui.engine.session import Session
from evtui.engine.views import evse_row, station_row
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.sim.actions import Notice, NoticeKind
from evtui.sim.events import Event

WAIT_S = 10.0
"""How long an effect is waited for."""

FAILURES = (NoticeKind.IMPOSSIBLE, NoticeKind.REFUSED)

Arguments = Mapping[str, str]


class Effect(NamedTuple):
    """`done`, or why not; `text` is fit for a toast and names no station; `answer` is JSON that came back."""

    done: bool
    text: str
    answer: str = ""


class Spot(NamedTuple):
    """What a command acts on: an EVSE, or with `evse_id` 0 the station as a whole."""

    session: Session
    evse_id: int
    clock: Clock

    @property
    def row(self) -> EvseRow:
        """The EVSE; the first one for the station as a whole."""
        gauge, index = self.session.gauge, max(self.evse_id - 1, 0)
        return evse_row(gauge.readings[index], gauge.histories[index])

    @property
    def connector_id(self) -> int:
        """The connector in use, or else the first."""
        return self.session.gauge.readings[max(self.evse_id - 1, 0)].connector_id

    def obstacle(self, command: str) -> str | None:
        """Why a command cannot act here now."""
        return COMMANDS[command].possible(station_row(self.session), self.row)

    def by_s(self) -> float:
        return self.clock.now().elapsed_s + WAIT_S

    def concerns(self, notice: Notice) -> bool:
        """The notice is of this EVSE, or of the station."""
        return self.evse_id == 0 or notice.evse_id in (0, self.evse_id)


async def do(spot: Spot, event: Event, wanted: NoticeKind) -> Effect:
    """Something whose effect shows at once, as a notice of the kind that is wanted."""
    with spot.session.listen() as ear:
        return await watch(spot, ear, event, wanted, spot.by_s())


async def watch(spot: Spot, ear: Ear, event: Event, wanted: NoticeKind, by_s: float) -> Effect:
    """As `do`, with an ear that hears more than this event."""
    spot.session.post(event)
    effect = Effect(False, "nothing came of it")
    while (heard := await ear.next(by_s)) is not None:
        if isinstance(heard, Handled) and heard.event is event:
            return effect
        if heard is LinkState.CRASHED:
            return Effect(False, f"crashed: {spot.session.trouble}")
        if heard is LinkState.DARK:
            return Effect(False, "the power was cut meanwhile")
        if isinstance(heard, Notice) and spot.concerns(heard):
            if heard.kind is wanted:
                effect = Effect(True, told(heard))
            elif heard.kind in FAILURES:
                effect = Effect(False, printable(heard.text))
    return Effect(False, f"the station did not react within {WAIT_S:.0f} s")


def told(notice: Notice) -> str:
    """A notice as an effect."""
    match notice.kind:
        case NoticeKind.SESSION_STARTED:
            return f"transaction {notice.transaction_id} started"
        case NoticeKind.SESSION_ENDED:
            return f"transaction ended, {(notice.energy_wh or 0.0) / 1000.0:.3f} kWh"
        case NoticeKind.AUTHORIZATION_ENDED:
            return "no longer authorized"
        case NoticeKind.PLUGGED_IN:
            return f"plugged in: {printable(notice.text)}"
        case NoticeKind.UNPLUGGED:
            return f"unplugged {printable(notice.text)}"
        case NoticeKind.EV:
            return f"the car {printable(notice.text)}"
        case NoticeKind.BAY:
            return f"the bay is {printable(notice.text)}"
        case NoticeKind.FAULT_CLEARED:
            return f"no longer: {printable(notice.text)}"
        case NoticeKind.AUTHORIZED:
            return f"authorized {printable(notice.text)}"
        case _:
            return printable(notice.text)


def figure(arguments: Arguments, name: str) -> float | None:
    """An argument that is a figure from 0 on, None when it is left out. LocalError for what is none."""
    text = arguments[name].strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < 1e12:
        raise LocalError(f"{name}: {printable(text, 40)} is no figure from 0 on")
    return value
