"""The CSMS over real sockets: handshake, registration, one connection a station, an orderly end."""

import asyncio
import json
import ssl

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from evtui.csms.doors import Doors
from evtui.csms.handlers import Payload
from evtui.csms.limits import Limits
from evtui.csms.policy import BootStatus, Policy
from evtui.csms.server import Csms
from evtui.ocppj.frame import Direction, Frame, FrameType
from tests.certificates import Certificates
from tests.csms.stations import BOOT, PATIENCE_S, RawStation, station, until

# -- handshake ------------------------------------------------------------------------------------


async def test_a_station_may_come_by_any_prefix_and_with_an_encoded_id(csms: Csms) -> None:
    async with station(csms, "ocpp/ws/RDAM%7C123") as link:
        await link.boot()
        assert csms.connected == ("RDAM|123",)


async def test_the_first_subprotocol_that_both_know_is_chosen(csms: Csms) -> None:
    async with station(csms, subprotocols=("ocpp2.1", "ocpp2.0.1", "ocpp1.6")) as link:
        assert link.link.subprotocol == "ocpp2.0.1"


@pytest.mark.parametrize("offered", [(), ("ocpp1.5", "chat")], ids=["none offered", "none known"])
async def test_without_a_common_subprotocol_it_opens_and_closes(csms: Csms, offered: tuple[str, ...]) -> None:
    """OCPP-J 3.1.2: complete the handshake without the header, then close."""
    async with station(csms, subprotocols=offered) as link:
        assert link.link.subprotocol is None
        code, reason = await link.closed()
    assert code == 1002
    assert reason is not None
    assert "ocpp2.0.1" in reason
    assert len(csms.books.registry) == 0


@pytest.mark.parametrize("path", ["", "x" * 49, "a%3Ab", "%00"])
async def test_a_path_without_a_station_id_is_not_found(csms: Csms, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with station(csms, path):
            pass
    assert refused.value.response.status_code == 404


async def test_a_page_of_another_site_cannot_play_station(csms: Csms) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with station(csms, origin=Origin("https://evil.example")):
            pass
    assert refused.value.response.status_code == 403
    async with station(csms, origin=Origin("http://localhost:8081")) as link:
        await link.boot()


async def test_more_stations_than_allowed_are_refused_but_known_ones_come_back() -> None:
    async with Csms(port=0, web_port=None, limits=Limits(stations=1)) as csms:
        async with station(csms, "CP001"):
            pass
        with pytest.raises(InvalidStatus) as refused:
            async with station(csms, "CP002"):
                pass
        assert refused.value.response.status_code == 503
        async with station(csms, "CP001"):
            pass


async def test_tls(certificates: Certificates) -> None:
    trust = ssl.create_default_context(cafile=certificates.ca)
    async with Csms(port=0, web_port=None, doors=Doors(certificates.server_cert, certificates.server_key)) as csms:
        assert csms.url.startswith("wss://")
        async with station(csms, ssl=trust) as link:
            assert (await link.boot())["status"] == "Accepted"


async def test_permessage_deflate_is_spoken_when_offered(csms: Csms) -> None:
    async with station(csms, compression="deflate") as link:
        assert "permessage-deflate" in str(link.link.response and link.link.response.headers)
        assert (await link.boot())["status"] == "Accepted"


# -- registration ---------------------------------------------------------------------------------


async def test_a_station_boots_and_is_known(csms: Csms) -> None:
    async with station(csms) as link:
        answer = await link.boot()
        record = csms.books.registry.get("CP001")
        assert answer["status"] == "Accepted"
        assert record is not None
        assert (record.registration, record.version) == ("Accepted", "2.0.1")
        assert record.connected_since is not None
        assert (record.frames_received, record.frames_sent) == (1, 1)
    await until(lambda: not csms.connected)
    assert record.connected_since is None


async def test_what_comes_on_the_wire_is_compact_json(csms: Csms) -> None:
    async with station(csms) as link:
        await link.say([2, "1", "Heartbeat", {}])
        text = await link.link.recv()
        assert isinstance(text, str)
        assert text == json.dumps(json.loads(text), separators=(",", ":"))


async def _told_to_boot(link: RawStation, answer: str) -> None:
    """The CSMS asks for a Boot whoever begins with something else; the answer is a status, or an error code."""
    kind, message_id, action, payload = await link.hear()
    assert (kind, action, payload) == (2, "TriggerMessage", {"requestedMessage": "BootNotification"})
    status = answer in ("Accepted", "Rejected", "NotImplemented")
    await link.say([3, message_id, {"status": answer}] if status else [4, message_id, answer, "", {}])


@pytest.mark.parametrize("answer", ["Accepted", "InternalError"])
async def test_before_its_boot_a_station_is_refused_and_asked_for_one(csms: Csms, answer: str) -> None:
    """B01.FR.08, F06."""
    async with station(csms) as link:
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"
        await _told_to_boot(link, answer)
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"
        await link.boot()
        await link.call("Heartbeat", {})


@pytest.mark.parametrize("answer", ["Rejected", "NotImplemented", "NotSupported"])
async def test_a_station_that_was_accepted_before_this_csms_began_goes_on(csms: Csms, answer: str) -> None:
    """No Boot is due on a reconnect: that it rejects the trigger says that it is Accepted (F06.FR.17), and one that
    knows no triggers must not be refused for ever."""
    async with station(csms) as link:
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"
        await _told_to_boot(link, answer)
        await link.call("Heartbeat", {})


async def test_a_station_does_not_become_accepted_that_way_against_the_policy(csms: Csms) -> None:
    csms.books.registry.set_policy(Policy("Pending"))
    async with station(csms) as link:
        await link.ask("Heartbeat", {})
        await _told_to_boot(link, "Rejected")
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
async def test_until_it_is_accepted_a_station_may_only_boot(csms: Csms, status: BootStatus) -> None:
    """B02, B03."""
    csms.books.registry.set_policy(Policy(status, interval_s=1), "CP001")
    async with station(csms) as link:
        answer = await link.boot()
        assert (answer["status"], answer["interval"]) == (status, 1)
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"
        csms.books.registry.set_policy(Policy(), "CP001")
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"
        assert (await link.boot())["status"] == "Accepted"
        await link.call("Heartbeat", {})


async def test_registration_outlives_the_connection(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
    async with station(csms) as link:
        await link.call("Heartbeat", {})


async def test_a_csms_with_the_books_of_another_goes_on_where_that_one_ended(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
    async with Csms(port=0, web_port=None, books=csms.books) as heir, station(heir) as link:
        await link.call("Heartbeat", {})


async def test_the_clock_of_the_csms_is_what_it_is_told() -> None:
    async with Csms(port=0, web_port=None, clock=lambda: 1_000_000.0) as csms, station(csms) as link:
        assert (await link.boot())["currentTime"] == "1970-01-12T13:46:40.000Z"


# -- one connection a station ---------------------------------------------------------------------


async def test_a_second_connection_takes_the_place_of_the_first(csms: Csms) -> None:
    async with station(csms) as first:
        await first.boot()
        async with station(csms) as second, station(csms, "CP002") as other:
            await other.boot()
            code, reason = await first.closed()
            assert (code, reason) == (1008, "another connection of this station took its place")
            await second.call("Heartbeat", {})
            assert csms.connected == ("CP001", "CP002")
            record = csms.books.registry.station("CP001")
            assert record.connected_since is not None


async def test_a_call_that_waits_on_the_first_connection_learns_that_it_is_lost(csms: Csms) -> None:
    async with station(csms) as first:
        await first.boot()
        async with asyncio.TaskGroup() as group:
            call = group.create_task(_outcome(csms, "Reset", {"type": "Immediate"}))
            assert (await first.hear())[2] == "Reset"
            async with station(csms):
                assert await call == "NoAnswerError: the connection of CP001 was lost"


async def _outcome(csms: Csms, action: str, payload: Payload) -> str:
    try:
        return str(await csms.call("CP001", action, payload, 5))
    except Exception as error:  # noqa: BLE001 - the outcome is what the test is about
        return f"{type(error).__name__}: {error}"


# -- frames, and the end --------------------------------------------------------------------------


async def test_every_frame_is_told_once_in_order_and_seen_from_the_station() -> None:
    told: list[Frame] = []
    async with Csms(port=0, web_port=None, on_frame=told.append) as csms, station(csms) as link:
        await link.boot()
        await link.say("garbage")
        await link.hear()
        assert [(f.number, f.station, f.direction, f.type, f.action) for f in told] == [
            (0, "CP001", Direction.SENT, FrameType.CALL, "BootNotification"),
            (1, "CP001", Direction.RECEIVED, FrameType.CALLRESULT, "BootNotification"),
            (2, "CP001", Direction.SENT, FrameType.UNREADABLE, ""),
            (3, "CP001", Direction.RECEIVED, FrameType.CALLERROR, ""),
        ]
        assert told[2].fault
        assert json.loads(told[0].text)[3] == BOOT
        assert csms.tap.newest(2) == told[2:]


async def test_secrets_are_masked_in_frames() -> None:
    told: list[Frame] = []
    async with Csms(port=0, web_port=None, on_frame=told.append) as csms, station(csms) as link:
        await link.boot()
        await link.call("Authorize", {"idToken": {"idToken": "4711", "type": "KeyCode"}})
        assert "4711" not in "".join(frame.text for frame in told)
        assert told[2].masked


async def test_closing_tells_the_stations_1001() -> None:
    async with Csms(port=0, web_port=None) as csms, station(csms) as link:
        await link.boot()
        await csms.close()
        assert (await link.closed())[0] == 1001
        assert csms.connected == ()


async def test_closing_does_not_wait_for_who_says_nothing() -> None:
    """A TCP connection that never becomes a WebSocket, and a station that does not answer the close."""
    async with Csms(port=0, web_port=None, limits=Limits(close_timeout_s=0.05)) as csms:
        _, idle = await asyncio.open_connection("127.0.0.1", csms.port)
        async with station(csms) as link:
            await link.boot()
            link.link.transport.pause_reading()
            async with asyncio.timeout(PATIENCE_S):
                await csms.close()
            link.link.transport.resume_reading()
        idle.close()


async def test_a_fleet_that_dials_all_at_once(csms: Csms) -> None:
    async def one(number: int) -> str:
        async with station(csms, f"CP{number:04d}") as link:
            return str((await link.boot())["status"])

    async with asyncio.TaskGroup() as group:
        boots = [group.create_task(one(number)) for number in range(300)]
    assert {boot.result() for boot in boots} == {"Accepted"}
    assert len(csms.books.registry) == 300


async def test_on_ipv6_too(csms: Csms) -> None:
    url = csms.url.replace("127.0.0.1", "[::1]") + "/CP001"
    try:
        async with connect(url, subprotocols=["ocpp2.0.1"], proxy=None, compression=None) as link:  # type: ignore[list-item]
            assert link.subprotocol == "ocpp2.0.1"
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
