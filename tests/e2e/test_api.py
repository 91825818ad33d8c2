"""`--api` from the outside: a run and a console's host that scripts drive over HTTP."""

import json
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.console import console
from tests.program import EVTUI, Household

STOP_S = 5.0


@contextmanager
def _held(house: Household, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`evtui run --hold` with the API, and its URL, as it tells it."""
    process = subprocess.Popen(
        [*EVTUI, "run", "--hold", *options],
        env=house.environment(**environment),
        cwd=house.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        told = next(line for line in process.stdout if line.startswith("API: "))
        yield process, told.removeprefix("API: ").strip().removesuffix("/docs")
    finally:
        process.kill()
        process.communicate()


def _ask(url: str, method: str = "GET", **headers: str) -> Any:
    request = urllib.request.Request(url, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port


def test_a_script_charges_a_car_and_reads_what_went_over_the_wire(house: Household) -> None:
    with _held(house, "--api-port", "0", "--stations", "2") as (process, url):
        started = _ask(f"{url}/api/stations/CP002/commands/start", "POST")
        assert started["state"] == "done"
        assert _ask(f"{url}/api/fleet")["totals"]["transactions"] == 1
        assert _ask(f"{url}/api/stations/CP002/commands/stop", "POST")["state"] == "done"
        page: dict[str, Any] = {"frames": []}
        while not any('"Ended"' in frame["text"] for frame in page["frames"]):
            page = _ask(f"{url}/api/frames?station=CP002&action=TransactionEvent&direction=SENT")
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 143


def test_a_run_whose_events_are_read_still_ends_in_time(house: Household) -> None:
    with _held(house, "--api-port", "0") as (process, url), urllib.request.urlopen(f"{url}/api/events") as stream:
        assert stream.readline() == b": evtui\n"
        process.send_signal(signal.SIGINT)
        told = stream.read()
        assert process.wait(STOP_S) == 130
        assert b"event: stopped\n" in told


def test_other_machines_come_in_with_the_token_alone(house: Household) -> None:
    with _held(house, "--api-port", "0", "--api-host", "0.0.0.0", "--api-token-env", "T", T="s3cret") as (_, url):
        url = url.replace("0.0.0.0", "127.0.0.1")
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            _ask(f"{url}/api/fleet")
        refused.value.close()
        assert _ask(f"{url}/api/fleet", Authorization="Bearer s3cret")["totals"]["stations"] == 1


@pytest.mark.parametrize("verb", [["run"], ["run", "--hold"]])
def test_without_a_token_it_refuses_to_start(house: Household, verb: list[str]) -> None:
    done = house.run(*verb, "--api-host", "0.0.0.0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("evtui: --api-host: 0.0.0.0 lets other machines in, which need a token")


def test_a_port_that_was_named_and_is_taken_is_one_line(house: Household) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = house.run("run", "--api-port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"evtui: --api-port: port {port} on 127.0.0.1 is taken by another program; choose another\n"


def test_the_console_offers_it_too(house: Household) -> None:
    port = _free_port()
    with console(house, "--api-port", str(port)) as it:
        it.wait_for("CP004")
        fleet = _ask(f"http://127.0.0.1:{port}/api/fleet")
        assert fleet["totals"]["stations"] == 4
        assert _ask(f"http://127.0.0.1:{port}/api/commands/add-stations", "POST")["text"] == "added CP005"
        it.wait_for("CP005")
