"""The keys of charts: of a station's, and of the fleet's."""

from evtui.tui.keys.spec import KeySpec, Where

CHARTS: tuple[KeySpec, ...] = (
    KeySpec("chart.earlier", "left,h", "cursor(-1)", "Read", "The cursor to an earlier moment", Where.CHART),
    KeySpec("chart.later", "right,l", "cursor(1)", "", "The cursor to a later moment", Where.CHART),
    KeySpec("chart.zoom-in", "plus,plus_sign,equals_sign,up,k", "zoom(1)", "Zoom", "Show half the time", Where.CHART),
    KeySpec("chart.zoom-out", "minus,down,j", "zoom(-1)", "Out", "Show twice the time", Where.CHART),
    KeySpec(
        "chart.pan-earlier",
        "pageup,H",
        "pan(-0.5)",
        "Earlier",
        "Move to an earlier stretch of time",
        Where.CHART,
        rank=1,
    ),
    KeySpec("chart.pan-later", "pagedown,L", "pan(0.5)", "", "Move to a later stretch of time", Where.CHART),
    KeySpec("chart.first", "home", "first", "", "The cursor to the first point", Where.CHART),
    KeySpec("chart.live", "end,G", "live", "All", "All of it, without a cursor, and on with what arrives", Where.CHART),
    KeySpec("chart.leave", "escape,g", "leave", "Back", "Done with reading the chart", Where.CHART),
    KeySpec("charts.next", "v", "next_chart", "Chart", "The next chart: power, energy, sessions", Where.CHARTS),
    KeySpec("charts.power", "1", "chart('power')", "", "Power of the fleet, and what is offered to it", Where.CHARTS),
    KeySpec("charts.energy", "2", "chart('energy')", "", "Energy of the fleet", Where.CHARTS),
    KeySpec("charts.sessions", "3", "chart('sessions')", "", "How many sessions run", Where.CHARTS),
)
