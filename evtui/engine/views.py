"""What a door shows of sessions: rows, and everything about one station."""

import msgspec

from evtui.engine.board import Board
from evtui.engine.door import (
    EvseDetail,
    EvseRow,
    HeldRow,
    KnownTokens,
    LimitRow,
    RuledRow,
    RuleRow,
    SettingRow,
    StationDetail,
    StationRow,
    TransactionRow,
    VariableRow,
)
from evtui.engine.history import NO_SERIES, EvseHistory
from evtui.engine.ledger import shown
from evtui.engine.session import Session
from evtui.sim.local_tokens import TokenCounts
from evtui.sim.metering.reading import EvseReading
from evtui.sim.variables.device_model import DeviceModel

_DIGITS = 3
"""Decimal places of a figure on screen: mW, mWh, mV. What is sent has as many."""


LOG_LINES = 30
_HELD_TEXT = 16_384


def station_row(session: Session, trace: int = 0, errors: int = 0) -> StationRow:
    """A station as one row, with `trace` points of each sparkline; `errors` counts its frames that were wrong."""
    gauge = session.gauge
    return StationRow(
        session.id,
        session.version,
        session.link,
        session.retry_at,
        session.trouble,
        session.queued,
        tuple([evse_row(*each, trace) for each in zip(gauge.readings, gauge.histories, strict=True)]),
        session.network_cut,
        session.spec.group,
        errors,
        len(session.meddler.rules),
        len(session.meddler.held),
    )


def ruled_row(session: Session, board: Board) -> RuledRow:
    """A station's rules on the wire, and what they hold."""
    return RuledRow(session.id, session.version, _rules(session), _held(session, board))


def _rules(session: Session) -> tuple[RuleRow, ...]:
    return tuple(
        [
            RuleRow(each.rule.name, str(each.rule), each.met, each.left, each.rule.given)
            for each in session.meddler.rules
        ]
    )


def _held(session: Session, board: Board) -> tuple[HeldRow, ...]:
    now = board.clock.now()
    rows = []
    for each in session.meddler.held:
        text, masked = session.masked(each.text)
        since = now.utc.timestamp() - (now.elapsed_s - each.since_s)
        direction, type, action = each.direction.name, each.meta.type.name, each.meta.action
        rows.append(
            HeldRow(each.number, direction, type, action, since, each.rule, text[:_HELD_TEXT], len(text), masked)
        )
    return tuple(rows)


def evse_row(reading: EvseReading, history: EvseHistory, trace: int = 0) -> EvseRow:
    """An EVSE as a part of its station's row."""
    energy_wh = round(reading.session_energy_wh, _DIGITS)
    power_trace, energy_trace = history.trace(trace, energy_wh) if trace else ((), ())
    started, state, soc = reading.transaction_started, reading.charging_state, reading.soc_percent
    return EvseRow(
        reading.evse_id,
        reading.status.value,
        None if state is None else state.value,
        reading.plugged,
        reading.authorized,
        round(reading.power_w, _DIGITS),
        reading.rated_w,
        energy_wh,
        None if soc is None else round(soc, _DIGITS),
        reading.transaction_id,
        None if started is None else started.timestamp(),
        power_trace,
        energy_trace,
        tuple([kind.value for kind in reading.faults]),
        reading.lock,
        reading.in_bay,
        reading.ev_paused,
    )


def station_detail(session: Session, board: Board, *, whole: bool) -> StationDetail:
    """Everything about one station; not `whole`, without what is long."""
    gauge, spec, station = session.gauge, session.spec, session.station
    energy_wh = {each.transaction_id: each.session_energy_wh for each in gauge.readings if each.transaction_id}
    return StationDetail(
        board.version,
        board.clock.now().utc.timestamp(),
        station_row(session, errors=board.tap.errors_of.get(session.id, 0)),
        session.url,
        spec.vendor,
        spec.model,
        spec.serial_number,
        spec.firmware_version,
        tuple(
            [
                _evse_detail(
                    reading,
                    history,
                    station.bars(reading.evse_id, spec.id_token),
                    history.series() if whole else NO_SERIES,
                )
                for reading, history in zip(gauge.readings, gauge.histories, strict=True)
            ]
        ),
        tuple([_numbered(row, session) for row in session.ledger.rows(energy_wh)]),
        _values(station.variables) if whole else {},
        station.log_tail(LOG_LINES) if whole else (),
        _definitions(station.variables) if whole else (),
        _known_tokens(station.tokens.counts(board.clock.now())),
        _rules(session) if whole else (),
        _held(session, board) if whole else (),
        id_token=shown(spec.id_token),
    )


def _numbered(row: TransactionRow, session: Session) -> TransactionRow:
    number = session.number_of(row.transaction_id)
    return row if number is None else msgspec.structs.replace(row, number=number)


def _values(model: DeviceModel) -> dict[str, str]:
    return {
        f"{component}.{variable}{f'[{instance}]' if instance else ''}": value
        for component, variable, instance, value in model
    }


def _definitions(model: DeviceModel) -> tuple[VariableRow, ...]:
    return tuple(
        [
            VariableRow(
                each.name,
                each.type,
                each.mutability,
                each.unit,
                each.min_limit,
                each.max_limit,
                each.values,
                model.settable(each.name),
                each.reboot,
            )
            for each in model.definitions
        ]
    )


def _known_tokens(counts: TokenCounts) -> KnownTokens:
    return KnownTokens(counts.cached, counts.listed, counts.list_version)


def _evse_detail(
    reading: EvseReading, history: EvseHistory, barred: bool, series: tuple[tuple[float, ...], ...]
) -> EvseDetail:
    return EvseDetail(
        evse_row(reading, history),
        reading.connector_type.value,
        reading.phases,
        reading.ev,
        round(reading.register_wh, _DIGITS),
        round(reading.offered_w, _DIGITS),
        tuple([round(each, _DIGITS) for each in reading.voltage_v]),
        tuple([round(each, _DIGITS) for each in reading.current_a]),
        round(reading.frequency_hz, _DIGITS),
        tuple(
            [
                LimitRow(
                    limit.source,
                    limit.name,
                    round(limit.power_w, _DIGITS),
                    round(limit.current_a, _DIGITS),
                    limit.source == reading.limited_by,
                )
                for limit in reading.limits
            ]
        ),
        tuple([SettingRow(each.source, each.name, each.power_w, each.current_a) for each in reading.settings]),
        reading.target_wh,
        barred,
        *series,
    )
