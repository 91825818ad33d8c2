"""Connections that come about, and those that do not: each against a real socket."""

import asyncio
import logging
import os
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from evtui.errors import ConnectError, LinkError
from evtui.ocppj.connection import Connection, connect
from evtui.ocppj.endpoint import Endpoint, Secret, secret_of
from evtui.ocppj.tls import client_context
from tests.certificates import Certificates
from tests.ocppj.listening import heard

V201 = Subprotocol("ocpp2.0.1")
PASSWORD = "pässword: with colon"
TIMEOUT_S = 10.0
HASTE_S = 0.2

Handler = Callable[[ServerConnection], Awaitable[None]]
Bytes = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def echo(websocket: ServerConnection) -> None:
    async for message in websocket:
        await websocket.send(message)


def port_of(server: Server | asyncio.Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


@asynccontextmanager
async def csms(handler: Handler = echo, **options: Any) -> AsyncIterator[int]:
    """A CSMS on a port of this machine."""
    async with serve(handler, "127.0.0.1", 0, **{"subprotocols": [V201]} | options) as server:
        yield port_of(server)


@asynccontextmanager
async def bytes_server(talk: Bytes, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that speaks as it likes."""

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(closing, "127.0.0.1", 0, ssl=context)
    async with server:
        yield port_of(server)


async def refusal(url: str, timeout_s: float = TIMEOUT_S, **options: Any) -> ConnectError:
    """The error of an attempt that has to fail; fit for a screen, whatever the peer said."""
    with pytest.raises(ConnectError) as caught:
        await connect(Endpoint(url, **options), open_timeout_s=timeout_s)
    error = caught.value
    assert str(error).isprintable()
    assert PASSWORD not in str(error)
    assert error.problem
    assert error.advice
    return error


@asynccontextmanager
async def connected(port: int, **options: Any) -> AsyncIterator[Connection]:
    connection = await connect(Endpoint(f"ws://127.0.0.1:{port}/CP001", **options))
    try:
        yield connection
    finally:
        await connection.close()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


# -- it works -------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_messages_go_both_ways(host: str) -> None:
    async with csms() as port:
        connection = await connect(Endpoint(f"ws://{host}:{port}/CP001"))
        assert connection.subprotocol == "ocpp2.0.1"
        await connection.send('[2,"1","Heartbeat",{}]')
        assert await heard(connection) == '[2,"1","Heartbeat",{}]'
        await connection.close()


async def test_a_binary_message_arrives_as_bytes() -> None:
    async def binary(websocket: ServerConnection) -> None:
        await websocket.send(b"\xff\x00")
        await websocket.wait_closed()

    async with csms(binary) as port, connected(port) as connection:
        assert await heard(connection) == b"\xff\x00"


async def test_it_rings_when_a_message_is_complete_and_when_there_will_be_no_more() -> None:
    last, rung = asyncio.Event(), asyncio.Event()

    async def in_parts(websocket: ServerConnection) -> None:
        async def parts() -> AsyncIterator[str]:
            yield "["
            await last.wait()
            yield "]"

        await websocket.send(parts())

    async with csms(in_parts) as port, connected(port) as connection:
        connection.attend(rung.set)
        assert not rung.is_set()
        await (await connection._websocket.ping())  # the pong comes behind the first part
        before = connection.ready
        last.set()
        await rung.wait()
        assert (before, connection.ready) == (False, True)
        assert connection.take() == "[]"
        rung.clear()
        await rung.wait()
        assert connection.ready
        with pytest.raises(LinkError):
            connection.take()


async def test_the_password_does_not_stay_behind_and_nothing_else_of_the_handshake() -> None:
    async with csms() as port:
        endpoint = Endpoint(f"ws://127.0.0.1:{port}/CP001", username="CP001", password=Secret("hunter2hunter2xx"))
        connection = await connect(endpoint)
        websocket = connection._websocket
        assert websocket.request is None
        assert websocket.response is not None
        assert not websocket.response.headers
        await connection.close()


async def test_the_handshake_says_who_we_are_and_asks_for_no_compression() -> None:
    seen: list[Request] = []

    def look(_: ServerConnection, request: Request) -> None:
        seen.append(request)

    endpoint: dict[str, Any] = {
        "username": "CP001",
        "password": Secret(PASSWORD),
        "headers": (("X-Site", "depot 7"),),
        "subprotocols": ("ocpp2.1", "ocpp2.0.1"),
    }
    async with csms(process_request=look) as port, connected(port, **endpoint) as connection:
        assert connection.subprotocol == "ocpp2.0.1"
    (request,) = seen
    headers = request.headers
    assert request.path == "/CP001"
    assert headers["Authorization"] == "Basic " + b64encode(f"CP001:{PASSWORD}".encode()).decode()
    assert headers["User-Agent"].startswith("evtui/")
    assert headers["X-Site"] == "depot 7"
    assert headers["Sec-WebSocket-Protocol"] == "ocpp2.1, ocpp2.0.1"
    assert "Sec-WebSocket-Extensions" not in headers


async def test_a_password_that_is_no_text_is_sent_as_the_bytes_it_is() -> None:
    """OCPP-J 1.6 6.2.2."""
    seen: list[Request] = []

    def look(_: ServerConnection, request: Request) -> None:
        seen.append(request)

    password = bytes(range(0x70, 0x84)) + b"\xff"
    credentials: dict[str, Any] = {"username": "CP001", "password": Secret(secret_of(password))}
    async with csms(process_request=look) as port, connected(port, **credentials):
        pass
    assert seen[0].headers["Authorization"] == "Basic " + b64encode(b"CP001:" + password).decode()


async def test_a_password_gets_into_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    credentials: dict[str, Any] = {"username": "CP001", "password": Secret(PASSWORD)}
    silent = logging.getLogger("silent server")
    silent.setLevel("CRITICAL")
    async with csms(logger=silent) as port, connected(port, **credentials) as connection:
        await connection.send("[]")
    assert "uthorization" not in caplog.text
    assert b64encode(f"CP001:{PASSWORD}".encode()).decode() not in caplog.text
    assert PASSWORD not in repr(Endpoint("ws://csms.example", **credentials))


async def test_an_environment_with_a_proxy_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with csms() as port, connected(port):
        pass


# -- it ends --------------------------------------------------------------------------------------


async def loss(connection: Connection) -> LinkError:
    with pytest.raises(LinkError) as caught:
        await heard(connection)
    with pytest.raises(LinkError):
        await connection.send("[]")
    assert str(caught.value).isprintable()
    return caught.value


async def test_a_csms_that_goes_says_why() -> None:
    async def restart(websocket: ServerConnection) -> None:
        await websocket.close(1012, "back in \x1b[2J a minute")

    async with csms(restart) as port, connected(port) as connection:
        error = await loss(connection)
        assert (error.code, error.reason) == (1012, "the CSMS closed the connection (1012: back in \\x1b[2J a minute)")


async def test_a_csms_that_is_killed_says_nothing() -> None:
    async def die(websocket: ServerConnection) -> None:
        websocket.transport.abort()

    async with csms(die) as port, connected(port) as connection:
        error = await loss(connection)
        assert (error.code, error.reason) == (1006, "the connection broke off")


async def test_what_we_drop_ourselves_is_gone_too() -> None:
    async with csms() as port, connected(port) as connection:
        connection.abort()
        assert (await loss(connection)).reason == "the connection broke off"
    async with csms() as port, connected(port) as connection:
        await connection.close()
        assert (await loss(connection)).code == 1000


async def test_a_message_above_the_limit_ends_the_connection() -> None:
    codes = []

    async def flood(websocket: ServerConnection) -> None:
        await websocket.send("x" * 1_001)
        await websocket.wait_closed()
        codes.append(websocket.close_code)

    async with csms(flood) as port:
        connection = await connect(Endpoint(f"ws://127.0.0.1:{port}/CP001"), max_size=1_000)
        error = await loss(connection)
        assert (error.code, error.reason) == (1009, "the CSMS sent a frame of more than 1000 bytes")
        await connection.close()
    assert codes == [1009]


async def test_text_that_is_no_utf8_ends_the_connection() -> None:
    async def garble(websocket: ServerConnection) -> None:
        websocket.transport.write(b"\x81\x02\xff\xfe")
        await websocket.wait_closed()

    async with csms(garble) as port, connected(port) as connection:
        error = await loss(connection)
        assert error.code == 1007
        assert error.reason.startswith("the CSMS broke the WebSocket protocol (1007")


async def test_an_unanswered_ping_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evtui.ocppj.connection.PONG_TIMEOUT_S", 0.05)
    monkeypatch.setattr("evtui.ocppj.connection.CLOSE_TIMEOUT_S", 0.05)

    over = asyncio.Event()

    async def deaf(websocket: ServerConnection) -> None:
        websocket.transport.pause_reading()
        await over.wait()
        websocket.transport.resume_reading()

    async with csms(deaf) as port:
        connection = await connect(Endpoint(f"ws://127.0.0.1:{port}/CP001"), ping_interval_s=0.05)
        error = await loss(connection)
        over.set()
    assert (error.code, error.reason) == (1006, "the CSMS did not answer a WebSocket ping within 0.05 s")


async def test_pings_begin_and_end_while_the_connection_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """WebSocketPingInterval holds at once; 0 sends none."""
    monkeypatch.setattr("evtui.ocppj.connection.PONG_TIMEOUT_S", 0.05)
    monkeypatch.setattr("evtui.ocppj.connection.CLOSE_TIMEOUT_S", 0.05)
    over = asyncio.Event()

    async def deaf(websocket: ServerConnection) -> None:
        websocket.transport.pause_reading()
        await over.wait()
        websocket.transport.resume_reading()

    async with csms(deaf) as port:
        connection = await connect(Endpoint(f"ws://127.0.0.1:{port}/CP001"), ping_interval_s=0.05)
        connection.ping_every(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await heard(connection)
        connection.ping_every(0.05)
        error = await loss(connection)
        connection.ping_every(0.05)
        over.set()
    assert error.reason == "the CSMS did not answer a WebSocket ping within 0.05 s"


# -- name and TCP ---------------------------------------------------------------------------------


async def test_a_name_that_is_none_fails_at_dns() -> None:
    error = await refusal("ws://no-such-host.invalid/CP001")
    assert error.stage == "dns"
    assert "no-such-host.invalid" in error.problem


@pytest.mark.parametrize("url", ["ws://a..b/CP001", "http://csms.example", "ws://[", "ws://h:99999/", "", "ws:///x"])
async def test_what_is_no_url_fails_at_dns(url: str) -> None:
    assert (await refusal(url)).stage == "dns"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nobody_there_fails_at_tcp(host: str) -> None:
    port = free_port()
    error = await refusal(f"ws://{host}:{port}/CP001")
    assert (error.stage, error.problem) == ("tcp", f"connection refused by {host}:{port}")
    assert error.advice == f"is the CSMS running on {host}:{port}?"


async def test_nobody_answering_fails_at_tcp_in_time() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        # Connections that nobody accepts fill the queue; the next one gets no answer.
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        error = await refusal(f"ws://127.0.0.1:{port}/CP001", HASTE_S)
        for sock in waiting:
            sock.close()
    assert error.stage == "tcp"
    assert error.problem == f"no answer from 127.0.0.1:{port} within 0.2 s"


async def test_a_cancelled_attempt_leaves_no_socket_behind() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with bytes_server(silent) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connect(Endpoint(f"ws://127.0.0.1:{port}/CP001"))


# -- HTTP -----------------------------------------------------------------------------------------


def answering(status: int, **headers: str) -> Callable[[ServerConnection, Request], Response]:
    def answer(websocket: ServerConnection, _: Request) -> Response:
        response = websocket.respond(HTTPStatus(status), "<html>\x1b[2J</html>")
        response.headers.update(headers)
        return response

    return answer


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (200, "no WebSocket endpoint"),
        (400, "does the CSMS speak ocpp2.0.1?"),
        (403, "registered and enabled"),
        (404, "does not know this station id, or the path is wrong"),
        (405, "no WebSocket endpoint"),
        (418, "its log may say more"),
        (429, "wait"),
        (500, "its log"),
        (502, "gateway"),
        (503, "not ready"),
    ],
)
async def test_an_http_status_is_told_with_what_to_do(status: int, advice: str) -> None:
    async with csms(process_request=answering(status)) as port:
        error = await refusal(f"ws://127.0.0.1:{port}/CP001")
    assert error.stage == "http"
    assert error.problem.startswith(f"the CSMS answered HTTP {status} ")
    assert advice in error.advice


async def test_a_missing_password_and_a_wrong_one_are_told_apart() -> None:
    async with csms(process_request=answering(401)) as port:
        url = f"ws://127.0.0.1:{port}/CP001"
        without = await refusal(url)
        wrong = await refusal(url, username="CP001", password=Secret(PASSWORD))
    assert without.advice == "it wants a password: give one with --password-env / --password-file"
    assert wrong.advice.startswith("it did not accept user CP001 with this password")


async def test_a_redirect_is_told_and_not_followed() -> None:
    target = "wss://user:secret@csms.example/ocpp"
    async with csms(process_request=answering(301, Location=target)) as port:
        error = await refusal(f"ws://127.0.0.1:{port}/CP001", username="CP001", password=Secret(PASSWORD))
    assert error.advice == "it redirects to wss://csms.example/ocpp: use that as --csms-url"


async def test_a_header_that_cannot_be_sent_is_told_without_its_value() -> None:
    for value in ("a\r\nX-Evil: b", "snow \N{SNOWMAN}"):
        async with csms() as port:
            error = await refusal(f"ws://127.0.0.1:{port}/CP001", headers=(("X-Key", value),))
        assert (error.stage, error.problem) == ("http", "the header X-Key cannot be sent")


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\x01\x02",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
    ],
    ids=["silence", "ssh", "bytes", "bare 101", "tls alert"],
)
async def test_what_speaks_no_websocket_fails_at_http(words: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(words)
        await writer.drain()

    async with bytes_server(talk) as port:
        error = await refusal(f"ws://127.0.0.1:{port}/CP001")
    assert error.stage == "http"
    assert f"127.0.0.1:{port}" in error.problem
    assert "is it an OCPP-J server?" in error.advice


async def test_a_server_that_never_answers_fails_at_http_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with bytes_server(silent) as port:
        error = await refusal(f"ws://127.0.0.1:{port}/CP001", HASTE_S)
    assert error.stage == "http"
    assert "does not answer within 0.2 s" in error.problem


# -- subprotocol ----------------------------------------------------------------------------------


async def test_a_101_without_subprotocol_is_a_refusal_and_closed_at_once() -> None:
    """OCPP-J 3.1.2"""
    codes = []

    async def wait(websocket: ServerConnection) -> None:
        await websocket.wait_closed()
        codes.append(websocket.close_code)

    async with csms(wait, subprotocols=None) as port:
        error = await refusal(f"ws://127.0.0.1:{port}/CP001")
    assert (error.stage, error.problem) == ("subprotocol", "the CSMS agreed to none of ocpp2.0.1")
    assert codes == [1002]


async def test_a_subprotocol_that_was_not_offered_is_a_refusal() -> None:
    def impose(_: ServerConnection, __: Request, response: Response) -> None:
        del response.headers["Sec-WebSocket-Protocol"]
        response.headers["Sec-WebSocket-Protocol"] = "ocpp1.6"

    async with csms(process_response=impose) as port:
        error = await refusal(f"ws://127.0.0.1:{port}/CP001")
    assert (error.stage, error.problem) == ("subprotocol", "the CSMS chose another subprotocol than ocpp2.0.1")


# -- TLS ------------------------------------------------------------------------------------------


def server_context(cert: str, key: str, client_ca: str | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


@pytest.fixture
def tls(certificates: Certificates) -> ssl.SSLContext:
    return server_context(certificates.server_cert, certificates.server_key)


@pytest.fixture
def mutual_tls(certificates: Certificates) -> ssl.SSLContext:
    return server_context(certificates.server_cert, certificates.server_key, certificates.ca)


async def test_a_named_authority_is_trusted(tls: ssl.SSLContext, certificates: Certificates) -> None:
    async with csms(ssl=tls) as port:
        for host in ("127.0.0.1", "localhost"):
            connection = await connect(Endpoint(f"wss://{host}:{port}/CP001", ca=certificates.ca))
            await connection.send("[]")
            assert await heard(connection) == "[]"
            await connection.close()


async def test_the_systems_trust_counts_without_one(tls: ssl.SSLContext) -> None:
    async with csms(ssl=tls) as port:
        error = await refusal(f"wss://localhost:{port}/CP001")
    assert (error.stage, error.problem) == (
        "tls",
        f"the certificate of localhost:{port} is signed by an authority that is not trusted",
    )
    assert error.trouble == "certificate"
    assert "--ca FILE" in error.advice


async def test_insecure_accepts_any_certificate(tls: ssl.SSLContext) -> None:
    async with csms(ssl=tls) as port:
        connection = await connect(Endpoint(f"wss://localhost:{port}/CP001", insecure=True))
        await connection.close()


async def test_a_certificate_for_another_name_is_told(certificates: Certificates, tmp_path: Path) -> None:
    authority = trustme.CA()
    other = authority.issue_cert("csms.example")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    other.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "other.pem"))
    context = server_context(str(tmp_path / "other.pem"), str(tmp_path / "other.pem"))
    async with csms(ssl=context) as port:
        for host in ("localhost", "127.0.0.1"):
            error = await refusal(f"wss://{host}:{port}/CP001", ca=str(tmp_path / "ca.pem"))
            assert error.stage == "tls"
            assert error.problem == f"the certificate of {host}:{port} is for another name"
            assert error.trouble == "certificate"


@pytest.mark.parametrize(("name", "trusted"), [("localhost", True), ("csms.example", False)])
async def test_the_common_name_counts_where_there_is_no_other(name: str, trusted: bool, tmp_path: Path) -> None:
    """A00.FR.309, A00.FR.510: certificates of OCPP name their host there."""
    pem = tmp_path / "csms.pem"
    pem.write_bytes(_self_signed(name))
    context = server_context(str(pem), str(pem))
    async with csms(ssl=context) as port:
        url = f"wss://localhost:{port}/CP001"
        if trusted:
            await (await connect(Endpoint(url, ca=str(pem)))).close()
        else:
            error = await refusal(url, ca=str(pem))
            assert (error.trouble, error.problem) == (
                "certificate",
                f"the certificate of localhost:{port} is for another name",
            )


def _self_signed(common_name: str) -> bytes:
    """Key and certificate of a host that is named by its common name alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


async def test_a_client_certificate_is_shown(mutual_tls: ssl.SSLContext, certificates: Certificates) -> None:
    async with csms(ssl=mutual_tls) as port:
        endpoint = Endpoint(
            f"wss://localhost:{port}/CP001",
            ca=certificates.ca,
            cert=certificates.client_cert,
            key=certificates.client_key,
        )
        connection = await connect(endpoint)
        await connection.send("[]")
        assert await heard(connection) == "[]"
        await connection.close()


@contextmanager
def blocking_server(context: ssl.SSLContext) -> Iterator[int]:
    """One TLS handshake in a thread: unlike asyncio, it tells the client by an alert why it failed."""

    def serve_one() -> None:
        accepted, _ = listener.accept()
        with socket.socket(fileno=os.dup(accepted.fileno())) as raw:
            tls = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
            with tls, suppress(ssl.SSLError):
                tls.do_handshake()
            # To close with something unread would reset the connection, and lose the alert.
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(4_096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_one)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_missing_client_certificate_is_told(
    mutual_tls: ssl.SSLContext, certificates: Certificates, newest: ssl.TLSVersion
) -> None:
    mutual_tls.maximum_version = newest
    with blocking_server(mutual_tls) as port:
        error = await refusal(f"wss://localhost:{port}/CP001", ca=certificates.ca)
    assert error.stage == "tls"
    assert "--cert" in error.advice


async def test_a_csms_that_wants_a_client_certificate_may_also_just_hang_up(
    mutual_tls: ssl.SSLContext, certificates: Certificates
) -> None:
    async with csms(ssl=mutual_tls) as port:
        error = await refusal(f"wss://localhost:{port}/CP001", ca=certificates.ca)
    assert error.problem.endswith("closed the connection without an HTTP answer")
    assert "does it want a client certificate (--cert, --key)?" in error.advice


async def test_a_client_certificate_of_a_stranger_is_told(
    mutual_tls: ssl.SSLContext, certificates: Certificates, tmp_path: Path
) -> None:
    stranger = str(tmp_path / "stranger.pem")
    trustme.CA().issue_cert("CP001").private_key_and_cert_chain_pem.write_to_path(stranger)
    with blocking_server(mutual_tls) as port:
        error = await refusal(f"wss://localhost:{port}/CP001", ca=certificates.ca, cert=stranger, key=stranger)
    assert error.stage == "tls"
    assert "did not accept our client certificate" in error.problem


async def test_tls_to_a_plain_port_is_told() -> None:
    async with csms() as port:
        error = await refusal(f"wss://127.0.0.1:{port}/CP001", insecure=True)
    assert error.stage == "tls"
    assert "ws://" in error.advice


async def test_tls_to_a_port_that_answers_in_plain_text_is_told() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with bytes_server(talk) as port:
        error = await refusal(f"wss://127.0.0.1:{port}/CP001", insecure=True)
    assert (error.stage, error.problem) == ("tls", f"127.0.0.1:{port} does not speak TLS")


async def test_plain_text_to_a_tls_port_is_told(tls: ssl.SSLContext) -> None:
    async with csms(ssl=tls) as port:
        error = await refusal(f"ws://127.0.0.1:{port}/CP001")
    assert error.stage == "http"
    assert "wss://" in error.advice


async def test_a_tls_handshake_that_never_ends_fails_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with bytes_server(silent) as port:
        error = await refusal(f"wss://127.0.0.1:{port}/CP001", HASTE_S, insecure=True)
    assert (error.stage, error.problem) == ("tls", f"no TLS from 127.0.0.1:{port} within 0.2 s")


async def test_nothing_older_than_tls_12_is_spoken(certificates: Certificates) -> None:
    """A00.FR.314"""
    context = client_context(certificates.ca, None, None, False)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert client_context(certificates.ca, None, None, False) is context


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"ca": "nowhere.pem"}, "cannot read nowhere.pem"),
        ({"cert": "nowhere.pem"}, "cannot read nowhere.pem"),
        ({"ca": "EMPTY"}, "no certificate in"),
        ({"cert": "EMPTY"}, "is not usable"),
        ({"cert": "CLIENT"}, "is not usable"),
        ({"cert": "CLIENT", "key": "OTHER"}, "do not go together"),
        ({"cert": "CLIENT", "key": "LOCKED"}, "do not go together"),
    ],
)
async def test_a_file_that_cannot_be_used_is_told(
    options: dict[str, str], problem: str, certificates: Certificates, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "locked.key").write_text(_locked_key())
    files = {
        "EMPTY": str(tmp_path / "empty.pem"),
        "LOCKED": str(tmp_path / "locked.key"),
        "CLIENT": certificates.client_cert,
        "OTHER": certificates.server_key,
    }
    named: dict[str, Any] = {option: files.get(file, file) for option, file in options.items()}
    error = await refusal(f"wss://localhost:{free_port()}/CP001", **named)
    assert error.stage == "tls"
    assert problem in error.problem


def _locked_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")).decode()


@pytest.mark.parametrize(("alert", "trouble"), [(70, "tls-version"), (40, "tls-cipher"), (80, "other")])
async def test_what_a_tls_alert_means_is_told(alert: int, trouble: str) -> None:
    """A00.FR.316, A00.FR.323: protocol_version, handshake_failure; internal_error means neither."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(bytes((21, 3, 3, 0, 2, 2, alert)))
        await writer.drain()
        await reader.read()

    async with bytes_server(talk) as port:
        error = await refusal(f"wss://127.0.0.1:{port}/CP001", insecure=True)
    assert (error.stage, error.trouble) == ("tls", trouble)


async def test_a_renewed_file_is_read_again(certificates: Certificates, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca))
    before = client_context(str(ca), None, None, False)
    authority.cert_pem.write_to_path(str(ca), append=True)
    assert client_context(str(ca), None, None, False) is not before


# -- proxy ----------------------------------------------------------------------------------------


@asynccontextmanager
async def proxy(status: int = 200) -> AsyncIterator[tuple[int, list[bytes]]]:
    """An HTTP proxy that knows CONNECT alone; gives its port and the requests it got."""
    requests: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        requests.append(request)
        host, _, port = request.split(b" ")[1].rpartition(b":")
        writer.write(f"HTTP/1.1 {status} Whatever\r\n\r\n".encode())
        if status != 200:
            return
        there, here = await asyncio.open_connection(host.decode(), int(port))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, here))
                both.create_task(_pump(there, writer))
        finally:
            here.close()

    async with bytes_server(tunnel) as port:
        yield port, requests


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


async def test_a_proxy_carries_plain_and_tls_connections(tls: ssl.SSLContext, certificates: Certificates) -> None:
    async with proxy() as (through, requests), csms() as plain, csms(ssl=tls) as secure:
        for url in (f"ws://localhost:{plain}/CP001", f"wss://localhost:{secure}/CP001"):
            named = f"http://user:secret@127.0.0.1:{through}"
            connection = await connect(Endpoint(url, proxy=named, ca=certificates.ca))
            await connection.send("[]")
            assert await heard(connection) == "[]"
            await connection.close()
    assert [request.split(b"\r\n")[0] for request in requests] == [
        f"CONNECT localhost:{plain} HTTP/1.1".encode(),
        f"CONNECT localhost:{secure} HTTP/1.1".encode(),
    ]
    assert b"Proxy-Authorization: Basic " + b64encode(b"user:secret") in requests[0]
    assert b"Proxy-Authorization" in requests[1]


@pytest.mark.parametrize(
    ("status", "advice"), [(407, "it wants a password"), (403, "does not allow"), (502, "cannot reach")]
)
async def test_a_proxy_that_refuses_is_told(status: int, advice: str) -> None:
    async with proxy(status) as (port, _):
        error = await refusal("ws://csms.example/CP001", proxy=f"http://user:secret@127.0.0.1:{port}")
    assert (error.stage, error.problem) == ("proxy", f"the proxy http://127.0.0.1:{port} answered HTTP {status}")
    assert advice in error.advice


async def test_a_proxy_that_is_not_there_is_told() -> None:
    for host in ("127.0.0.1", "localhost"):
        port = free_port()
        error = await refusal("ws://csms.example/CP001", proxy=f"http://{host}:{port}")
        assert (error.stage, error.problem) == ("proxy", f"connection refused by the proxy http://{host}:{port}")


@pytest.mark.parametrize("named", ["http://no-such-host.invalid:3128", "nonsense", "ftp://proxy:21", "http://"])
async def test_a_proxy_that_is_none_is_told(named: str) -> None:
    assert (await refusal("ws://csms.example/CP001", proxy=named)).stage == "proxy"


async def test_a_server_that_is_no_proxy_is_told() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await writer.drain()

    async with bytes_server(talk) as port:
        error = await refusal("ws://csms.example/CP001", proxy=f"http://127.0.0.1:{port}")
    assert error.stage == "proxy"


async def test_a_proxy_that_never_answers_fails_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with bytes_server(silent) as port:
        error = await refusal("ws://csms.example/CP001", HASTE_S, proxy=f"http://127.0.0.1:{port}")
    assert error.stage == "proxy"
    assert "within 0.2 s" in error.problem


async def test_behind_a_proxy_the_csms_is_told_apart_from_it(tls: ssl.SSLContext) -> None:
    async with proxy() as (port, _), csms(ssl=tls) as secure, csms(process_request=answering(404)) as plain:
        through = f"http://127.0.0.1:{port}"
        assert (await refusal(f"wss://localhost:{secure}/CP001", proxy=through)).stage == "tls"
        assert (await refusal(f"ws://localhost:{plain}/CP001", proxy=through)).stage == "http"
