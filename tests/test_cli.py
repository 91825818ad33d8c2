"""The command line: what each verb takes, and refusals of one line and exit code 2."""

import re
import resource
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from evtui import __version__, cli
from evtui.config import ApiConfig, FleetConfig, load_fleet
from evtui.errors import ConfigError
from evtui.options import (
    ATTACH,
    BENCH,
    CONSOLE,
    CSMS,
    DECLARED,
    DEMO,
    ECHONET,
    FRAMES,
    LS,
    RUN,
    STOP,
    Options,
    api_of,
    flag_of,
    read_options,
    state_of,
)
from tests.program import Household


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Options]]:
    """The verbs that were called, with their options; nothing runs."""
    calls: list[tuple[str, Options]] = []

    def note(verb: str) -> None:
        def body(options: Options) -> int:
            calls.append((verb, options))
            return 7

        body.__name__ = verb
        monkeypatch.setattr(cli, verb, body)

    for verb in ("console", "run", "echonet", "csms", "attach", "ls", "stop"):
        note(verb)
    return calls


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["evtui", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert isinstance(end.value.code, int)
    return end.value.code


# -- what is understood ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "verb", "options"),
    [
        ([], "console", Options()),
        (["--stations", "3", "--ascii"], "console", Options(stations=3, ascii=True)),
        (["run"], "run", Options()),
        (
            ["run", "--sessions=2", "--duration", "1.5", "--json", "--speed", "900"],
            "run",
            Options(sessions=2, duration=1.5, json=True, speed=900.0),
        ),
        (
            ["run", "--set", "A.B=1", "--set", "A.C=2", "--header", "X: y"],
            "run",
            Options(variables=("A.B=1", "A.C=2"), headers=("X: y",)),
        ),
        (["csms", "--port", "0", "--host", "::1"], "csms", Options(port=0, host="::1")),
        (["attach", "--refresh", "0.5"], "attach", Options(refresh=0.5)),
        (["attach", "--plain"], "attach", Options(plain=True)),
        (["--theme", "nord"], "console", Options(theme="nord")),
        (["attach", "4711", "--read-only"], "attach", Options(fleet="4711", read_only=True)),
        (["ls", "--json"], "ls", Options(json=True)),
        (["stop", "4711-abc"], "stop", Options(fleet="4711-abc")),
        (["stop", "--all"], "stop", Options(all=True)),
        (["--detach", "--log-max", "1G"], "console", Options(detach=True, log_max="1G")),
        (["run", "--workers", "8"], "run", Options(workers=8)),
        (["--workers", "2", "--detach"], "console", Options(workers=2, detach=True)),
        (["run", "--seed", "-1"], "run", Options(seed=-1)),
        (["run", "--api", "--hold"], "run", Options(api=True, hold=True)),
        (["--api-port", "0", "--api-token-env", "T"], "console", Options(api_port=0, api_token_env="T")),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_a_verb_gets_its_options(
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, Options]],
    arguments: list[str],
    verb: str,
    options: Options,
) -> None:
    assert call(monkeypatch, *arguments) == 7
    assert asked == [(verb, options)]


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("", CONSOLE),
        ("run", RUN),
        ("echonet", ECHONET),
        ("csms", CSMS),
        ("attach", ATTACH),
        ("demo", DEMO),
        ("ls", LS),
        ("stop", STOP),
        ("frames", FRAMES),
        ("bench", BENCH),
    ],
)
def test_help_names_every_option_of_a_verb_and_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str, names: tuple[str, ...]
) -> None:
    assert call(monkeypatch, *verb.split(), "--help") == 0
    flags = set(re.findall(r"^ +(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    assert flags - {"--help", "--version"} == {flag_of(name) for name in names} - {"FLEET", "DIR"}


def test_help_tells_the_defaults_that_count() -> None:
    plain = Options()
    fleet = FleetConfig()
    for name in ("sessions", "duration", "drain", "connect_timeout"):
        assert f"({getattr(plain, name):g})" in DECLARED[name].help
    for name in ("speed", "seed"):
        assert f"({getattr(fleet, name):g})" in DECLARED[name].help
    for name in ("port", "web_port"):
        assert f"({getattr(fleet.csms, name)} or " in DECLARED[name].help
    assert f"({plain.host})" in DECLARED["host"].help
    for name in ("id_token", "id_token_type", "flow"):
        assert f"({getattr(fleet.groups[0], name)})" in DECLARED[name].help


def test_every_option_belongs_to_a_verb() -> None:
    assert {each.name for each in fields(Options)} == {*CONSOLE, *BENCH, *RUN, *CSMS, *ATTACH, *LS, *STOP, *FRAMES}


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"evtui {__version__}\n"


def test_init_writes_a_file_that_can_be_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "my.toml"
    assert call(monkeypatch, "init", str(file)) == 0
    assert load_fleet(file) == FleetConfig()
    assert str(file) in capsys.readouterr().out
    assert call(monkeypatch, "init", str(file)) == 2


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sped", "3"], "No such option: --sped"),
        (["run", "--refresh", "3"], "No such option: --refresh"),
        (["frobnicate"], "No such command 'frobnicate'"),
        (["run", "now"], "unexpected extra argument"),
        (["run", "--duration"], "'--duration' requires an argument"),
        (["run", "--duration", "soon"], "--duration: 'soon' is no number from 0 to 1000000"),
        (["run", "--duration", "nan"], "--duration: 'nan' is no number from 0 to 1000000"),
        (["run", "--sessions", "1.5"], "--sessions: '1.5' is no whole number from 0 to 1000000"),
        (["--stations", "-1"], "--stations: '-1' is no whole number from 0 to 100000"),
        (["csms", "--port", "70000"], "--port: '70000' is no whole number from 0 to 65535"),
        (["--stations", "3", "--insecure", "run"], "write --stations --insecure after run"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_wrong_line_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, Options]],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    assert call(monkeypatch, *arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.startswith("evtui: ")
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not asked


def test_numbers_and_words_are_read_as_declared() -> None:
    assert read_options({"stations": "3", "speed": "1e3", "insecure": True, "headers": ["a:b"], "ca": None}) == Options(
        stations=3, speed=1000.0, insecure=True, headers=("a:b",)
    )


# -- the program ----------------------------------------------------------------------------------


def test_help_is_quick(house: Household) -> None:
    """0.1 s of CPU, whatever else the machine does; a heavy import would be seen at twice that."""
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert house.run("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) < 0.3, took


def test_attach_without_a_terminal_says_so(house: Household) -> None:
    done = house.run("attach")
    assert done.returncode == 2
    assert done.stderr == "evtui: attach opens a window, and there is no terminal; --plain needs none\n"


# -- the API --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "api"),
    [
        (Options(), None),
        (Options(api=True), ApiConfig("127.0.0.1", 8082, exact=False)),
        (Options(api_port=9), ApiConfig(port=9, exact=True)),
        (Options(api_port=8082), ApiConfig(port=8082, exact=True)),
        (Options(api_host="::1"), ApiConfig(host="::1")),
        (Options(api_token_env="T"), ApiConfig(token_env="T")),
        (Options(api=True, api_token_file="F", api_port=0), ApiConfig(port=0, exact=True, token_file="F")),
    ],
)
def test_any_option_of_the_api_asks_for_it(options: Options, api: ApiConfig | None) -> None:
    assert api_of(options) == api


def test_an_empty_option_of_the_api_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigError, match="--api-token-file: is empty"):
        api_of(Options(api_token_file=""))


@pytest.mark.parametrize(
    ("options", "durable", "state"),
    [
        (Options(), True, ""),
        (Options(), False, None),
        (Options(ephemeral=True), True, None),
        (Options(state="here"), False, "here"),
        (Options(state="here"), True, "here"),
    ],
)
def test_state_is_kept_by_what_stays_or_where_it_is_told(options: Options, durable: bool, state: str | None) -> None:
    assert state_of(options, durable) == state


def test_state_that_is_kept_and_not_kept_is_refused() -> None:
    with pytest.raises(ConfigError, match="--state and --ephemeral are both given"):
        state_of(Options(state="here", ephemeral=True), True)
    with pytest.raises(ConfigError, match="--state: is empty"):
        state_of(Options(state=""), True)


_EARLY = """
import sys
from evtui.host import process

class Process:
    def __init__(self, module):
        print(module, sorted({"msgspec", "evtui.config", "evtui.headless.run"} & set(sys.modules)))

    def end(self, timeout_s):
        pass

process.HostProcess = Process
sys.argv = ["evtui", *sys.argv[1:]]
from evtui.cli import main
main()
"""


@pytest.mark.parametrize(
    ("arguments", "workers"), [("--workers 3 --stations 4", 3), ("--workers 3 --stations 2", 2), ("--workers 3", 0)]
)
def test_workers_of_a_run_load_while_it_loads_itself(arguments: str, workers: int) -> None:
    command = [sys.executable, "-c", _EARLY, "run", *arguments.split(), "--csms-url", "none"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "evtui.host.worker []\n" * workers
    assert "--csms-url" in done.stderr
    assert done.returncode == 2
