"""The stations that a command acts on because a filter shows them, and none is marked."""

import msgspec

from evtui.engine.commands import CommandSpec
from evtui.engine.door import Target
from evtui.tui import figures
from evtui.tui.glyphs import Glyphs


class Crowd(msgspec.Struct, frozen=True):
    """`filter` lets so many `stations` through; `here` is the EVSE under the cursor, if one is on screen."""

    filter: str
    stations: int
    here: Target | None = None

    def question(self, spec: CommandSpec) -> str:
        """What is asked before a command acts on them."""
        return f"{spec.title}: {figures.count(self.stations, 'station')}?"

    def reason(self, glyphs: Glyphs) -> str:
        """Why it would act on them."""
        many = "that one station is shown" if self.stations == 1 else f"those {self.stations:,} are shown"
        return f"{figures.safe(self.filter, glyphs)}: {many}, and none is marked."

    def offered(self, glyphs: Glyphs) -> dict[str, str]:
        """The answers."""
        answers = {"ask.yes": f"all that the filter shows: {self.stations:,}"}
        if self.here is not None:
            answers["ask.one"] = f"only {figures.safe(self.here.station_id, glyphs)} EVSE {self.here.evse_id}"
        return {**answers, "ask.no": "go back"}
