"""The dashboard in a real Chromium: what people do there, and what stations try there."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from evtui.csms.server import Csms
from evtui.web.token import Token
from tests.csms.http.browser import looking
from tests.csms.http.obedient import Obedient, obedient
from tests.csms.stations import until

pytestmark = pytest.mark.timeout(90)

HTML = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


ADDED = """
window.added = [];
new MutationObserver((changes) => window.added.push(changes.reduce((sum, each) => sum + each.addedNodes.length, 0)))
  .observe(document.querySelector("ol.frames"), { childList: true });
"""
"""Counts the rows that come at once, each time."""

PAGES = ("/", "/stations", "/stations/CP001", "/transactions", "/transactions/1", "/frames", "/tokens", "/findings")


def base_of(csms: Csms) -> str:
    return f"http://localhost:{csms.web_port}"


async def test_a_session_is_started_watched_and_stopped(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        await look.open("/")
        await look.sees(".tile", "online")
        await look.sees(".station .badge", "Available")
        await look.page.click(".station")
        await look.sees("h1", "CP001")
        await look.page.get_by_role("button", name="Start", exact=True).click()
        await look.page.locator("dialog").get_by_label("evseId").fill("1")
        await look.page.get_by_role("button", name="Send", exact=True).click()
        await look.sees("dialog .said", "Accepted")
        await look.page.keyboard.press("Escape")
        await look.sees(".head .badge", "Charging")
        await look.sees("td", "11.0")
        await look.sees(".legend.power", "11 kW")
        assert await look.page.locator(".chart canvas").count() == 1
        await look.page.get_by_role("button", name="Stop", exact=True).click()
        assert await look.page.locator("dialog").get_by_label("transactionId").input_value() == "tx-1"
        await look.page.get_by_role("button", name="Send", exact=True).click()
        await look.sees("dialog .said", "Accepted")
        await look.page.keyboard.press("Escape")
        await look.sees(".head .badge", "Available")
        await look.sees("td .badge", "Remote")
        assert it.asked == ["RequestStartTransaction", "RequestStopTransaction"]
        assert look.wrong == []


async def test_frames_are_filtered_and_stand_beside_their_answers(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        await it.tell("Heartbeat", {})
        await look.open("/frames")
        await look.sees(".frame .what", "Heartbeat")
        await look.page.keyboard.press("/")
        await look.page.keyboard.type("~a BootNotification & ~t call")
        await look.page.locator(".frame").filter(has_text="Heartbeat").first.wait_for(state="detached")
        await look.sees(".frame", "BootNotification")
        await look.has(".frame", 1)  # half a filter is one already, or none
        await look.page.click(".frame")
        await look.sees(".aside h3", "CALLRESULT")
        calls = await look.page.locator(".aside pre.json").all_inner_texts()
        assert '"vendorName": "V"' in calls[0]
        assert '"status": "Accepted"' in calls[1]
        await look.page.fill("[data-filter]", "~a Heartbeat")
        await look.page.locator(".frame .what").filter(has_text="result").wait_for()
        await it.tell("Heartbeat", {})
        await look.page.locator(".frame").nth(3).wait_for()  # what comes later is filtered, too
        # Half a filter is refused, which a browser notes.
        assert [each for each in look.wrong if "422" not in each] == []
        await look.page.fill("[data-filter]", "~zzz")
        await look.sees(".error", "filter: ")


async def test_what_is_new_does_not_take_the_place_of_what_was_asked_for(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms) as it:
        await it.tell("Heartbeat", {})
        await look.open("/frames")
        await look.sees(".frame .what", "Heartbeat")
        held = await look.hold("**/api/frames?filter=*limit=100")
        await look.page.fill("[data-filter]", "~a BootNotification")
        await held.asked.wait()
        await look.works()
        await held.let_go()
        await look.page.locator(".frame").filter(has_text="Heartbeat").first.wait_for(state="detached")
        await look.sees(".frame", "BootNotification")


async def test_what_stations_send_is_text_and_nothing_else(csms: Csms) -> None:
    name = "<script>alert(0)</script>"
    async with looking(base_of(csms)) as look, obedient(csms, name) as it:
        await it.link.say([2, HTML, HTML, {"a": HTML}])
        await it.tell("SecurityEventNotification", {"type": HTML[:50], "timestamp": "2026-01-05T08:00:00Z"})
        await it.tell("DataTransfer", {"vendorId": HTML})
        await it.event("Started", "Charging", 7000)
        await look.open("/")
        await look.sees(".station .name", name)
        await look.page.click(".station")
        await look.sees("h1", name)
        await look.sees("td", HTML)
        await look.page.locator(".frame").first.click()
        await look.sees(".aside pre", "{")
        for path in (*PAGES, f"/stations/{quote(HTML)}"):
            await look.open(path)
            await look.page.locator("main h1").wait_for()
        await look.open("/frames")
        await look.sees(".frame .what", "<script>alert(2)</script>")
        assert await look.page.locator("script").count() == 1
        assert await look.page.locator("main img").count() == 0
        assert [each for each in look.wrong if "404" not in each] == []


async def test_of_a_flood_a_sample_is_shown_and_the_page_stays_quick(csms: Csms) -> None:
    async def flood(it: Obedient) -> None:
        while True:
            for _ in range(5):
                await it.tell("Heartbeat", {})
            await asyncio.sleep(0.05)

    async with looking(base_of(csms)) as look, AsyncExitStack() as stack:
        stations = [await stack.enter_async_context(obedient(csms, f"CP{number:03d}")) for number in range(10)]
        await look.open("/frames")
        async with asyncio.TaskGroup() as group:
            flooding = [group.create_task(flood(it)) for it in stations]
            await look.sees(".note", "sampled: ")
            await look.page.evaluate(ADDED)
            while len(added := await look.page.evaluate("window.added")) < 4:
                await look.works()
            await until(lambda: csms.tap.total > 1000)
            await look.page.click("text=Hold")
            await look.sees("button", "Held")
            rows = await look.page.locator(".frame").count()
            for each in flooding:
                each.cancel()
        assert rows <= 300
        assert max(added) <= 60, "more at once would keep the page busy"
        assert look.wrong == []


async def test_on_a_phone_nothing_is_wider_than_the_screen(csms: Csms) -> None:
    async with looking(base_of(csms), width=390, height=844, theme="dark") as look, obedient(csms, "C" * 48) as it:
        await it.event("Started", "Charging", 7e28)
        await it.tell("DataTransfer", {"vendorId": "w" * 200})
        for path in (*PAGES, f"/stations/{'C' * 48}"):
            await look.open(path)
            await look.page.locator("main h1").wait_for()
            await look.page.wait_for_timeout(250)
            assert await look.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_it_goes_by_keyboard_and_keeps_its_theme(csms: Csms) -> None:
    async with looking(base_of(csms)) as look, obedient(csms):
        await look.open("/")
        await look.page.keyboard.press("s")
        await look.sees("h1", "Stations")
        await look.page.keyboard.press("/")
        await look.page.keyboard.type("nobody")
        await look.sees(".empty", "No station fits.")
        await look.page.keyboard.press("Escape")
        await look.page.keyboard.press("?")
        await look.sees("dialog h2", "Keys")
        await look.page.keyboard.press("Escape")
        background = "getComputedStyle(document.body).backgroundColor"
        light = await look.page.evaluate(background)
        await look.page.keyboard.press("t")
        dark = await look.page.evaluate(background)
        assert light != dark
        await look.page.reload()
        assert await look.page.evaluate(background) == dark
        await look.page.keyboard.press("Tab")
        assert await look.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert look.wrong == []


async def test_it_asks_for_the_token_once(tmp_path: Path) -> None:
    files: dict[str, Any] = {"db": lambda port: tmp_path / "csms.db"}
    async with (
        Csms(port=0, web_port=0, web_token=Token("correct-horse"), **files) as csms,
        looking(base_of(csms)) as look,
    ):
        await look.page.goto(base_of(csms))
        await look.page.get_by_role("textbox", name="Token").fill("wrong")
        await look.page.keyboard.press("Enter")
        await look.sees("dialog .error", "That was not the token.")
        await look.page.get_by_role("textbox", name="Token").fill("correct-horse")
        await look.page.keyboard.press("Enter")
        await look.sees(".tile", "online")
        await look.page.locator("#link.live").wait_for()
        await look.page.reload()
        await look.sees(".tile", "online")
        assert all("401" in each for each in look.wrong)
