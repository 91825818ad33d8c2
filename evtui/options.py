"""The options of the command line: declared once, shared by the verbs, merged over fleet.toml.

Standard library only at import, so that --help stays quick.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evtui.errors import ConfigError

if TYPE_CHECKING:
    from evtui.config import ApiConfig, CsmsConfig, EchonetConfig, FleetConfig, GroupConfig


class Declared(NamedTuple):
    """What the command line says of an option. `kind` is str, int, float, bool or tuple (may be repeated); `low` and
    `high` bound numbers; `flag` stands where it is not the field's name."""

    kind: type
    help: str
    metavar: str | None = None
    low: float = -math.inf
    high: float = math.inf
    flag: str | None = None


def _option(declared: Declared, default: Any = None) -> Any:
    return field(default=default, metadata={"declared": declared})


def _text(help: str, metavar: str, default: str | None = None) -> Any:
    return _option(Declared(str, help, metavar), default)


def _whole(help: str, metavar: str, low: int, high: int, default: int | None = None) -> Any:
    return _option(Declared(int, help, metavar, low, high), default)


def _number(
    help: str, metavar: str, low: float, high: float, default: float | None = None, flag: str | None = None
) -> Any:
    return _option(Declared(float, help, metavar, low, high, flag), default)


def _switch(help: str) -> Any:
    return _option(Declared(bool, help), False)


def _several(help: str, metavar: str, flag: str) -> Any:
    return _option(Declared(tuple, help, metavar, flag=flag), ())


_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What was given on the command line; None or empty where nothing was."""

    config: str | None = _text("What runs, as `evtui init` writes it.", "FLEET.TOML")
    stations: int | None = _whole("How many stations.", "N", 0, 100_000)
    csms_url: str | None = _text("The CSMS to dial; the embedded one when left out.", "URL")
    ocpp: str | None = _text("Offer this version alone: 2.0.1 or 1.6 (both; the CSMS chooses).", "VERSION")
    station_id: str | None = _text("The station's id; with several, the first one's.", "ID")
    id_token: str | None = _text("What a driver presents (DEADBEEF).", "TOKEN")
    id_token_type: str | None = _text("Its type (ISO14443).", "TYPE")
    speed: float | None = _number(
        "Physics runs this much faster than life (60); of csms: that of its stations (1).", "X", 0.001, _MANY
    )
    flow: str | None = _text("conformant or classic (conformant).", "FLOW")
    seed: int | None = _whole("Same seed, same physics (0).", "N", -(2**63), 2**63 - 1)
    variables: tuple[str, ...] = _several(
        "Initial value of a variable; may be repeated.", "COMPONENT.VARIABLE=VALUE", "--set"
    )
    password_env: str | None = _text("Environment variable with the basic auth password.", "NAME")
    password_file: str | None = _text("File with the basic auth password.", "FILE")
    ca: str | None = _text("Trust this instead of the system's certificates.", "PEM")
    cert: str | None = _text("Client certificate.", "PEM")
    key: str | None = _text("Key of the client certificate.", "PEM")
    proxy: str | None = _text("Reach the CSMS through this proxy.", "URL")
    insecure: bool = _switch("Accept any certificate of the CSMS.")
    headers: tuple[str, ...] = _several(
        "Extra HTTP header of the handshake; may be repeated.", "NAME:VALUE", "--header"
    )
    api: bool = _switch("Offer the fleet over HTTP, on port 8082 or the next free one.")
    api_host: str | None = _text("Where the API listens (127.0.0.1); elsewhere it wants a token.", "ADDRESS")
    api_port: int | None = _whole("Its port (8082).", "PORT", 0, 65_535)
    api_token_env: str | None = _text("Environment variable with the token that requests must show.", "NAME")
    api_token_file: str | None = _text("File with that token.", "FILE")
    echonet: bool = _switch("Show the EVSEs to home-energy controllers: an ECHONET Lite node on UDP 3610.")
    echonet_host: str | None = _text("Where the node listens (127.0.0.1; 0.0.0.0: everywhere).", "ADDRESS")
    state: str | None = _text("Keep the stations' state in this directory (the user's own; of a run: none).", "DIR")
    ephemeral: bool = _switch("Keep no state: all start like new, and owe nothing afterwards.")
    workers: int = _whole(
        "Share the stations out to so many processes, for more of them than one core holds (1).", "N", 1, 64, 1
    )
    log: str | None = _text("Write diagnostics to this file.", "FILE")
    log_max: str | None = _text("What the frames may take on disk; beyond it the oldest go (512M).", "SIZE")

    keep: bool = _switch("The fleet goes on when the window goes, also by a hangup.")
    detach: bool = _switch("Start the fleet without a window, and say how to come back to it.")

    plain: bool = _switch("No screen: plain text, one line a change, and commands that are typed.")
    theme: str | None = _text("How the screen looks, such as evtui-light, terminal or nord (evtui-dark).", "NAME")
    ascii: bool = _switch("Draw with ASCII characters only.")
    refresh: float | None = _number("Repaints a second (2).", "HZ", 0.1, 30)
    marker: str | None = _text("What charts are drawn with: quadrant, sextant, braille, block, dot (quadrant).", "NAME")
    record_dir: str | None = _text("Where pictures and recordings of the screen go (where evtui was started).", "DIR")

    fleet: str | None = _option(Declared(str, "Which fleet: its name or process, as `evtui ls` tells.", flag="FLEET"))
    read_only: bool = _switch("Look at everything, change nothing.")
    all: bool = _switch("All of yours.")

    directories: tuple[str, ...] = _several("What a run was given with --frames; may be several.", "DIR", "DIR")
    filter: str | None = _text("Which frames, as in the window: '~s CP00* & ~e'.", "FILTER")

    sessions: int = _whole("Sessions of each station, one after the other, on its EVSEs in turn (1).", "N", 0, _MANY, 1)
    duration: float = _number("Seconds of each session (30).", "SECONDS", 0, _MANY, 30.0)
    interval: int | None = _whole("Seconds between meter values (1).", "SECONDS", 1, 86_400)
    for_s: float | None = _number(
        "Put load on the CSMS for so long: cars come one after the other.", "SECONDS", 0.001, _MANY, flag="--for"
    )
    arrivals: float | None = _number("With --for: cars come at random, so many an hour to an EVSE.", "N", 0.001, _MANY)
    ramp: float = _number("Switch the stations on evenly over so many seconds (0: at once).", "SECONDS", 0, _MANY, 0.0)
    storm: float | None = _number("With --for: break all connections every so often.", "SECONDS", 0.1, _MANY)
    hold: bool = _switch("Keep the fleet up and start nothing.")
    json: bool = _switch("One event a line on stdout, the story on stderr.")
    drain: float = _number("Seconds to deliver what is owed, after the last session (30).", "SECONDS", 0, _MANY, 30.0)
    connect_timeout: float = _number(
        "Seconds until a CSMS must have accepted the stations (10).", "SECONDS", 0, _MANY, 10.0
    )
    fail_if: str | None = _text("Exit code 4 if that is true at the end, such as 'p99>500ms or errors>0'.", "FIGURES")
    frames: str | None = _text("Keep the frames there (they go with the run).", "DIR")
    cluster: str | None = _text("Run it on a Dask cluster, such as tcp://scheduler:8786.", "URL")
    shards: int | None = _whole("With --cluster: in so many parts (one for each thread of a worker).", "N", 1, 10_000)
    lease: float | None = _number(
        "With --cluster: how long a part goes on without a word from here (10).", "SECONDS", 1, 3_600
    )

    host: str = _text(
        "Where the CSMS listens (127.0.0.1); elsewhere it wants passwords, --client-ca or --open.",
        "ADDRESS",
        "127.0.0.1",
    )
    open: bool = _switch("Let whoever reaches that address play a station.")
    port: int | None = _whole("Its OCPP port (9000 or the next free one).", "PORT", 0, 65_535)
    web_port: int | None = _whole("Port of its dashboard and HTTP API (8081 or the next free one).", "PORT", 0, 65_535)
    web_host: str = _text("Where these listen (127.0.0.1); elsewhere they want a token.", "ADDRESS", "127.0.0.1")
    web_token_env: str | None = _text("Environment variable with the token that requests must show.", "NAME")
    web_token_file: str | None = _text("File with that token.", "FILE")
    tls_cert: str | None = _text("Its certificate chain: stations dial wss.", "PEM")
    tls_key: str | None = _text("The private key of that.", "PEM")
    client_ca: str | None = _text("Stations must show a certificate of this authority for their serial number.", "PEM")
    passwords: str | None = _text("Stations must show theirs: lines of ID:PASSWORD, * for all others.", "FILE")
    unknown: str | None = _text("New stations are kept waiting (pending), or refused (accept).", "WHAT")
    policy: str | None = _text("How it treats stations, and misbehaves: TOML or JSON.", "FILE")
    strict_tokens: bool = _switch("Only tokens that are listed may charge.")
    db: str | None = _text("Keep what the CSMS knows in this file (the user's own, one for each port).", "FILE")
    db_max: str | None = _text("How big it may be; the oldest frames and ended transactions go (2G).", "SIZE")
    db_days: float | None = _number("How long frames and transactions are kept there (30).", "DAYS", 0.001, 36_500)

    sizes: str | None = _text("Numbers of stations to measure (100,500,1000).", "N,N,...")
    seconds: float = _number("Seconds that each is watched (10).", "SECONDS", 1, 3_600, 10.0)
    idle: int | None = _whole("Hold so many stations in one process that only send heartbeats.", "N", 1, 100_000)
    rate: float | None = _number("Of `bench echonet`: requests a second (500).", "N", 1, 100_000)
    compare: bool = _switch("Measure the plain ocpp library's loop in the same run; of csms, one that keeps nothing.")
    report: str | None = _text(
        "Write all figures there (JSON; of run also HTML); of csms, its findings (JSON or JUnit XML).", "FILE"
    )
    svg: str | None = _text("Draw them there.", "SVG")


DECLARED: Mapping[str, Declared] = {each.name: each.metadata["declared"] for each in fields(Options)}

_NAMES = tuple(DECLARED)
FLEET = _NAMES[: _NAMES.index("log_max") + 1]
WINDOW = ("plain", "theme", "ascii", "refresh", "marker", "record_dir")
CONSOLE = (*FLEET, "keep", "detach", *WINDOW)
ATTACH = ("fleet", "read_only", *WINDOW)
DEMO = tuple(name for name in WINDOW if name != "plain")
LS = ("json",)
STOP = ("fleet", "all")
FRAMES = ("directories", "filter", "json", "ascii")
RUN = (*FLEET, "ascii", *_NAMES[_NAMES.index("sessions") : _NAMES.index("host")], "report")
ECHONET = (*FLEET, "ascii", "json")
_CSMS = _NAMES[_NAMES.index("host") : _NAMES.index("db_days") + 1]
CSMS = (*_CSMS, "password_env", "speed", "report", "ephemeral", "log", "ascii")
BENCH = ("workers", "sizes", "seconds", "idle", "rate", "compare", "report", "svg")


def flag_of(name: str) -> str:
    """A field's option on the command line; of one that stands without a name, what help calls it."""
    return DECLARED[name].flag or "--" + name.replace("_", "-")


def read_options(values: Mapping[str, Any]) -> Options:
    """The options from what the parser gives: text, true and false, lists of text, or None."""
    return Options(**{name: _read(name, value) for name, value in values.items() if value is not None})


def _read(name: str, value: Any) -> Any:
    declared = DECLARED[name]
    if declared.kind not in (int, float):
        return declared.kind(value)
    try:
        number = declared.kind(value)
        if not declared.low <= number <= declared.high:
            raise ValueError
    except ValueError:
        what = "whole number" if declared.kind is int else "number"
        bounds = f"from {declared.low:.15g} to {declared.high:.15g}"
        raise ConfigError(f"{flag_of(name)}: {value!r} is no {what} {bounds}") from None
    return number


def fleet_of(options: Options, stations: int) -> "FleetConfig":
    """The fleet that file and options ask for; `stations` where neither says how many."""
    import msgspec

    from evtui.config import FleetConfig, GroupConfig, check_version, load_fleet

    if options.config is not None:
        fleet = load_fleet(Path(options.config))
    else:
        implied = 1 if options.station_id is not None else stations
        fleet = FleetConfig(groups=(GroupConfig(count=implied),))
    fleet = msgspec.structs.replace(
        fleet,
        csms=_csms(fleet.csms, options),
        echonet=_echonet(fleet.echonet, options),
        groups=_numbered(tuple(_group(group, options) for group in fleet.groups), options),
        speed=fleet.speed if options.speed is None else options.speed,
        seed=fleet.seed if options.seed is None else options.seed,
    )
    check_version(fleet, "--ocpp" if options.ocpp is not None else "csms.ocpp")
    return fleet


def api_of(options: Options) -> "ApiConfig | None":
    """The API that the options ask for; any of them asks for it."""
    import msgspec

    from evtui.config import ApiConfig

    names = ("host", "port", "token_env", "token_file")
    given = {name: value for name in names if (value := getattr(options, f"api_{name}")) is not None}
    if not given and not options.api:
        return None
    if "" in given.values():
        raise ConfigError(f"--api-{next(name for name in given if given[name] == '').replace('_', '-')}: is empty")
    return msgspec.structs.replace(ApiConfig(exact="port" in given), **given)


def state_of(options: Options, durable: bool) -> str | None:
    """The directory that keeps the stations' state: "" is the user's own, which is only for what is `durable` by
    itself; None keeps none."""
    if options.state is None:
        return "" if durable and not options.ephemeral else None
    if options.ephemeral:
        raise ConfigError("--state and --ephemeral are both given; keep one")
    if not options.state:
        raise ConfigError("--state: is empty; name a directory")
    return options.state


def workers_of(options: Options, fleet: "FleetConfig") -> int:
    """In how many processes the stations run; 1 means that of the fleet itself."""
    return max(1, min(options.workers, fleet.stations))


_SIZE = re.compile(r"(\d{1,9})\s*([KMGT]?)B?", re.IGNORECASE)
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_LEAST_BYTES = 1 << 20


def size_of(text: str, option: str) -> int:
    """A size such as 500M or 2G, in bytes. ConfigError names the option."""
    read = _SIZE.fullmatch(text.strip())
    size = int(read[1]) << _UNITS[read[2].upper()] if read else 0
    if size < _LEAST_BYTES:
        raise ConfigError(f"{option}: {text!r} is no size; write 500M or 2G, at least 1M")
    return size


def frame_bytes_of(options: Options) -> int:
    """What the frames may take on disk. ConfigError: --log-max is no size."""
    from evtui.ocppj.spool import DEFAULT_MAX_BYTES

    return DEFAULT_MAX_BYTES if options.log_max is None else size_of(options.log_max, "--log-max")


def _group(group: "GroupConfig", options: Options) -> "GroupConfig":
    import msgspec

    from evtui.config import FLOWS, check_variables, one_of
    from evtui.sim import flows
    from evtui.sim.terms import IdTokenType

    changes: dict[str, Any] = {
        name: value for name in ("id_token", "id_token_type", "flow") if (value := getattr(options, name)) is not None
    }
    if options.flow is not None:
        one_of(options.flow, FLOWS, "--flow")
    if options.id_token_type is not None:
        one_of(options.id_token_type, tuple(IdTokenType), "--id-token-type")
    if options.id_token is not None and len(options.id_token) > 36:
        raise ConfigError(f"--id-token: has {len(options.id_token)} characters, OCPP allows 36")
    variables = {**group.variables, **dict(_assignment(each) for each in options.variables)}
    if options.interval is not None:
        variables[flows.interval_variable(flows.find(options.flow or group.flow))] = str(options.interval)
    group = msgspec.structs.replace(group, **changes, variables=variables)
    if options.variables:
        check_variables(group, "--set")
    return group


def _numbered(groups: "tuple[GroupConfig, ...]", options: Options) -> "tuple[GroupConfig, ...]":
    """--stations and --station-id are about the one group there is."""
    import msgspec

    from evtui.config import check_pattern, check_station_id

    for name in ("stations", "station_id"):
        if getattr(options, name) is not None and len(groups) != 1:
            raise ConfigError(f"{flag_of(name)}: {options.config} has {len(groups)} groups; change it there")
    if options.stations is not None:
        groups = (msgspec.structs.replace(groups[0], count=options.stations),)
    if options.station_id is None:
        return _named_by_url(groups, options)
    if "{n" in options.station_id:
        check_pattern(options.station_id, "--station-id")
    else:
        check_station_id(options.station_id, "--station-id")
    pattern, first = _pattern(options.station_id, groups[0].count)
    return (msgspec.structs.replace(groups[0], id=pattern, first=groups[0].first if first is None else first),)


def _named_by_url(groups: "tuple[GroupConfig, ...]", options: Options) -> "tuple[GroupConfig, ...]":
    """ws://localhost:9000/CP002 means station CP002, when it is the only one and nobody named it."""
    import msgspec

    from evtui.ocppj.urls import named_station

    if options.csms_url is None or options.config is not None:
        return groups
    named = named_station(options.csms_url, explicit_station_id=False, stations=groups[0].count)
    return groups if named is None else (msgspec.structs.replace(groups[0], id=named),)


def _pattern(station_id: str, count: int) -> tuple[str, int | None]:
    """An id as a pattern: CP007 and three stations are CP007, CP008, CP009. One that is a pattern already stays."""
    if "{n" in station_id:
        return station_id, None
    literal = station_id.replace("{", "{{").replace("}", "}}")
    if count <= 1:
        return literal, None
    counted = re.fullmatch(r"(.*?)(\d{1,9})", literal, re.DOTALL)
    if counted is None:
        raise ConfigError(f"--station-id: {station_id!r} has no number to count on; write {station_id}001")
    return f"{counted[1]}{{n:0{len(counted[2])}d}}", int(counted[2])


def _csms(csms: "CsmsConfig", options: Options) -> "CsmsConfig":
    import msgspec

    from evtui.config import check_key_pair, check_proxy, check_url

    changes: dict[str, Any] = {
        name: value
        for name in ("ocpp", "password_env", "password_file", "ca", "cert", "key", "proxy")
        if (value := getattr(options, name)) is not None
    }
    if options.csms_url is not None:
        check_url(options.csms_url, "--csms-url")
        changes["url"] = options.csms_url
    if options.proxy is not None:
        check_proxy(options.proxy, "--proxy")
    if options.password_env and options.password_file:
        raise ConfigError("--password-env and --password-file are both given; keep one")
    if options.password_env or options.password_file:
        changes |= {"password_env": options.password_env, "password_file": options.password_file}
    if options.insecure:
        changes["insecure"] = True
    changes["headers"] = {**csms.headers, **dict(_header(each) for each in options.headers)}
    csms = msgspec.structs.replace(csms, **changes)
    check_key_pair(csms, "--cert", "--key")
    return csms


def _echonet(echonet: "EchonetConfig", options: Options) -> "EchonetConfig":
    """An address asks for the node, too."""
    import msgspec

    from evtui.config import check_address

    if options.echonet_host is not None:
        check_address(options.echonet_host, "--echonet-host")
        return msgspec.structs.replace(echonet, enabled=True, host=options.echonet_host)
    return msgspec.structs.replace(echonet, enabled=echonet.enabled or options.echonet)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[^.\s]+\.\S.*", name):
        raise ConfigError(f"--set: {text!r} is no assignment; write Component.Variable=value")
    return name, value


def _header(text: str) -> tuple[str, str]:
    from evtui.config import is_header

    name, colon, value = text.partition(":")
    if not colon or not is_header(name, value.strip()):
        raise ConfigError("--header: not a header; write Name: value")
    return name, value.strip()
