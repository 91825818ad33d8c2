"""The token table by HTTP: what is written there is what stations are told, and outlasts the CSMS."""

from pathlib import Path
from typing import Any

import pytest

from evtui.csms.server import Csms
from tests.api.client import Client
from tests.csms.stations import station
from tests.csms.stored import keeping


async def test_what_is_written_is_what_stations_are_told(csms: Csms, client: Client) -> None:
    body = b'{"status": "Blocked", "group": {"id_token": "STAFF"}, "evse_ids": [1, 2]}'
    answer = await client.ask("PUT", "/api/id-tokens/ISO14443/AbC", body, {})
    assert answer.status == 200
    listed: dict[str, Any] = {"id_token": "AbC", "type": "ISO14443", "status": "Blocked", "evse_ids": [1, 2]}
    listed["group"] = {"id_token": "STAFF", "type": "Central"}
    assert answer.json == listed
    assert (await client.get("/api/id-tokens")).json == {
        "unlisted": "Accepted",
        "tokens": [{**listed, "id_token": "abc"}],
    }
    async with station(csms) as link:
        await link.boot()
        ask = {"idToken": {"idToken": "ABC", "type": "ISO14443"}}
        assert (await link.call("Authorize", ask))["idTokenInfo"]["status"] == "Blocked"
        assert (await client.ask("DELETE", "/api/id-tokens/ISO14443/abc", None, {})).status == 204
        assert (await link.call("Authorize", ask))["idTokenInfo"]["status"] == "Accepted"
    assert (await client.ask("DELETE", "/api/id-tokens/ISO14443/abc", None, {})).status == 404


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("ISO14443/A", b'{"status": "Perhaps"}', "$.status"),
        ("ISO14443/A", b'{"stattus": "Accepted"}', "stattus"),
        ("ISO14443/A", b'{"evse_ids": [0]}', "$.evse_ids"),
        ("ISO14443/A", b'{"group": {"id_token": ""}}', "$.group.id_token"),
        ("ISO14443/A", b"{", "JSON"),
        ("ISO14443/A", b"[]", "object"),
        ("Paper/A", b"{}", "type"),
        ("ISO14443/" + "A" * 37, b"{}", "id_token"),
        ("ISO14443/A%09B", b"{}", "id_token"),
    ],
)
async def test_what_is_no_token_is_refused_and_named(client: Client, path: str, body: bytes, told: str) -> None:
    answer = await client.ask("PUT", f"/api/id-tokens/{path}", body, {})
    assert answer.status == 422
    assert told in answer.json["error"]
    assert (await client.get("/api/id-tokens")).json["tokens"] == []


async def test_a_key_code_is_not_told(client: Client) -> None:
    answer = await client.ask("PUT", "/api/id-tokens/KeyCode/1234", b"", {})
    assert answer.json["id_token"] == "***"
    assert b"1234" not in (await client.get("/api/id-tokens")).body


async def test_when_it_is_answered_it_is_written(tmp_path: Path) -> None:
    async with Csms(port=0, web_port=0, db=lambda port: tmp_path / "csms.db") as csms:
        assert csms.web_port is not None
        await Client(csms.web_port).ask("PUT", "/api/id-tokens/Central/A", b'{"status": "Expired"}', {})
    async with keeping(tmp_path / "csms.db") as csms:
        assert [(token.value, entry.status) for token, entry in csms.books.tokens] == [("a", "Expired")]
