"""Identifiers: which one is meant, and what a station is to know of one."""

from evtui.engine.effects.effect import Arguments, Effect, Spot, do
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.sim.actions import NoticeKind
from evtui.sim.authorization import shown
from evtui.sim.events import AddToCache
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.terms import AuthorizationStatus, IdTokenType


def token_of(spot: Spot, arguments: Arguments) -> IdToken:
    """The identifier that was asked for, or the station's own. LocalError for a type that OCPP does not have."""
    own = spot.session.spec.id_token
    text, kind = arguments.get("id-token"), arguments.get("id-token-type")
    if not text and not kind:
        return own
    try:
        return IdToken(text or own.id_token, IdTokenType(kind) if kind else own.type)
    except ValueError:
        raise LocalError(f"{printable(kind or '', 40)} is no type of identifier: {', '.join(IdTokenType)}") from None


async def add_to_cache(spot: Spot, arguments: Arguments) -> Effect:
    """Puts an identifier into the cache; the station says why not. Groups are of type Central (C09.FR.13)."""
    token, group = token_of(spot, arguments), arguments["group-id-token"]
    info = IdTokenInfo(AuthorizationStatus(arguments["status"]), IdToken(group, IdTokenType.CENTRAL) if group else None)
    return await do(spot, AddToCache(token, info), NoticeKind.CACHED)


async def look_up(spot: Spot, arguments: Arguments) -> Effect:
    """Tells what is known of an identifier, and does not count as its presentation."""
    token = token_of(spot, arguments)
    known = "; ".join(spot.session.station.tokens.known_of(token))
    return Effect(True, f"{printable(shown(token))}: {printable(known) or 'neither local list nor cache know it'}")
