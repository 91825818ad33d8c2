"""Network profiles, passwords and certificates over real sockets and TLS."""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from evtui.config import CsmsConfig, FleetConfig, GroupConfig, NetworkConfig
from evtui.engine.clock import SystemClock
from evtui.engine.door import Command, LinkState, Target
from evtui.engine.fleet import Fleet
from evtui.engine.local import LocalDoor
from evtui.ocppj.spool import SpoolWriter
from tests.certificates import Certificates, issue
from tests.engine.test_real_sockets import all_are, port_of, until
from tests.peers.scripted_csms import answer_to
from tests.proof import proves

pytestmark = proves("SetNetworkProfile", "SetVariables", "SecurityEventNotification", "A00", "A01", "B10")

NEW = "correct horse battery"
QUICK = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr.NetworkProfileConnectionAttempts": "1",
}


class StrictCsms:
    """Lets in who knows the password, if it has one; remembers what it was told, and can ask."""

    def __init__(self, password: str = "") -> None:
        self.password = password
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refused = 0
        self.answers: asyncio.Queue[list[Any]] = asyncio.Queue()
        self.link: ServerConnection | None = None
        self.talk = self.accept_all

    def judge(self, connection: ServerConnection, request: Request) -> Response | None:
        wanted = "Basic " + b64encode(f"CP001:{self.password}".encode()).decode()
        if self.password and request.headers.get("Authorization") != wanted:
            self.refused += 1
            return connection.respond(HTTPStatus.UNAUTHORIZED, "")
        return None

    async def accept_all(self, link: ServerConnection) -> None:
        self.link = link
        try:
            async for text in link:
                frame = json.loads(text)
                if frame[0] != 2:
                    self.answers.put_nowait(frame)
                    continue
                _, message_id, action, payload = frame
                self.calls.append((action, payload))
                answer = answer_to(action, payload, now=SystemClock(1.0).now().utc, heartbeat_s=300)
                await link.send(json.dumps([3, message_id, answer]))
        except ConnectionClosed:
            pass

    async def ask(self, action: str, payload: dict[str, Any]) -> list[Any]:
        """The station's answer."""
        assert self.link is not None
        await self.link.send(json.dumps([2, "ask", action, payload]))
        return await self.answers.get()

    def told(self, action: str) -> list[dict[str, Any]]:
        return [payload for each, payload in self.calls if each == action]

    @asynccontextmanager
    async def live(self, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
        subprotocols = [Subprotocol("ocpp2.0.1")]
        async with serve(
            lambda link: self.talk(link),
            "127.0.0.1",
            0,
            subprotocols=subprotocols,
            process_request=self.judge,
            ssl=context,
        ) as server:
            yield server


@asynccontextmanager
async def station(directory: Path, url: str, csms: CsmsConfig, **variables: str) -> AsyncIterator[LocalDoor]:
    config = FleetConfig(groups=(GroupConfig(count=1, variables=QUICK | variables),), csms=csms)
    with SpoolWriter(directory) as spool:
        async with Fleet(config, clock=SystemClock(60.0), frames=spool, csms_url=url) as fleet:
            yield LocalDoor(fleet)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("certificates"))


def server_context(certificates: Certificates, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server_cert, certificates.server_key)
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates.ca)
    return context


def rows(variable: str, value: str, component: str = "SecurityCtrlr") -> dict[str, Any]:
    row = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    return {"setVariableData": [row]}


async def test_a00_fr_310_a_csms_with_a_wrong_certificate_is_left_and_another_is_told(
    tmp_path: Path, certificates: Certificates
) -> None:
    """A00.FR.311; A04.FR.02: the event waits for a CSMS that can be trusted."""
    strangers = issue(tmp_path)
    false, true = StrictCsms(), StrictCsms()
    async with false.live(server_context(strangers)) as wrong, true.live(server_context(certificates)) as right:
        backup = NetworkConfig(f"wss://localhost:{port_of(right)}")
        csms = CsmsConfig(ca=certificates.ca, network=(backup,))
        async with station(tmp_path / "spool", f"wss://localhost:{port_of(wrong)}", csms) as door:
            await until(door, all_are(LinkState.ONLINE))
            detail = await door.station("CP001")
            assert detail is not None
            assert detail.variables["OCPPCommCtrlr.ActiveNetworkProfile"] == "2"
            assert detail.variables["SecurityCtrlr.SecurityProfile"] == "2"
    assert false.calls == []
    events = [payload["type"] for payload in true.told("SecurityEventNotification")]
    assert events[0] == "InvalidCsmsCertificate"
    assert true.told("BootNotification")[0]["reason"] == "PowerUp"


async def test_a01_a_password_that_the_csms_gives_is_the_one_from_then_on(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("the first password")
    csms = StrictCsms("the first password")
    config = CsmsConfig(password_file=str(tmp_path / "password"))
    async with (
        csms.live() as server,
        station(tmp_path / "spool", f"ws://127.0.0.1:{port_of(server)}", config) as door,
    ):
        await until(door, all_are(LinkState.ONLINE))
        csms.password = NEW
        answer = await csms.ask("SetVariables", rows("BasicAuthPassword", NEW))
        assert answer[2]["setVariableResult"][0]["attributeStatus"] == "Accepted"
        await until(door, lambda all: all[0].link is not LinkState.ONLINE)
        await until(door, all_are(LinkState.ONLINE))
    assert (csms.refused, len(csms.told("BootNotification"))) == (0, 1)


async def test_a01_a_csms_that_forgets_the_new_password_gets_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("the first password")
    csms = StrictCsms("the first password")
    config = CsmsConfig(password_file=str(tmp_path / "password"))
    async with (
        csms.live() as server,
        station(tmp_path / "spool", f"ws://127.0.0.1:{port_of(server)}", config) as door,
    ):
        await until(door, all_are(LinkState.ONLINE))
        await csms.ask("SetVariables", rows("BasicAuthPassword", NEW))
        await until(door, lambda all: all[0].link is LinkState.WAITING)
        await until(door, all_are(LinkState.ONLINE))
        assert NEW not in repr((await door.station("CP001"), await door.events(0)))
    assert csms.refused == 1


async def test_a05_a_csms_raises_the_security_of_its_station(tmp_path: Path, certificates: Certificates) -> None:
    """From a plain link to TLS with a client certificate: SetNetworkProfile, priority, reset; the plain one is gone."""
    plain, secure = StrictCsms(), StrictCsms()
    context = server_context(certificates, mutual=True)
    async with plain.live() as first, secure.live(context) as second:
        csms = CsmsConfig(ca=certificates.ca, cert=certificates.client_cert, key=certificates.client_key)
        async with station(tmp_path, f"ws://127.0.0.1:{port_of(first)}", csms) as door:
            await until(door, all_are(LinkState.ONLINE))
            data = {
                "ocppVersion": "OCPP20",
                "ocppTransport": "JSON",
                "ocppCsmsUrl": f"wss://localhost:{port_of(second)}/ocpp",
                "messageTimeout": 30,
                "securityProfile": 3,
                "ocppInterface": "Wired0",
            }
            written = await plain.ask("SetNetworkProfile", {"configurationSlot": 2, "connectionData": data})
            assert written[2] == {"status": "Accepted"}
            priority = rows("NetworkConfigurationPriority", "2,1", "OCPPCommCtrlr")
            answer = await plain.ask("SetVariables", priority)
            assert answer[2]["setVariableResult"][0]["attributeStatus"] == "RebootRequired"
            assert (await plain.ask("Reset", {"type": "OnIdle"}))[2] == {"status": "Accepted"}
            await until(door, lambda all: bool(secure.calls))
            await until(door, all_are(LinkState.ONLINE))
            detail = await door.station("CP001")
            assert detail is not None
            assert detail.variables["SecurityCtrlr.SecurityProfile"] == "3"
            assert detail.variables["OCPPCommCtrlr.NetworkConfigurationPriority"] == "2"
            assert detail.url == f"wss://localhost:{port_of(second)}/ocpp/CP001"
    assert secure.told("BootNotification")[0]["reason"] == "RemoteReset"


async def test_a_server_that_picks_no_subprotocol_is_left_at_once_and_the_next_profile_tried(tmp_path: Path) -> None:
    """OCPP-J 3.1.2."""
    closed: asyncio.Queue[int | None] = asyncio.Queue()

    async def deaf(link: ServerConnection) -> None:
        await link.wait_closed()
        closed.put_nowait(link.close_code)

    backup = StrictCsms()
    async with serve(deaf, "127.0.0.1", 0) as wrong, backup.live() as right:
        csms = CsmsConfig(network=(NetworkConfig(f"ws://127.0.0.1:{port_of(right)}"),))
        async with station(tmp_path, f"ws://127.0.0.1:{port_of(wrong)}", csms) as door:
            await until(door, all_are(LinkState.ONLINE))
            texts = [event.text for event in await door.events(0) if event.kind == "waiting"]
            assert "(subprotocol)" in texts[0]
            assert await closed.get() == 1002


async def test_a_csms_that_comes_back_without_memory_gets_another_boot(tmp_path: Path) -> None:
    """B01.FR.10: it answers SecurityError to a station that it has not accepted."""
    csms = StrictCsms()
    told: asyncio.Queue[str] = asyncio.Queue()

    async def forgetful(link: ServerConnection) -> None:
        accepted = False
        async for text in link:
            _, message_id, action, payload = json.loads(text)
            accepted |= action == "BootNotification"
            answer = answer_to(action, payload, now=SystemClock(1.0).now().utc, heartbeat_s=300)
            await link.send(
                json.dumps([3, message_id, answer] if accepted else [4, message_id, "SecurityError", "", {}])
            )
            told.put_nowait(action)

    async with (
        csms.live() as server,
        station(tmp_path, f"ws://127.0.0.1:{port_of(server)}", CsmsConfig()) as door,
    ):
        await until(door, all_are(LinkState.ONLINE))
        csms.talk = forgetful
        for link in tuple(server.connections):
            link.transport.abort()
        await until(door, lambda all: all[0].link is not LinkState.ONLINE)
        assert (await door.submit(Command("plug-in", (Target("CP001", 1),)))).done
        assert [await told.get() for _ in range(2)][1] == "BootNotification"
        assert "StatusNotification" in [await told.get() for _ in range(2)]
