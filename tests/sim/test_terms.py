"""The vocabulary is the standard's: it is compared with the enumerations of the `ocpp` package."""

from enum import StrEnum

import pytest
from ocpp.v201 import enums

from evtui.sim import terms
from evtui.sim.variables import device_model, notify_event

SAME = {
    terms.RegistrationStatus: enums.RegistrationStatusEnumType,
    terms.BootReason: enums.BootReasonEnumType,
    terms.ConnectorStatus: enums.ConnectorStatusEnumType,
    terms.ChargingState: enums.ChargingStateEnumType,
    terms.TransactionEventType: enums.TransactionEventEnumType,
    terms.TriggerReason: enums.TriggerReasonEnumType,
    terms.StoppedReason: enums.ReasonEnumType,
    terms.ReservationUpdateStatus: enums.ReservationUpdateStatusEnumType,
    terms.IdTokenType: enums.IdTokenEnumType,
    terms.AuthorizationStatus: enums.AuthorizationStatusEnumType,
    terms.ReadingContext: enums.ReadingContextEnumType,
    notify_event.EventTrigger: enums.EventTriggerEnumType,
    notify_event.EventNotification: enums.EventNotificationEnumType,
    device_model.Mutability: enums.MutabilityEnumType,
}

PART_OF = {
    terms.ConnectorType: enums.ConnectorEnumType,
    terms.Measurand: enums.MeasurandEnumType,
    terms.Phase: enums.PhaseEnumType,
    terms.Location: enums.LocationEnumType,
    terms.TxPoint: enums.TxStartStopPointEnumType,
    device_model.DataType: enums.DataEnumType,  # its passwordString is in no schema
}


def values(words: type[StrEnum]) -> set[str]:
    return {str(word.value) for word in words}


@pytest.mark.parametrize("ours", SAME, ids=lambda ours: ours.__name__)
def test_our_words_are_those_of_the_standard(ours: type[StrEnum]) -> None:
    assert values(ours) == values(SAME[ours])


@pytest.mark.parametrize("ours", PART_OF, ids=lambda ours: ours.__name__)
def test_the_words_that_we_need_are_among_those_of_the_standard(ours: type[StrEnum]) -> None:
    assert values(ours) <= values(PART_OF[ours])
