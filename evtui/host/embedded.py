"""The embedded CSMS as windows see it, and what they ask of it: between its books and the records of the door."""

from collections.abc import Iterator
from typing import Any

import msgspec

from evtui.csms.registry import StationRecord
from evtui.csms.server import Csms
from evtui.csms.tokens import Token, TokenEntry
from evtui.csms.views.station import station_row
from evtui.csms.views.transaction import TransactionView, transaction_view
from evtui.engine.beside import (
    Book,
    CsmsAnswer,
    CsmsFinding,
    CsmsQuery,
    CsmsRequest,
    CsmsStation,
    CsmsToken,
    CsmsTransaction,
    CsmsView,
)
from evtui.errors import CallRefusedError, EvtuiError, LocalError
from evtui.ocppj.fault import printable
from evtui.ocppj.masking import Masker
from evtui.ocppj.schema_files import Version
from evtui.ocppj.schemas import schemas_of

MOST_ROWS = 500
_SHOWN = 1_000
_ANSWER_LIMIT = 65_536

Row = CsmsStation | CsmsTransaction | CsmsToken | CsmsFinding


def view_of(csms: Csms, query: CsmsQuery) -> CsmsView:
    """It as it stands now, with the rows that are asked for, at most MOST_ROWS."""
    books = csms.books
    first, count = max(0, query.first), max(0, min(query.count, MOST_ROWS))
    transactions = [each for record in books.registry for each in books.transactions.of(record.id)]
    findings = csms.findings()
    rows: Iterator[Row]
    match query.book:
        case Book.STATIONS:
            found = [each for each in books.registry if query.station_id in ("", each.id)]
            records = sorted(found, key=lambda record: record.id)[first : first + count]
            rows = (_station(csms, record) for record in records)
        case Book.TRANSACTIONS:
            newest = sorted(transactions, key=lambda each: -each.number)[first : first + count]
            rows = (_transaction(transaction_view(each.record())) for each in newest)
        case Book.TOKENS:
            rows = (
                CsmsToken(
                    token.shown, token.type, entry.status, entry.group.shown if entry.group else "", entry.evse_ids
                )
                for token, entry in sorted(books.tokens, key=lambda each: each[0].value)[first : first + count]
            )
        case Book.FINDINGS:
            newest_findings = sorted(findings, key=lambda each: -each.last_at)[first : first + count]
            rows = (
                CsmsFinding(each.station_id, str(each.severity), each.requirement, each.text, each.count, each.last_at)
                for each in newest_findings
            )
    counts = {
        Book.STATIONS: len(books.registry),
        Book.TRANSACTIONS: len(transactions),
        Book.TOKENS: len(books.tokens),
        Book.FINDINGS: len(findings),
    }
    unlisted = books.tokens.unlisted
    return CsmsView(csms.url, csms.web_url or "", len(csms.connected), counts, unlisted, query.book, first, tuple(rows))


def _station(csms: Csms, record: StationRecord) -> CsmsStation:
    row = station_row(record, csms.books)
    here = csms.books.transactions.of(record.id)
    newest = row.transactions[-1] if row.transactions else transaction_view(here[-1].record()) if here else None
    return CsmsStation(
        row.station_id,
        row.ocpp_version,
        row.connected,
        row.registration or "",
        f"{row.vendor} {row.model}".strip(),
        tuple([f"{each.evse_id}/{each.connector_id} {each.status}" for each in row.connectors]),
        len(row.transactions),
        row.power_w,
        len(csms.findings(record.id)),
        row.last_seen,
        (newest.evse_id if newest else None) or 1,
        newest.transaction_id if newest else "",
        (newest.id_token if newest else None) or "",
    )


def _transaction(view: TransactionView) -> CsmsTransaction:
    return CsmsTransaction(
        view.station_id,
        view.transaction_id,
        view.evse_id,
        view.id_token or "",
        view.started_at,
        view.ended_at,
        view.charging_state or "",
        view.energy_wh,
        view.events,
        sum(gap.last - gap.first + 1 for gap in view.gaps),
    )


def _token(token: Token, entry: TokenEntry) -> CsmsToken:
    group = entry.group.shown if entry.group else ""
    return CsmsToken(token.shown, token.type, entry.status, group, entry.evse_ids)


async def ask(csms: Csms, request: CsmsRequest) -> CsmsAnswer:
    """Sends a station a CALL, and tells the answer, or why there is none."""
    name = f"{printable(request.station_id, 60)}: {printable(request.action, 60)}"
    try:
        payload = _payload(csms, request)
        answer = _json(await csms.call(request.station_id, request.action, payload))
    except CallRefusedError as error:
        body = {"errorCode": error.code, "errorDescription": error.description, "errorDetails": error.details}
        words = f": {error.description}" if error.description else ""
        text = f"{name}: CALLERROR {error.code or 'without a code'}{words}"
        return CsmsAnswer(False, printable(text, _SHOWN), _json(body))
    except EvtuiError as error:
        return CsmsAnswer(False, printable(f"{name}: {error}", _SHOWN))
    return CsmsAnswer(True, printable(f"{name}: CALLRESULT {answer}", _SHOWN), answer)


def _payload(csms: Csms, request: CsmsRequest) -> dict[str, Any]:
    record = csms.books.registry.get(request.station_id)
    version: Version = "1.6" if record is not None and record.version == "1.6" else "2.0.1"
    fault = schemas_of(version).judge_text(request.action, request.payload)
    if fault is not None and not request.although_invalid:
        raise LocalError(f"not sent: {fault}")
    try:
        payload = msgspec.json.decode(request.payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise LocalError(f"not sent: not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise LocalError("not sent: a CSMS sends payloads that are objects; a station can send anything")
    return payload


def _json(payload: object) -> str:
    text, _ = Masker().mask(msgspec.json.encode(payload).decode())
    return text if len(text) <= _ANSWER_LIMIT else text[: _ANSWER_LIMIT - 1] + "…"
