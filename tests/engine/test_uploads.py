"""Uploads over real sockets: PUT, POST where that is wanted, every answer told as what it means, and never for ever."""

import asyncio
import json
import ssl
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from evtui.engine import uploads
from evtui.engine.uploads import Result, Uploads, carry
from evtui.ocppj.endpoint import Endpoint
from evtui.sim.actions import Upload
from evtui.sim.diagnostics import location
from evtui.sim.diagnostics.location import Location
from evtui.sim.events import Uploaded, UploadFailed
from evtui.sim.terms import UploadLogStatus
from tests.certificates import Certificates, issue
from tests.engine.scripted import ScriptedCsms, bench
from tests.engine.upload_target import UploadTarget, status
from tests.proof import proves

CONTENT = b"line\n" * 100_000
NOBODY = Endpoint("ws://csms.test/CP001")

_S = UploadLogStatus


def upload(url: str, content: bytes = CONTENT) -> Upload:
    place = location.parse(url)
    assert isinstance(place, Location)
    return Upload(1, place, "CP001.log", content)


async def failure(url: str, endpoint: Endpoint = NOBODY) -> UploadFailed:
    result = await carry(upload(url), endpoint)
    assert isinstance(result, UploadFailed)
    return result


# -- what goes out --------------------------------------------------------------------------------


async def test_a_file_is_put_into_the_folder_as_it_is() -> None:
    async with UploadTarget().open() as target:
        assert await carry(upload(target.url("/in/?key=a%2Fb")), NOBODY) == Uploaded(1)
    (taken,) = target.taken
    assert (taken.method, taken.target, taken.body) == ("PUT", "/in/CP001.log?key=a%2Fb", CONTENT)
    assert taken.headers["host"] == f"127.0.0.1:{target.port}"
    assert taken.headers["content-type"] == "text/plain; charset=utf-8"
    assert "authorization" not in taken.headers


@pytest.mark.parametrize("refusal", [405, 501])
async def test_n01_fr_19_where_put_is_not_supported_it_is_posted_with_its_name_and_kind(refusal: int) -> None:
    async with UploadTarget().open() as target:
        target.answer = lambda taken: status(201 if taken.method == "POST" else refusal)
        assert await carry(upload(target.url("/upload.cgi")), NOBODY) == Uploaded(1)
    _, posted = target.taken
    assert posted.target == "/upload.cgi"
    kind, _, boundary = posted.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    before, head, content = posted.body.partition(b"\r\n\r\n")
    assert (
        before
        == (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="uploadfile"; filename="CP001.log"\r\n'
            "Content-Type: application/octet-stream"
        ).encode()
    )
    assert content == CONTENT + f"\r\n--{boundary}--\r\n".encode()
    assert head


async def test_n01_fr_17_user_and_password_of_the_url_go_as_basic_auth() -> None:
    async with UploadTarget().open() as target:
        await carry(upload(target.url(userinfo="us%40er:p%C3%A4ss:w@")), NOBODY)
    (taken,) = target.taken
    assert taken.headers["authorization"] == f"Basic {b64encode('us@er:päss:w'.encode()).decode()}"
    assert "p%C3" not in taken.target + taken.headers["host"]


# -- what comes back ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (400, _S.BAD_MESSAGE),
        (415, _S.BAD_MESSAGE),
        (401, _S.PERMISSION_DENIED),
        (403, _S.PERMISSION_DENIED),
        (405, _S.NOT_SUPPORTED_OPERATION),
        (501, _S.NOT_SUPPORTED_OPERATION),
        (302, _S.UPLOAD_FAILURE),
        (404, _S.UPLOAD_FAILURE),
        (413, _S.UPLOAD_FAILURE),
        (500, _S.UPLOAD_FAILURE),
        (507, _S.UPLOAD_FAILURE),
    ],
)
async def test_n01_fr_10_each_status_is_told_as_what_it_means(code: int, told: UploadLogStatus) -> None:
    async with UploadTarget().open() as target:
        target.answer = lambda taken: status(code, "No\x1bo")
        failed = await failure(target.url(userinfo="user:hunter22@"))
    assert failed.status is told
    assert failed.reason == f"{target.url()}: HTTP {code} No\\x1bo"


async def test_a_server_that_answers_before_it_has_read_all_is_heard() -> None:
    async with UploadTarget().open() as target:
        target.early = True
        target.answer = lambda taken: status(413)
        failed = await failure(target.url())
    assert failed.status is _S.UPLOAD_FAILURE


@pytest.mark.parametrize(
    "garbage", [b"220 FTP ready\r\n", b"\x00" * 70_000, b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 99_999, b""]
)
async def test_what_is_no_http_is_a_bad_message(garbage: bytes) -> None:
    async with UploadTarget().open() as target:
        target.answer = lambda taken: garbage
        failed = await failure(target.url())
    assert failed.status is _S.BAD_MESSAGE


async def test_nobody_there_and_no_such_host_are_upload_failures() -> None:
    async with UploadTarget().open() as target:
        url = target.url()
    for place in (url, "http://no-such-host.invalid/in/", f"http://{'a' * 70}.example/"):
        assert (await failure(place)).status is _S.UPLOAD_FAILURE


async def test_a_server_that_never_answers_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "TIMEOUT_S", 0.05)
    async with UploadTarget().open() as target:
        target.answer = lambda taken: None
        failed = await failure(target.url())
        await target.gone.wait()
    assert failed.reason == f"{target.url()}: no answer within 0.05 s"


# -- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(name="certificates")
def _certificates(tmp_path: Path) -> Certificates:
    return issue(tmp_path)


def server_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server_cert, certificates.server_key)
    return context


async def test_n01_fr_15_the_authority_of_the_csms_is_trusted(certificates: Certificates) -> None:
    async with UploadTarget().open(server_context(certificates)) as target:
        trusting = Endpoint("wss://csms.test/CP001", ca=certificates.ca)
        assert await carry(upload(target.url()), trusting) == Uploaded(1)
        assert target.taken[0].body == CONTENT


async def test_an_authority_that_nobody_trusts_is_an_upload_failure(certificates: Certificates) -> None:
    async with UploadTarget().open(server_context(certificates)) as target:
        failed = await failure(target.url())
        assert (failed.status, target.taken) == (_S.UPLOAD_FAILURE, [])
        assert "certificate" in failed.reason
        assert await carry(upload(target.url()), Endpoint("wss://csms.test", insecure=True)) == Uploaded(1)


# -- tasks ----------------------------------------------------------------------------------------


async def test_a_cancelled_upload_tells_nothing_and_lets_go_of_the_server() -> None:
    posted: list[Result] = []
    async with UploadTarget().open() as target:
        target.answer = lambda taken: None
        running = Uploads(carry, posted.append)
        async with running:
            running.start(upload(target.url()), NOBODY)
            await target.arrived.wait()
            running.cancel(1)
            running.cancel(2)
            await target.gone.wait()
        assert posted == []


async def test_leaving_breaks_off_what_runs() -> None:
    async with UploadTarget().open() as target:
        target.answer = lambda taken: None
        async with Uploads(carry, lambda result: None) as running:
            running.start(upload(target.url()), NOBODY)
            await target.arrived.wait()
        await target.gone.wait()


class BugError(Exception):
    """Something nobody thought of."""


async def test_a_bug_in_an_upload_is_told_as_what_it_is() -> None:
    async def broken(upload: Upload, endpoint: Endpoint) -> Result:
        raise BugError

    async def work() -> None:
        async with Uploads(broken, lambda result: None) as running:
            running.start(upload("http://h/"), NOBODY)
            await asyncio.get_running_loop().create_future()

    with pytest.raises(BugError):
        await work()


# -- a station that uploads -----------------------------------------------------------------------


def get_log(request_id: int, **log: Any) -> str:
    payload = {"logType": "DiagnosticsLog", "requestId": request_id, "log": {"remoteLocation": "http://h/", **log}}
    return json.dumps([2, f"m{request_id}", "GetLog", payload])


def statuses(csms: ScriptedCsms) -> list[tuple[str, int]]:
    return [(p["status"], p["requestId"]) for _, action, p in csms.calls if action == "LogStatusNotification"]


@proves("GetLog", "LogStatusNotification", "N01.FR.12")
async def test_a_session_goes_on_while_a_log_is_uploaded_and_hears_what_came_of_it(
    tmp_path: Path,
) -> None:
    waiting: list[asyncio.Future[Result]] = []

    async def slow(upload: Upload, endpoint: Endpoint) -> Result:
        waiting.append(asyncio.get_running_loop().create_future())
        return await waiting[-1]

    async with bench(tmp_path, carry=slow) as run:
        link = run.csms.links["CP001"]
        link.push(get_log(1))
        await run.advance(1.0)
        assert (await run.order("start", "CP001", within_s=1.0)).done
        link.push(get_log(2))
        await run.advance(1.0)
        assert waiting[0].cancelled()
        waiting[1].set_result(Uploaded(2))
        await run.advance(1.0)
        assert statuses(run.csms) == [("Uploading", 1), ("AcceptedCanceled", 1), ("Uploading", 2), ("Uploaded", 2)]
        assert run.csms.replies[-1][2]["status"] == "AcceptedCanceled"
        events = [event.text for event in await run.events("log")]
        assert len(events) == 4


async def test_no_password_of_a_location_reaches_events_or_frames(tmp_path: Path) -> None:
    async with UploadTarget().open() as target:
        target.answer = lambda taken: status(403)
        async with bench(tmp_path) as run:
            run.csms.links["CP001"].push(get_log(1, remoteLocation=target.url(userinfo="user:hunter22@")))
            await run.advance(0.0)
            await target.arrived.wait()
            while not statuses(run.csms)[1:]:
                await asyncio.sleep(0)
                await run.advance(0.0)
            assert statuses(run.csms) == [("Uploading", 1), ("PermissionDenied", 1)]
            assert "hunter22" not in repr(run.frames())
            assert "user:***@" in repr(run.frames())
            assert "hunter22" not in repr(await run.events())
