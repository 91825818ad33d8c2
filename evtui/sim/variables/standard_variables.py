"""The variables that a station of ours has, with OCPP 2.0.1's names, types and limits (appendix "components and
variables"). Defaults are those of the factory; a flow changes some (see `evtui.sim.flows`).

Features that are not there yet say so (`Available` false): what a variable says is what the station does.
"""

from collections.abc import Iterator
from functools import lru_cache

from evtui.sim import authorization_cache, local_list
from evtui.sim.spec import ConnectorSpec, EvseSpec, StationSpec
from evtui.sim.terms import ConnectorStatus, Measurand, TxPoint
from evtui.sim.variables import fault_variables
from evtui.sim.variables.device_model import Catalogue, DataType, Definition, Mutability

_B, _I, _D, _S, _T = DataType.BOOLEAN, DataType.INTEGER, DataType.DECIMAL, DataType.STRING, DataType.DATE_TIME
_OPTION, _SEQUENCE, _MEMBERS = DataType.OPTION_LIST, DataType.SEQUENCE_LIST, DataType.MEMBER_LIST
_RO, _RW, _WO = Mutability.READ_ONLY, Mutability.READ_WRITE, Mutability.WRITE_ONLY

_STATES = tuple(ConnectorStatus)
_MEASURANDS = tuple(Measurand)
_POINTS = tuple(TxPoint)

_ENERGY = str(Measurand.ENERGY_REGISTER)
_RUNNING = f"{_ENERGY},{Measurand.CURRENT},{Measurand.VOLTAGE},{Measurand.POWER},{Measurand.FREQUENCY}"


def definitions(spec: StationSpec) -> Iterator[Definition]:
    """Every variable of a station of this specification."""
    return _definitions(spec.evses)


@lru_cache(maxsize=64)
def catalogue(evses: tuple[EvseSpec, ...]) -> Catalogue:
    """The same for all stations that are built of these EVSEs."""
    return Catalogue(_definitions(evses))


def _definitions(evses: tuple[EvseSpec, ...]) -> Iterator[Definition]:
    yield from _charging_station(evses)
    for evse_id, evse in enumerate(evses, 1):
        yield from _evse(evse_id, evse)
        for connector_id, connector in enumerate(evse.connectors, 1):
            yield from _connector(evse_id, connector_id, connector)
    yield from fault_variables.definitions(evses)
    yield from _meter_data(evses)
    yield from _CONTROLLERS
    yield from _communication(evses)


def _phases(evse: EvseSpec) -> int:
    return max(0 if connector.type.is_dc else connector.phases for connector in evse.connectors)


def _charging_station(evses: tuple[EvseSpec, ...]) -> Iterator[Definition]:
    phases = str(max((_phases(evse) for evse in evses), default=0))
    name = "ChargingStation"
    yield Definition(name, "AvailabilityState", _OPTION, "Available", _RO, values=_STATES, fixed=True)
    yield Definition(name, "Available", _B, "true", _RO, fixed=True)
    yield Definition(name, "Model", _S, "", _RO, max_limit=20, fixed=True)
    yield Definition(name, "SerialNumber", _S, "", _RO, max_limit=25, fixed=True)
    yield Definition(name, "SupplyPhases", _I, phases, _RO, fixed=True)
    yield Definition(name, "VendorName", _S, "", _RO, max_limit=50, fixed=True)
    yield Definition("Controller", "FirmwareVersion", _S, "", _RO, max_limit=50, fixed=True)


def _evse(evse_id: int, evse: EvseSpec) -> Iterator[Definition]:
    def of_evse(
        variable: str,
        type: DataType,
        default: str,
        values: tuple[str, ...] = (),
        unit: str = "",
        max_limit: float | None = None,
        fixed: bool = True,
    ) -> Definition:
        return Definition(
            "EVSE",
            variable,
            type,
            default,
            _RO,
            values=values,
            unit=unit,
            max_limit=max_limit,
            fixed=fixed,
            evse_id=evse_id,
        )

    yield of_evse("AllowReset", _B, "true", fixed=False)
    yield of_evse("AvailabilityState", _OPTION, "Available", _STATES)
    yield of_evse("Available", _B, "true")
    yield of_evse("Power", _D, "0", unit="W", max_limit=evse.rated_w)
    yield of_evse("SupplyPhases", _I, str(_phases(evse)))


def _connector(evse_id: int, connector_id: int, connector: ConnectorSpec) -> Iterator[Definition]:
    def of_connector(variable: str, type: DataType, default: str, values: tuple[str, ...] = ()) -> Definition:
        return Definition(
            "Connector",
            variable,
            type,
            default,
            _RO,
            values=values,
            fixed=True,
            evse_id=evse_id,
            connector_id=connector_id,
        )

    yield of_connector("AvailabilityState", _OPTION, "Available", _STATES)
    yield of_connector("Available", _B, "true")
    yield of_connector("ConnectorType", _S, str(connector.type))
    yield of_connector("SupplyPhases", _I, "0" if connector.type.is_dc else str(connector.phases))


def _meter_data(evses: tuple[EvseSpec, ...]) -> Iterator[Definition]:
    """Block J. SoC is measured where there is DC: only there the EV tells it. Our meters do not sign."""
    dc = any(connector.type.is_dc for evse in evses for connector in evse.connectors)
    running = f"{_RUNNING},{Measurand.SOC}" if dc else _RUNNING
    begin_and_end = f"{_ENERGY},{Measurand.CURRENT}"
    aligned = f"{_ENERGY},{Measurand.VOLTAGE},{Measurand.FREQUENCY}"
    name = "AlignedDataCtrlr"
    yield Definition(name, "Available", _B, "true", _RO, fixed=True)
    yield Definition(name, "Enabled", _B, "true")
    yield Definition(name, "Interval", _I, "900", unit="s", min_limit=0, max_limit=86_400)
    yield Definition(name, "Measurands", _MEMBERS, aligned, values=_MEASURANDS)
    yield Definition(name, "SendDuringIdle", _B, "false")
    yield Definition(name, "TxEndedInterval", _I, "60", unit="s", min_limit=0, max_limit=86_400)
    yield Definition(name, "TxEndedMeasurands", _MEMBERS, _ENERGY, values=_MEASURANDS)
    name = "SampledDataCtrlr"
    yield Definition(name, "Available", _B, "true", _RO, fixed=True)
    yield Definition(name, "Enabled", _B, "true")
    yield Definition(name, "RegisterValuesWithoutPhases", _B, "true")
    yield Definition(name, "TxEndedInterval", _I, "60", unit="s", min_limit=0)
    yield Definition(name, "TxEndedMeasurands", _MEMBERS, begin_and_end, values=_MEASURANDS)
    yield Definition(name, "TxStartedMeasurands", _MEMBERS, begin_and_end, values=_MEASURANDS)
    yield Definition(name, "TxUpdatedInterval", _I, "120", unit="s", min_limit=0)
    yield Definition(name, "TxUpdatedMeasurands", _MEMBERS, running, values=_MEASURANDS)


def _communication(evses: tuple[EvseSpec, ...]) -> Iterator[Definition]:
    """UnlockOnEVSideDisconnect is true only where a cable can be unlocked, and read-only where none can."""
    sockets = any(connector.type.is_socket for evse in evses for connector in evse.connectors)
    yield Definition(
        "OCPPCommCtrlr",
        "UnlockOnEVSideDisconnect",
        _B,
        "true" if sockets else "false",
        _RW if sockets else _RO,
        fixed=not sockets,
    )


_SLOTS = ("1", "2", "3")
"""Of network profiles; two at least (B09.FR.06)."""

_TIME_SOURCES = ("Heartbeat", "NTP", "RealTimeClock")
"""The CSMS, or the clock of the computer that it runs on, which is set by NTP as a rule."""

_DEVICE_DATA = tuple(
    Definition("DeviceDataCtrlr", variable, _I, default, _RO, instance, min_limit=1)
    for variable, default in (("ItemsPerMessage", "100"), ("BytesPerMessage", "65536"))
    for instance in ("GetReport", "GetVariables", "SetVariables")
)

_CONTROLLERS = (
    # -- C: authorization
    Definition("AuthCtrlr", "AuthorizeRemoteStart", _B, "true"),
    Definition("AuthCtrlr", "DisableRemoteAuthorization", _B, "false"),
    Definition("AuthCtrlr", "Enabled", _B, "true"),
    Definition("AuthCtrlr", "LocalAuthorizeOffline", _B, "true"),
    Definition("AuthCtrlr", "LocalPreAuthorize", _B, "true"),
    Definition("AuthCtrlr", "MasterPassGroupId", _S, "", max_limit=36),
    Definition("AuthCtrlr", "OfflineTxForUnknownIdEnabled", _B, "false"),
    Definition("AuthCacheCtrlr", "Available", _B, "true", _RO, fixed=True),
    Definition("AuthCacheCtrlr", "DisablePostAuthorize", _B, "false"),
    Definition("AuthCacheCtrlr", "Enabled", _B, "true"),
    Definition("AuthCacheCtrlr", "LifeTime", _I, "86400", unit="s", min_limit=0, max_limit=2**31 - 1),
    Definition("AuthCacheCtrlr", "Policy", _OPTION, "LRU", values=authorization_cache.POLICIES),
    Definition(
        "AuthCacheCtrlr",
        "Storage",
        _I,
        "0",
        _RO,
        unit="B",
        max_limit=authorization_cache.CAPACITY_BYTES,
        fixed=True,
    ),
    # -- D: local list
    Definition("LocalAuthListCtrlr", "Available", _B, "true", _RO, fixed=True),
    Definition("LocalAuthListCtrlr", "BytesPerMessage", _I, "65536", _RO, min_limit=1),
    Definition("LocalAuthListCtrlr", "DisablePostAuthorize", _B, "false"),
    Definition("LocalAuthListCtrlr", "Enabled", _B, "true"),
    Definition("LocalAuthListCtrlr", "Entries", _I, "0", _RO, max_limit=local_list.MOST_ENTRIES, fixed=True),
    Definition("LocalAuthListCtrlr", "ItemsPerMessage", _I, "250", _RO, min_limit=1),
    Definition(
        "LocalAuthListCtrlr", "Storage", _I, "0", _RO, unit="B", max_limit=local_list.CAPACITY_BYTES, fixed=True
    ),
    Definition("LocalAuthListCtrlr", "SupportsExpiryDateTime", _B, "true", _RO, fixed=True),
    # -- B: provisioning
    Definition("ClockCtrlr", "DateTime", _T, "", _RO, fixed=True),
    Definition("ClockCtrlr", "TimeAdjustmentReportingThreshold", _I, "20", unit="s", min_limit=0),
    Definition("ClockCtrlr", "TimeSource", _SEQUENCE, "Heartbeat", values=_TIME_SOURCES, min_limit=1),
    *_DEVICE_DATA,
    Definition("DeviceDataCtrlr", "ConfigurationValueSize", _I, "1000", _RO, max_limit=1000, fixed=True),
    Definition("DeviceDataCtrlr", "ReportingValueSize", _I, "2500", _RO, max_limit=2500, fixed=True),
    Definition("OCPPCommCtrlr", "ActiveNetworkProfile", _I, "1", _RO, fixed=True),
    Definition(
        "OCPPCommCtrlr",
        "FileTransferProtocols",
        _MEMBERS,
        "HTTP,HTTPS",
        _RO,
        values=("FTP", "FTPS", "HTTP", "HTTPS", "SFTP"),
        fixed=True,
    ),
    Definition("OCPPCommCtrlr", "HeartbeatInterval", _I, "300", unit="s", min_limit=1),
    Definition("OCPPCommCtrlr", "MessageAttemptInterval", _I, "10", _RW, "TransactionEvent", "s", min_limit=0),
    Definition("OCPPCommCtrlr", "MessageAttempts", _I, "5", _RW, "TransactionEvent", min_limit=1),
    Definition("OCPPCommCtrlr", "MessageTimeout", _I, "30", _RO, "Default", "s", min_limit=1),
    Definition(
        "OCPPCommCtrlr", "NetworkConfigurationPriority", _SEQUENCE, "1", values=_SLOTS, min_limit=1, reboot=True
    ),
    Definition("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", _I, "3", min_limit=1),
    Definition("OCPPCommCtrlr", "OfflineThreshold", _I, "60", unit="s", min_limit=0),
    Definition("OCPPCommCtrlr", "QueueAllMessages", _B, "false"),
    Definition("OCPPCommCtrlr", "ResetRetries", _I, "3", min_limit=0),
    Definition("OCPPCommCtrlr", "RetryBackOffRandomRange", _I, "10", unit="s", min_limit=0),
    Definition("OCPPCommCtrlr", "RetryBackOffRepeatTimes", _I, "5", min_limit=0),
    Definition("OCPPCommCtrlr", "RetryBackOffWaitMinimum", _I, "3", unit="s", min_limit=0),
    Definition("OCPPCommCtrlr", "WebSocketPingInterval", _I, "60", unit="s", min_limit=0),
    # -- A: security
    Definition("SecurityCtrlr", "AdditionalRootCertificateCheck", _B, "false", _RO, fixed=True),
    Definition("SecurityCtrlr", "AllowSecurityProfileDowngrade", _B, "false"),
    Definition("SecurityCtrlr", "BasicAuthPassword", _S, "", _WO, min_limit=16, max_limit=64),
    Definition("SecurityCtrlr", "CertSigningRepeatTimes", _I, "2", min_limit=0),
    Definition("SecurityCtrlr", "CertSigningWaitMinimum", _I, "30", unit="s", min_limit=0),
    Definition("SecurityCtrlr", "CertificateEntries", _I, "0", _RO, max_limit=100, fixed=True),
    Definition("SecurityCtrlr", "Identity", _S, "", _RO, max_limit=48, fixed=True),
    Definition("SecurityCtrlr", "MaxCertificateChainSize", _I, "10000", _RO, min_limit=0),
    Definition("SecurityCtrlr", "OrganizationName", _S, "CPO", max_limit=64),
    Definition("SecurityCtrlr", "SecurityProfile", _I, "0", _RO, min_limit=0, max_limit=3, fixed=True),
    # -- E: transactions
    Definition("TxCtrlr", "ChargingTime", _D, "0", _RO, unit="s", fixed=True),
    Definition("TxCtrlr", "EVConnectionTimeOut", _I, "120", unit="s", min_limit=1),
    Definition("TxCtrlr", "MaxEnergyOnInvalidId", _I, "0", unit="Wh", min_limit=0),
    Definition("TxCtrlr", "StopTxOnEVSideDisconnect", _B, "true"),
    Definition("TxCtrlr", "StopTxOnInvalidId", _B, "true"),
    Definition("TxCtrlr", "TxBeforeAcceptedEnabled", _B, "false"),
    Definition("TxCtrlr", "TxStartPoint", _MEMBERS, "PowerPathClosed", values=_POINTS, min_limit=1),
    Definition("TxCtrlr", "TxStopPoint", _MEMBERS, "EVConnected,Authorized", values=_POINTS, min_limit=1),
    # -- what comes later, with its required variables
    Definition("SmartChargingCtrlr", "Available", _B, "false", _RO, fixed=True),
    Definition("SmartChargingCtrlr", "Entries", _I, "0", _RO, "ChargingProfiles", max_limit=100, fixed=True),
    Definition("SmartChargingCtrlr", "LimitChangeSignificance", _D, "5", unit="Percent", min_limit=0, max_limit=100),
    Definition("SmartChargingCtrlr", "PeriodsPerSchedule", _I, "1024", _RO),
    Definition("SmartChargingCtrlr", "ProfileStackLevel", _I, "10", _RO),
    Definition("SmartChargingCtrlr", "RateUnit", _MEMBERS, "A,W", _RO, values=("A", "W"), fixed=True),
    Definition("MonitoringCtrlr", "Available", _B, "false", _RO, fixed=True),
    Definition("MonitoringCtrlr", "BytesPerMessage", _I, "4000", _RO, "SetVariableMonitoring"),
    Definition("MonitoringCtrlr", "ItemsPerMessage", _I, "250", _RO, "SetVariableMonitoring"),
    Definition("MonitoringCtrlr", "OfflineQueuingSeverity", _I, "5", min_limit=0, max_limit=9),
    Definition("ReservationCtrlr", "Available", _B, "true", _RO),
    Definition("ReservationCtrlr", "Enabled", _B, "true"),
    Definition("ReservationCtrlr", "NonEvseSpecific", _B, "true"),
    Definition("DisplayMessageCtrlr", "Available", _B, "false", _RO, fixed=True),
    Definition("DisplayMessageCtrlr", "DisplayMessages", _I, "0", _RO, max_limit=0, fixed=True),
    Definition(
        "DisplayMessageCtrlr",
        "SupportedFormats",
        _MEMBERS,
        "ASCII,UTF8",
        _RO,
        values=("ASCII", "HTML", "URI", "UTF8"),
        fixed=True,
    ),
    Definition(
        "DisplayMessageCtrlr",
        "SupportedPriorities",
        _MEMBERS,
        "AlwaysFront,InFront,NormalCycle",
        _RO,
        values=("AlwaysFront", "InFront", "NormalCycle"),
        fixed=True,
    ),
    Definition("TariffCostCtrlr", "Available", _B, "false", _RO, "Tariff", fixed=True),
    Definition("TariffCostCtrlr", "Available", _B, "false", _RO, "Cost", fixed=True),
    Definition("TariffCostCtrlr", "Currency", _S, "EUR", min_limit=3, max_limit=3),
    Definition("TariffCostCtrlr", "TariffFallbackMessage", _S, "", max_limit=255),
    Definition("TariffCostCtrlr", "TotalCostFallbackMessage", _S, "", max_limit=255),
    Definition("ISO15118Ctrlr", "ContractValidationOffline", _B, "true"),
)
