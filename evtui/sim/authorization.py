"""Who may charge: what becomes of an identifier that a driver presents (C01-C06, C09, C10, C12-C16).

The rules stand in `_RULES`, in the order in which they are asked.
"""

from collections.abc import Callable
from enum import Enum

import msgspec

from evtui.sim.local_tokens import Known
from evtui.sim.messages import LONGEST, IdToken, IdTokenInfo
from evtui.sim.terms import AuthorizationStatus, IdTokenType
from evtui.sim.variables.device_model import DeviceModel

NO_AUTHORIZATION = IdToken("", IdTokenType.NO_AUTHORIZATION)
"""What stands for a driver where nobody is asked (C02.FR.01)."""

_ACCEPTED = IdTokenInfo(AuthorizationStatus.ACCEPTED)


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
    """An identifier to be judged at an EVSE. `online`: the CSMS can be asked; `registered`: it has accepted the station
    before. `known` is what local list or cache say of it, `running` who is authorized there now."""

    id_token: IdToken
    evse_id: int
    model: DeviceModel
    online: bool
    registered: bool
    known: Known | None = None
    running: Authorization | None = None


def judge(case: Case) -> Verdict:
    """What becomes of an identifier that would begin something, or end what another one began."""
    for rule in _RULES:
        verdict = rule(case)
        if verdict is not None:
            return verdict
    return Refuse("there is no link to the CSMS, and OfflineTxForUnknownIdEnabled is false")


def _readable(case: Case) -> Verdict | None:
    if len(case.id_token.id_token) > LONGEST:
        return Refuse(f"an identifier has at most {LONGEST} characters")
    return None


def _of_the_group(case: Case) -> Verdict | None:
    """C01.FR.03, C09.FR.07, E07.FR.01: known to be valid and of the group that began it, it ends it unasked."""
    if case.running is None or case.known is None or not same_group(case.running.info, case.known.info):
        return None
    return Authorization(case.id_token, case.known.info)


def _registered(case: Case) -> Verdict | None:
    if case.registered or case.model.flag("TxCtrlr.TxBeforeAcceptedEnabled"):
        return None
    return Refuse("the CSMS has not accepted this station yet, and TxBeforeAcceptedEnabled is false")


def _open_to_all(case: Case) -> Verdict | None:
    return None if case.model.flag("AuthCtrlr.Enabled") else Authorization(case.id_token, _ACCEPTED)


def _start_button(case: Case) -> Verdict | None:
    """C02: nobody is asked about it."""
    button = case.id_token.type is IdTokenType.NO_AUTHORIZATION
    return Authorization(case.id_token, _ACCEPTED) if button else None


def _known_good(case: Case) -> Verdict | None:
    """C12, C13, C14: the station's own knowledge is enough where LocalPreAuthorize or, without a link,
    LocalAuthorizeOffline say so. A master pass, which ends everything, is trusted unasked only without a link (C16)."""
    if case.known is None:
        return None
    trusted = case.model.flag("AuthCtrlr.LocalPreAuthorize" if case.online else "AuthCtrlr.LocalAuthorizeOffline")
    master = is_master(case.known.info.group_id_token, case.model)
    verdict = _local_verdict(case, case.known)
    if not trusted or (master and case.online) or isinstance(verdict, Refuse):
        return None
    return verdict


def _known_bad(case: Case) -> Verdict | None:
    """What is known and not accepted is no unknown identifier: without a link it is refused (C13.FR.02, FR.04 to 06),
    with one the CSMS is asked whether that still holds (C10.FR.03, C12.FR.05, C14.FR.03), unless that is final."""
    if case.known is None:
        return None
    verdict = _local_verdict(case, case.known)
    if isinstance(verdict, Refuse):
        return verdict if case.known.final or not case.online else None
    return None if case.online else Refuse("there is no link to the CSMS, and LocalAuthorizeOffline is false")


def _local_only(case: Case) -> Verdict | None:
    """The CSMS must not be asked at all."""
    if not case.model.flag("AuthCtrlr.DisableRemoteAuthorization"):
        return None
    if case.known is None:
        return Refuse("DisableRemoteAuthorization is true, and no local list or cache knows it")
    return _local_verdict(case, case.known)


def _online(case: Case) -> Verdict | None:
    return Ask.CSMS if case.online else None


def _unknown_offline(case: Case) -> Verdict | None:
    """C15: an unknown identifier may charge without a link; the CSMS judges it later."""
    if case.model.flag("AuthCtrlr.OfflineTxForUnknownIdEnabled"):
        return Authorization(case.id_token, _ACCEPTED)
    return None


_RULES: tuple[Callable[[Case], Verdict | None], ...] = (
    _readable,
    _of_the_group,
    _registered,
    _open_to_all,
    _start_button,
    _known_good,
    _known_bad,
    _local_only,
    _online,
    _unknown_offline,
)


def _local_verdict(case: Case, known: Known) -> Authorization | Refuse:
    return judge_answer(case.id_token, known.info, case.evse_id, known.source)


def judge_answer(
    id_token: IdToken, info: IdTokenInfo, evse_id: int, source: str = "the CSMS"
) -> Authorization | Refuse:
    """What the word of the CSMS, or of another source, means at an EVSE (C01.FR.20, FR.21)."""
    if info.status is not AuthorizationStatus.ACCEPTED:
        return Refuse(f"{source} says {info.status}")
    if info.evse_ids and evse_id not in info.evse_ids:
        return Refuse(f"{source} does not allow it at this EVSE")
    return Authorization(id_token, info)


def same(one: IdToken, other: IdToken) -> bool:
    """The same identifier: text, without case, and type count (C01.FR.25)."""
    return one.key == other.key


def same_group(one: IdTokenInfo, other: IdTokenInfo) -> bool:
    """Both valid and of one group: each may end what the other began (C09)."""
    group, its = one.group_id_token, other.group_id_token
    if group is None or its is None or not group.id_token:
        return False
    return same(group, its) and one.status is other.status is AuthorizationStatus.ACCEPTED


def is_master(group: IdToken | None, model: DeviceModel) -> bool:
    """An identifier of this group ends transactions and begins none (C16)."""
    masters = model.text("AuthCtrlr.MasterPassGroupId")
    return group is not None and masters != "" and group.id_token.casefold() == masters.casefold()


def shown(id_token: IdToken) -> str:
    """An identifier as people may see it: never a key code (C04.FR.04)."""
    if id_token.type is IdTokenType.KEY_CODE:
        return "a key code"
    return f'"{id_token.id_token}"' if id_token.id_token else "nobody in particular"
