"""A frame as the rules see it."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from evtui.ocppj.frame import FrameType

CALL: Final = FrameType.CALL
CALLRESULT: Final = FrameType.CALLRESULT
"""Found once: to look a member of an enumeration up costs ten times what it costs to compare with it."""


class Seen(msgspec.Struct, frozen=True):
    """A frame of the station, or of the CSMS. `number` is its own in the frame store, `at` Unix time. `payload` is {}
    where there is none to look at: in an invalid frame, a CALLERROR, and answers that no rule looks into. `proper`: the
    CSMS did not send it wrong on purpose. `ahead`: it came before an earlier CALL of the station was answered."""

    number: int
    at: float
    type: FrameType
    action: str
    message_id: str
    payload: dict[str, Any]
    fault: str = ""
    code: str = ""
    proper: bool = True
    ahead: bool = False


Tell = Callable[[str, Seen, str, str], None]
"""Takes the name of a rule, the frame that breaks it, what of (a transaction, an action), and how, in a few words."""
