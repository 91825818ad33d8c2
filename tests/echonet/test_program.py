"""The node as a part of the program: who may start a second one, and what the program says of the first."""

import sys

import pytest

from tests.echonet.controller import Controller, loopback
from tests.echonet.demo import demo
from tests.program import Household

pytestmark = [
    pytest.mark.xdist_group("echonet"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"),
]


def test_a_second_node_at_the_address_is_refused_in_one_line(house: Household) -> None:
    with demo() as running:
        result = house.run("run", "--hold", "--csms-url", running.csms.url, "--echonet-host", running.address)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"evtui: ECHONET Lite: UDP port 3610 of {running.address} is taken")


async def test_what_was_asked_of_the_program_is_answered_by_the_program() -> None:
    with demo() as running, Controller(loopback()) as controller:
        assert await controller.get(running.address, 0x0EF001, 0xD6) == bytes.fromhex("0102A101")
        assert await controller.get(running.address, 0x02A101, 0xC7) == b"\x41"
