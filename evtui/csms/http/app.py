"""All paths of the CSMS in one app, behind its front."""

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from fastapi import FastAPI

from evtui import __version__
from evtui.csms.http.events import add_events
from evtui.csms.http.findings import add_findings
from evtui.csms.http.frames import add_frames
from evtui.csms.http.metrics import add_metrics
from evtui.csms.http.pages import add_pages
from evtui.csms.http.passwords import add_passwords
from evtui.csms.http.policies import add_policies
from evtui.csms.http.requests import add_requests
from evtui.csms.http.schemas import add_schemas
from evtui.csms.http.stations import add_stations
from evtui.csms.http.status import add_status
from evtui.csms.http.tokens import add_tokens
from evtui.csms.http.transactions import add_transactions
from evtui.csms.http.uploads import add_uploads
from evtui.web import serving
from evtui.web.answers import add_refusals
from evtui.web.docs import PUBLIC, add_documentation
from evtui.web.event_stream import EventStreams
from evtui.web.front import fronted
from evtui.web.guard import App
from evtui.web.paths import add_whole

if TYPE_CHECKING:
    from evtui.csms.server import Csms

_ABOUT = """A CSMS for OCPP 2.0.1 and 1.6 stations: what it knows of them, and its requests to them. Energy is in Wh,
power in W, current in A, voltage in V. Times are Unix time in seconds, but for `timestamp` and the words of OCPP, which
are RFC 3339."""


def build(csms: "Csms", closing: asyncio.Event) -> App:
    """The HTTP API of a CSMS, behind its front."""
    add_whole()
    api = FastAPI(
        title="evtui CSMS", version=__version__, description=_ABOUT, openapi_url=None, docs_url=None, redoc_url=None
    )
    add_refusals(api)
    streams = EventStreams(csms.watch.feed.after, closing)
    records = (
        *add_status(api, csms),
        *add_requests(api, csms),
        *add_passwords(api, csms),
        *add_policies(api, csms),
        *add_findings(api, csms),
        *add_stations(api, csms),
        *add_transactions(api, csms),
        *add_frames(api, csms),
        *add_events(api, csms, streams),
        *add_tokens(api, csms),
        *add_schemas(api, csms),
        *add_uploads(api, csms),
    )
    add_metrics(api, csms, streams)
    add_documentation(api, records, token=csms.web_token is not None)
    return fronted(cast(App, api), csms.web_host, csms.web_token, PUBLIC | add_pages(api))


async def serve(csms: "Csms", sockets: Sequence[socket.socket], closing: asyncio.Event) -> None:
    """Serves on listening sockets until `closing` is set."""
    await serving.serve(build(csms, closing), sockets, closing)
