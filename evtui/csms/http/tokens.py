"""Who may charge: the token table, which can be written."""

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from fastapi import FastAPI, HTTPException, Path, Request
from fastapi.responses import Response

from evtui.csms.http.bodies import read_body
from evtui.csms.tokens import Token, TokenEntry
from evtui.errors import BusyError, LocalError
from evtui.web.answers import json
from evtui.web.docs import answers, body, refusals

if TYPE_CHECKING:
    from evtui.csms.server import Csms

MOST_TOKENS = 100_000
_PATH = "/api/id-tokens/{type}/{id_token:whole}"

TokenType = Literal["ISO14443", "ISO15693", "Central", "Local", "eMAID", "KeyCode", "MacAddress"]
TokenStatus = Literal[
    "Accepted",
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
]

_Type = Annotated[TokenType, Path(description="Its IdTokenEnum word.")]
_IdToken = Annotated[str, Path(min_length=1, max_length=36, description="Its value.")]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=36)]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The group that a token belongs to."""

    id_token: Value
    type: TokenType = "Central"


class TokenChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token is worth: `status` is an AuthorizationStatusEnum word; without `evse_ids` it is good for all."""

    status: TokenStatus = "Accepted"
    group: Group | None = None
    evse_ids: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)], ...], msgspec.Meta(max_length=256)] = ()


class GroupView(msgspec.Struct, frozen=True):
    """The group that a token belongs to."""

    id_token: str
    type: str


class TokenView(msgspec.Struct, frozen=True):
    """A token and what it is worth; that of a KeyCode is not told. Tokens are compared without case."""

    id_token: str
    type: str
    status: str
    group: GroupView | None
    evse_ids: tuple[int, ...]


class TokensView(msgspec.Struct, frozen=True):
    """The tokens that are listed; any other one gets the status `unlisted`."""

    unlisted: str
    tokens: tuple[TokenView, ...]


def add_tokens(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records they take and answer."""
    table = csms.books.tokens

    @api.get("/api/id-tokens", tags=["tokens"], response_model=None, responses=answers(TokensView, "The tokens."))
    async def tokens() -> Response:
        """The tokens that are listed."""
        return json(TokensView(table.unlisted, tuple(_view(token, entry) for token, entry in table)))

    @api.put(
        _PATH,
        tags=["tokens"],
        response_model=None,
        responses=answers(TokenView, "It is listed.", 429),
        openapi_extra=body(TokenChange),
    )
    async def put(type: _Type, id_token: _IdToken, request: Request) -> Response:
        """Lists a token, or changes what it is worth."""
        token = Token(id_token, type)
        try:
            change: TokenChange = await read_body(request, TokenChange)
        except LocalError as error:
            raise HTTPException(422, str(error)) from None
        if not id_token.isprintable():
            raise HTTPException(422, "id_token: has characters that cannot be printed")
        if table.entry(token) is None and len(table) >= MOST_TOKENS:
            raise BusyError(f"{MOST_TOKENS} tokens are listed already")
        group = None if change.group is None else Token(change.group.id_token, change.group.type)
        entry = TokenEntry(change.status, group, change.evse_ids)
        table.put(token, entry)
        await csms.committed()
        return json(_view(token, entry))

    @api.delete(
        _PATH,
        tags=["tokens"],
        response_model=None,
        status_code=204,
        responses={**refusals(404), 204: {"description": "It is not listed any more."}},
    )
    async def delete(type: _Type, id_token: _IdToken) -> Response:
        """Takes a token off the list."""
        token = Token(id_token, type)
        if table.entry(token) is None:
            raise HTTPException(404, "that token is not listed")
        table.remove(token)
        await csms.committed()
        return Response(status_code=204)

    return (TokensView, TokenView, TokenChange)


def _view(token: Token, entry: TokenEntry) -> TokenView:
    group = None if entry.group is None else GroupView(entry.group.shown, entry.group.type)
    return TokenView(token.shown, token.type, entry.status, group, entry.evse_ids)
