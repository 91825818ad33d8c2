"""The device model: what there is, what may be set, and that what a variable says is what the station does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.sim.actions import NoticeKind
from evtui.sim.spec import ConnectorSpec, EvseSpec, StationSpec
from evtui.sim.terms import ConnectorType
from evtui.sim.variables.device_model import Catalogue, DataType, Definition, DeviceModel, Mutability
from evtui.sim.variables.standard_variables import definitions
from tests.sim.playbook import Playbook

RO, RW, WO = Mutability.READ_ONLY, Mutability.READ_WRITE, Mutability.WRITE_ONLY

REQUIRED = """
ChargingStation.AvailabilityState OptionList RO Available
ChargingStation.Available boolean RO true
ChargingStation.SupplyPhases integer RO 3
EVSE(1).AvailabilityState OptionList RO Available
EVSE(1).Available boolean RO true
EVSE(1).SupplyPhases integer RO 3
EVSE(1).Power decimal RO 0
Connector(1,1).Available boolean RO true
Connector(1,1).ConnectorType string RO sType2
Connector(1,1).SupplyPhases integer RO 3
AlignedDataCtrlr.Interval integer RW 900
AlignedDataCtrlr.Measurands MemberList RW Energy.Active.Import.Register,Voltage,Frequency
AlignedDataCtrlr.TxEndedInterval integer RW 60
AlignedDataCtrlr.TxEndedMeasurands MemberList RW Energy.Active.Import.Register
SampledDataCtrlr.TxStartedMeasurands MemberList RW Energy.Active.Import.Register,Current.Import
SampledDataCtrlr.TxUpdatedInterval integer RW 120
SampledDataCtrlr.TxUpdatedMeasurands MemberList RW *
SampledDataCtrlr.TxEndedInterval integer RW 60
SampledDataCtrlr.TxEndedMeasurands MemberList RW Energy.Active.Import.Register,Current.Import
AuthCtrlr.AuthorizeRemoteStart boolean RW true
AuthCtrlr.LocalAuthorizeOffline boolean RW true
AuthCtrlr.LocalPreAuthorize boolean RW true
ClockCtrlr.DateTime dateTime RO *
ClockCtrlr.TimeSource SequenceList RW Heartbeat
DeviceDataCtrlr.ItemsPerMessage[GetReport] integer RO 100
DeviceDataCtrlr.ItemsPerMessage[GetVariables] integer RO 100
DeviceDataCtrlr.ItemsPerMessage[SetVariables] integer RO 100
DeviceDataCtrlr.BytesPerMessage[GetReport] integer RO 65536
DeviceDataCtrlr.BytesPerMessage[GetVariables] integer RO 65536
DeviceDataCtrlr.BytesPerMessage[SetVariables] integer RO 65536
OCPPCommCtrlr.FileTransferProtocols MemberList RO HTTP,HTTPS
OCPPCommCtrlr.MessageTimeout[Default] integer RO 30
OCPPCommCtrlr.MessageAttempts[TransactionEvent] integer RW 5
OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent] integer RW 10
OCPPCommCtrlr.NetworkConfigurationPriority SequenceList RW 1
OCPPCommCtrlr.NetworkProfileConnectionAttempts integer RW 3
OCPPCommCtrlr.OfflineThreshold integer RW 60
OCPPCommCtrlr.ResetRetries integer RW 3
OCPPCommCtrlr.UnlockOnEVSideDisconnect boolean RW true
OCPPCommCtrlr.RetryBackOffRepeatTimes integer RW 5
OCPPCommCtrlr.RetryBackOffRandomRange integer RW 10
OCPPCommCtrlr.RetryBackOffWaitMinimum integer RW 3
OCPPCommCtrlr.WebSocketPingInterval integer RW 60
SecurityCtrlr.CertificateEntries integer RO 0
SecurityCtrlr.OrganizationName string RW CPO
SecurityCtrlr.SecurityProfile integer RO 0
TxCtrlr.EVConnectionTimeOut integer RW 120
TxCtrlr.StopTxOnEVSideDisconnect boolean RW true
TxCtrlr.StopTxOnInvalidId boolean RW true
TxCtrlr.TxStartPoint MemberList RW PowerPathClosed
TxCtrlr.TxStopPoint MemberList RW EVConnected,Authorized
LocalAuthListCtrlr.Entries integer RO 0
LocalAuthListCtrlr.ItemsPerMessage integer RO 250
LocalAuthListCtrlr.BytesPerMessage integer RO 65536
SmartChargingCtrlr.Entries[ChargingProfiles] integer RO 0
SmartChargingCtrlr.LimitChangeSignificance decimal RW 5
SmartChargingCtrlr.PeriodsPerSchedule integer RO 1024
SmartChargingCtrlr.ProfileStackLevel integer RO 10
SmartChargingCtrlr.RateUnit MemberList RO A,W
MonitoringCtrlr.ItemsPerMessage[SetVariableMonitoring] integer RO 250
MonitoringCtrlr.BytesPerMessage[SetVariableMonitoring] integer RO 4000
DisplayMessageCtrlr.DisplayMessages integer RO 0
DisplayMessageCtrlr.SupportedFormats MemberList RO ASCII,UTF8
DisplayMessageCtrlr.SupportedPriorities MemberList RO AlwaysFront,InFront,NormalCycle
TariffCostCtrlr.Currency string RW EUR
TariffCostCtrlr.TariffFallbackMessage string RW *
TariffCostCtrlr.TotalCostFallbackMessage string RW *
ISO15118Ctrlr.ContractValidationOffline boolean RW true
"""
"""Every variable that the standard requires: name, type, mutability, and the value from the factory (*: any)."""

OPTIONAL = """
ChargingStation.Model ChargingStation.VendorName ChargingStation.SerialNumber Controller.FirmwareVersion
DeviceDataCtrlr.ConfigurationValueSize DeviceDataCtrlr.ReportingValueSize EVSE(1).AllowReset
Connector(1,1).AvailabilityState
AlignedDataCtrlr.SendDuringIdle AlignedDataCtrlr.Enabled AlignedDataCtrlr.Available SampledDataCtrlr.Enabled
SampledDataCtrlr.Available
SampledDataCtrlr.RegisterValuesWithoutPhases AuthCtrlr.Enabled AuthCtrlr.OfflineTxForUnknownIdEnabled
AuthCtrlr.MasterPassGroupId AuthCtrlr.DisableRemoteAuthorization OCPPCommCtrlr.ActiveNetworkProfile
OCPPCommCtrlr.HeartbeatInterval OCPPCommCtrlr.QueueAllMessages SecurityCtrlr.BasicAuthPassword SecurityCtrlr.Identity
SecurityCtrlr.CertSigningWaitMinimum SecurityCtrlr.CertSigningRepeatTimes SecurityCtrlr.AdditionalRootCertificateCheck
AuthCacheCtrlr.Available AuthCacheCtrlr.Enabled AuthCacheCtrlr.LifeTime AuthCacheCtrlr.Policy AuthCacheCtrlr.Storage
AuthCacheCtrlr.DisablePostAuthorize LocalAuthListCtrlr.Available LocalAuthListCtrlr.Enabled LocalAuthListCtrlr.Storage
LocalAuthListCtrlr.DisablePostAuthorize LocalAuthListCtrlr.SupportsExpiryDateTime
SecurityCtrlr.MaxCertificateChainSize TxCtrlr.MaxEnergyOnInvalidId TxCtrlr.TxBeforeAcceptedEnabled TxCtrlr.ChargingTime
"""

LISTS = (DataType.MEMBER_LIST, DataType.SEQUENCE_LIST, DataType.OPTION_LIST)


def factory(**more: object) -> DeviceModel:
    return DeviceModel(definitions(StationSpec("CP001", **more)))  # type: ignore[arg-type]


@pytest.mark.parametrize("row", REQUIRED.strip().splitlines())
def test_every_required_variable_is_there(row: str) -> None:
    name, data_type, mutability, value = row.split(" ", 3)
    model = factory()
    [definition] = [definition for definition in model.definitions if definition.name == name]
    assert definition.type == data_type
    assert definition.mutability is {"RO": RO, "RW": RW}[mutability]
    assert value in ("*", model.get(name))


@pytest.mark.parametrize("name", OPTIONAL.split())
def test_the_optional_variables_of_the_core_are_there(name: str) -> None:
    assert name in {definition.name for definition in factory().definitions}


def test_every_list_names_its_values_and_has_none_but_them() -> None:
    """TC_B_53."""
    model = factory()
    for definition in model.definitions:
        if definition.type in LISTS:
            assert definition.values
            assert set(filter(None, model.get(definition.name).split(","))) <= set(definition.values)


def test_the_rating_of_an_evse_is_the_limit_of_its_power() -> None:
    power = {d.name: d for d in factory(evses=(EvseSpec(rated_w=11_000.0), EvseSpec())).definitions}
    assert power["EVSE(1).Power"].max_limit == 11_000.0
    assert power["EVSE(2).Power"].max_limit == 22_000.0


def test_a_dc_station_measures_charge_and_has_no_phases() -> None:
    model = factory(evses=(EvseSpec(connectors=(ConnectorSpec(ConnectorType.CCCS2, 0),)),))
    assert model.get("SampledDataCtrlr.TxUpdatedMeasurands").endswith("SoC")
    assert model.get("ChargingStation.SupplyPhases") == "0"
    assert model.get("Connector(1,1).ConnectorType") == "cCCS2"


def test_a_station_with_fixed_cables_only_has_none_to_unlock() -> None:
    model = factory(evses=(EvseSpec(connectors=(ConnectorSpec(ConnectorType.CTYPE2),)),))
    assert model.get("OCPPCommCtrlr.UnlockOnEVSideDisconnect") == "false"
    with pytest.raises(LocalError, match="says what the station is"):
        model.set_local("OCPPCommCtrlr.UnlockOnEVSideDisconnect", "true")


# -- setting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("TxCtrlr.EVConnectionTimeOut", " 90 ", "90"),
        ("TxCtrlr.EVConnectionTimeOut", "90\x1f", "90"),
        ("TxCtrlr.EVConnectionTimeOut", "2147483647", "2147483647"),
        ("txctrlr.evconnectiontimeout", "+90", "90"),
        ("TxCtrlr.StopTxOnInvalidId", "False", "false"),
        ("TxCtrlr.TxStartPoint", "authorized, EVConnected", "Authorized,EVConnected"),
        ("SampledDataCtrlr.TxUpdatedMeasurands", "", ""),
        ("SmartChargingCtrlr.LimitChangeSignificance", "2.5", "2.5"),
        ("SmartChargingCtrlr.LimitChangeSignificance", "\x1c2.5", "2.5"),
        ("OCPPCommCtrlr.MessageTimeout[default]", "5", "5"),
        ("SecurityCtrlr.OrganizationName", "Näher, dran!", "Näher, dran!"),
        ("ClockCtrlr.TimeSource", "NTP,Heartbeat", "NTP,Heartbeat"),
    ],
)
def test_a_good_value_is_stored_as_the_standard_writes_it(name: str, value: str, stored: str) -> None:
    model = factory()
    exact = model.set_local(name, value)
    assert model.get(exact) == stored


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TxCtrl.TxStartPoint", "x", "there is no variable 'TxCtrl.TxStartPoint'; the nearest is TxCtrlr.TxStartPoint"),
        (
            "SampledDataCtrlr.TxUpdateInterval",
            "1",
            "there is no variable 'SampledDataCtrlr.TxUpdateInterval'; "
            "the nearest is SampledDataCtrlr.TxUpdatedInterval",
        ),
        (
            "OCPPCommCtrlr.MessageAttempts",
            "1",
            "there is no variable 'OCPPCommCtrlr.MessageAttempts'; "
            "the nearest is OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
        ),
        ("TxCtrlr.EVConnectionTimeOut", "soon", "TxCtrlr.EVConnectionTimeOut: 'soon' is not a whole number"),
        ("TxCtrlr.EVConnectionTimeOut", "1.5", "TxCtrlr.EVConnectionTimeOut: '1.5' is not a whole number"),
        ("TxCtrlr.EVConnectionTimeOut", "0", "TxCtrlr.EVConnectionTimeOut: '0' is below the least, 1 s"),
        ("AlignedDataCtrlr.Interval", "-1", "AlignedDataCtrlr.Interval: '-1' is below the least, 0 s"),
        ("AlignedDataCtrlr.Interval", "86401", "AlignedDataCtrlr.Interval: '86401' is above the most, 86400 s"),
        ("TxCtrlr.StopTxOnInvalidId", "maybe", "TxCtrlr.StopTxOnInvalidId: 'maybe' is neither true nor false"),
        (
            "SmartChargingCtrlr.LimitChangeSignificance",
            "nan",
            "SmartChargingCtrlr.LimitChangeSignificance: 'nan' is not a number",
        ),
        (
            "TxCtrlr.TxStopPoint",
            "EVConected",
            "TxCtrlr.TxStopPoint: 'EVConected' is not one of ParkingBayOccupancy, EVConnected, Authorized, "
            "DataSigned, PowerPathClosed, EnergyTransfer; the nearest is EVConnected",
        ),
        ("TxCtrlr.TxStopPoint", "", "TxCtrlr.TxStopPoint: '' has no member, and it needs one"),
        (
            "TxCtrlr.EVConnectionTimeOut",
            "2147483648",
            "TxCtrlr.EVConnectionTimeOut: '2147483648' has more than 32 bits",
        ),
        (
            "TxCtrlr.TxStartPoint",
            "Authorized,authorized",
            "TxCtrlr.TxStartPoint: 'Authorized,authorized' names a member twice",
        ),
        ("TariffCostCtrlr.Currency", "EURO", "TariffCostCtrlr.Currency: 'EURO' is above the most, 3 characters"),
        ("ChargingStation.VendorName", "x", "ChargingStation.VendorName cannot be set: it says what the station is"),
        ("EVSE(1).Power", "1", "EVSE(1).Power cannot be set: it says what the station is"),
    ],
)
def test_a_bad_value_is_refused_with_the_nearest_valid_one_and_changes_nothing(name: str, value: str, why: str) -> None:
    model = factory()
    before = list(model)
    with pytest.raises(LocalError) as refused:
        model.set_local(name, value)
    assert str(refused.value) == why
    assert list(model) == before


def test_a_password_is_never_shown() -> None:
    model = factory()
    model.set_local("SecurityCtrlr.BasicAuthPassword", "correct horse battery")
    assert model.get("SecurityCtrlr.BasicAuthPassword") == ""
    assert "correct" not in repr(list(model))
    with pytest.raises(LocalError) as refused:
        model.set_local("SecurityCtrlr.BasicAuthPassword", "too short")
    assert "too short" not in str(refused.value)


@given(st.text(max_size=40))
def test_whatever_is_set_is_stored_within_its_limits_or_refused(value: str) -> None:
    model = factory()
    for definition in model.definitions:
        before = model.get(definition.name)
        try:
            model.set_local(definition.name, value)
        except LocalError:
            assert model.get(definition.name) == before
        else:
            assert not definition.fixed
            _check(definition, model)


def _check(definition: Definition, model: DeviceModel) -> None:
    match definition.type:
        case DataType.INTEGER:
            number = model.integer(definition.name)
            assert definition.min_limit is None or number >= definition.min_limit
            assert definition.max_limit is None or number <= definition.max_limit
        case DataType.BOOLEAN:
            assert model.get(definition.name) in ("true", "false")
        case DataType.MEMBER_LIST | DataType.SEQUENCE_LIST:
            assert set(model.members(definition.name)) <= set(definition.values)
        case _:
            pass


# -- alive ----------------------------------------------------------------------------------------


def test_measured_variables_say_how_the_station_is_right_now() -> None:
    play = Playbook(evses=(EvseSpec(), EvseSpec()))
    variables = play.station.variables
    play.charging()
    play.wait(5)
    assert variables.get("Connector(1,1).AvailabilityState") == "Occupied"
    assert variables.get("EVSE(1).AvailabilityState") == "Occupied"
    assert variables.get("EVSE(2).AvailabilityState") == "Available"
    assert variables.get("ChargingStation.AvailabilityState") == "Available"
    assert float(variables.get("EVSE(1).Power")) == pytest.approx(play.reading().power_w, abs=0.001)
    assert variables.get("TxCtrlr.ChargingTime") == "5"
    play.plug_in(2)
    assert variables.get("ChargingStation.AvailabilityState") == "Occupied"


def test_iterating_gives_component_variable_instance_and_value() -> None:
    rows = list(Playbook(variables={"OCPPCommCtrlr.MessageTimeout[Default]": "7"}).station.variables)
    assert ("OCPPCommCtrlr", "MessageTimeout", "Default", "7") in rows
    assert ("EVSE(1)", "SupplyPhases", "", "3") in rows


def test_what_is_configured_wins_over_the_flow() -> None:
    play = Playbook("conformant", variables={"SampledDataCtrlr.TxUpdatedInterval": "7"})
    assert play.station.variables.get("SampledDataCtrlr.TxUpdatedInterval") == "7"


@pytest.mark.parametrize(
    ("value", "why"), [("yesterday", "is no date and time"), ("2026-05-04T12:00:00", "names no time zone")]
)
def test_a_date_and_time_is_one_with_a_zone(value: str, why: str) -> None:
    model = DeviceModel([Definition("C", "At", DataType.DATE_TIME)])
    assert model.set_local("C.At", "2026-05-04T12:00:00Z") == "C.At"
    with pytest.raises(LocalError, match=why):
        model.set_local("C.At", value)
    assert model.get("C.At") == "2026-05-04T12:00:00Z"


def test_a_bad_configuration_makes_no_station() -> None:
    with pytest.raises(LocalError, match=r"the nearest is TxCtrlr\.TxStartPoint"):
        Playbook(variables={"TxCtrlr.TxStartPoints": "Authorized"})


def test_a_local_change_is_told_and_a_bad_one_is_refused() -> None:
    play = Playbook().booted()
    play.set("TxCtrlr.EVConnectionTimeOut", "45")
    play.set("TxCtrlr.EVConnectionTimeOut", "never")
    play.set("SecurityCtrlr.BasicAuthPassword", "correct horse battery")
    assert play.said(NoticeKind.VARIABLE) == [
        "TxCtrlr.EVConnectionTimeOut is 45 now",
        "SecurityCtrlr.BasicAuthPassword is set now",
    ]
    assert play.said(NoticeKind.IMPOSSIBLE) == ["TxCtrlr.EVConnectionTimeOut: 'never' is not a whole number"]


def test_models_that_are_configured_alike_share_what_they_say_at_first_and_nothing_else() -> None:
    catalogue = Catalogue([Definition("A", "X", DataType.INTEGER, "1"), Definition("A", "Y", DataType.STRING, "y")])
    one, other = DeviceModel(catalogue, {"a.x": "2"}), DeviceModel(catalogue, {"a.x": "2"})
    assert one._unchanged is other._unchanged
    one.set_local("A.X", "3")
    assert (one.integer("A.X"), one.raw("A.X"), one.initial("A.X")) == (3, "3", "2")
    assert (other.integer("A.X"), other.get("A.X")) == (2, "2")
    other.unset("A.X")
    assert (other.integer("A.X"), other.initial("A.X")) == (1, "2")
    assert DeviceModel(catalogue).get("A.X") == "1"


@pytest.mark.parametrize(("given", "why"), [({"A.Z": "1"}, "no variable"), ({"A.X": "x"}, "whole number")])
def test_what_a_configuration_gives_is_checked(given: dict[str, str], why: str) -> None:
    with pytest.raises(LocalError, match=why):
        DeviceModel([Definition("A", "X", DataType.INTEGER, "1")], given)


def test_a_part_of_the_station_tells_its_variables() -> None:
    model = DeviceModel(
        [Definition("A", "X", DataType.STRING, "", fixed=True), Definition("B", "X", DataType.STRING, "b", fixed=True)]
    )
    model.bind({"A.X": lambda part, definition: f"{part} tells of {definition.component}"}, "somebody")
    assert (model.get("a.x"), model.get("B.X")) == ("somebody tells of A", "b")
    assert [model.changes(each) for each in model.definitions] == [True, False]
