"""What is stored, for the paths that need it."""

from typing import TYPE_CHECKING

from evtui.errors import OfflineError

if TYPE_CHECKING:
    from evtui.csms.server import Csms
    from evtui.csms.store.history import History


def history_of(csms: "Csms") -> "History":
    """Reads what is stored. OfflineError: this CSMS keeps nothing."""
    if csms.history is None:
        raise OfflineError("this CSMS keeps nothing")
    return csms.history
