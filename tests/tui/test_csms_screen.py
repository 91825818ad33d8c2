"""The other end: the embedded CSMS's books, and its requests by the same forms."""

import pytest

from evtui.engine.beside import CsmsRequest
from evtui.ocppj.frame import Direction, FrameType
from evtui.tui.screens.csms import CsmsScreen
from evtui.tui.screens.message import MessageScreen
from tests.tui.conftest import OpenWindow, Window, settle
from tests.tui.csms_scene import embedded
from tests.tui.fake_door import FakeDoor


async def ask(window: Window, action: str) -> MessageScreen:
    """Opens a request by the palette."""
    await window.press("enter", *f"csms: {action.lower()}", "enter")
    screen = window.app.screen
    assert isinstance(screen, MessageScreen)
    return screen


async def test_c_opens_it_and_escape_leads_back(open_window: OpenWindow) -> None:
    async with open_window(embedded()) as window:
        await window.press("c")
        assert "embedded CSMS · 4 connected · ws://127.0.0.1:9000" in window.text
        assert "1 stations 5  2 transactions 2  3 tokens 1  4 findings 1" in window.text
        row = next(line for line in window.text.splitlines() if "CP001 " in line and "2.0.1" in line)
        assert "Accepted" in row
        assert "1 running" in row
        await window.press("escape")
        assert window.app.screen is window.app.fleet_screen


async def test_without_one_it_says_whom_the_fleet_dials(open_window: OpenWindow) -> None:
    async with open_window() as window:
        await window.press("c")
        assert window.toasts[-1] == "there is no embedded CSMS here: the fleet dials ws://127.0.0.1:9000"
        await window.press("colon", *"csms: reset")
        assert "CSMS: Reset" not in window.text


async def test_each_book_is_a_key_away(open_window: OpenWindow) -> None:
    async with open_window(embedded()) as window:
        await window.press("c", "2")
        assert "4.321 kWh" in window.text
        assert "2 missing" in window.text
        await window.press("right")
        assert "0815" in window.text
        assert "Blocked" in window.text
        await window.press("right")
        assert "E01.FR.07" in window.text
        assert "the ␇ seqNo 4" in window.text
        await window.press("right")
        assert "X␛[31m[b]" in window.text, "round to the stations; what is hostile in a name does no harm"


async def test_a_request_is_written_sent_and_answered(open_window: OpenWindow) -> None:
    door = embedded()
    door.answer = '{"status":"Accepted"}'
    async with open_window(door) as window:
        await window.press("c")
        await ask(window, "RequestStop")
        assert "CSMS › CP001 › send RequestStopTransaction" in window.text
        running = door.stations[0].evses[0].transaction_id
        await window.press("s")
        assert door.asked == [
            CsmsRequest("CP001", "RequestStopTransaction", f'{{"transactionId":"{running}"}}'),
        ]
        assert "CP001: RequestStopTransaction: CALLRESULT" in window.text
        assert '"status": "Accepted"' in window.text


async def test_a_transaction_under_the_cursor_is_the_one_that_is_meant(open_window: OpenWindow) -> None:
    door = embedded()
    async with open_window(door) as window:
        await window.press("c", "2")
        screen = await ask(window, "RequestStop")
        assert screen.draft.payload == {"transactionId": "5f21-4f0e"}


async def test_a_station_of_1_6_is_asked_in_1_6(open_window: OpenWindow) -> None:
    door = embedded()
    async with open_window(door) as window:
        await window.press("c", "G")
        screen = await ask(window, "RemoteStop")
        assert screen.draft.payload == {"transactionId": 41}
        await window.press("s")
        assert "is not connected" in window.toasts[-1]
        assert door.asked == []


async def test_why_there_is_no_answer_shows(open_window: OpenWindow) -> None:
    door = embedded()
    door.rejection = "CP001 did not answer Reset within 30 s"
    async with open_window(door) as window:
        await window.press("c")
        await ask(window, "Reset")
        await window.press("s")
        assert "did not answer Reset within 30 s" in window.text


async def test_a_token_is_no_station_to_ask(open_window: OpenWindow) -> None:
    async with open_window(embedded()) as window:
        await window.press("c", "3", "enter")
        assert window.toasts[-1] == "there is no station under the cursor to ask"


async def test_all_forty_requests_are_offered_and_the_station_s_own_too(open_window: OpenWindow) -> None:
    async with open_window(embedded()) as window:
        await window.press("c")
        titles = [title for title, _, _ in window.app.composer.offered()]
        assert sum(title.startswith("CSMS: ") for title in titles) == 40
        assert sum(title.startswith("Send: ") for title in titles) == 64
        assert titles[0].startswith("CSMS: "), "this end's first"
        await window.press("G")
        titles = [title for title, _, _ in window.app.composer.offered()]
        assert not any(title.startswith("Send: ") for title in titles), "it is not a station of the fleet"
        await window.press("escape")
        titles = [title for title, _, _ in window.app.composer.offered()]
        assert titles[0].startswith("Send: ")


async def test_a_request_in_the_log_is_sent_again_by_the_csms(open_window: OpenWindow) -> None:
    door = embedded(FakeDoor())
    door.reader.add(51.0, "CP001", Direction.RECEIVED, FrameType.CALL, "Reset", '[2,"x","Reset",{"type":"OnIdle"}]')
    async with open_window(door) as window:
        await window.press("tab", "end", "r", "s")
        assert door.asked == [CsmsRequest("CP001", "Reset", '{"type":"OnIdle"}')]


async def test_a_read_only_window_asks_nothing(open_window: OpenWindow) -> None:
    door = embedded()
    async with open_window(door, read_only=True) as window:
        await window.press("c")
        await ask(window, "Reset")
        await window.press("s")
        assert window.toasts[-1] == "this window is read-only"
        assert door.asked == []


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_only_the_rows_in_view_are_asked_for(open_window: OpenWindow, size: tuple[int, int]) -> None:
    async with open_window(embedded(), size=size) as window:
        await window.press("c")
        await settle(window.pilot)
        screen = window.app.screen
        assert isinstance(screen, CsmsScreen)
        assert screen.table.room < 20
        assert all(len(line) <= size[0] for line in window.text.splitlines())
