"""What the linter has found, over HTTP."""

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query
from fastapi.responses import Response

from evtui.csms.lint.findings import Finding
from evtui.csms.lint.report import Report, junit
from evtui.web.answers import json
from evtui.web.docs import answers

if TYPE_CHECKING:
    from evtui.csms.server import Csms

XML = "application/xml"


def add_findings(api: FastAPI, csms: "Csms") -> tuple[type, ...]:
    """Adds the paths; gives the records that they answer."""

    @api.get(
        "/api/findings",
        tags=["findings"],
        response_model=None,
        responses=answers(list[Finding], "What was found, each station's in order."),
    )
    async def findings(
        station: Annotated[str | None, Query(description="Of this station alone.")] = None,
        rule: Annotated[str | None, Query(description="Of this rule alone, such as energy-falls.")] = None,
    ) -> Response:
        """What the linter has found since the CSMS began: which requirement of the standard a station has not kept,
        and in which frame."""
        return json([each for each in csms.findings(station) if rule is None or each.rule == rule])

    @api.get(
        "/api/findings/report",
        tags=["findings"],
        response_model=None,
        responses=answers(Report, "All that was found."),
    )
    async def report() -> Response:
        """All of it as a report."""
        return json(csms.report())

    @api.get("/api/findings/junit", tags=["findings"], response_class=Response, responses={200: {"content": {XML: {}}}})
    async def junit_report() -> Response:
        """The report as JUnit XML: a test suite for each station, a test case for each rule."""
        return Response(junit(csms.report()), media_type=XML)

    return (Finding, Report)
