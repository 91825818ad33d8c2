"""What cannot run on a cluster is refused before anything is dialled, and says what to do."""

import sys
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import pytest

from evtui.cluster.run import run_cluster
from evtui.errors import ConfigError
from evtui.headless.run import run_sessions
from evtui.options import Options
from tests.need import need

GOOD = Options(cluster="tcp://127.0.0.1:9", csms_url="ws://csms.example/ocpp", connect_timeout=0.2)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cluster": "scheduler"}, "--cluster: 'scheduler' is no scheduler; give one such as tcp://scheduler:8786"),
        ({"cluster": "tcp://scheduler"}, "--cluster: 'tcp://scheduler' is no scheduler"),
        ({"cluster": "tcp://scheduler:x"}, "--cluster: 'tcp://scheduler:x' is no scheduler"),
        ({"csms_url": None}, "--cluster: which CSMS?"),
        ({"api": True}, "--api:"),
        ({"echonet": True}, "--echonet:"),
        ({"hold": True}, "--hold:"),
        ({"workers": 2}, "--workers:"),
        ({"state": "here"}, "--state:"),
        ({"report": "r.txt"}, "--report: r.txt: end it with"),
        ({"fail_if": "nonsense"}, "--fail-if:"),
    ],
)
def test_what_makes_no_sense_on_a_cluster_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        run_cluster(replace(GOOD, **changes))
    assert str(refused.value).startswith(says)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"pip install 'evtui\[cluster\]'"):
        run_cluster(GOOD)


@pytest.mark.parametrize("changes", [{"shards": 2}, {"lease": 5.0}])
def test_options_of_a_cluster_want_one(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="Name its scheduler with --cluster"):
        run_sessions(replace(Options(), **changes))


def test_an_order_on_its_way_shows_nothing_of_itself() -> None:
    need(find_spec("distributed"), "Dask is not installed: pip install 'evtui[cluster]'")
    from evtui.cluster.task import Sealed

    assert repr(Sealed(b'{"headers":{"Authorization":"secret"}}')) == "<order>"
