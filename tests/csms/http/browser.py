"""A real browser that looks at the dashboard, and notices what a page must not do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tests import need

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

WAIT_MS = 15_000

# At the second, what the page does at the first is done.
_NEXT_STATUS = "import('./assets/events.js').then(({ on }) => new Promise((then) => on('status', () => then())))"


class Held:
    """A request whose answer is kept back: it was `asked`, and is answered once it is `free`."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._free = asyncio.Event()
        self._answered = asyncio.Event()

    async def answer(self, route: Any) -> None:
        """Gives the answer of now, late."""
        response = await route.fetch()
        self.asked.set()
        await self._free.wait()
        await route.fulfill(response=response)
        self._answered.set()

    async def let_go(self) -> None:
        """Lets the page have it."""
        self._free.set()
        await self._answered.wait()


class Look:
    """A page, and what went wrong on it: errors, dialogs that a script opened, requests to other hosts."""

    def __init__(self, page: Any, base: str) -> None:
        self.page = page
        self.base = base
        self.wrong: list[str] = []
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", lambda request: self._asked(request.url))
        page.on("dialog", self._opened)

    async def open(self, path: str) -> None:
        """Goes to a page of the dashboard, and waits until it is live."""
        await self.page.goto(f"{self.base}/#{path}")
        await self.page.locator("#link.live").wait_for()

    async def text(self, selector: str) -> str:
        """The text of an element that is seen."""
        text: str = await self.page.locator(selector).first.inner_text()
        return text

    async def sees(self, selector: str, text: str) -> None:
        """Waits until an element says so."""
        await self.page.locator(selector).filter(has_text=text).first.wait_for()

    async def has(self, selector: str, count: int) -> None:
        """Waits until so many elements are there."""
        from playwright.async_api import expect

        await expect(self.page.locator(selector)).to_have_count(count, timeout=WAIT_MS)

    async def hold(self, url: str) -> Held:
        """Keeps the answer to the next such request back; `url` is a glob."""
        held = Held()
        await self.page.route(url, held.answer, times=1)
        return held

    async def works(self) -> None:
        """Waits until the page has done what it does with all that has come."""
        for _ in range(2):
            await self.page.evaluate(_NEXT_STATUS)

    def _said(self, kind: str, text: str) -> None:
        if kind == "error":
            self.wrong.append(f"console: {text}")

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.base).netloc and not url.startswith(("data:", "blob:")):
            self.wrong.append(f"elsewhere: {url}")

    async def _opened(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        await dialog.dismiss()


@asynccontextmanager
async def looking(base: str, *, width: int = 1280, height: int = 900, theme: str = "light") -> AsyncIterator[Look]:
    """A browser with one page, of that size and theme."""
    path = need.chromium()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            options: dict[str, Any] = {"color_scheme": theme, "reduced_motion": "reduce"}
            context: Any = await browser.new_context(viewport={"width": width, "height": height}, **options)
            context.set_default_timeout(WAIT_MS)
            yield Look(await context.new_page(), base)
        finally:
            await browser.close()
