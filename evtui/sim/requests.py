"""What a CSMS asks of a station and what the station answers, in the terms of OCPP 2.0.1 but of no version."""

from datetime import datetime
from enum import StrEnum

import msgspec

from evtui.sim.link.network_profile import NetworkProfile
from evtui.sim.messages import DataTransfer, DataTransferAnswer, IdToken, IdTokenInfo
from evtui.sim.terms import LogType
from evtui.sim.variables.reports import EvseRef, VariableRef


class AttributeType(StrEnum):
    ACTUAL = "Actual"
    TARGET = "Target"
    MIN_SET = "MinSet"
    MAX_SET = "MaxSet"


class ReportBase(StrEnum):
    CONFIGURATION_INVENTORY = "ConfigurationInventory"
    FULL_INVENTORY = "FullInventory"
    SUMMARY_INVENTORY = "SummaryInventory"


class ResetType(StrEnum):
    IMMEDIATE = "Immediate"
    ON_IDLE = "OnIdle"


class OperationalStatus(StrEnum):
    INOPERATIVE = "Inoperative"
    OPERATIVE = "Operative"


class UpdateType(StrEnum):
    DIFFERENTIAL = "Differential"
    FULL = "Full"


class MessageTrigger(StrEnum):
    BOOT_NOTIFICATION = "BootNotification"
    LOG_STATUS_NOTIFICATION = "LogStatusNotification"
    FIRMWARE_STATUS_NOTIFICATION = "FirmwareStatusNotification"
    HEARTBEAT = "Heartbeat"
    METER_VALUES = "MeterValues"
    SIGN_CHARGING_STATION_CERTIFICATE = "SignChargingStationCertificate"
    SIGN_V2G_CERTIFICATE = "SignV2GCertificate"
    STATUS_NOTIFICATION = "StatusNotification"
    TRANSACTION_EVENT = "TransactionEvent"
    SIGN_COMBINED_CERTIFICATE = "SignCombinedCertificate"
    PUBLISH_FIRMWARE_STATUS_NOTIFICATION = "PublishFirmwareStatusNotification"


# -- what a CSMS asks -----------------------------------------------------------------------------


class GetVariable(msgspec.Struct, frozen=True):
    """One row of GetVariables; no `attribute` means Actual."""

    ref: VariableRef
    attribute: AttributeType | None = None


class GetVariables(msgspec.Struct, frozen=True):
    """B06."""

    rows: tuple[GetVariable, ...]


class SetVariableTo(msgspec.Struct, frozen=True):
    """One row of SetVariables; no `attribute` means Actual."""

    ref: VariableRef
    value: str
    attribute: AttributeType | None = None


class SetVariables(msgspec.Struct, frozen=True):
    """B05."""

    rows: tuple[SetVariableTo, ...]


class GetBaseReport(msgspec.Struct, frozen=True):
    """B07."""

    request_id: int
    base: ReportBase


class GetReport(msgspec.Struct, frozen=True):
    """B08. `refs` with an empty variable name ask for a whole component; `criteria` are component criteria."""

    request_id: int
    refs: tuple[VariableRef, ...] = ()
    criteria: tuple[str, ...] = ()


class RequestStartTransaction(msgspec.Struct, frozen=True):
    """F01, F02. A charging profile that came along is not kept: there is no smart charging yet (F01.FR.12)."""

    remote_start_id: int
    id_token: IdToken
    evse_id: int | None = None
    group_id_token: IdToken | None = None


class RequestStopTransaction(msgspec.Struct, frozen=True):
    """F03."""

    transaction_id: str


class TriggerMessage(msgspec.Struct, frozen=True):
    """F06. `evse` narrows it down; without one it means all of them."""

    requested: MessageTrigger
    evse: EvseRef | None = None


class GetTransactionStatus(msgspec.Struct, frozen=True):
    """E14."""

    transaction_id: str | None = None


class ChangeAvailability(msgspec.Struct, frozen=True):
    """G03, G04. Without `evse` it means the whole station."""

    operational_status: OperationalStatus
    evse: EvseRef | None = None


class SetNetworkProfile(msgspec.Struct, frozen=True):
    """B09."""

    slot: int
    profile: NetworkProfile


class UnlockConnector(msgspec.Struct, frozen=True):
    """F05. `ends_transaction`: an authorized transaction there is ended first, instead of refusing."""

    evse_id: int
    connector_id: int
    ends_transaction: bool = False


class Reset(msgspec.Struct, frozen=True):
    """B11, B12."""

    type: ResetType
    evse_id: int | None = None


class ReserveNow(msgspec.Struct, frozen=True):
    """H01. Without `evse_id` any EVSE will do, with a `connector_type` any that has one of that type."""

    id: int
    expires: datetime
    id_token: IdToken
    evse_id: int | None = None
    connector_type: str | None = None
    group_id_token: IdToken | None = None


class CancelReservation(msgspec.Struct, frozen=True):
    """H02."""

    reservation_id: int


class ClearCache(msgspec.Struct, frozen=True):
    """C11."""


class GetLocalListVersion(msgspec.Struct, frozen=True):
    """D02."""


class AuthorizationData(msgspec.Struct, frozen=True):
    """An identifier in SendLocalList; without `info` it goes."""

    id_token: IdToken
    info: IdTokenInfo | None = None


class SendLocalList(msgspec.Struct, frozen=True):
    """D01."""

    version_number: int
    update_type: UpdateType
    entries: tuple[AuthorizationData, ...] = ()


class GetLog(msgspec.Struct, frozen=True):
    """N01. `location` is as it came, perhaps with a password in it: never show it. Times are aware UTC."""

    request_id: int
    type: LogType
    location: str
    oldest: datetime | None = None
    latest: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None

    def __repr__(self) -> str:
        return f"GetLog({self.request_id}, {self.type})"


class CertificateHash(msgspec.Struct, frozen=True):
    """A certificate by its hashes (CertificateHashDataType)."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class CustomerInformation(msgspec.Struct, frozen=True):
    """N09, N10: of one customer, named in one of three ways."""

    request_id: int
    report: bool
    clear: bool
    id_token: IdToken | None = None
    identifier: str | None = None
    certificate: CertificateHash | None = None


Request = (
    GetVariables
    | SetVariables
    | GetBaseReport
    | GetReport
    | RequestStartTransaction
    | RequestStopTransaction
    | TriggerMessage
    | GetTransactionStatus
    | ChangeAvailability
    | SetNetworkProfile
    | UnlockConnector
    | Reset
    | ReserveNow
    | CancelReservation
    | ClearCache
    | GetLocalListVersion
    | SendLocalList
    | DataTransfer
    | GetLog
    | CustomerInformation
)


# -- what a station answers -----------------------------------------------------------------------


class StatusInfo(msgspec.Struct, frozen=True):
    """Why: a reason code of at most 20 characters, and more in words."""

    reason_code: str
    additional_info: str | None = None


class StatusAnswer(msgspec.Struct, frozen=True):
    """The answer of the requests that are only accepted or not; `status` is in the request's own enumeration."""

    status: str
    info: StatusInfo | None = None


class StartAnswer(msgspec.Struct, frozen=True):
    """F01: `transaction_id` when a transaction was there already (F01.FR.13)."""

    status: str
    transaction_id: str | None = None
    info: StatusInfo | None = None


class TransactionStatusAnswer(msgspec.Struct, frozen=True):
    """E14: `ongoing` is left out when no transaction was asked for (E14.FR.06)."""

    messages_in_queue: bool
    ongoing: bool | None = None


class VariableAnswer(msgspec.Struct, frozen=True):
    """One row of GetVariables' or SetVariables' answer; `value` in those of GetVariables that were Accepted."""

    ref: VariableRef
    status: str
    attribute: AttributeType | None = None
    value: str | None = None
    info: StatusInfo | None = None


class GetVariablesAnswer(msgspec.Struct, frozen=True):
    """B06: as many rows as were asked, in the same order."""

    rows: tuple[VariableAnswer, ...]


class SetVariablesAnswer(msgspec.Struct, frozen=True):
    """B05: as many rows as were asked, in the same order."""

    rows: tuple[VariableAnswer, ...]


class ListVersionAnswer(msgspec.Struct, frozen=True):
    """D02: 0 means that there is no local list."""

    version_number: int


class LogAnswer(msgspec.Struct, frozen=True):
    """N01: `name` is that of the file when there is one."""

    status: str
    name: str | None = None
    info: StatusInfo | None = None


class Refusal(msgspec.Struct, frozen=True):
    """A CALLERROR in place of an answer."""

    code: str
    description: str


RequestAnswer = (
    StatusAnswer
    | StartAnswer
    | TransactionStatusAnswer
    | GetVariablesAnswer
    | SetVariablesAnswer
    | ListVersionAnswer
    | LogAnswer
    | DataTransferAnswer
    | Refusal
)
