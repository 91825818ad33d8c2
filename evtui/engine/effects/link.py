"""Power and network, and what goes over the link by hand."""

from evtui.engine.clock import sleep_until
from evtui.engine.door import LinkState
from evtui.engine.effects.effect import WAIT_S, Arguments, Effect, Spot, figure
from evtui.errors import LocalError

LONGEST_DARK_S = 86_400.0
LONGEST_TEXT = 1 << 20
"""Characters of a text that is sent by hand."""


async def cut_power(spot: Spot, arguments: Arguments) -> Effect:
    """The station goes dark."""
    spot.session.cut_power()
    return Effect(True, "the power is cut")


async def return_power(spot: Spot, arguments: Arguments) -> Effect:
    """The station boots."""
    by_s = spot.by_s()
    with spot.session.listen() as ear:
        spot.session.return_power()
        while (heard := await ear.next(by_s)) is not None:
            if heard is LinkState.CRASHED:
                return Effect(False, f"crashed: {spot.session.trouble}")
            if isinstance(heard, LinkState) and heard is not LinkState.DARK:
                return Effect(True, "the power is back: the station boots")
    return Effect(False, f"the station did not react within {WAIT_S:.0f} s")


async def cycle_power(spot: Spot, arguments: Arguments) -> Effect:
    """Both, one after the other. LocalError for a time that cannot be."""
    seconds = figure(arguments, "seconds")
    if seconds is None or seconds > LONGEST_DARK_S:
        raise LocalError(f"seconds: from 0 to {LONGEST_DARK_S:g}")
    spot.session.cut_power()
    await sleep_until(spot.clock, spot.clock.now().elapsed_s + seconds)
    if spot.session.powered:
        return Effect(True, "the power is back already")
    return await return_power(spot, arguments)


async def toggle_power(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (cut_power if spot.session.powered else return_power)(spot, arguments)


async def cut_network(spot: Spot, arguments: Arguments) -> Effect:
    """Nothing passes."""
    spot.session.cut_network()
    return Effect(True, "the network is cut: nothing passes, and nobody is told")


async def restore_network(spot: Spot, arguments: Arguments) -> Effect:
    """It passes again."""
    spot.session.restore_network()
    return Effect(True, "the network passes again")


async def toggle_network(spot: Spot, arguments: Arguments) -> Effect:
    """Whichever of the two is possible."""
    return await (restore_network if spot.session.network_cut else cut_network)(spot, arguments)


async def close(spot: Spot, arguments: Arguments) -> Effect:
    """The WebSocket is closed; the back-off begins."""
    by_s = spot.by_s()
    with spot.session.listen() as ear:
        spot.session.close_link()
        while (heard := await ear.next(by_s)) is not None:
            if isinstance(heard, LinkState):
                return Effect(True, "closed; the station connects again after its back-off")
    return Effect(False, f"the station did not react within {WAIT_S:.0f} s")


async def send_raw(spot: Spot, arguments: Arguments) -> Effect:
    """Sends it, whatever comes back. LocalError for what no WebSocket can carry."""
    text = arguments["text"]
    if len(text) > LONGEST_TEXT:
        raise LocalError(f"text: {len(text)} characters, at most {LONGEST_TEXT} can be sent")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise LocalError("text: this is no Unicode text, and a WebSocket carries no other") from None
    if not spot.session.send_raw(text):
        return Effect(False, "there is no connection")
    return Effect(True, f"sent {size} bytes")
