"""How the node is asked for."""

import pytest

from evtui.config import EchonetConfig
from evtui.errors import ConfigError
from evtui.options import Options, fleet_of


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), EchonetConfig()),
        (Options(echonet=True), EchonetConfig(enabled=True)),
        (Options(echonet_host="0.0.0.0"), EchonetConfig(enabled=True, host="0.0.0.0")),
        (Options(echonet_host="::1"), EchonetConfig(enabled=True, host="::1")),
    ],
)
def test_the_options_ask_for_a_node(options: Options, expected: EchonetConfig) -> None:
    assert fleet_of(options, 1).echonet == expected


def test_a_name_is_no_address() -> None:
    with pytest.raises(ConfigError, match="--echonet-host: 'home' is no IP address"):
        fleet_of(Options(echonet_host="home"), 1)
