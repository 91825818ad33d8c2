"""Sessions: start, stop, present an identifier."""

from evtui.engine.door import LinkState
from evtui.engine.ear import Ear
from evtui.engine.effects.effect import FAILURES, WAIT_S, Arguments, Effect, Spot, do, told, watch
from evtui.engine.effects.tokens import token_of
from evtui.ocppj.fault import printable
from evtui.sim.actions import Notice, NoticeKind
from evtui.sim.events import PlugIn, PresentToken, StopLocally
from evtui.sim.messages import IdToken

_COMING = (LinkState.OFFLINE, LinkState.CONNECTING, LinkState.BOOTING)


async def start(spot: Spot, arguments: Arguments) -> Effect:
    """Plugs in if needed, lets the CSMS accept the station first if that is under way, and presents the identifier."""
    token = token_of(spot, arguments)
    by_s = spot.by_s()
    with spot.session.listen() as ear:
        if not spot.row.plugged:
            plugged = await watch(spot, ear, PlugIn(spot.evse_id), NoticeKind.PLUGGED_IN, by_s)
            if not plugged.done:
                return plugged
        await _acceptance(spot, ear, by_s)
        return await _present(spot, ear, token, NoticeKind.SESSION_STARTED, by_s)


async def authorize(spot: Spot, arguments: Arguments) -> Effect:
    """Presents the identifier, whatever follows."""
    token = token_of(spot, arguments)
    with spot.session.listen() as ear:
        return await _present(spot, ear, token, NoticeKind.AUTHORIZED, spot.by_s())


async def stop(spot: Spot, arguments: Arguments) -> Effect:
    """Stops as the identifier that began would; without a transaction it takes the authorization back."""
    ended = await do(spot, StopLocally(spot.evse_id), NoticeKind.SESSION_ENDED)
    if ended.done or spot.row.authorized:
        return ended
    if spot.row.transaction_id is not None:
        return Effect(True, "no longer authorized; TxStopPoint lets the transaction run until the cable is out")
    return Effect(True, "no longer authorized")


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
        if heard is LinkState.DARK:
            return Effect(False, "the power was cut meanwhile")
        if not isinstance(heard, Notice) or heard.evse_id != spot.evse_id:
            continue
        if heard.kind is wanted:
            return Effect(True, told(heard))
        if heard.kind is NoticeKind.AUTHORIZED:
            authorized = True
        elif heard.kind is NoticeKind.MASTER_PASS:
            return Effect(wanted is NoticeKind.AUTHORIZED, "a master pass: everything ends")
        elif heard.kind in FAILURES:
            return Effect(False, _why(spot, heard))
        elif heard.kind in (NoticeKind.SESSION_ENDED, NoticeKind.AUTHORIZATION_ENDED):
            return Effect(True, told(heard)) if wanted is NoticeKind.AUTHORIZED else Effect(False, _why(spot, heard))
    if authorized:
        return Effect(False, "authorized; the transaction waits for its TxStartPoint")
    return Effect(False, f"presented; the CSMS has not answered within {WAIT_S:.0f} s")


def _why(spot: Spot, notice: Notice) -> str:
    """A refusal, and what is wrong with the link if anything is."""
    session = spot.session
    text = printable(notice.text)
    return f"{text} ({session.trouble})" if session.link is not LinkState.ONLINE and session.trouble else text
