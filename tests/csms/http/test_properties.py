"""What the description of the API promises holds for any request: statuses, types, and no server error, ever."""

import asyncio
from importlib.util import find_spec
from traceback import format_exception
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from evtui.csms.server import Csms
from tests.csms.http.obedient import obedient
from tests.need import need

EXAMPLES = 20
KNOWN = {"station_id": "CP001", "id": 1, "number": 1, "action": "ClearCache", "version": "2.0.1", "name": "a.log"}
"""What there is, for half of the requests: the others go where nothing is."""

ENDLESS = "GET /api/events"


def _wrong(base: str) -> dict[str, str]:
    """What was wrong, by path. Our rules go beyond JSON schemas, so what fits one may be refused, with a 422."""
    import schemathesis
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    wrong: dict[str, str] = {}
    description: Any = schemathesis.openapi.from_url(f"{base}/openapi.json")
    for found in description.get_all_operations():
        operation = found.ok()
        if operation.label != ENDLESS:
            try:
                _try(operation, [positive_data_acceptance])
            except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - whatever it is, the path is named
                wrong[operation.label] = "".join(format_exception(error))
    return wrong


def _try(operation: Any, too_strict: list[Any]) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(), there=st.booleans())  # a request that failed is tried again as it was
    def holds(case: Any, there: bool) -> None:
        if there:
            known = {name: KNOWN[name] for name in case.path_parameters or {} if name in KNOWN}
            if "timeout" in (case.query or {}):
                case.query["timeout"] = 10  # silence would be a 504, as it should
            case.path_parameters = {**(case.path_parameters or {}), **{k: quote(str(v)) for k, v in known.items()}}
        case.validate_response(case.call(), excluded_checks=too_strict)

    holds()


@pytest.mark.timeout(120)
async def test_no_request_brings_what_the_description_does_not_say(csms: Csms) -> None:
    need(find_spec("schemathesis"), "schemathesis is not installed: pip install -e '.[dev]'")
    async with obedient(csms) as it:
        await it.event("Started", "Charging", 7000)
        wrong = await asyncio.to_thread(_wrong, f"http://127.0.0.1:{csms.web_port}")
    assert not wrong, "\n".join(f"{path}: {error}" for path, error in wrong.items())
