"""A station: in a row among others, and with all that is known of it."""

import msgspec

from evtui.csms.books import Books
from evtui.csms.policy import Policy
from evtui.csms.registry import BootInfo, Notice, StationRecord
from evtui.csms.reports import Variable
from evtui.csms.views.transaction import Point, TransactionView, point, transaction_view


class ConnectorView(msgspec.Struct, frozen=True):
    """A connector and its ConnectorStatusEnum word; `at` is when the station says it began."""

    evse_id: int
    connector_id: int
    status: str
    at: float


class StationRow(msgspec.Struct, frozen=True):
    """A station among others. `registration` is what its last BootNotification was answered, `transactions` are those
    that run, `power_w` is what they draw; messages are counted as the CSMS sees them."""

    station_id: str
    connected: bool
    ocpp_version: str
    registration: str | None
    vendor: str
    model: str
    connected_since: float | None
    last_seen: float | None
    messages_received: int
    messages_sent: int
    power_w: float
    connectors: tuple[ConnectorView, ...]
    transactions: tuple[TransactionView, ...]


class StationsPage(msgspec.Struct, frozen=True):
    """Stations by id. `total` is how many there are of those that were asked for, `connected` how many of all are."""

    stations: tuple[StationRow, ...]
    total: int
    connected: int


class MeterView(msgspec.Struct, frozen=True):
    """What the meter of an EVSE showed last; 0 is the station's."""

    evse_id: int
    last: Point


class AttributeView(msgspec.Struct, frozen=True):
    """An attribute of a variable: Actual, Target, MinSet or MaxSet. What can only be written is not told."""

    type: str
    mutability: str
    value: str | None


class VariableView(msgspec.Struct, frozen=True):
    """A variable of the device model, as a NotifyReport told it; its name is such as `EVSE#1.Power`."""

    name: str
    attributes: tuple[AttributeView, ...]
    data_type: str
    unit: str
    values_list: str


class StationView(msgspec.Struct, frozen=True):
    """All that is known of a station. `transactions` are its newest, the newest first; `notices` are what it reported
    once, the newest last."""

    station: StationRow
    boot: BootInfo | None
    policy: Policy
    firmware_status: str | None
    log_status: str | None
    meters: tuple[MeterView, ...]
    transactions: tuple[TransactionView, ...]
    notices: tuple[Notice, ...]
    device_model: tuple[VariableView, ...]


def station_row(record: StationRecord, books: Books) -> StationRow:
    """A station among others."""
    running = tuple(transaction_view(each.record()) for each in books.transactions.of(record.id) if not each.ended)
    boot = record.boot
    return StationRow(
        station_id=record.id,
        connected=record.connected_since is not None,
        ocpp_version=record.version,
        registration=record.registration,
        vendor=boot.vendor if boot else "",
        model=boot.model if boot else "",
        connected_since=record.connected_since,
        last_seen=record.last_seen,
        messages_received=record.frames_received,
        messages_sent=record.frames_sent,
        power_w=sum(each.power_w or 0.0 for each in running),
        connectors=tuple(
            ConnectorView(evse_id, connector_id, state.status, state.at)
            for (evse_id, connector_id), state in sorted(record.connectors.items())
        ),
        transactions=running,
    )


def station_view(
    record: StationRecord, books: Books, transactions: tuple[TransactionView, ...], device_model: bool
) -> StationView:
    """All that is known of a station; `transactions` are its newest."""
    return StationView(
        station=station_row(record, books),
        boot=record.boot,
        policy=record.policy,
        firmware_status=record.firmware_status,
        log_status=record.log_status,
        meters=meters(record),
        transactions=transactions,
        notices=tuple(record.notices),
        device_model=tuple(
            _variable(name, variable) for name, variable in sorted(record.device_model.variables.items())
        )
        if device_model
        else (),
    )


def meters(record: StationRecord) -> tuple[MeterView, ...]:
    """What the meters of a station showed last."""
    return tuple(MeterView(evse_id, point(*reading)) for evse_id, reading in sorted(record.readings.items()))


def _variable(name: str, variable: Variable) -> VariableView:
    return VariableView(
        name,
        tuple(AttributeView(each.type, each.mutability, each.value) for each in variable.attributes),
        variable.data_type,
        variable.unit,
        variable.values_list,
    )
