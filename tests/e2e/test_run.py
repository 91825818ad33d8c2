"""`evtui run` from the outside: exit codes, signals, the CSMS that comes and goes, what is told and where."""

import json
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.e2e.console import console
from tests.peers.scripted_csms import scripted_csms
from tests.program import EVTUI, Household, until

SHORT = ("--duration", "2", "--speed", "900")
LONG = ("--duration", "600")
SOON = ("--set", "OCPPCommCtrlr.RetryBackOffWaitMinimum=1", "--set", "OCPPCommCtrlr.RetryBackOffRandomRange=0")


@contextmanager
def _running(house: Household, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`evtui ARGUMENTS` in the background, without a terminal."""
    process = subprocess.Popen(
        [*EVTUI, *arguments],
        env=house.environment(),
        cwd=house.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _held(port: int) -> Iterator[None]:
    """A port that somebody listens on: here, if nobody did before."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listener.bind(("127.0.0.1", port))
            listener.listen()
        yield


def test_a_run_brings_its_own_csms_along_and_tells_the_session(house: Household) -> None:
    done = house.run("run", *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout + done.stderr
    assert "Charging progress: 100.0%" in told
    assert "Sending MeterValues:" in told
    assert "Charging session completed! Total energy: 8." in told
    assert "\x1b" not in told
    assert not house.processes()


def test_json_is_one_event_a_line_on_stdout_and_the_story_goes_to_stderr(house: Household) -> None:
    done = house.run("run", "--json", "--stations", "2", *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {event["station_id"] for event in events} >= {"CP001", "CP002"}
    kinds = [event["kind"] for event in events if event["station_id"] == "CP002"]
    assert kinds.index("boot") < kinds.index("session-started") < kinds.index("session-ended")
    assert "Charging session completed!" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_the_transactions_first(house: Household, number: signal.Signals, code: int) -> None:
    with scripted_csms() as csms, _running(house, "run", "--csms-url", csms.url, "--stations", "2", *LONG) as process:
        for station in ("CP001", "CP002"):
            csms.wait_for(lambda frame: frame.is_event("Started"), station)
        process.send_signal(number)
        assert process.wait(10) == code
        for station in ("CP001", "CP002"):
            ended = csms.wait_for(lambda frame: frame.is_event("Ended"), station)
            assert ended.payload["transactionInfo"].get("stoppedReason", "Local") == "Local"


def test_q_is_a_local_stop(house: Household) -> None:
    with scripted_csms() as csms, console(house, "run", "--csms-url", csms.url, *LONG) as terminal:
        csms.wait_for(lambda frame: frame.is_event("Started"))
        terminal.press("q")
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        assert terminal.wait() == 0
        assert terminal.settings_restored()


def test_ctrl_c_in_a_terminal_is_130(house: Household) -> None:
    with scripted_csms() as csms, console(house, "run", "--csms-url", csms.url, *LONG) as terminal:
        csms.wait_for(lambda frame: frame.is_event("Started"))
        terminal.press("ctrl+c")
        assert terminal.wait() == 130
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        assert terminal.settings_restored()
        assert "Traceback" not in terminal.text()


def test_a_hangup_is_a_local_stop(house: Household) -> None:
    with scripted_csms() as csms, console(house, "run", "--csms-url", csms.url, *LONG) as terminal:
        csms.wait_for(lambda frame: frame.is_event("Started"))
        terminal.hang_up()
        csms.wait_for(lambda frame: frame.is_event("Ended"))
        until(lambda: not house.processes())


def test_no_csms_is_3_and_says_which_step_failed(house: Household) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        done = house.run("run", "--csms-url", url, "--connect-timeout", "1.5", *SHORT)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "tcp" in (done.stdout + done.stderr).lower()
    assert f"{url}/CP001" in done.stdout + done.stderr


def test_what_fail_if_says_is_4_and_told_with_its_figures(house: Household) -> None:
    with scripted_csms() as csms:
        asked = house.run("run", "--csms-url", csms.url, *SHORT, "--fail-if", "p99>20s or sessions<2")
        passed = house.run("run", "--csms-url", csms.url, *SHORT, "--fail-if", "p99>20s or errors>0")
    assert asked.returncode == 4, asked.stdout + asked.stderr
    assert asked.stdout.endswith("--fail-if came true: sessions<2 (1)\n")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "0 unanswered, 0 errors" in passed.stdout


def test_a_run_under_load_ends_in_time_and_counts_its_sessions(house: Household) -> None:
    with scripted_csms() as csms:
        load = ("--stations", "4", "--ramp", "1", "--for", "6", "--duration", "1", "--speed", "600")
        done = house.run("run", "--csms-url", csms.url, *load, "--fail-if", "sessions<8 or failed>0 or errors>0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Load: 6 s; stations come over 1 s; one car after the other" in done.stdout
    assert "4 of 4 stations online" in done.stdout
    assert "Sending MeterValues" not in done.stdout


def test_the_dialled_url_follows_the_url_given(house: Household) -> None:
    with scripted_csms() as csms:
        done = house.run("run", "--csms-url", f"{csms.url}/CP042", *SHORT)
        assert done.returncode == 0, done.stdout + done.stderr
        assert {frame.station for frame in csms.received()} == {"CP042"}
        assert f"{csms.url}/CP042" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("toml", "names"),
    [
        ("[[group]]\ncuont = 3\n", ["cuont", "count"]),
        ("speed = 'fast'\n", ["speed"]),
        ("speed = [\n", ["fleet.toml"]),
        ("[[group]]\nflow = 'clasic'\n", ["clasic", "classic"]),
        ("[[group.evs]]\nmodel = 'no such car'\n", ["no such car"]),
    ],
    ids=["unknown key", "wrong type", "no TOML", "unknown flow", "unknown car"],
)
def test_a_bad_configuration_is_one_line_and_2(house: Household, toml: str, names: list[str]) -> None:
    (house.home / "fleet.toml").write_text(toml)
    done = house.run("run", "--config", "fleet.toml")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "fleet.toml" in done.stderr
    assert all(name in done.stderr for name in names), done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--no-such-option"),
        ("run", "--duration", "soon"),
        ("nosuchverb",),
        ("run", "--csms-url", "http://localhost:9000"),
        ("run", "--config", "absent.toml"),
        ("run", "--password-env", "NOT_SET_ANYWHERE", "--csms-url", "ws://127.0.0.1:1"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_wrong_usage_is_one_line_and_2(house: Household, arguments: tuple[str, ...]) -> None:
    done = house.run(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_what_init_writes_can_be_run(house: Household) -> None:
    assert house.run("init").returncode == 0
    assert (house.home / "fleet.toml").exists()
    done = house.run("run", "--config", "fleet.toml", "--sessions", "1", *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_csms_dies_and_comes_back_and_nothing_is_lost(house: Household) -> None:
    with (
        scripted_csms() as csms,
        _running(house, "run", "--csms-url", csms.url, "--duration", "8", "--json", *SOON) as process,
    ):
        csms.wait_for(lambda frame: frame.is_event("Updated", "MeterValuePeriodic"))
        csms.die()
        assert process.stdout is not None
        _read_until(process, lambda event: event["kind"] == "waiting")
        _read_until(process, lambda event: event["kind"] == "sample")
        csms.live()
        story, _ = process.communicate(timeout=40)
        assert process.returncode == 0, story
        events = [frame for frame in csms.received() if frame.action == "TransactionEvent"]
        numbers = {frame.payload["seqNo"]: frame.payload for frame in events}
        assert sorted(numbers) == list(range(len(numbers)))  # no gap, whatever was sent twice
        assert events[-1].is_event("Ended")
        assert any(payload.get("offline") for payload in numbers.values())
        boots = [frame for frame in csms.received() if frame.action == "BootNotification"]
        assert len(boots) == 1  # a plain reconnect is no boot (OCPP-J 5.3)


def _read_until(process: subprocess.Popen[str], matches: Callable[[dict[str, object]], bool]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if matches(json.loads(line)):
            return
    raise AssertionError("the run ended before")


def test_what_cannot_be_delivered_is_1(house: Household) -> None:
    with (
        scripted_csms() as csms,
        _running(house, "run", "--csms-url", csms.url, "--duration", "2", "--drain", "1") as process,
    ):
        csms.wait_for(lambda frame: frame.is_event("Updated", "MeterValuePeriodic"))
        csms.die()
        assert process.wait(15) == 1


def test_without_a_terminal_evtui_is_a_run(house: Household) -> None:
    with scripted_csms() as csms, _running(house, "--csms-url", csms.url, "--stations", "1") as process:
        csms.wait_for(lambda frame: frame.is_event("Started"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
        csms.wait_for(lambda frame: frame.is_event("Ended"))


def test_hold_keeps_the_fleet_up_and_starts_nothing(house: Household) -> None:
    with scripted_csms(heartbeat_s=1) as csms, _running(house, "run", "--hold", "--csms-url", csms.url) as process:
        csms.wait_for(lambda frame: frame.action == "Heartbeat")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
        assert not [frame for frame in csms.received() if frame.action in ("Authorize", "TransactionEvent")]


def test_a_fleet_that_is_held_is_listed_looked_at_and_stopped(house: Household) -> None:
    with scripted_csms(heartbeat_s=1) as csms, _running(house, "run", "--hold", "--csms-url", csms.url) as process:
        csms.wait_for(lambda frame: frame.action == "Heartbeat")
        (fleet,) = json.loads(house.run("ls", "--json").stdout)
        assert (fleet["pid"], fleet["stations"], fleet["keeps"]) == (process.pid, 1, True)
        with console(house, "attach", str(process.pid)) as window:
            window.wait_for("Available")
            window.press("s")
            window.wait_for("Charging")
            window.hang_up()
        assert process.poll() is None
        assert house.run("stop").returncode == 0
        assert process.wait(10) == 0
        csms.wait_for(lambda frame: frame.is_event("Ended"))


def test_csms_alone_takes_the_next_free_ports_for_the_default_ones_and_says_so(house: Household) -> None:
    with _held(9000), _held(8081), _running(house, "csms") as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(3)]
        assert told[0].startswith("port 9000 is taken, so the CSMS listens on 90")
        assert told[1].startswith("port 8081 is taken, so its HTTP API is on 80")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143


@pytest.mark.parametrize("option", ["--port", "--web-port"])
def test_csms_alone_refuses_a_taken_port_that_was_named(house: Household, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = house.run("csms", option, port)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"evtui: {option}: port {port} on 127.0.0.1 is taken by another program; choose another\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--db", ""), "--db: is empty; name a file"),
        (("--db", "x.db", "--ephemeral"), "--db and --ephemeral are both given; keep one"),
        (("--db-max", "lots"), "--db-max: 'lots' is no size; write 500M or 2G, at least 1M"),
        (("--db-days", "0"), "--db-days: '0' is no number from 0.001 to 36500"),
        (("--db", "/proc/x.db"), "name another file with --db, or keep nothing with --ephemeral"),
    ],
)
def test_csms_alone_refuses_what_it_cannot_keep(house: Household, arguments: tuple[str, ...], said: str) -> None:
    done = house.run("csms", "--port", "0", "--web-port", "0", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_csms_alone_lets_other_machines_in_with_open_only(house: Household) -> None:
    done = house.run("csms", "--host", "0.0.0.0", "--port", "0", "--web-port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--host: 0.0.0.0" in done.stderr
    assert "--open" in done.stderr
    with _running(house, "csms", "--host", "0.0.0.0", "--open", "--port", "0", "--web-port", "0") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("CSMS on ws://0.0.0.0:")


@pytest.mark.parametrize(
    ("request_text", "code"),
    [
        (
            '[2,"q","GetInstalledCertificateIds",{}]',
            "NotSupported",
        ),
        ('[2,"q","NoSuchAction",{}]', "NotImplemented"),
        ('[2,"q","SetDisplayMessage",{"message":7}]', "NotSupported"),
        ('[2,"q","GetVariables",{"getVariableData":7}]', "TypeConstraintViolation"),
        ('[2,"q","Reset"', "RpcFrameworkError"),
        ('[9,"q",{}]', "MessageTypeNotSupported"),
    ],
    ids=["known", "unknown", "known and wrong", "honoured and wrong", "no JSON", "unknown type"],
)
def test_what_a_csms_asks_is_refused_with_the_code_that_fits(house: Household, request_text: str, code: str) -> None:
    with scripted_csms() as csms, _running(house, "run", "--hold", "--csms-url", csms.url):
        csms.wait_for(lambda frame: frame.action == "SecurityEventNotification")
        csms.send("CP001", request_text)
        refusal = csms.wait_for(lambda frame: frame.frame[0] == 4)
        assert refusal.frame[2] == code
