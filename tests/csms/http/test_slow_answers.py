"""The dashboard when an answer takes its time: what was asked for last is what is shown, and nothing new is missed."""

from typing import Any

import pytest

from evtui.csms.server import Csms
from tests.csms.http.browser import looking
from tests.csms.http.charging import event
from tests.csms.http.obedient import obedient
from tests.csms.http.test_dashboard import base_of

pytestmark = pytest.mark.timeout(90)

REPORT: dict[str, Any] = {
    "requestId": 1,
    "generatedAt": "2026-01-05T08:00:00Z",
    "seqNo": 0,
    "reportData": [
        {
            "component": {"name": "TxCtrlr"},
            "variable": {"name": "EVConnectionTimeOut"},
            "variableAttribute": [{"value": "30"}],
        }
    ],
}


async def test_stations_are_those_of_the_search_that_was_typed_last(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms, "CP001"), obedient(csms, "CP002"):
        await look.open("/stations")
        await look.has(".station", 2)
        held = await look.hold("**/api/stations?*text=CP001*")
        await look.page.fill("[data-filter]", "CP001")
        await held.asked.wait()
        await look.page.fill("[data-filter]", "CP002")
        await look.works()
        await held.let_go()
        await look.works()
        await look.sees(".station .name", "CP002")
        await look.has(".station", 1)


async def test_each_station_that_comes_is_shown_however_soon_after_another(csms: Csms) -> None:
    async with looking(base_of(csms)) as look:
        await look.open("/stations")
        await look.sees(".empty", "No station has come yet.")
        async with obedient(csms, "CP001"):
            await look.sees(".station .badge", "Available")
            async with obedient(csms, "CP002"):
                await look.has(".station", 2)


async def test_the_frame_beside_the_list_is_the_one_that_was_chosen_last_and_none_when_it_was_closed(
    csms: Csms,
) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        await it.tell("Heartbeat", {})
        await look.open("/frames?filter=~t call")
        await look.sees(".frame .what", "Heartbeat")
        boot = look.page.locator(".frame").filter(has_text="BootNotification")
        heartbeat = look.page.locator(".frame").filter(has_text="Heartbeat")
        held = await look.hold("**/api/frames/*")
        await boot.click()
        await held.asked.wait()
        await heartbeat.click()
        await look.sees(".aside h2", "Heartbeat")
        await held.let_go()
        await look.works()
        assert await look.text(".aside h2") == "Heartbeat"
        held = await look.hold("**/api/frames/*")
        await boot.click()
        await held.asked.wait()
        await look.page.get_by_role("button", name="Close").click()
        await held.let_go()
        await look.works()
        await look.has(".aside h2", 0)


async def test_a_form_is_that_of_the_request_that_was_chosen_last_and_is_not_sent_before_it_is_there(
    csms: Csms,
) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        await look.open("/stations/CP001")
        await look.page.get_by_role("button", name="Trigger", exact=True).click()
        await look.sees("dialog label", "requestedMessage")
        held = await look.hold("**/api/schemas/*/Reset")
        await look.page.select_option("#request-action", "Reset")
        await held.asked.wait()
        assert await look.page.get_by_role("button", name="Send", exact=True).is_disabled()
        await look.page.select_option("#request-action", "ClearCache")
        await look.sees("dialog .note", "This request has no fields.")
        await held.let_go()
        await look.works()
        await look.sees("dialog .note", "This request has no fields.")
        await look.page.get_by_role("button", name="Send", exact=True).click()
        await look.sees("dialog .said", "Accepted")
        assert it.asked == ["ClearCache"]


async def test_a_transaction_that_has_ended_meanwhile_is_not_shown_as_running(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        await it.event("Started", "Charging", 7000)
        await look.open("/transactions")
        await look.sees("td .badge", "Charging")
        held = await look.hold("**/api/transactions/1")
        await look.open("/transactions/1")
        await held.asked.wait()
        await it.event("Ended", "Idle", 0, stoppedReason="Remote")
        await look.sees(".head .badge", "ended")
        await held.let_go()
        await look.works()
        await look.sees(".head .badge", "ended")


async def test_older_transactions_are_not_mixed_with_those_of_another_filter(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        for number in range(60):
            await it.tell("TransactionEvent", event("Started", 0, f"tx-{number}"))
        await look.open("/transactions")
        await look.has("tbody tr", 50)
        held = await look.hold("**/api/transactions?*before=*")
        await look.page.click("text=Older ones")
        await held.asked.wait()
        await look.page.select_option("main select", "false")
        await look.works()
        await held.let_go()
        await look.works()
        await look.sees(".empty", "No transaction fits.")


async def test_frames_of_the_overview_stand_in_their_order_when_the_first_ones_come_late(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        held = await look.hold("**/api/frames?limit=12")
        await look.open("/")
        await held.asked.wait()
        await it.tell("Heartbeat", {})
        await look.works()
        await held.let_go()
        await look.works()
        await look.sees(".frame .what", "BootNotification")
        assert "Heartbeat" in await look.text(".frame .what")


async def test_a_device_model_that_takes_its_time_is_shown_when_it_comes(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        await look.open("/stations/CP001")
        await look.page.click("text=Ask for it")
        await look.sees(".said", "GetBaseReport: Accepted")
        await look.works()
        await it.tell("NotifyReport", REPORT)
        await look.sees("td", "TxCtrlr.EVConnectionTimeOut")
