"""The paths of the API. Imported when it is needed: fastapi is heavy."""

from collections.abc import Awaitable, Callable
from difflib import get_close_matches
from typing import Annotated, cast

from fastapi import FastAPI, Header, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.exceptions import HTTPException

from evtui import __version__
from evtui.api.arguments import Arguments
from evtui.api.commands import Commands
from evtui.api.frames import MOST_FRAMES, Frames
from evtui.api.frames import Query as FrameQuery
from evtui.api.metrics import Figures
from evtui.api.records import CommandRecord, FramePage, State
from evtui.engine.commands import COMMANDS, CommandSpec, Scope
from evtui.engine.door import Command, Door, FleetEvent, FleetView, Sort, StationDetail, View
from evtui.engine.station_filter import parse as parse_fleet_filter
from evtui.errors import LocalError
from evtui.ocppj.fault import printable
from evtui.web import metrics
from evtui.web.answers import JSON, add_refusals, json
from evtui.web.docs import add_documentation, answer, answers, refusals
from evtui.web.event_stream import EventStreams
from evtui.web.frame_record import DirectionName, TypeName, filter_of
from evtui.web.guard import App
from evtui.web.paths import add_whole

RECORDS = (FleetView, StationDetail, CommandRecord, FramePage, FleetEvent)

MOST_ROWS = 1000
MOST_TRACE = 120
MOST_WAIT_S = 600.0

Wait = Annotated[
    float | None,
    Query(
        ge=0, le=MOST_WAIT_S, description="Seconds to wait for the effect, then 202; as long as it takes when left out."
    ),
]
StationId = Annotated[str, Path(description="The station's id.")]


def build(door: Door, commands: Commands, frames: Frames, streams: EventStreams, *, token: bool) -> App:
    """The API of a fleet. `token`: the documentation says that a token is wanted."""
    add_whole()
    api = FastAPI(
        title="evtui",
        version=__version__,
        description="A fleet of simulated charging stations, for scripts and test suites. Energy is in Wh, power in W, "
        "current in A, voltage in V; times are Unix time in seconds.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    add_refusals(api)
    _add_views(api, door)
    bodies = _add_commands(api, door, commands)
    _add_frames(api, frames)
    _add_events(api, streams)

    @api.get("/metrics", tags=["monitoring"], response_model=None, responses={200: {"content": {"text/plain": {}}}})
    async def metrics_text() -> Response:
        """The figures of the fleet for Prometheus."""
        view = await door.fleet(View(count=0))
        figures = Figures(view, commands.finished, streams.open)
        return Response(metrics.exposition(figures), media_type=metrics.CONTENT_TYPE)

    add_documentation(api, (*RECORDS, *bodies), token=token)
    return cast(App, api)


# -- views ----------------------------------------------------------------------------------------


def _add_views(api: FastAPI, door: Door) -> None:
    @api.get("/api/fleet", tags=["fleet"], response_model=None, responses=answers(FleetView, "Rows and totals."))
    async def fleet(
        first: Annotated[int, Query(ge=0, le=1_000_000, description="The first station, from 0.")] = 0,
        count: Annotated[int, Query(ge=0, le=MOST_ROWS, description="How many stations.")] = 50,
        trace: Annotated[int, Query(ge=0, le=MOST_TRACE, description="Points of power and energy, one a second.")] = 0,
        filter: Annotated[
            str,
            Query(max_length=1000, description="Those that a filter of the window lets through: `~state charging`."),
        ] = "",
        sort: Annotated[Sort | None, Query(description="By what; as they were added when left out.")] = None,
        descending: Annotated[bool, Query(description="The other way round.")] = False,
        summary: Annotated[bool, Query(description="Counts and sums by state, link, version and group, too.")] = False,
    ) -> Response:
        """Stations in a row each, and totals of the whole fleet; `shown` counts those that the filter lets through. The
        order, and what a filter lets through, may be some seconds old in a large fleet."""
        try:
            parse_fleet_filter(filter)
        except LocalError as error:
            raise HTTPException(422, f"filter: {error}") from None
        return json(await door.fleet(View(first, count, trace, filter, sort, descending, summary)))

    @api.get(
        "/api/stations/{station_id:whole}",
        tags=["fleet"],
        response_model=None,
        responses=answers(StationDetail, "Everything about it.", 404),
    )
    async def station(station_id: StationId) -> Response:
        """Everything about a station: figures, limits, transactions, variables."""
        return json(await _station(door, station_id))


async def _station(door: Door, station_id: str) -> StationDetail:
    detail = await door.station(station_id)
    if detail is None:
        raise HTTPException(404, f"there is no station {printable(station_id, 60)}")
    return detail


# -- commands -------------------------------------------------------------------------------------


def _add_commands(api: FastAPI, door: Door, commands: Commands) -> tuple[type, ...]:
    """A path for each command of the registry. Gives the types of the bodies."""
    bodies: list[type] = []

    @api.get(
        "/api/commands/{number}",
        tags=["commands"],
        response_model=None,
        responses=answers(CommandRecord, "What has become of it.", 404),
    )
    async def command_state(
        number: Annotated[int, Path(ge=0, description="The id of the answer 202.")], wait: Wait = 0.0
    ) -> Response:
        """What has become of a command; the newest thousand are remembered."""
        record = await commands.record(number, wait)
        if record is None:
            raise HTTPException(404, f"there is no command {number}, or it is forgotten")
        return json(record)

    for spec in COMMANDS.values():
        arguments = Arguments(spec)
        bodies.append(arguments.type)
        body = {"schema": {"$ref": f"#/components/schemas/{arguments.type.__name__}"}}
        routes: list[tuple[str, Handler, str, tuple[int, ...]]]
        if spec.scope is Scope.FLEET:
            routes = [(f"/api/commands/{spec.name}", _on_fleet(commands, arguments), "", ())]
        else:
            path = f"/api/stations/{{station_id:whole}}/commands/{spec.name}"
            routes = [
                (path, _on_station(door, commands, arguments), "", (404,)),
                (f"/api/fleet/commands/{spec.name}", _on_many(commands, arguments), "-on-many", ()),
            ]
        for path, handler, suffix, errors in routes:
            api.add_api_route(
                path,
                handler,
                methods=["POST"],
                operation_id=f"{spec.name}{suffix}",
                summary=spec.title,
                description=f"{spec.help}.",
                tags=["commands"],
                response_model=None,
                responses={
                    **answers(CommandRecord, "It has taken effect.", *errors, 415, 429),
                    202: answer(CommandRecord, "It still runs: ask about it by its id."),
                    409: answer(CommandRecord, "It has not taken effect, or not everywhere: `text` says why."),
                },
                openapi_extra={"requestBody": {"content": {JSON: body}}},
            )

    @api.post("/api/commands/{name}", include_in_schema=False)
    @api.post("/api/stations/{station_id:whole}/commands/{name}", include_in_schema=False)
    async def unknown(name: str) -> Response:
        raise HTTPException(404, _no_command(name))

    return tuple(bodies)


def _no_command(name: str) -> str:
    spec = COMMANDS.get(name)
    if spec is not None:
        return f"{name} is a command of {'the fleet' if spec.scope is Scope.FLEET else 'a station'}: POST {_path(spec)}"
    near = get_close_matches(name, COMMANDS, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
    return f"there is no command {printable(name, 60)}; {hint}"


def _path(spec: CommandSpec) -> str:
    return f"/api/commands/{spec.name}" if spec.scope is Scope.FLEET else f"/api/stations/ID/commands/{spec.name}"


Handler = Callable[..., Awaitable[Response]]


def _on_fleet(commands: Commands, arguments: Arguments) -> Handler:
    async def carry_out(request: Request, wait: Wait = None) -> Response:
        return await _carry_out(request, commands, arguments, "", wait)

    return carry_out


def _on_many(commands: Commands, arguments: Arguments) -> Handler:
    async def carry_out(
        request: Request,
        filter: Annotated[
            str, Query(max_length=1000, description="On the stations that it lets through now; empty: on all.")
        ] = "",
        wait: Wait = None,
    ) -> Response:
        return await _carry_out(request, commands, arguments, "", wait, filter)

    return carry_out


def _on_station(door: Door, commands: Commands, arguments: Arguments) -> Handler:
    async def carry_out(request: Request, station_id: StationId, wait: Wait = None) -> Response:
        await _station(door, station_id)
        return await _carry_out(request, commands, arguments, station_id, wait)

    return carry_out


async def _carry_out(
    request: Request,
    commands: Commands,
    arguments: Arguments,
    station_id: str,
    wait: float | None,
    filter: str | None = None,
) -> Response:
    """With a `filter`, on the stations that it lets through, each as a whole."""
    body = await request.body()
    if body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HTTPException(415, "the arguments are no JSON by their Content-Type: send application/json (curl --json)")
    try:
        command = arguments.command(body, station_id)
        if filter is not None:
            if command.targets[0].evse_id:
                raise LocalError("evse_id: on many stations, a command is for every EVSE")
            parse_fleet_filter(filter)
            command = Command(command.name, (), command.arguments, filter)
    except LocalError as error:
        raise HTTPException(422, printable(str(error))) from None
    number = commands.submit(command)
    record = await commands.record(number, wait)
    assert record is not None
    status = {State.RUNNING: 202, State.DONE: 200, State.REFUSED: 409}[record.state]
    response = json(record, status)
    if status == 202:
        response.headers["location"] = f"/api/commands/{number}"
    return response


# -- frames and events ----------------------------------------------------------------------------


def _add_frames(api: FastAPI, frames: Frames) -> None:
    @api.get("/api/frames", tags=["frames"], response_model=None, responses=answers(FramePage, "Frames.", 404))
    async def find_frames(
        after: Annotated[
            int | None,
            Query(ge=-(2**62), le=2**62, description="Frames numbered above this; below 0: so many of the newest."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_FRAMES, description="How many at most.")] = 100,
        station: Annotated[str, Query(description="Those of this station.")] = "",
        action: Annotated[str, Query(description="Those of this action, and their answers.")] = "",
        direction: Annotated[DirectionName | None, Query(description="Seen from the station.")] = None,
        type: Annotated[TypeName | None, Query(description="Those of this message type.")] = None,
        text: Annotated[str, Query(max_length=1000, description="Those with this in their text.")] = "",
        filter: Annotated[
            str,
            Query(max_length=1000, description="Those that a filter of the window lets through: `~e`, `~rtt >500`."),
        ] = "",
        spool: Annotated[str, Query(description="The name of a spool; all as one when left out.")] = "",
    ) -> Response:
        """OCPP frames as they were on the wire, oldest first. A search through many frames answers what it has found so
        far: go on with `after` = `next` while there is `more`."""
        query = FrameQuery(station, action, direction, type, text, filter, after=after, limit=limit)
        try:
            filter_of(query)
        except LocalError as error:
            raise HTTPException(422, f"filter: {error}") from None
        try:
            return json(await frames.page(query, spool))
        except LocalError as error:
            raise HTTPException(404, str(error)) from None


def _add_events(api: FastAPI, streams: EventStreams) -> None:
    @api.get(
        "/api/events",
        tags=["events"],
        response_model=None,
        responses={
            200: {"description": "A FleetEvent each.", "content": {"text/event-stream": {}}},
            **refusals(429),
        },
    )
    async def events(
        after: Annotated[
            int | None,
            Query(ge=0, le=2**62, description="Events numbered above this; all that are kept when left out."),
        ] = None,
        last_event_id: Annotated[str, Header(description="Go on after this one, which a browser does by itself.")] = "",
    ) -> Response:
        """Every change of state as server-sent events; `missed` tells of events that were dropped before they could
        be read."""
        streams.admit()
        cursor = streams.after(last_event_id) or after or 0
        return StreamingResponse(
            streams.tell(cursor), media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )
