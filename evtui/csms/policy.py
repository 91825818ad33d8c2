"""How the CSMS treats a station: what a boot is answered, what its clock says, and how it misbehaves on purpose.

Decisions are pure: the same seed, station and count of answers give the same again, whatever other stations do.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from evtui.config_errors import explain
from evtui.errors import ConfigError, LocalError
from evtui.ocppj.rpc import ERROR_CODES
from evtui.ocppj.schemas import schemas_of

ACCEPTED: Final = "Accepted"
PENDING: Final = "Pending"
REJECTED: Final = "Rejected"

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
BootStatus = Literal["Accepted", "Pending", "Rejected"]
Deed = Literal["late", "silent", "callerror", "invalid", "wrong id", "drop"]


class Misbehaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that goes wrong with answers, each time with a probability, for all CALLs or those of `actions`.

    `late`: after `delay_ms`, give or take `spread_ms`. `silent`: not at all. `callerror`: by a CALLERROR of this
    `code`, and nothing is taken in. `invalid`: by a result that breaks the schema. `wrong id`: with an id that no CALL
    has. `drop`: the connection is cut instead."""

    kind: Deed
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    actions: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()
    delay_ms: Milliseconds = 1000
    spread_ms: Milliseconds = 0
    code: str = "InternalError"


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a BootNotification is answered (status, and the interval in seconds), by how much the CSMS's clock is wrong,
    and how the CSMS misbehaves. `seed` and the station id make the chances."""

    boot_status: BootStatus = ACCEPTED
    interval_s: Annotated[int, msgspec.Meta(ge=0, le=1 << 31)] = 300
    clock_offset_s: Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)] = 0.0
    seed: int = 0
    misbehaviour: Annotated[tuple[Misbehaviour, ...], msgspec.Meta(max_length=32)] = ()


class Conduct(msgspec.Struct, frozen=True):
    """What is done with one answer: how late it is, and what else goes wrong, if anything."""

    delay_s: float = 0.0
    wrong: Misbehaviour | None = None


PROPER: Final = Conduct()


def conduct(policy: Policy, station_id: str, number: int, action: str) -> Conduct:
    """What is done with the answer `number` (counted from 0) of a station. Delays add up; of the rest, the first thing
    that comes up is done."""
    if not policy.misbehaviour:
        return PROPER
    delay_s, wrong = 0.0, None
    for place, each in enumerate(policy.misbehaviour):
        if each.actions and action not in each.actions:
            continue
        chance, spread = _chances(f"{policy.seed}/{place}/{number}/{station_id}")
        if chance >= each.probability:
            continue
        if each.kind == "late":
            delay_s += max(0.0, each.delay_ms + (2 * spread - 1) * each.spread_ms) / 1000
        elif wrong is None:
            wrong = each
    return Conduct(delay_s, wrong)


def _chances(of: str) -> tuple[float, float]:
    """Two numbers from 0 up to, but not, 1."""
    digest = blake2b(of.encode("utf-8", "surrogatepass"), digest_size=14).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56), int.from_bytes(digest[7:], "big") / (1 << 56)


def broken(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload of an answer, made to break its schema: another type for its first field, or an unknown one."""
    if not payload:
        return {"unexpected": True}
    name, value = next(iter(payload.items()))
    return {**payload, name: "wrong" if isinstance(value, int | float) else 42}


def check_policy(policy: Policy, at: str = "") -> None:
    """LocalError for a code or an action that OCPP does not have, naming its place."""
    known = schemas_of("2.0.1").actions | schemas_of("1.6").actions
    for number, each in enumerate(policy.misbehaviour):
        where = f"{at}misbehaviour[{number}]"
        if each.code not in ERROR_CODES["2.0.1"]:
            raise LocalError(f"{where}.code: OCPP-J has no error code {each.code!r}")
        for action in each.actions:
            if action not in known:
                raise LocalError(f"{where}.actions: OCPP has no action {action!r}")


# -- a file of policies ---------------------------------------------------------------------------


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of policies says: for all stations, and for some."""

    default: Policy | None = None
    station: dict[str, Policy] = {}


def read_policies(file: str, setting: str) -> Policies:
    """The policies in a TOML or, by its suffix, JSON file. ConfigError names setting, file, key and the fix."""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigError(f"{setting}: {file} cannot be read: {why}") from None
    tree = _tree(text, file, setting)
    try:
        policies = msgspec.convert(tree, Policies)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{setting}: {file}: {explain(error, Policies, tree)}") from None
    try:
        if policies.default is not None:
            check_policy(policies.default, "default.")
        for station_id, policy in policies.station.items():
            check_policy(policy, f"station.{station_id}.")
    except LocalError as error:
        raise ConfigError(f"{setting}: {file}: {error}") from None
    return policies


def _tree(text: str, file: str, setting: str) -> Any:
    if file.endswith(".json"):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ConfigError(f"{setting}: {file}: no JSON: {error}") from None
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{setting}: {file}: no TOML: {error}") from None
