"""What each command does at one EVSE, and what is said of its effect."""

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
from evtui.sim.events import Event, PlugIn, PresentToken, SetEnergyTarget, SetLimit, StopLocally, Unplug
from evtui.sim.messages import IdToken
from evtui.sim.physics.limits import STANDBY
from evtui.sim.terms import IdTokenType

WAIT_S = 10.0
"""How long an effect is waited for."""

_COMING = (LinkState.OFFLINE, LinkState.CONNECTING, LinkState.BOOTING)
_FAILURES = (NoticeKind.IMPOSSIBLE, NoticeKind.REFUSED)

_SOURCES = {"operator": "Operator", "echonet": "ECHONET controller"}

Arguments = Mapping[str, str]


class Effect(NamedTuple):
    """`done`, or why not; `text` is fit for a toast and names no station."""

    done: bool
    text: str


class Spot(NamedTuple):
    """An EVSE that a command acts on."""

    session: Session
    evse_id: int
    clock: Clock

    @property
    def row(self) -> EvseRow:
        gauge = self.session.gauge
        return evse_row(gauge.readings[self.evse_id - 1], gauge.histories[self.evse_id - 1])

    def obstacle(self, command: str) -> str | None:
        """Why a command cannot act here now."""
        return COMMANDS[command].possible(station_row(self.session), self.row)

    def by_s(self) -> float:
        return self.clock.now().elapsed_s + WAIT_S


async def start(spot: Spot, arguments: Arguments) -> Effect:
    """Plugs in if needed, lets the CSMS accept the station first if that is under way, and presents the identifier."""
    token = _token(spot, arguments)
    by_s = spot.by_s()
    with spot.session.listen() as ear:
        if not spot.row.plugged:
            plugged = await _do(spot, ear, PlugIn(spot.evse_id), NoticeKind.PLUGGED_IN, by_s)
            if not plugged.done:
                return plugged
        await _acceptance(spot, ear, by_s)
        return await _present(spot, ear, token, NoticeKind.SESSION_STARTED, by_s)


async def authorize(spot: Spot, arguments: Arguments) -> Effect:
    """Presents the identifier, whatever follows."""
    token = _token(spot, arguments)
    with spot.session.listen() as ear:
        return await _present(spot, ear, token, NoticeKind.AUTHORIZED, spot.by_s())


async def stop(spot: Spot, arguments: Arguments) -> Effect:
    """Stops as the identifier that began would; without a transaction it takes the authorization back."""
    with spot.session.listen() as ear:
        ended = await _do(spot, ear, StopLocally(spot.evse_id), NoticeKind.SESSION_ENDED, spot.by_s())
    if ended.done or spot.row.authorized:
        return ended
    if spot.row.transaction_id is not None:
        return Effect(True, "no longer authorized; TxStopPoint lets the transaction run until the cable is out")
    return Effect(True, "no longer authorized")


async def plug_in(spot: Spot, arguments: Arguments) -> Effect:
    """Puts a cable in."""
    event = PlugIn(spot.evse_id, ev=arguments.get("ev") or None)
    with spot.session.listen() as ear:
        return await _do(spot, ear, event, NoticeKind.PLUGGED_IN, spot.by_s())


async def unplug(spot: Spot, arguments: Arguments) -> Effect:
    """Pulls the cable at the EV."""
    with spot.session.listen() as ear:
        return await _do(spot, ear, Unplug(spot.evse_id), NoticeKind.UNPLUGGED, spot.by_s())


async def toggle_plug(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (unplug if spot.row.plugged else plug_in)(spot, arguments)


async def suspend(spot: Spot, arguments: Arguments) -> Effect:
    """Takes the energy away and keeps the transaction."""
    return await _limit(spot, SetLimit(spot.evse_id, STANDBY, "Suspended", power_w=0.0), "suspended")


async def resume(spot: Spot, arguments: Arguments) -> Effect:
    """Ends a suspension; other limits stay."""
    return await _limit(spot, SetLimit(spot.evse_id, STANDBY, "Suspended"), "resumed")


async def limit(spot: Spot, arguments: Arguments) -> Effect:
    """Sets both figures of a source, or takes them away. LocalError for a source or a figure that cannot be."""
    source = arguments["source"]
    if source not in _SOURCES:
        raise LocalError(f"source: {printable(source, 40)} is not known: {', '.join(_SOURCES)}")
    power_w, current_a = _figure(arguments, "power-w"), _figure(arguments, "current-a")
    name = _SOURCES[source]
    in_w = SetLimit(spot.evse_id, source, name, power_w=power_w)
    in_a = SetLimit(spot.evse_id, f"{source}-current", f"{name} (current)", current_a=current_a)
    figures = [f"{figure:g} {unit}" for figure, unit in ((power_w, "W"), (current_a, "A")) if figure is not None]
    effect = await _limit(spot, in_w, "")
    told = f"limited to {' and '.join(figures)}" if figures else "no longer limited"
    return await _limit(spot, in_a, told) if effect.done else effect


async def limit_energy(spot: Spot, arguments: Arguments) -> Effect:
    """Sets what a transaction may charge. LocalError for a figure that cannot be."""
    energy_wh = _figure(arguments, "energy-wh")
    told = "no longer limited" if energy_wh is None else f"ends at {energy_wh:g} Wh"
    return await _limit(spot, SetEnergyTarget(spot.evse_id, energy_wh), told)


async def _limit(spot: Spot, event: SetLimit | SetEnergyTarget, told: str) -> Effect:
    with spot.session.listen() as ear:
        effect = await _do(spot, ear, event, NoticeKind.LIMIT, spot.by_s())
    return Effect(True, told) if effect.done else effect


def _figure(arguments: Arguments, name: str) -> float | None:
    text = arguments[name].strip()
    if not text:
        return None
    try:
        figure = float(text)
    except ValueError:
        figure = -1.0
    if not 0.0 <= figure < 1e12:
        raise LocalError(f"{name}: {printable(text, 40)} is no figure from 0 on")
    return figure


# -- waiting --------------------------------------------------------------------------------------


async def _do(spot: Spot, ear: Ear, event: Event, wanted: NoticeKind, by_s: float) -> Effect:
    """Something whose effect shows at once."""
    spot.session.post(event)
    effect = Effect(False, "nothing came of it")
    while (heard := await ear.next(by_s)) is not None:
        if isinstance(heard, Handled) and heard.event is event:
            return effect
        if heard is LinkState.CRASHED:
            return Effect(False, f"crashed: {spot.session.trouble}")
        if isinstance(heard, Notice) and heard.evse_id in (0, spot.evse_id):
            if heard.kind is wanted:
                effect = Effect(True, _told(heard))
            elif heard.kind in _FAILURES:
                effect = Effect(False, printable(heard.text))
    return Effect(False, f"the station did not react within {WAIT_S:.0f} s")


async def _acceptance(spot: Spot, ear: Ear, by_s: float) -> None:
    """Waits while the CSMS is about to accept the station; if it does not, the station itself says why not."""
    session = spot.session
    while session.link in _COMING and not session.station.may_begin and await ear.next(by_s) is not None:
        pass


async def _present(spot: Spot, ear: Ear, token: IdToken, wanted: NoticeKind, by_s: float) -> Effect:
    """An identifier at the reader: its effect may need the word of the CSMS."""
    event = PresentToken(spot.evse_id, token)
    spot.session.post(event)
    authorized = False
    while (heard := await ear.next(by_s)) is not None:
        if heard is LinkState.CRASHED:
            return Effect(False, f"crashed: {spot.session.trouble}")
        if not isinstance(heard, Notice) or heard.evse_id != spot.evse_id:
            continue
        if heard.kind is wanted:
            return Effect(True, _told(heard))
        if heard.kind is NoticeKind.AUTHORIZED:
            authorized = True
        elif heard.kind in _FAILURES:
            return Effect(False, _why(spot, heard))
        elif heard.kind in (NoticeKind.SESSION_ENDED, NoticeKind.AUTHORIZATION_ENDED):
            return Effect(wanted is NoticeKind.AUTHORIZED, _told(heard))
    if authorized:
        return Effect(False, "authorized; the transaction waits for its TxStartPoint")
    return Effect(False, f"presented; the CSMS has not answered within {WAIT_S:.0f} s")


def _told(notice: Notice) -> str:
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
            return "unplugged"
        case _:
            return f"authorized {printable(notice.text)}"


def _why(spot: Spot, notice: Notice) -> str:
    """A refusal, and what is wrong with the link if anything is."""
    session = spot.session
    text = printable(notice.text)
    return f"{text} ({session.trouble})" if session.link is not LinkState.ONLINE and session.trouble else text


def _token(spot: Spot, arguments: Arguments) -> IdToken:
    """The identifier that was asked for, or the station's own. LocalError for a type that OCPP does not have."""
    own = spot.session.spec.id_token
    text, kind = arguments.get("id-token"), arguments.get("id-token-type")
    if not text and not kind:
        return own
    try:
        return IdToken(text or own.id_token, IdTokenType(kind) if kind else own.type)
    except ValueError:
        raise LocalError(f"{printable(kind or '', 40)} is no type of identifier: {', '.join(IdTokenType)}") from None
