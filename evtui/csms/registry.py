"""The stations that the CSMS knows: what they said of themselves, and what it has decided about them."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from evtui.csms.journal import Journal, PartName
from evtui.csms.meter import Reading, merged
from evtui.csms.policy import ACCEPTED, PENDING, Policy
from evtui.csms.reports import Assembler, DeviceModel, Page, Report

MOST_CONNECTORS = 256  # of one station
MOST_NOTICES = 200
MOST_REPORTS = 8


class BootInfo(msgspec.Struct, frozen=True):
    """What the last BootNotification said, and when it came (Unix time)."""

    at: float
    reason: str
    vendor: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None
    modem_iccid: str | None = None
    modem_imsi: str | None = None


class ConnectorState(msgspec.Struct, frozen=True, gc=False):
    """A ConnectorStatusEnum word, and when the station says it began (Unix time)."""

    status: str
    at: float


class Notice(msgspec.Struct, frozen=True, gc=False):
    """Something that a station reported once, in one line; `at` is when it came (Unix time)."""

    at: float
    action: str
    text: str


class StationRecord:
    """One station, connected or not. `registration` outlives connections: no Boot is due on a reconnect. `version` is
    the last agreed OCPP version; times are Unix time; frames are counted as the CSMS sees them, `answers` since it
    began. `number` is its place
    in the store."""

    def __init__(self, station_id: str, policy: Policy, journal: Journal | None = None, number: int = 0) -> None:
        self.id = station_id
        self.number = number
        self._journal = journal or Journal()
        self.policy = policy
        self.version = ""
        self.registration: str | None = None
        self.boot: BootInfo | None = None
        self.connected_since: float | None = None
        self.last_seen: float | None = None
        self.frames_received = 0
        self.frames_sent = 0
        self.answers = 0
        self.firmware_status: str | None = None
        self.log_status: str | None = None
        self.connectors: dict[tuple[int, int], ConnectorState] = {}
        self.readings: dict[int, tuple[float, Reading]] = {}
        self.device_model = DeviceModel()
        self.assembler = Assembler(self._page_came, self._report_ended)
        self.reports: deque[Report] = deque(maxlen=MOST_REPORTS)
        self.notices: deque[Notice] = deque(maxlen=MOST_NOTICES)
        self.instructed: set[str] = set()
        """The actions that a Pending station may send because the CSMS asked for them (B02.FR.02)."""

    def may_send(self, action: str) -> bool:
        """Whether the CSMS takes a CALL now: before it is Accepted, a station may only boot (B01.FR.08, B02, B03)."""
        if self.registration == ACCEPTED or action == "BootNotification":
            return True
        return self.registration == PENDING and action in self.instructed

    def changed(self, part: PartName = "record") -> None:
        """Something of it is another than it was, which the store will want to know."""
        self._journal.part(self, part)

    def set_connector(self, evse_id: int, connector_id: int, status: str, at: float) -> None:
        """Notes a connector's state: the last word counts, whatever its clock says."""
        if (evse_id, connector_id) in self.connectors or len(self.connectors) < MOST_CONNECTORS:
            self.connectors[evse_id, connector_id] = ConnectorState(status, at)
            self.changed("connectors")

    def set_reading(self, evse_id: int, at: float, reading: Reading, *, of_transaction: bool = False) -> None:
        """Notes what the meter of an EVSE showed (0: of the station); where it is the last of a transaction, the store
        has it already."""
        if evse_id in self.readings or len(self.readings) < MOST_CONNECTORS:
            known = self.readings.get(evse_id)
            if known is not None and known[0] == at:
                reading = merged(known[1], reading)
            self.readings[evse_id] = (at, reading)
            if not of_transaction:
                self.changed("readings")

    def note(self, at: float, action: str, text: str) -> None:
        """Notes what was reported once."""
        notice = Notice(at, action, text)
        self.notices.append(notice)
        self._journal.notice(self, notice)

    def _page_came(self, page: Page) -> None:
        self._journal.page(self, page)

    def _report_ended(self, kind: str, request_id: int) -> None:
        self._journal.report_ended(self, kind, request_id)

    def keep_report(self, report: Report) -> None:
        """Keeps a report that is complete."""
        self.reports.append(report)
        self.changed("reports")


class Registry:
    """All stations, by id, and the policy for those that come."""

    def __init__(self, policy: Policy | None = None, journal: Journal | None = None) -> None:
        self._policy = policy or Policy()
        self._journal = journal or Journal()
        self._next = 1
        self._policies: dict[str, Policy] = {}
        self._stations: dict[str, StationRecord] = {}

    def station(self, station_id: str) -> StationRecord:
        """The record of a station, made when it comes for the first time."""
        record = self._stations.get(station_id)
        if record is None:
            record = self._made(station_id, self._next)
            self._journal.station(record)
        return record

    def restore(self, station_id: str, number: int) -> StationRecord:
        """The record of a station that was stored before, still without what stood in it."""
        return self._stations.get(station_id) or self._made(station_id, number)

    def _made(self, station_id: str, number: int) -> StationRecord:
        policy = self._policies.get(station_id, self._policy)
        record = self._stations[station_id] = StationRecord(station_id, policy, self._journal, number)
        self._next = max(self._next, number + 1)
        return record

    def get(self, station_id: str) -> StationRecord | None:
        """The record of a station, None if it never came."""
        return self._stations.get(station_id)

    @property
    def policy(self) -> Policy:
        """The policy for those that have none of their own."""
        return self._policy

    def policy_of(self, station_id: str) -> Policy:
        """The policy for a station, also for one that never came."""
        record = self._stations.get(station_id)
        return self._policies.get(station_id, self._policy) if record is None else record.policy

    def has_policy(self, station_id: str) -> bool:
        """Whether a station has a policy of its own."""
        return station_id in self._policies

    def set_policy(self, policy: Policy | None, station_id: str | None = None) -> None:
        """Changes the policy for one station (None: to that of all others), or for all that have none of their own. A
        registration that was given stays until the next BootNotification."""
        if station_id is not None:
            if policy is None:
                self._policies.pop(station_id, None)
            else:
                self._policies[station_id] = policy
            if station_id in self._stations:
                self._stations[station_id].policy = policy or self._policy
            return
        policy = self._policy = policy or Policy()
        for record in self._stations.values():
            record.policy = self._policies.get(record.id, policy)

    def __iter__(self) -> Iterator[StationRecord]:
        return iter(self._stations.values())

    def __len__(self) -> int:
        return len(self._stations)


def boot_info(payload: Mapping[str, Any], at: float) -> BootInfo:
    """What a BootNotificationRequest of 2.x says."""
    station = payload["chargingStation"]
    modem = station.get("modem", {})
    return BootInfo(
        at=at,
        reason=payload["reason"],
        vendor=station["vendorName"],
        model=station["model"],
        serial_number=station.get("serialNumber"),
        firmware_version=station.get("firmwareVersion"),
        modem_iccid=modem.get("iccid"),
        modem_imsi=modem.get("imsi"),
    )
