"""What runs: fleet.toml and the options of the command line, as frozen records.

Every error is a ConfigError of one line that names the file (or option), the key path and the fix.
"""

import re
import string
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec

from evtui.config_errors import explain, kind_of, nearest
from evtui.config_rules import RuleConfig, check_together, read_rules
from evtui.errors import ConfigError, LocalError
from evtui.sim.messages import IdToken
from evtui.sim.physics import ev
from evtui.sim.spec import EvseSpec, EvShare, StationSpec, TransferReply
from evtui.sim.terms import DataTransferStatus, IdTokenType

if TYPE_CHECKING:
    from evtui.ocppj.rules.rule import Rule

FLOWS = ("conformant", "classic")
VERSIONS = ("2.0.1", "1.6")
UNKNOWN = ("accept", "pending", "refuse")
TEMPLATE = Path(__file__).with_name("fleet.toml")

OCPP_PORT, WEB_PORT = 9000, 8081

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Word = Annotated[str, msgspec.Meta(min_length=1)]


class NetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another CSMS, or another way to it, for when the one before cannot be reached: a network profile of slots 2 and
    3. Password, certificates and headers are those of the first. `message_timeout` in s, 0: as the variable says."""

    url: Word
    message_timeout: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0


class CsmsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The CSMS to dial; without `url` the embedded one, on `host` and `port`; a host that other machines reach must be
    `open`, and a `web_host` that they reach needs a token. Of the ports, only the default ones move to the next free
    one. Passwords and tokens are named, never written here: `..._env` an environment variable, `..._file` a file;
    `{id}` in a password's name stands for the station id. `ocpp` is the only version that is offered; without it all
    are, and the CSMS chooses. `tls_cert` to `unknown` are the doors of the embedded one,
    `policy` is a file that says how it treats stations."""

    url: str | None = None
    ocpp: str | None = None
    host: Word = "127.0.0.1"
    port: Port = OCPP_PORT
    web_port: Port = WEB_PORT
    web_host: Word = "127.0.0.1"
    web_token_env: str | None = None
    web_token_file: str | None = None
    open: bool = False
    tls_cert: Word | None = None
    tls_key: Word | None = None
    client_ca: Word | None = None
    passwords: Word | None = None
    unknown: str = "accept"
    policy: Word | None = None
    password_env: str | None = None
    password_file: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    insecure: bool = False
    headers: dict[str, str] = {}
    network: Annotated[tuple[NetworkConfig, ...], msgspec.Meta(max_length=2)] = ()


class TransferConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is answered to a DataTransfer: a [[group.data_transfer]] of fleet.toml. Without `message_id`, to all other
    messages of that vendor. `data` may be anything that TOML can say."""

    vendor_id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    message_id: Annotated[str, msgspec.Meta(max_length=50)] | None = None
    status: str = "Accepted"
    data: Any = None


class GroupConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stations of a kind: a [[group]] of fleet.toml. `id` and `serial_number` are patterns of `{n}`, such as
    "CP{n:03d}", numbered from `first`. `resume_on_boot`: transactions that a power cut or a crash broke off go on."""

    name: str = "stations"
    count: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 4
    first: Annotated[int, msgspec.Meta(ge=0)] = 1
    id: Word = "CP{n:03d}"
    vendor: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] = "evtui"
    model: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] = "AC22"
    serial_number: str | None = "EVT-{n:06d}"
    firmware_version: Annotated[str, msgspec.Meta(max_length=50)] | None = None
    evses: Annotated[tuple[EvseSpec, ...], msgspec.Meta(min_length=1)] = (EvseSpec(),)
    evs: Annotated[tuple[EvShare, ...], msgspec.Meta(min_length=1)] = (EvShare(),)
    id_token: Annotated[str, msgspec.Meta(max_length=36)] = "DEADBEEF"
    id_token_type: str = "ISO14443"
    flow: str = "conformant"
    resume_on_boot: bool = False
    data_transfer: tuple[TransferConfig, ...] = ()
    rules: tuple[RuleConfig, ...] = ()
    variables: dict[str, str] = {}


class EchonetConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ECHONET Lite node: where it listens (0.0.0.0: everywhere), the one interface whose group it joins, whether it
    joins at all. `order` names the stations, or EVSEs as CP002/2, that come first among its instances. `extra` gives
    old gateways properties where the standard has none: their code, such as "B0", and one of ECHONET_EXTRAS."""

    enabled: bool = False
    host: Word = "127.0.0.1"
    interface: Word | None = None
    multicast: bool = True
    order: tuple[Word, ...] = ()
    extra: dict[str, str] = {}


ECHONET_EXTRAS = ("availability", "energy", "power")


class FleetConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole fleet: `speed` makes physics run faster than life; `seed` fixes physics, choices and faults. `rules` on
    the wire meet frames of every station, before those of its group."""

    groups: tuple[GroupConfig, ...] = msgspec.field(default=(GroupConfig(),), name="group")
    csms: CsmsConfig = CsmsConfig()
    echonet: EchonetConfig = EchonetConfig()
    rules: tuple[RuleConfig, ...] = ()
    speed: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] = 60.0
    seed: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] = 0

    @property
    def stations(self) -> int:
        """How many there are, of all groups."""
        return sum(group.count for group in self.groups)


class ApiConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the API listens; a port that must not be `exact` may move to the next free one. The token is named, never
    written here: by an environment variable or a file."""

    host: Word = "127.0.0.1"
    port: Port = 8082
    exact: bool = False
    token_env: str | None = None
    token_file: str | None = None


# -- fleet.toml -----------------------------------------------------------------------------------


def load_fleet(path: Path) -> FleetConfig:
    """The fleet that a file describes."""
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; `evtui init {path}` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    _soften(tree, path)
    try:
        fleet = msgspec.convert(tree, FleetConfig)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {explain(error, FleetConfig, tree)}") from None
    check(fleet, f"{path}: ")
    return fleet


def write_template(path: Path) -> None:
    """Writes a commented fleet.toml that says exactly the defaults; never over a file that is there."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise ConfigError(f"{path}: is there already and stays as it is; name another file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _soften(tree: dict[str, Any], path: Path) -> None:
    """What TOML reads otherwise than people mean it: `[group]` is one group; `ocpp = 1.6` is a name; in
    `[group.variables]`, `TxCtrlr.EVConnectionTimeOut = 5` is "Component.Variable" to text, with quotes or without, and
    a list is its members with commas between."""
    if isinstance(tree.get("group"), dict):
        tree["group"] = [tree["group"]]
    csms = tree.get("csms")
    if isinstance(csms, dict) and isinstance(csms.get("ocpp"), float):
        csms["ocpp"] = str(csms["ocpp"])
    groups = tree.get("group")
    for number, group in enumerate(groups if isinstance(groups, list) else ()):
        if isinstance(group, dict) and isinstance(variables := group.get("variables"), dict):
            flat: dict[str, Any] = {}
            for component, value in variables.items():
                if isinstance(value, dict):
                    flat.update({f"{component}.{name}": inner for name, inner in value.items()})
                else:
                    flat[component] = value
            group["variables"] = {
                name: _text_of(value, f"{path}: group[{number}].variables.{name}") for name, value in flat.items()
            }


def _text_of(value: object, at: str) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime():
            return value.isoformat()
        case list() if all(isinstance(each, str) for each in value):
            return ",".join(value)
        case _:
            raise ConfigError(f"{at}: must be text, a number, true or false, or a list of texts, not {kind_of(value)}")


# -- what the types cannot say --------------------------------------------------------------------


def check(fleet: FleetConfig, where: str) -> None:
    """Refuses values that would fail later, naming the key. `where` goes before it, such as "fleet.toml: "."""
    for number, group in enumerate(fleet.groups):
        _check_group(group, f"{where}group[{number}]")
    everywhere = read_rules(fleet.rules, f"{where}rules")
    for number, group in enumerate(fleet.groups):
        at = f"{where}group[{number}].rules"
        check_together(everywhere + read_rules(group.rules, at), at)
    _check_csms(fleet.csms, f"{where}csms")
    check_version(fleet, f"{where}csms.ocpp")
    _check_echonet(fleet.echonet, f"{where}echonet")
    try:
        station_specs(fleet)
    except ConfigError as error:
        raise ConfigError(f"{where}{error}") from None


def _check_group(group: GroupConfig, at: str) -> None:
    check_pattern(group.id, f"{at}.id")
    check_pattern(serial := group.serial_number or "", f"{at}.serial_number")
    if len(longest := serial.format(n=group.first + group.count)) > 25:
        raise ConfigError(f"{at}.serial_number: {longest!r} has {len(longest)} characters, OCPP allows 25")
    one_of(group.flow, FLOWS, f"{at}.flow")
    one_of(group.id_token_type, tuple(IdTokenType), f"{at}.id_token_type")
    for number, evse in enumerate(group.evses):
        _check_evse(evse, f"{at}.evses[{number}]")
    for number, share in enumerate(group.evs):
        if not 0 < share.weight < 1e9:
            raise ConfigError(f"{at}.evs[{number}].weight: {share.weight}; use a number above 0")
        try:
            ev.find(share.model)
        except LocalError as error:
            raise ConfigError(f"{at}.evs[{number}].model: {error}") from None
    _check_transfers(group.data_transfer, f"{at}.data_transfer")
    check_variables(group, f"{at}.variables")


def _check_transfers(transfers: tuple[TransferConfig, ...], at: str) -> None:
    seen: set[tuple[str, str | None]] = set()
    for number, each in enumerate(transfers):
        one_of(each.status, tuple(DataTransferStatus), f"{at}[{number}].status")
        if each.data is not None and each.status.startswith("Unknown"):
            raise ConfigError(f"{at}[{number}].data: {each.status} goes without data (P01.FR.05); leave it out")
        if (each.vendor_id, each.message_id) in seen:
            which = "all other messages" if each.message_id is None else repr(each.message_id)
            raise ConfigError(f"{at}[{number}]: {which} of {each.vendor_id!r} is there already; keep one")
        seen.add((each.vendor_id, each.message_id))


def _check_evse(evse: EvseSpec, at: str) -> None:
    if not 0 < evse.rated_w < 10_000_000:
        raise ConfigError(f"{at}.rated_w: {evse.rated_w} is no power of an EVSE; it is in W, such as 22000")
    if not evse.connectors:
        raise ConfigError(f"{at}.connectors: an EVSE needs at least one connector")
    for number, connector in enumerate(evse.connectors):
        dc = connector.type.is_dc
        if connector.phases not in ((0,) if dc else (1, 3)):
            fix = "0 for direct current" if dc else "1 or 3"
            raise ConfigError(f"{at}.connectors[{number}].phases: {connector.phases}; use {fix}")
        if not 0 < connector.cable_a < 10_000:
            raise ConfigError(f"{at}.connectors[{number}].cable_a: {connector.cable_a}; it is in A, such as 32")


def _check_csms(csms: CsmsConfig, at: str) -> None:
    if csms.url is not None:
        check_url(csms.url, f"{at}.url")
    for number, network in enumerate(csms.network):
        check_url(network.url, f"{at}.network[{number}].url")
    if csms.proxy is not None:
        check_proxy(csms.proxy, f"{at}.proxy")
    for name, value in csms.headers.items():
        if not is_header(name, value):
            raise ConfigError(f"{at}.headers: {name!r}: not a header; names have no blanks, values are printable")
    if csms.password_env and csms.password_file:
        raise ConfigError(f"{at}: password_env and password_file are both given; keep one")
    check_key_pair(csms, f"{at}.cert", f"{at}.key")
    one_of(csms.unknown, UNKNOWN, f"{at}.unknown")


def check_version(fleet: FleetConfig, at: str) -> None:
    """Refuses a version that there is not, and identifiers that it cannot say: an idTag of 1.6 has 20 characters."""
    if fleet.csms.ocpp is None:
        return
    one_of(fleet.csms.ocpp, VERSIONS, at)
    for group in fleet.groups:
        if fleet.csms.ocpp == "1.6" and len(group.id_token) > 20:
            raise ConfigError(f"{at}: the id_token of {group.name} has {len(group.id_token)} characters, 1.6 allows 20")


def _check_echonet(echonet: EchonetConfig, at: str) -> None:
    check_address(echonet.host, f"{at}.host")
    if echonet.interface is not None and echonet.host != "0.0.0.0":
        raise ConfigError(
            f'{at}.interface: one address has no choice of interfaces; it needs host = "0.0.0.0", not {echonet.host}'
        )
    for code, what in echonet.extra.items():
        if not re.fullmatch(r"[A-F][0-9A-F]", code) or int(code, 16) in _ECHONET_TAKEN:
            raise ConfigError(f"{at}.extra: {code!r} is no code that the standard leaves free; use one such as B0")
        one_of(what, ECHONET_EXTRAS, f"{at}.extra.{code}")


_ECHONET_TAKEN = frozenset(bytes.fromhex("C5C7C8CACCCDCECFD0D2D3D8D9DAE2E4E6E7EBED"))
"""From A0 on: what class 02A1 gives a meaning."""


def check_address(address: str, at: str) -> None:
    """Refuses what is no IP address."""
    from ipaddress import ip_address

    try:
        ip_address(address)
    except ValueError:
        raise ConfigError(
            f"{at}: {address!r} is no IP address; use one such as 127.0.0.1, or 0.0.0.0 for all"
        ) from None


def check_proxy(url: str, at: str) -> None:
    """Refuses what is no URL of a proxy; the text does not tell it, as it may hold a password."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https", "socks4", "socks4a", "socks5", "socks5h") and parts.port != 0
    except ValueError:
        good = False
    if not good or not parts.hostname:
        raise ConfigError(f"{at}: not a proxy; give one such as http://proxy.example:3128")


def is_header(name: str, value: str) -> bool:
    """Whether HTTP can carry it."""
    return re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is not None and value.isprintable()


def check_key_pair(csms: CsmsConfig, cert_at: str, key_at: str) -> None:
    """A client certificate and its key come together."""
    if csms.cert and not csms.key:
        raise ConfigError(f"{key_at}: the client certificate {csms.cert} needs its key; name the file")
    if csms.key and not csms.cert:
        raise ConfigError(f"{cert_at}: the key {csms.key} needs its client certificate; name the file")


def check_pattern(pattern: str, at: str) -> None:
    """Refuses a pattern with anything but `{n}` in it, such as `{n:03d}`."""
    try:
        for _, field, spec, conversion in string.Formatter().parse(pattern):
            if field is not None and (field != "n" or conversion or not re.fullmatch(r"(0?[1-9]?\dd?)?", spec or "")):
                raise ValueError
    except ValueError:
        raise ConfigError(f"{at}: {pattern!r} is no pattern; only {{n}} may stand in it, as CP{{n:03d}}") from None


def check_variables(group: GroupConfig, at: str) -> None:
    """Refuses initial values that a station of this group would refuse."""
    from evtui.sim.variables.device_model import DeviceModel
    from evtui.sim.variables.standard_variables import definitions

    if group.variables:
        model = DeviceModel(definitions(_spec(group, group.first, 0)))
        for name, value in group.variables.items():
            try:
                model.set_local(name, value)
            except LocalError as error:
                raise ConfigError(f"{at}: {error}") from None


def check_url(url: str, at: str) -> None:
    """Refuses what is no WebSocket URL, and a password in it (it would show in process lists and logs)."""
    from evtui.ocppj.urls import dialled_url

    try:
        dialled_url(url, "id", explicit_station_id=True, stations=1)
    except ConfigError as error:
        raise ConfigError(f"{at}: {error}") from None


def check_written(path: str, suffixes: tuple[str, ...], at: str) -> None:
    """Refuses a file to write that does not end in one of these, or whose directory is not there."""
    if Path(path).suffix not in suffixes:
        raise ConfigError(f"{at}: {path}: end it with {' or '.join(suffixes)}: that is what is written")
    if not Path(path).absolute().parent.is_dir():
        raise ConfigError(f"{at}: {path}: there is no such directory")


def one_of(value: str, valid: tuple[str, ...], at: str) -> None:
    """Refuses a word that is not one of these, naming the nearest."""
    if value not in valid:
        raise ConfigError(f"{at}: {value!r} is not known{nearest(value, valid)}")


# -- stations -------------------------------------------------------------------------------------


def station_specs(fleet: FleetConfig) -> tuple[StationSpec, ...]:
    """The stations of a fleet, in order."""
    specs: dict[str, StationSpec] = {}
    for number, group in enumerate(fleet.groups):
        for n in range(group.first, group.first + group.count):
            spec = _spec(group, n, fleet.seed)
            check_station_id(spec.id, f"group[{number}].id")
            if spec.id in specs:
                fix = "give it its own id or first" if "{n" in group.id else "put {n} into it, such as CP{n:03d}"
                raise ConfigError(f"group[{number}].id: two stations would be {spec.id}; {fix}")
            specs[spec.id] = spec
    return tuple(specs.values())


def station_rules(fleet: FleetConfig) -> "dict[str, tuple[Rule, ...]]":
    """The rules on the wire of each station that has any, by its id."""
    everywhere = read_rules(fleet.rules, "rules")
    found: dict[str, tuple[Rule, ...]] = {}
    for number, group in enumerate(fleet.groups):
        if rules := everywhere + read_rules(group.rules, f"group[{number}].rules"):
            found |= {group.id.format(n=n): rules for n in range(group.first, group.first + group.count)}
    return found


def _spec(group: GroupConfig, n: int, seed: int) -> StationSpec:
    station_id = group.id.format(n=n)
    return StationSpec(
        id=station_id,
        vendor=group.vendor,
        model=group.model,
        serial_number=group.serial_number.format(n=n) if group.serial_number else None,
        firmware_version=group.firmware_version,
        evses=group.evses,
        evs=group.evs,
        id_token=IdToken(group.id_token, IdTokenType(group.id_token_type)),
        variables=group.variables,
        flow=group.flow,
        resume_on_boot=group.resume_on_boot,
        data_transfer=tuple(map(_reply, group.data_transfer)),
        group=group.name,
        seed=station_seed(seed, station_id),
    )


def _reply(transfer: TransferConfig) -> TransferReply:
    data = None if transfer.data is None else msgspec.json.encode(transfer.data).decode()
    return TransferReply(transfer.vendor_id, transfer.message_id, DataTransferStatus(transfer.status), data)


def check_station_id(station_id: str, at: str) -> None:
    """OCPP-J 3.1.1: at most 48 characters and no colon; controls and blanks would only hurt."""
    if not station_id or len(station_id) > 48:
        raise ConfigError(f"{at}: a station id has 1 to 48 characters, {station_id[:60]!r} has {len(station_id)}")
    if ":" in station_id or not station_id.isprintable() or station_id != station_id.strip():
        raise ConfigError(f"{at}: {station_id!r} is no station id: no colon, control character or blank at the ends")


def station_seed(seed: int, station_id: str) -> int:
    """A seed of its own for each station, so that adding one changes no other."""
    from hashlib import blake2b

    return int.from_bytes(blake2b(f"{seed}/{station_id}".encode(), digest_size=8).digest(), "big")
