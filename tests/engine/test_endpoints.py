"""Credentials: taken from where the configuration says, and an error names what is missing."""

from pathlib import Path

import pytest

from evtui.config import CsmsConfig
from evtui.engine.endpoints import endpoint_of
from evtui.errors import ConfigError
from evtui.ocppj.endpoint import Secret

URL = "wss://csms.example/ocpp"


def test_the_station_id_is_appended_to_the_url() -> None:
    assert endpoint_of(CsmsConfig(), URL, "CP 1").url == "wss://csms.example/ocpp/CP%201"


def test_without_a_password_nobody_logs_in() -> None:
    endpoint = endpoint_of(CsmsConfig(), URL, "CP001")
    assert (endpoint.username, endpoint.password) == ("", None)


@pytest.mark.parametrize(
    ("version", "offered"),
    [(None, ("ocpp2.0.1", "ocpp1.6")), ("2.0.1", ("ocpp2.0.1",)), ("1.6", ("ocpp1.6",))],
)
def test_all_versions_are_offered_the_newest_first_or_the_one_that_is_asked_for(
    version: str | None, offered: tuple[str, ...]
) -> None:
    """OCPP-J 3.1.2: the handshake decides."""
    assert endpoint_of(CsmsConfig(ocpp=version), URL, "CP001").subprotocols == offered


def test_a_password_comes_from_the_environment_one_for_all_or_one_for_each() -> None:
    environment = {"PW": "secret", "PW_CP002": "other"}
    one = endpoint_of(CsmsConfig(password_env="PW"), URL, "CP001", environment)
    other = endpoint_of(CsmsConfig(password_env="PW_{id}"), URL, "CP002", environment)
    assert (one.username, one.password) == ("CP001", Secret("secret"))
    assert other.password == Secret("other")


def test_a_password_comes_from_a_file_without_the_line_break_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "CP001").write_text(" se cret \r\n")
    endpoint = endpoint_of(CsmsConfig(password_file=str(tmp_path / "{id}")), URL, "CP001")
    assert endpoint.password == Secret(" se cret ")


@pytest.mark.parametrize(
    ("csms", "problem"),
    [
        (CsmsConfig(password_env="PW_{id}"), "--password-env.: the environment variable PW_CP001 is not set"),
        (CsmsConfig(password_env="EMPTY"), "--password-env.: the environment variable EMPTY is empty"),
        (CsmsConfig(password_file="/no/such/{id}"), "--password-file.: /no/such/CP001 cannot be read: No such file"),
        (CsmsConfig(password_file="{empty}"), "--password-file.: .* is empty"),
        (CsmsConfig(password_file="{binary}"), "--password-file.: .* cannot be read: it is not UTF-8"),
        (CsmsConfig(ca="/no/such/ca.pem"), "--ca.: /no/such/ca.pem: there is no such file"),
        (
            CsmsConfig(cert="/no/such/cp.pem", key="/no/such/cp.key"),
            "--cert.: /no/such/cp.pem: there is no such file",
        ),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, csms: CsmsConfig, problem: str) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    if csms.password_file is not None:
        path = csms.password_file.format(id="{id}", empty=tmp_path / "empty", binary=tmp_path / "binary")
        csms = CsmsConfig(password_file=path)
    with pytest.raises(ConfigError, match=problem):
        endpoint_of(csms, URL, "CP001", {"EMPTY": ""})


def test_headers_certificates_and_proxy_are_handed_on(tmp_path: Path) -> None:
    for name in ("ca.pem", "cp.pem", "cp.key"):
        (tmp_path / name).touch()
    csms = CsmsConfig(
        ca=str(tmp_path / "ca.pem"),
        cert=str(tmp_path / "cp.pem"),
        key=str(tmp_path / "cp.key"),
        proxy="http://proxy:3128",
        insecure=True,
        headers={"X-Tenant": "demo"},
    )
    endpoint = endpoint_of(csms, URL, "CP001")
    assert (endpoint.ca, endpoint.cert, endpoint.key) == (csms.ca, csms.cert, csms.key)
    assert (endpoint.proxy, endpoint.insecure, endpoint.headers) == (csms.proxy, True, (("X-Tenant", "demo"),))
