"""OCPP 2.0.1: identifiers and what a CSMS says of them, which stand in its answers and in its requests alike."""

from datetime import datetime
from typing import Annotated

import msgspec

from evtui.dialects.primitives import aware
from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.terms import AuthorizationStatus, IdTokenType


class Token(msgspec.Struct, rename="camel"):
    """IdTokenType. What a station does not keep, such as additionalInfo, is left out here and below."""

    id_token: Annotated[str, msgspec.Meta(max_length=36)]
    type: IdTokenType

    @property
    def record(self) -> IdToken:
        """As sim knows it."""
        return IdToken(self.id_token, self.type)


class TokenInfo(msgspec.Struct, rename="camel"):
    """IdTokenInfoType."""

    status: AuthorizationStatus
    cache_expiry_date_time: datetime | None = None
    evse_id: tuple[int, ...] = ()
    group_id_token: Token | None = None

    @property
    def record(self) -> IdTokenInfo:
        """As sim knows it. Raises OverflowError for a time beyond all calendars."""
        group, expiry = self.group_id_token, self.cache_expiry_date_time
        return IdTokenInfo(
            status=self.status,
            group_id_token=None if group is None else group.record,
            cache_expiry=None if expiry is None else aware(expiry),
            evse_ids=self.evse_id,
        )
