"""The uploads of a station: each in a task of its own, so that nothing else waits for it."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Protocol, Self

from evtui.errors import ConnectError
from evtui.ocppj.endpoint import Endpoint
from evtui.ocppj.fault import printable
from evtui.sim.actions import Upload
from evtui.sim.events import Uploaded, UploadFailed
from evtui.sim.terms import UploadLogStatus

TIMEOUT_S = 60.0
"""For one attempt, from dialling to the answer."""

Result = Uploaded | UploadFailed

_S = UploadLogStatus

STATUSES: Mapping[int, UploadLogStatus] = MappingProxyType(
    {
        400: _S.BAD_MESSAGE,
        411: _S.BAD_MESSAGE,
        415: _S.BAD_MESSAGE,
        422: _S.BAD_MESSAGE,
        431: _S.BAD_MESSAGE,
        505: _S.BAD_MESSAGE,
        401: _S.PERMISSION_DENIED,
        403: _S.PERMISSION_DENIED,
        407: _S.PERMISSION_DENIED,
        405: _S.NOT_SUPPORTED_OPERATION,
        501: _S.NOT_SUPPORTED_OPERATION,
    }
)
"""What the HTTP statuses mean (N01.FR.10); any other than 2xx is an UploadFailure."""

_NO_PUT = (405, 501)


class Carry(Protocol):
    """The seam to the wire: sends a file, with the trust and the certificate of the endpoint."""

    async def __call__(self, upload: Upload, endpoint: Endpoint) -> Result: ...


class Uploads:
    """Those of one station that are under way. Its session enters it for as long as it runs: a bug in an upload is one
    of the station, and none outlives it."""

    __slots__ = ("_carry", "_group", "_post", "_tasks")

    def __init__(self, carry: Carry, post: Callable[[Result], None]) -> None:
        self._carry = carry
        self._post = post
        self._group = asyncio.TaskGroup()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.break_off()
        try:
            await self._group.__aexit__(kind, error, trace)
        except BaseExceptionGroup as errors:  # one bug is told as what it is
            raise (errors.exceptions[0] if len(errors.exceptions) == 1 else errors) from None

    def start(self, upload: Upload, endpoint: Endpoint) -> None:
        """Begins to send; what comes of it is posted."""
        task = self._group.create_task(self._run(upload, endpoint), name=f"upload of {upload.name}")
        self._tasks[upload.ref] = task
        task.add_done_callback(lambda _: self._tasks.pop(upload.ref, None))

    def cancel(self, ref: int) -> None:
        """Breaks one off."""
        task = self._tasks.get(ref)
        if task is not None:
            task.cancel()

    def break_off(self) -> None:
        """Breaks all of them off."""
        for task in tuple(self._tasks.values()):
            task.cancel()

    async def _run(self, upload: Upload, endpoint: Endpoint) -> None:
        self._post(await self._carry(upload, endpoint))


async def carry(upload: Upload, endpoint: Endpoint) -> Result:
    """By HTTP: PUT, and POST where PUT is not supported."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _send(upload, endpoint)
    except TimeoutError:
        return failure(upload, f"no answer within {TIMEOUT_S:g} s")


async def _send(upload: Upload, endpoint: Endpoint) -> Result:
    from evtui.ocppj.tls import upload_context
    from evtui.ocppj.upload import NoHttpError, Remote, post, put  # h11 is not needed otherwise

    place = upload.place
    try:
        context = upload_context(endpoint.ca, endpoint.cert, endpoint.key, endpoint.insecure)
        remote = Remote(context, place.username, place.password)
        answer = await put(place.of(upload.name), upload.content, remote)
        if answer.status in _NO_PUT:
            answer = await post(place.url, upload.name, upload.content, remote)
    except NoHttpError as error:
        return failure(upload, str(error), _S.BAD_MESSAGE)
    except ConnectError as error:
        return failure(upload, error.problem)
    except ssl.SSLCertVerificationError as error:
        return failure(upload, f"the certificate was not accepted ({error.verify_message})")
    except OSError as error:
        return failure(upload, error.strerror or str(error))
    if 200 <= answer.status < 300:
        return Uploaded(upload.ref)
    return failure(
        upload, f"HTTP {answer.status} {answer.reason}".rstrip(), STATUSES.get(answer.status, _S.UPLOAD_FAILURE)
    )


def failure(upload: Upload, why: str, status: UploadLogStatus = _S.UPLOAD_FAILURE) -> UploadFailed:
    """An upload that came to nothing."""
    return UploadFailed(upload.ref, status, printable(f"{upload.place.place}: {why}", 300))
