"""The embedded CSMS as a window sees it, over the door's socket, with stations that are nothing but sockets."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from evtui.csms.server import Csms
from evtui.csms.tokens import Token, TokenEntry
from evtui.engine.beside import (
    Alone,
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
from evtui.errors import LocalError
from evtui.host.embedded import ask, view_of
from evtui.host.lifeline import Lifeline
from evtui.host.remote import RemoteDoor
from evtui.host.server import DoorServer
from evtui.host.wire import Role
from tests.csms.stations import RawStation, station
from tests.host.fake_door import FakeDoor

STARTED: dict[str, Any] = {
    "eventType": "Started",
    "timestamp": "2026-05-04T12:00:00Z",
    "triggerReason": "Authorized",
    "seqNo": 0,
    "transactionInfo": {"transactionId": "T1", "chargingState": "Charging"},
    "evse": {"id": 1, "connectorId": 1},
    "idToken": {"idToken": "AB\u001b12", "type": "Central"},
}


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=None) as running:
        yield running


class Host(Alone):
    """What is beside a fleet: a CSMS."""

    def __init__(self, csms: Csms) -> None:
        self._csms = csms

    async def csms(self, query: CsmsQuery) -> CsmsView | None:
        return view_of(self._csms, query)

    async def ask(self, request: CsmsRequest) -> CsmsAnswer:
        return await ask(self._csms, request)


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="evtui-") as directory:
        yield Path(directory) / "door"


@asynccontextmanager
async def window(csms: Csms, path: Path, role: Role = Role.WINDOW) -> AsyncIterator[RemoteDoor]:
    server = DoorServer(FakeDoor(), Lifeline(stay=True), Host(csms))
    await server.listen(path)
    remote = await RemoteDoor.connect(path, role)
    try:
        yield remote
    finally:
        remote.close()
        await server.close()


async def asked(
    door: RemoteDoor, raw: RawStation, request: CsmsRequest, answer: list[Any] | None
) -> tuple[Any, CsmsAnswer]:
    """The CALL as it came at the station, and what the window is told; `answer` follows the message id."""
    task = asyncio.get_running_loop().create_task(door.ask(request))
    call = await raw.hear()
    if answer is None:
        await raw.link.close()
    else:
        await raw.say([answer[0], call[1], *answer[1:]])
    return call, await task


async def test_its_books_are_told_row_by_row(csms: Csms, path: Path) -> None:
    csms.books.tokens.put(Token("1234", "KeyCode"), TokenEntry("Blocked", Token("g", "Central"), (1,)))
    async with window(csms, path) as door, station(csms) as raw, station(csms, "CP002"):
        await raw.boot()
        await raw.call("TransactionEvent", STARTED)
        await raw.call("TransactionEvent", {**STARTED, "eventType": "Updated", "seqNo": 3})
        view = await door.csms(CsmsQuery())
        assert view is not None
        assert (view.url, view.connected, view.unlisted) == (csms.url, 2, "Accepted")
        first = view.rows[0]
        assert isinstance(first, CsmsStation)
        assert (first.station_id, first.version, first.connected, first.registration) == (
            "CP001",
            "2.0.1",
            True,
            "Accepted",
        )
        assert (first.running, first.transaction_id, first.evse_id) == (1, "T1", 1)
        only = await door.csms(CsmsQuery(station_id="CP002"))
        assert only is not None
        assert [row.station_id for row in only.rows if isinstance(row, CsmsStation)] == ["CP002"]
        transactions = await door.csms(CsmsQuery(Book.TRANSACTIONS))
        assert transactions is not None
        (transaction,) = transactions.rows
        assert isinstance(transaction, CsmsTransaction)
        assert (transaction.transaction_id, transaction.state, transaction.missing) == ("T1", "Charging", 2)
        tokens = await door.csms(CsmsQuery(Book.TOKENS))
        assert tokens is not None
        assert tokens.rows == (CsmsToken("***", "KeyCode", "Blocked", "g", (1,)),)
        assert tokens.counts[Book.STATIONS] == 2


async def test_findings_are_told_newest_first_and_as_many_as_are_asked_for(csms: Csms, path: Path) -> None:
    async with window(csms, path) as door, station(csms) as raw:
        await raw.ask("StatusNotification", {"evseId": "x"})
        await raw.ask("Heartbeat", {"nonsense": 1})
        view = await door.csms(CsmsQuery(Book.FINDINGS, 0, 1))
        assert view is not None
        assert len(view.rows) == 1
        assert view.counts[Book.FINDINGS] >= 2
        assert isinstance(view.rows[0], CsmsFinding)
        assert view.rows[0].requirement
        beyond = await door.csms(CsmsQuery(Book.FINDINGS, 1_000, 10))
        assert beyond is not None
        assert beyond.rows == ()


async def test_a_request_arrives_and_its_answer_is_told(csms: Csms, path: Path) -> None:
    async with window(csms, path) as door, station(csms) as raw:
        await raw.boot()
        request = CsmsRequest("CP001", "Reset", '{"type":"OnIdle"}')
        call, answer = await asked(door, raw, request, [3, {"status": "Scheduled"}])
        assert call[2:] == ["Reset", {"type": "OnIdle"}]
        assert answer == CsmsAnswer(True, 'CP001: Reset: CALLRESULT {"status":"Scheduled"}', '{"status":"Scheduled"}')


async def test_a_callerror_is_told_and_does_no_harm(csms: Csms, path: Path) -> None:
    async with window(csms, path) as door, station(csms) as raw:
        await raw.boot()
        request = CsmsRequest("CP001", "ClearCache", "{}")
        _, answer = await asked(door, raw, request, [4, "NotSupported", "\x1b[31m", {"a": 1}])
        assert not answer.done
        assert answer.text.startswith("CP001: ClearCache: CALLERROR NotSupported: \\x1b[31m")
        assert json.loads(answer.answer)["errorDetails"] == {"a": 1}


async def test_a_lost_connection_and_none_at_all_are_told_apart(csms: Csms, path: Path) -> None:
    async with window(csms, path) as door:
        async with station(csms) as raw:
            await raw.boot()
            _, answer = await asked(door, raw, CsmsRequest("CP001", "ClearCache", "{}"), None)
            assert answer == CsmsAnswer(False, "CP001: ClearCache: the connection of CP001 was lost")
        answer = await door.ask(CsmsRequest("CP001", "ClearCache", "{}"))
        assert answer == CsmsAnswer(False, "CP001: ClearCache: CP001 is not connected")


async def test_what_is_invalid_is_sent_only_if_it_is_meant_to_be(csms: Csms, path: Path) -> None:
    async with window(csms, path) as door, station(csms) as raw:
        await raw.boot()
        refused = await door.ask(CsmsRequest("CP001", "Reset", '{"type":"Now"}'))
        assert not refused.done
        assert refused.text.startswith('CP001: Reset: not sent: type: "Now" is not one of')
        request = CsmsRequest("CP001", "Reset", '{"type":"Now"}', True)
        call, answer = await asked(door, raw, request, [4, "PropertyConstraintViolation", "", {}])
        assert call[3] == {"type": "Now"}
        assert not answer.done
        for text in ("[", "[1]"):
            assert "not sent" in (await door.ask(CsmsRequest("CP001", "Reset", text, True))).text


async def test_a_reader_asks_nothing(csms: Csms, path: Path) -> None:
    async with window(csms, path, Role.READER) as door:
        assert await door.csms(CsmsQuery()) is not None
        with pytest.raises(LocalError, match="read-only"):
            await door.ask(CsmsRequest("CP001", "ClearCache", "{}"))


async def test_where_there_is_none_nobody_asks() -> None:
    assert await Alone().csms(CsmsQuery()) is None
    assert not (await Alone().ask(CsmsRequest("CP001", "ClearCache", "{}"))).done
