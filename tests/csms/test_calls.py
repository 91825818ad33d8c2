"""The sending side: CALLs of the CSMS, one at a time for each station."""

import asyncio
from typing import Any

import pytest

from evtui.csms.limits import Limits
from evtui.csms.policy import Policy
from evtui.csms.server import Csms
from evtui.errors import BusyError, CallRefusedError, LocalError, NoAnswerError, OfflineError, ProtocolError
from tests.csms.stations import RawStation, station

RESET = {"type": "Immediate"}
INVENTORY = {"requestId": 1, "reportBase": "FullInventory"}


async def test_a_call_gives_the_payload_of_its_answer(csms: Csms) -> None:
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        call = group.create_task(csms.call("CP001", "Reset", RESET))
        kind, message_id, action, payload = await link.hear()
        assert (kind, action, payload) == (2, "Reset", RESET)
        await link.say([3, message_id, {"status": "Accepted"}])
        assert await call == {"status": "Accepted"}


async def test_calls_of_a_station_go_one_after_the_other_in_order(csms: Csms) -> None:
    """OCPP-J 4.1.1."""
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        calls = [group.create_task(csms.call("CP001", "Reset", {"type": kind})) for kind in ("Immediate", "OnIdle")]
        first = await link.hear()
        # The station's own CALLs are answered meanwhile, and nothing else comes.
        assert (await link.ask("Heartbeat", {}))[0] == 3
        await link.say([3, first[1], {"status": "Accepted"}])
        second = await link.hear()
        await link.say([3, second[1], {"status": "Rejected"}])
        assert [first[3], second[3]] == [{"type": "Immediate"}, {"type": "OnIdle"}]
        assert [(await call)["status"] for call in calls] == ["Accepted", "Rejected"]


async def test_stations_do_not_wait_for_each_other(csms: Csms) -> None:
    async with station(csms) as slow, station(csms, "CP002") as quick, asyncio.TaskGroup() as group:
        await slow.boot()
        await quick.boot()
        waiting = group.create_task(csms.call("CP001", "Reset", RESET))
        asked = await slow.hear()
        answered = group.create_task(csms.call("CP002", "Reset", RESET))
        await quick.say([3, (await quick.hear())[1], {"status": "Accepted"}])
        assert await answered == {"status": "Accepted"}
        assert not waiting.done()
        await slow.say([3, asked[1], {"status": "Accepted"}])


async def _answered(csms: Csms, link: RawStation, answer: list[Any]) -> dict[str, Any]:
    async def station_side() -> None:
        message_id = (await link.hear())[1]
        await link.say([answer[0], message_id, *answer[1:]])

    answering = asyncio.ensure_future(station_side())
    try:
        return await csms.call("CP001", "Reset", RESET)
    finally:
        await answering


async def test_a_callerror_is_an_error_with_its_parts(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        with pytest.raises(CallRefusedError) as caught:
            await _answered(csms, link, [4, "NotSupported", "no\x1b[2J", {"a": 1}])
        assert (caught.value.code, caught.value.description) == ("NotSupported", "no\x1b[2J")
        assert caught.value.details == {"a": 1}
        assert str(caught.value).isprintable()


async def test_an_answer_that_breaks_the_schema_is_an_error(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        with pytest.raises(ProtocolError, match="status"):
            await _answered(csms, link, [3, {"status": "Perhaps"}])
        assert await _answered(csms, link, [3, {"status": "Accepted"}]) == {"status": "Accepted"}


async def test_a_call_without_answer_times_out_and_the_next_one_goes(csms: Csms) -> None:
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        with pytest.raises(NoAnswerError, match=r"CP001 did not answer Reset within 0\.01 s"):
            await csms.call("CP001", "Reset", RESET, timeout=0.01)
        late = (await link.hear())[1]
        call = group.create_task(csms.call("CP001", "Reset", {"type": "OnIdle"}))
        next_one = (await link.hear())[1]
        await link.say([3, late, {"status": "Rejected"}])
        await link.say([3, next_one, {"status": "Accepted"}])
        assert await call == {"status": "Accepted"}


async def test_a_call_that_is_given_up_does_not_block_the_next(csms: Csms) -> None:
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        given_up = group.create_task(csms.call("CP001", "Reset", RESET))
        await link.hear()
        given_up.cancel()
        call = group.create_task(csms.call("CP001", "Reset", RESET))
        await link.say([3, (await link.hear())[1], {"status": "Accepted"}])
        assert await call == {"status": "Accepted"}


async def test_a_lost_connection_ends_all_that_wait(csms: Csms) -> None:
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        calls = [group.create_task(_failure(csms)) for _ in range(3)]
        await link.hear()
        await link.link.close()
        assert [await call for call in calls] == ["NoAnswerError"] * 3


async def _failure(csms: Csms) -> str:
    try:
        await csms.call("CP001", "Reset", RESET)
    except NoAnswerError as error:
        return type(error).__name__
    return "answered"


async def test_who_is_not_connected_cannot_be_called(csms: Csms) -> None:
    with pytest.raises(OfflineError, match="CP001 is not connected"):
        await csms.call("CP001", "Reset", RESET)


async def test_nothing_is_sent_to_a_rejected_station(csms: Csms) -> None:
    """B03.FR.03."""
    csms.books.registry.set_policy(Policy("Rejected"))
    async with station(csms) as link:
        await link.boot()
        with pytest.raises(LocalError, match="Rejected"):
            await csms.call("CP001", "Reset", RESET)


async def test_an_action_that_ocpp_does_not_have_is_not_sent(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
        with pytest.raises(LocalError, match="MakeCoffee"):
            await csms.call("CP001", "MakeCoffee", {})
        await link.call("Heartbeat", {})


async def test_only_so_many_calls_wait_in_line() -> None:
    async with (
        Csms(port=0, web_port=None, limits=Limits(waiting_calls=2)) as csms,
        station(csms) as link,
        asyncio.TaskGroup() as group,
    ):
        await link.boot()
        calls = [group.create_task(_failure(csms)) for _ in range(2)]
        await link.hear()
        with pytest.raises(BusyError, match="2 calls wait for CP001"):
            await csms.call("CP001", "Reset", RESET)
        await link.link.close()
        assert [await call for call in calls] == ["NoAnswerError"] * 2


@pytest.mark.parametrize(
    ("action", "payload", "reply", "wanted", "message"),
    [
        (
            "GetBaseReport",
            INVENTORY,
            {"status": "Accepted"},
            "NotifyReport",
            {"requestId": 1, "generatedAt": "2026-01-02T03:04:05Z", "seqNo": 0},
        ),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}, {"status": "Accepted"}, "Heartbeat", {}),
    ],
)
async def test_a_pending_station_may_send_what_it_was_told_to(
    csms: Csms, action: str, payload: dict[str, Any], reply: dict[str, Any], wanted: str, message: dict[str, Any]
) -> None:
    """B02.FR.02."""
    csms.books.registry.set_policy(Policy("Pending"))
    async with station(csms) as link, asyncio.TaskGroup() as group:
        await link.boot()
        assert (await link.ask(wanted, message))[2] == "SecurityError"
        call = group.create_task(csms.call("CP001", action, payload))
        await link.say([3, (await link.hear())[1], reply])
        assert await call == reply
        await link.call(wanted, message)
        assert (await link.ask("Authorize", {"idToken": {"idToken": "A", "type": "Central"}}))[2] == "SecurityError"
