"""The upload target: stations put files, people list and read them, and the room is bounded."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from evtui.csms import uploads
from evtui.csms.server import Csms
from evtui.csms.uploads import TooLongError, Uploads
from evtui.errors import LocalError
from tests.csms.stations import station, until


@pytest_asyncio.fixture
async def csms(tmp_path: Path) -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=0, uploads=tmp_path / "uploads") as running:
        yield running


def _request(csms: Csms, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    assert csms.web_port is not None
    link = http.client.HTTPConnection("127.0.0.1", csms.web_port, timeout=20)
    try:
        link.request(method, path, body)
        response = link.getresponse()
        return response.status, response.read()
    finally:
        link.close()


async def request(csms: Csms, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    return await asyncio.to_thread(_request, csms, method, path, body)


async def listed(csms: Csms) -> list[tuple[str, str, int]]:
    status, body = await request(csms, "GET", "/api/uploads")
    assert status == 200
    return [(each["station_id"], each["name"], each["size"]) for each in json.loads(body)]


def stored(directory: Path) -> list[str]:
    """The names of all files there."""
    return sorted(each.name for each in directory.rglob("*") if each.is_file())


# -- over HTTP ------------------------------------------------------------------------------------


async def test_what_a_station_puts_is_listed_and_read(csms: Csms) -> None:
    async with station(csms) as link:
        await link.boot()
    assert await request(csms, "PUT", "/uploads/CP001/a.log", b"one\n") == (201, b"")
    assert await request(csms, "PUT", "/uploads/CP001/b.log", b"two\n") == (201, b"")
    assert await request(csms, "PUT", "/uploads/CP001/a.log", b"three\n") == (201, b"")
    assert await listed(csms) == [("CP001", "b.log", 4), ("CP001", "a.log", 6)]
    assert await request(csms, "GET", "/uploads/CP001/a.log") == (200, b"three\n")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/uploads/CP999/a.log", 404),
        ("/uploads/CP001/.hidden", 422),
        ("/uploads/CP001/a%20b", 422),
        ("/uploads/CP001/..%2f..%2fa.log", 404),
        ("/uploads/CP001/" + "a" * 300, 422),
    ],
)
async def test_what_has_no_place_is_refused(csms: Csms, path: str, status: int, tmp_path: Path) -> None:
    async with station(csms) as link:
        await link.boot()
    assert (await request(csms, "PUT", path, b"x"))[0] == status
    assert await listed(csms) == []
    assert stored(tmp_path) == []


async def test_a_file_that_is_too_long_is_refused_and_leaves_nothing(
    csms: Csms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_FILE_BYTES", 100_000)
    async with station(csms) as link:
        await link.boot()
    assert (await request(csms, "PUT", "/uploads/CP001/a.log", b"x" * 100_001))[0] == 413
    assert await listed(csms) == []
    assert stored(tmp_path) == []


async def test_a_client_that_breaks_off_leaves_nothing(csms: Csms, tmp_path: Path) -> None:
    async with station(csms) as link:
        await link.boot()
    reader, writer = await asyncio.open_connection("127.0.0.1", csms.web_port)
    writer.write(b"PUT /uploads/CP001/a.log HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    assert await reader.read() == b""
    await until(lambda: stored(tmp_path) == [])
    assert await listed(csms) == []


async def test_a_file_that_is_not_there_is_not_found(csms: Csms) -> None:
    assert (await request(csms, "GET", "/uploads/CP001/a.log"))[0] == 404


async def test_without_a_place_nothing_is_taken() -> None:
    async with Csms(port=0, web_port=0) as csms:
        async with station(csms) as link:
            await link.boot()
        status, body = await request(csms, "PUT", "/uploads/CP001/a.log", b"x")
        assert (status, json.loads(body)) == (422, {"error": "this CSMS takes no uploads"})


# -- the room -------------------------------------------------------------------------------------


def put(kept: Uploads, station_id: str, name: str, content: bytes) -> None:
    with kept.take(station_id, name) as taking:
        taking.write(content)


def test_the_oldest_files_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    kept = Uploads(tmp_path)
    for name in ("a", "b", "c"):
        put(kept, "CP001", name, b"x")
    assert [each.name for each in kept.files] == ["b", "c"]
    assert stored(tmp_path) == ["b", "c"]


def test_the_oldest_files_go_when_they_are_too_large_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    kept = Uploads(tmp_path)
    put(kept, "CP001", "a", b"x" * 6)
    put(kept, "CP002", "a", b"x" * 6)
    assert [(each.station_id, each.size) for each in kept.files] == [("CP002", 6)]
    assert kept.path("CP001", "a") is None


def test_stations_whatever_they_are_called_have_folders_of_their_own(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    names: list[Any] = ["..", "a/b", "a", "A", "é" * 48]
    for name in names:
        put(kept, name, "log", name.encode())
    for name in names:
        path = kept.path(name, "log")
        assert path is not None
        assert path.parent.parent == tmp_path
        assert path.read_bytes() == name.encode()


def test_what_fails_on_the_way_is_as_if_it_never_came(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    put(kept, "CP001", "a", b"old")
    with pytest.raises(TooLongError), kept.take("CP001", "a") as taking:
        taking.write(b"x" * (uploads.MOST_FILE_BYTES + 1))
    with pytest.raises(LocalError), kept.take("CP001", "") as taking:
        taking.write(b"x")
    path = kept.path("CP001", "a")
    assert path is not None
    assert path.read_bytes() == b"old"
