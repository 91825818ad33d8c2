"""The embedded CSMS and a load in one process, without waiting: all stations send a sample, and when all have their
answers, the next one. What it does depends on the code, hardly on time."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from evtui.bench.load import Load, LoadStation, booted
from evtui.csms.server import Csms


class Rounds:
    """The stations, and what moves them."""

    def __init__(self, stations: Sequence[LoadStation], load: Load) -> None:
        self._stations = stations
        self._load = load

    async def go(self, rounds: int) -> None:
        """So many samples of each station. RuntimeError: an answer is no result."""
        for _ in range(rounds):
            for station in self._stations:
                station.sample()
            for answer in [station.answer() for station in self._stations]:
                await answer
        if self._load.faults:
            raise RuntimeError("the CSMS did not accept every sample")


@asynccontextmanager
async def csms_in_rounds(stations: int) -> AsyncIterator[Rounds]:
    """So many stations of OCPP 2.0.1 in a transaction each; validation both ways, linter and store are on."""
    load = Load()
    with tempfile.TemporaryDirectory(prefix="evtui-bench-") as directory:
        file = Path(directory) / "csms.db"
        async with Csms(port=0, web_port=None, db=lambda port: file) as csms:
            made, _ = await booted(csms.url, stations, load)
            for station in made:
                station.start()
                await station.answer()
            yield Rounds(made, load)
            for station in made:
                station.end()
