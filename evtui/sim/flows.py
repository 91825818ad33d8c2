"""The two flows: initial values of variables, and the few habits of a station that no variable names.

What the configuration or a CSMS sets later wins over a flow's values.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from evtui.errors import LocalError
from evtui.sim.terms import Measurand


class Flow(msgspec.Struct, frozen=True):
    """`cable_at_boot`: a car is plugged in when the station starts. `startup_event`: a SecurityEvent
    StartupOfTheDevice follows the boot. `grid_meter`: clock-aligned data of the whole station, as EVSE 0.
    `aligned_events`: clock-aligned data of an EVSE in a transaction go into TransactionEvents, otherwise into
    MeterValues (J01.FR.22 allows both). `aligned_in_transaction`: AlignedDataCtrlr.Interval counts while a
    transaction runs; the station sets it to 0 otherwise."""

    name: str
    variables: Mapping[str, str]
    cable_at_boot: bool = False
    startup_event: bool = True
    grid_meter: bool = True
    aligned_events: bool = True
    aligned_in_transaction: bool = False


_MEASURED = (Measurand.ENERGY_REGISTER, Measurand.POWER, Measurand.CURRENT, Measurand.VOLTAGE, Measurand.FREQUENCY)

_BEGIN_AND_END_ONLY = {"SampledDataCtrlr.TxEndedInterval": "0", "AlignedDataCtrlr.TxEndedInterval": "0"}

CONFORMANT = Flow(
    name="conformant",
    variables=MappingProxyType(
        {
            "TxCtrlr.TxStartPoint": "PowerPathClosed",
            "TxCtrlr.TxStopPoint": "EVConnected,Authorized",
            "SampledDataCtrlr.TxUpdatedInterval": "1",
            "AlignedDataCtrlr.Interval": "0",
            **_BEGIN_AND_END_ONLY,
        }
    ),
)
"""Samples in TransactionEvents, as the standard wants them."""

CLASSIC = Flow(
    name="classic",
    variables=MappingProxyType(
        {
            "TxCtrlr.TxStartPoint": "EnergyTransfer",
            "TxCtrlr.TxStopPoint": "EVConnected,Authorized",
            "SampledDataCtrlr.TxUpdatedInterval": "0",
            "AlignedDataCtrlr.Interval": "1",
            "AlignedDataCtrlr.Measurands": ",".join(_MEASURED),
            "AuthCacheCtrlr.Enabled": "false",
            **_BEGIN_AND_END_ONLY,
        }
    ),
    cable_at_boot=True,
    startup_event=False,
    grid_meter=False,
    aligned_events=False,
    aligned_in_transaction=True,
)
"""Samples in MeterValues each second of a transaction, as many simulators do it; allowed as clock-aligned data. Each
session asks the CSMS anew."""

FLOWS: Mapping[str, Flow] = MappingProxyType({flow.name: flow for flow in (CONFORMANT, CLASSIC)})


def find(name: str) -> Flow:
    """The flow of that name. Raises LocalError for an unknown one."""
    flow = FLOWS.get(name)
    if flow is None:
        raise LocalError(f"there is no flow {name!r}: {' and '.join(FLOWS)} are the flows")
    return flow


def interval_variable(flow: Flow) -> str:
    """The variable that says how often a running transaction is sampled."""
    return "AlignedDataCtrlr.Interval" if flow.aligned_in_transaction else "SampledDataCtrlr.TxUpdatedInterval"
