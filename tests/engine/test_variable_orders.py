"""The command set-variable, and what a station's detail says of its variables."""

from pathlib import Path

import pytest

from evtui.engine.door import Outcome
from tests.engine.scripted import bench


async def test_a_variable_that_is_set_is_told_and_holds_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order(
            "set-variable", "CP001", variable="ocppcommctrlr.heartbeatinterval", value="7", within_s=0
        )
        assert outcome == Outcome(True, "CP001: OCPPCommCtrlr.HeartbeatInterval is 7 now", outcome.results)
        await it.advance(8)
        assert it.csms.actions().count("Heartbeat") == 1
        detail = await it.door.station("CP001")
        assert detail is not None
        assert detail.variables["OCPPCommCtrlr.HeartbeatInterval"] == "7"


async def test_an_operator_may_set_what_a_csms_may_only_read(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        name = "OCPPCommCtrlr.MessageTimeout[Default]"
        assert (await it.order("set-variable", "CP001", variable=name, value="5")).done


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("OCPPCommCtrlr.HeartbeatInterval", "0", "is below the least, 1 s"),
        ("OCPPCommCtrlr.HeartbeatInterval", "soon", "is not a whole number"),
        ("OCPPCommCtrlr.HeartbeatIntervall", "5", "the nearest is OCPPCommCtrlr.HeartbeatInterval"),
        ("SecurityCtrlr.SecurityProfile", "3", "cannot be set"),
        ("OCPPCommCtrlr.NetworkConfigurationPriority", "2,1", "slot 2 holds no network profile"),
        ("HeartbeatInterval", "5", "name one as in OCPPCommCtrlr.HeartbeatInterval"),
        ("", "", "name one as in OCPPCommCtrlr.HeartbeatInterval"),
    ],
)
async def test_a_variable_that_cannot_be_set_is_told_with_the_reason(
    tmp_path: Path, variable: str, value: str, reason: str
) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("set-variable", "CP001", variable=variable, value=value)
        assert not outcome.done
        assert reason in outcome.text


async def test_a_password_is_set_without_being_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        value = "correct horse battery"
        outcome = await it.order("set-variable", "CP001", variable="SecurityCtrlr.BasicAuthPassword", value=value)
        assert outcome.text == "CP001: SecurityCtrlr.BasicAuthPassword is set now"
        outcome = await it.order("set-variable", "CP001", variable="SecurityCtrlr.BasicAuthPassword", value="short one")
        assert "short one" not in outcome.text


async def test_every_variable_is_told_with_what_it_is(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        detail = await it.door.station("CP001")
        assert detail is not None
        rows = {row.name: row for row in detail.definitions}
        assert rows.keys() == detail.variables.keys()
        row = rows["OCPPCommCtrlr.NetworkConfigurationPriority"]
        assert (row.type, row.mutability, row.values) == ("SequenceList", "ReadWrite", ("1", "2", "3"))
        assert (row.settable, row.reboot) == (True, True)
        assert not rows["ClockCtrlr.DateTime"].settable
        assert (rows["EVSE(1).Power"].unit, rows["EVSE(1).Power"].max_limit) == ("W", 22_000.0)
