"""NotifyEvent: what a station says by itself of its variables (N07, G05)."""

from datetime import datetime
from enum import StrEnum

import msgspec

from evtui.sim.memory import Variant
from evtui.sim.variables.reports import VariableRef


class EventTrigger(StrEnum):
    """Why it is told: the value is beyond what is normal, or it is another one."""

    ALERTING = "Alerting"
    DELTA = "Delta"
    PERIODIC = "Periodic"


class EventNotification(StrEnum):
    """Who wants it told: the station's maker, or somebody who has set a monitor."""

    HARD_WIRED_NOTIFICATION = "HardWiredNotification"
    HARD_WIRED_MONITOR = "HardWiredMonitor"
    PRECONFIGURED_MONITOR = "PreconfiguredMonitor"
    CUSTOM_MONITOR = "CustomMonitor"


class EventData(msgspec.Struct, frozen=True):
    """One variable. `event_id` never comes twice; `cause` is that of the event which led to this one (N07.FR.05);
    `cleared`: all is as it should be again (N07.FR.02)."""

    event_id: int
    timestamp: datetime
    ref: VariableRef
    actual_value: str
    trigger: EventTrigger = EventTrigger.ALERTING
    notification: EventNotification = EventNotification.HARD_WIRED_NOTIFICATION
    cause: int | None = None
    tech_code: str = ""
    tech_info: str = ""
    cleared: bool = False
    transaction_id: str | None = None


class NotifyEvent(Variant, frozen=True):
    """What happened together, in a message of its own (N07.FR.07: seqNo 0)."""

    generated_at: datetime
    events: tuple[EventData, ...]
