"""A CSMS that keeps what it knows, and what it knows, to be compared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from evtui.csms.books import Books
from evtui.csms.server import Csms


@asynccontextmanager
async def keeping(path: Path, **options: Any) -> AsyncIterator[Csms]:
    """A CSMS whose file is `path`."""
    async with Csms(port=0, web_port=None, **options, db=lambda port: path) as csms:
        yield csms


def told(books: Books) -> dict[str, Any]:
    """Everything that the books say, as values that can be compared."""
    return {
        "stations": {station.id: _station(station) for station in books.registry},
        "transactions": {(each.station_id, each.transaction_id): repr(each.record()) for each in books.transactions},
        "tokens": dict(books.tokens),
        "starts": dict(books.numbers._given),
        "settings": {name: dict(books.settings.named(name)) for name in ("place", "mood")},
    }


def _station(station: Any) -> dict[str, Any]:
    facts = {
        name: value
        for name, value in vars(station).items()
        if name not in ("_journal", "answers", "assembler", "policy", "device_model")
    }
    pages = {
        key: ({number: list(items) for number, items in report.pages.items()}, report.last)
        for key, report in station.assembler._open.items()
    }
    model = station.device_model.variables
    return {name: repr(value) for name, value in (facts | {"pages": pages, "device model": model}).items()}
