"""Commands of power and network, and of what goes over the link by hand."""

from evtui.engine.commands.messages import is_connected
from evtui.engine.commands.spec import Argument, CommandSpec, Scope, alive
from evtui.engine.door import EvseRow, LinkState, StationRow


def _can_cut_power(station: StationRow, evse: EvseRow) -> str | None:
    return f"{station.id} has no power already" if station.link is LinkState.DARK else alive(station, evse)


def _can_return_power(station: StationRow, evse: EvseRow) -> str | None:
    return None if station.link is LinkState.DARK else f"{station.id} has power"


def _can_toggle_power(station: StationRow, evse: EvseRow) -> str | None:
    return None if station.link is LinkState.DARK else alive(station, evse)


def _can_cut_network(station: StationRow, evse: EvseRow) -> str | None:
    return f"{station.id}: the network is cut already" if station.network_cut else None


def _can_restore_network(station: StationRow, evse: EvseRow) -> str | None:
    return None if station.network_cut else f"{station.id}: the network is not cut"


def _always(station: StationRow, evse: EvseRow) -> str | None:
    return None


SPECS = (
    CommandSpec(
        "power-cut",
        "Power cut",
        "The station goes dark without a goodbye; the CSMS has to notice by itself",
        Scope.STATION,
        _can_cut_power,
    ),
    CommandSpec("power-return", "Power return", "The station boots again (PowerUp)", Scope.STATION, _can_return_power),
    CommandSpec(
        "power-cycle",
        "Power cycle",
        "Cut the power, and let it return a little later",
        Scope.STATION,
        _can_cut_power,
        (Argument("seconds", "how long the station is dark", "5"),),
    ),
    CommandSpec("toggle-power", "Power", "Cut the power, or let it return", Scope.STATION, _can_toggle_power),
    CommandSpec(
        "cut-network",
        "Cut network",
        "Nothing passes any more, and neither side is told: a ping or a timeout has to notice",
        Scope.STATION,
        _can_cut_network,
    ),
    CommandSpec(
        "restore-network",
        "Restore network",
        "The network passes again; what had to wait goes at once",
        Scope.STATION,
        _can_restore_network,
    ),
    CommandSpec("toggle-network", "Network", "Cut the network, or restore it", Scope.STATION, _always),
    CommandSpec(
        "close-connection",
        "Reconnect",
        "Close the WebSocket in an orderly way (1000); the station connects again after its back-off",
        Scope.STATION,
        is_connected,
    ),
    CommandSpec(
        "send-raw",
        "Send raw",
        "Send any text over the WebSocket as it is, valid or not",
        Scope.STATION,
        is_connected,
        (Argument("text", 'the text, such as [2,"1","Heartbeat",{}]'),),
    ),
)
