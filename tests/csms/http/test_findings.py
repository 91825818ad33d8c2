"""Findings over HTTP."""

from xml.etree import ElementTree

from evtui.csms.server import Csms
from tests.api.client import Client
from tests.csms.stations import station


async def test_findings_and_their_report(csms: Csms, client: Client) -> None:
    async with station(csms) as link:
        await link.boot()
        await link.say("{")
        await link.hear()
        await link.ask("StatusNotification", {})
    found = (await client.get("/api/findings")).json
    assert [(each["rule"], each["severity"]) for each in found] == [("unreadable", "error"), ("schema", "error")]
    assert (await client.get("/api/findings?station=CP001&rule=schema")).json == found[1:]
    assert (await client.get("/api/findings?station=CP002")).json == []
    assert (await client.get("/api/findings/report")).json["errors"] == 2
    junit = await client.get("/api/findings/junit")
    assert junit.headers["content-type"] == "application/xml"
    suite = ElementTree.fromstring(junit.body.decode()).find("testsuite")
    assert suite is not None
    assert suite.get("failures") == "2"
