"""Who may charge: what becomes of an identifier that a driver presents (C01-C06, C09, C15, C16).

The rules stand in the order in which they are asked. A local list or a cache is one more rule, before `_online`.
"""

from collections.abc import Callable
from enum import Enum

import msgspec

from evtui.sim.messages import IdToken, IdTokenInfo
from evtui.sim.terms import AuthorizationStatus, IdTokenType
from evtui.sim.variables.device_model import DeviceModel

NO_AUTHORIZATION = IdToken("", IdTokenType.NO_AUTHORIZATION)
"""What stands for a driver where nobody is asked (C02.FR.01)."""

_ACCEPTED = IdTokenInfo(AuthorizationStatus.ACCEPTED)
_LONGEST = 36


class Authorization(msgspec.Struct, frozen=True):
    """A driver's right to charge at an EVSE."""

    id_token: IdToken
    info: IdTokenInfo


class Ask(Enum):
    """The CSMS is to decide."""

    CSMS = "csms"


class Refuse(msgspec.Struct, frozen=True):
    """The identifier is not accepted; `reason` is for people."""

    reason: str


Verdict = Authorization | Ask | Refuse


class Case(msgspec.Struct, frozen=True):
    """An identifier to be judged. `online`: the CSMS can be asked; `registered`: it has accepted the station before."""

    id_token: IdToken
    model: DeviceModel
    online: bool
    registered: bool


def judge(case: Case) -> Verdict:
    """What becomes of an identifier that would begin something."""
    for rule in _RULES:
        verdict = rule(case)
        if verdict is not None:
            return verdict
    return Refuse("there is no link to the CSMS, and OfflineTxForUnknownIdEnabled is false")


def _readable(case: Case) -> Verdict | None:
    if len(case.id_token.id_token) > _LONGEST:
        return Refuse(f"an identifier has at most {_LONGEST} characters")
    return None


def _registered(case: Case) -> Verdict | None:
    if case.registered or case.model.flag("TxCtrlr.TxBeforeAcceptedEnabled"):
        return None
    return Refuse("the CSMS has not accepted this station yet, and TxBeforeAcceptedEnabled is false")


def _open_to_all(case: Case) -> Verdict | None:
    return None if case.model.flag("AuthCtrlr.Enabled") else Authorization(case.id_token, _ACCEPTED)


def _local_only(case: Case) -> Verdict | None:
    if case.model.flag("AuthCtrlr.DisableRemoteAuthorization"):
        return Refuse("DisableRemoteAuthorization is true, and no local list or cache knows it")
    return None


def _online(case: Case) -> Verdict | None:
    return Ask.CSMS if case.online else None


def _unknown_offline(case: Case) -> Verdict | None:
    """C15: an unknown identifier may charge without a link; the CSMS judges it later."""
    if case.model.flag("AuthCtrlr.OfflineTxForUnknownIdEnabled"):
        return Authorization(case.id_token, _ACCEPTED)
    return None


_RULES: tuple[Callable[[Case], Verdict | None], ...] = (
    _readable,
    _registered,
    _open_to_all,
    _local_only,
    _online,
    _unknown_offline,
)


def judge_answer(id_token: IdToken, info: IdTokenInfo, evse_id: int) -> Authorization | Refuse:
    """What the CSMS's word means at an EVSE (C01.FR.20)."""
    if info.status is not AuthorizationStatus.ACCEPTED:
        return Refuse(f"the CSMS says {info.status}")
    if info.evse_ids and evse_id not in info.evse_ids:
        return Refuse("the CSMS does not allow it at this EVSE")
    return Authorization(id_token, info)


def same(one: IdToken, other: IdToken) -> bool:
    """The same identifier: text, without case, and type count (C01.FR.25)."""
    return one.type is other.type and one.id_token.casefold() == other.id_token.casefold()


def same_group(one: IdTokenInfo, other: IdTokenInfo) -> bool:
    """Both valid and of one group: each may end what the other began (C09)."""
    group, its = one.group_id_token, other.group_id_token
    return group is not None and its is not None and same(group, its) and one.status is other.status


def is_master(info: IdTokenInfo, model: DeviceModel) -> bool:
    """It ends transactions and begins none (C16)."""
    group = info.group_id_token
    return group is not None and group.id_token == model.text("AuthCtrlr.MasterPassGroupId") != ""


def shown(id_token: IdToken) -> str:
    """An identifier as people may see it: never a key code (C04.FR.04)."""
    if id_token.type is IdTokenType.KEY_CODE:
        return "a key code"
    return f'"{id_token.id_token}"' if id_token.id_token else "nobody in particular"
