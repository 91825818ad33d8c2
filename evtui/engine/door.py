"""The door: the six names through which everybody outside talks to a fleet, and the records that go through it.

This module imports msgspec alone: the window reads it before anything of OCPP is loaded. Statuses and states are the
standard's words as plain strings.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import msgspec

# -- commands -------------------------------------------------------------------------------------


class Target(msgspec.Struct, frozen=True):
    """An EVSE of a station; `evse_id` 0 means the station as a whole."""

    station_id: str
    evse_id: int = 0


class Command(msgspec.Struct, frozen=True):
    """An order by its registry name (see `evtui.engine.commands`), what it acts on, and its arguments. Without targets
    it acts on the stations that `filter` lets through when it is carried out."""

    name: str
    targets: tuple[Target, ...] = ()
    arguments: dict[str, str] = {}
    filter: str | None = None


class TargetOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a command on one target: `text` is the visible effect, or the reason why not; `answer` is JSON
    that came back for what was sent, if that is what the command does."""

    target: Target
    done: bool
    text: str
    answer: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What became of a command: `done` if every target did it; `text` is one line fit for a toast."""

    done: bool
    text: str
    results: tuple[TargetOutcome, ...] = ()


# -- views ----------------------------------------------------------------------------------------


class Sort(StrEnum):
    """What stations can be sorted by."""

    ID = "id"
    STATE = "state"
    POWER = "kW"
    ENERGY = "kWh"
    VERSION = "version"
    ERRORS = "errors"
    GROUP = "group"


class View(msgspec.Struct, frozen=True):
    """What a watcher looks at: rows `first` to `first + count` of the stations that `filter` lets through (see
    `evtui.engine.station_filter`), each with the last `trace` points of its sparklines (0: none). `sort` None: as they
    were added. `summary`: counts and sums by state, link, version and group, too. `ruled`: the stations with rules on
    the wire as well, wherever they are. `series`: the figures of the whole fleet over time. `ids`: these stations, in
    this order, instead of a range. What makes one fleet of several: `addable`, figures in a form that adds up, which
    are the round trips as counts and the whole summary; `order`, all stations that are shown and what sorts them."""

    first: int = 0
    count: int = 50
    trace: int = 0
    filter: str = ""
    sort: Sort | None = None
    descending: bool = False
    summary: bool = False
    ruled: bool = False
    series: bool = False
    addable: bool = False
    ids: tuple[str, ...] | None = None
    order: bool = False


class LinkState(StrEnum):
    """A station's link to the CSMS, as the screen names it."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    WAITING = "waiting"  # backing off; `retry_at` counts down
    BOOTING = "booting"  # connected, BootNotification not answered
    PENDING = "pending"
    REJECTED = "rejected"
    ONLINE = "online"
    CRASHED = "crashed"
    DARK = "dark"  # the power is cut


class EvseRow(msgspec.Struct, frozen=True):
    """An EVSE on screen. `status` is the connector's; `charging_state` is given in a transaction. `started_at` is
    Unix time. `power_trace` (W) and `energy_trace` (Wh) are the newest points, oldest first, one a second. `faults`
    stand here or above; `lock` is that of the socket: open, locked or jammed, "" with a fixed cable; `ev_paused`: the
    car has suspended by itself."""

    evse_id: int
    status: str
    charging_state: str | None
    plugged: bool
    authorized: bool
    power_w: float
    rated_w: float
    energy_wh: float
    soc_percent: float | None
    transaction_id: str | None
    started_at: float | None
    power_trace: tuple[float, ...] = ()
    energy_trace: tuple[float, ...] = ()
    faults: tuple[str, ...] = ()
    lock: str = ""
    in_bay: bool = False
    ev_paused: bool = False


class RuleRow(msgspec.Struct, frozen=True):
    """A rule on the wire of a station: `text` says what it does, `met` counts the frames that it has met, `left` how
    many it still may (0: any number). `given` are the arguments of `add-rule` that make it."""

    name: str
    text: str
    met: int
    left: int
    given: dict[str, str] = {}


class HeldRow(msgspec.Struct, frozen=True):
    """A frame that a rule holds, since `since` (Unix time). `text` is its beginning, `size` how many characters it has;
    a `masked` one has a secret in it that is not shown."""

    number: int
    direction: str
    type: str
    action: str
    since: float
    rule: str
    text: str
    size: int
    masked: bool


class RuledRow(msgspec.Struct, frozen=True):
    """A station with rules on the wire, or with frames that they hold."""

    station_id: str
    version: str
    rules: tuple[RuleRow, ...]
    held: tuple[HeldRow, ...]


class StationRow(msgspec.Struct, frozen=True):
    """A station on screen. `version` is the agreed OCPP version ("2.0.1", "1.6", "" before the handshake);
    `retry_at` (Unix time) is when it tries to connect again; `trouble` is the newest problem in one line;
    `queued` counts transaction messages not yet delivered. Behind a cut network (`network_cut`) a station may think for
    a while that it is online. `group` is the one of the configuration; `errors` counts its frames that were errors or
    broke the schema or the protocol. It has so many `rules` on the wire, and so many frames are `held` by them."""

    id: str
    version: str
    link: LinkState
    retry_at: float | None
    trouble: str
    queued: int
    evses: tuple[EvseRow, ...]
    network_cut: bool = False
    group: str = ""
    errors: int = 0
    rules: int = 0
    held: int = 0


class SummaryRow(msgspec.Struct, frozen=True):
    """The EVSEs that have something in common: `by` state, link, version or group, and its `name`. `energy_wh` is what
    their meters have counted in this run; `errors` are those of their stations."""

    by: str
    name: str
    stations: int
    evses: int
    transactions: int
    power_w: float
    rated_w: float
    energy_wh: float
    errors: int


class Totals(msgspec.Struct, frozen=True):
    """Figures of the whole fleet. `frames_per_s` is that of the last seconds; `rtt_p50_s` and `rtt_p99_s`, the median
    and the 99th percentile of the times until a CALL was answered, are those of the last 60 seconds with answers, None
    before any; `errors` counts frames that were errors or broke the schema or the protocol. There are so many `rules`
    on the wire, and frames `held` by them. `offered_w` is what EVs could take, as far as the stations go."""

    stations: int = 0
    online: int = 0
    transactions: int = 0
    power_w: float = 0.0
    energy_wh: float = 0.0
    frames: int = 0
    queued: int = 0
    frames_per_s: float = 0.0
    rtt_p50_s: float | None = None
    rtt_p99_s: float | None = None
    errors: int = 0
    rules: int = 0
    held: int = 0
    offered_w: float = 0.0


class FleetSeries(msgspec.Struct, frozen=True):
    """Figures of the whole fleet, one point a second, thinned when long: `t` in seconds since it was started."""

    t: tuple[float, ...]
    power_w: tuple[float, ...]
    offered_w: tuple[float, ...]
    energy_wh: tuple[float, ...]
    transactions: tuple[float, ...]


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A station among those that are shown, and what it is sorted by (see `evtui.engine.sorting`)."""

    id: str
    value: str | float = ""


class RoundTripCounts(msgspec.Struct, frozen=True):
    """How long CALLs waited for their answers, in a form that adds up over fleets, as percentiles do not: how many took
    how long, by the bounds of `evtui.engine.round_trips`, in the whole run and in its last `minute`. `longest_s` is
    exact; `unanswered` CALLs got no answer in time."""

    counts: tuple[int, ...] = ()
    minute: tuple[int, ...] = ()
    longest_s: float | None = None
    unanswered: int = 0


class FleetView(msgspec.Struct, frozen=True):
    """The rows in view. `version` grows with every change, so equal versions mean nothing to repaint; `first` is the
    number of the first row; `banner` is a permanent warning such as that of --insecure. `shown` counts the stations
    that the filter lets through; `web_url` is where the embedded CSMS shows itself, empty without one."""

    version: int
    at: float
    speed: float
    csms_url: str
    banner: str
    first: int
    rows: tuple[StationRow, ...]
    totals: Totals
    shown: int = 0
    summary: tuple[SummaryRow, ...] = ()
    ruled: tuple[RuledRow, ...] = ()
    series: FleetSeries | None = None
    web_url: str = ""
    round_trips: RoundTripCounts | None = None
    order: tuple[Place, ...] = ()


class LimitRow(msgspec.Struct, frozen=True):
    """A link in the chain of limits; the `wins` one is why the power is what it is."""

    source: str
    name: str
    power_w: float
    current_a: float
    wins: bool


class SettingRow(msgspec.Struct, frozen=True):
    """A limit that somebody outside has set: power, or current on each phase."""

    source: str
    name: str
    power_w: float | None
    current_a: float | None


class EvseDetail(msgspec.Struct, frozen=True):
    """Everything about an EVSE. The series (one point a second over the running or last session, thinned when long)
    share their times: `series_t` in seconds since it began. `settings` hold without a car, too; the transaction, or
    else the next one, ends at `target_wh`. `barred`: reserved, and not for the station's own identifier."""

    row: EvseRow
    connector_type: str
    phases: int
    ev: str | None
    register_wh: float
    offered_w: float
    voltage_v: tuple[float, ...]
    current_a: tuple[float, ...]
    frequency_hz: float
    limits: tuple[LimitRow, ...]
    settings: tuple[SettingRow, ...]
    target_wh: float | None
    barred: bool
    series_t: tuple[float, ...]
    series_power_w: tuple[float, ...]
    series_limit_w: tuple[float, ...]
    series_energy_wh: tuple[float, ...]
    series_voltage_v: tuple[float, ...]
    series_current_a: tuple[float, ...]
    series_frequency_hz: tuple[float, ...]
    series_soc_percent: tuple[float, ...]


class TransactionRow(msgspec.Struct, frozen=True):
    """A transaction of a station, running or ended. Times are Unix time; `number` is what the CSMS calls it in 1.6."""

    transaction_id: str
    evse_id: int
    id_token: str
    started_at: float
    ended_at: float | None
    energy_wh: float
    events: int
    stopped_reason: str | None
    number: int | None = None


class VariableRow(msgspec.Struct, frozen=True):
    """What a variable of the device model is, in the standard's words; its value is among the station's `variables`.
    Limits are in its unit, for strings and lists in characters. `settable`: an operator can set it, and if it is
    ReadOnly a CSMS cannot; in a `reboot` one it holds from the next reset on."""

    name: str
    type: str
    mutability: str
    unit: str
    min_limit: float | None
    max_limit: float | None
    values: tuple[str, ...]
    settable: bool
    reboot: bool


class KnownTokens(msgspec.Struct, frozen=True):
    """How many identifiers the station knows by itself: in its authorization cache, and in its local list. List version
    0: there is no list, or it is off."""

    cached: int = 0
    listed: int = 0
    list_version: int = 0


class StationDetail(msgspec.Struct, frozen=True):
    """Everything about one station. `variables` is its device model, "Component.Variable[instance]" to value; `log` are
    the newest lines of its diagnostics log, oldest first; `definitions` say what the variables are; `id_token` is
    the identifier that drivers present."""

    version: int
    at: float
    row: StationRow
    url: str
    vendor: str
    model: str
    serial_number: str | None
    firmware_version: str | None
    evses: tuple[EvseDetail, ...]
    transactions: tuple[TransactionRow, ...]
    variables: Mapping[str, str]
    log: tuple[str, ...] = ()
    definitions: tuple[VariableRow, ...] = ()
    tokens: KnownTokens = KnownTokens()
    rules: tuple[RuleRow, ...] = ()
    held: tuple[HeldRow, ...] = ()
    id_token: str = ""


# -- events ---------------------------------------------------------------------------------------


class FleetEvent(msgspec.Struct, frozen=True, gc=False):
    """A change of state, numbered from 1. `kind` is a LinkState, a NoticeKind of sim, or one of network-cut,
    network-restored, rule-added, rule-removed, frame-held, frame-released, station-added, station-removed, crashed,
    stalled, stopped. Figures are there where it has them."""

    number: int
    at: float
    kind: str
    station_id: str
    evse_id: int
    text: str
    transaction_id: str | None = None
    power_w: float | None = None
    energy_wh: float | None = None


# -- the door -------------------------------------------------------------------------------------


class SpoolInfo(msgspec.Struct, frozen=True):
    """Where a frame spool lies: local readers open its files read-only, so frames never cross the socket."""

    name: str
    directory: str


class Door(Protocol):
    """What a fleet offers. The engine knows none of its watchers and never waits for one."""

    async def fleet(self, view: View) -> FleetView:
        """The rows in view, totals and a version; the cost does not grow with the fleet."""

    async def station(self, station_id: str, *, whole: bool = True) -> StationDetail | None:
        """Everything about one station, None if there is none of that id. Not `whole`: without what is long, and costs
        ten times as much as the rest: series, device model, log, rules on the wire and what they hold."""

    async def frames(self) -> tuple[SpoolInfo, ...]:
        """Where the frames are."""

    async def events(self, after: int) -> tuple[FleetEvent, ...]:
        """Waits until there are events numbered above `after`, then gives them, oldest first (bounded: a gap in the
        numbers means that the reader was too slow)."""

    async def submit(self, command: Command) -> Outcome:
        """Carries a command out and tells its effect, or the reason why not."""

    async def stop(self, reason: str) -> None:
        """Ends transactions properly, flushes, closes. `reason` "detach" means: leave the fleet running, I go."""
