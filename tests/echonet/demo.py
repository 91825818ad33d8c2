"""`evtui echonet` as users run it, on an address of its own, against a CSMS that does what the test says."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.echonet.controller import loopback
from tests.peers.scripted_csms import ScriptedCsms, scripted_csms
from tests.program import EVTUI, household

STATION = "CP001"


class Demo:
    """The address of the node, and what the CSMS sees of its station."""

    def __init__(self, address: str, csms: ScriptedCsms) -> None:
        self.address = address
        self.csms = csms

    def refuse(self, status: str) -> None:
        """The CSMS says that of any identifier from now on."""
        self.csms.answers["Authorize"] = {"idTokenInfo": {"status": status}}

    def accept(self) -> None:
        self.csms.answers.clear()

    def saw(self, event_type: str, **info: str) -> None:
        """Waits until the CSMS was told of such a transaction event."""
        self.csms.wait_for(
            lambda frame: (
                frame.is_event(event_type)
                and all(frame.payload["transactionInfo"].get(key) == value for key, value in info.items())
            )
        )


@contextmanager
def demo() -> Iterator[Demo]:
    """One station, booted, with a car at its cable."""
    address = loopback()
    with household() as house, scripted_csms() as csms:
        process = subprocess.Popen(
            [*EVTUI, "echonet", "--stations", "1", "--csms-url", csms.url, "--echonet-host", address],
            env=house.environment(),
            cwd=house.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            csms.wait_for(
                lambda frame: frame.action == "StatusNotification" and frame.payload["connectorStatus"] == "Occupied",
                timeout_s=30,
            )
            yield Demo(address, csms)
        finally:
            process.terminate()
            process.communicate(timeout=10)
