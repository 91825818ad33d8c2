"""Where a station dials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import ConfigError
from evtui.ocppj.urls import dialled_url, named_station, shown


@pytest.mark.parametrize(
    ("csms_url", "station_id", "dialled"),
    [
        ("ws://csms.example", "CP001", "ws://csms.example/CP001"),
        ("ws://csms.example/", "CP001", "ws://csms.example/CP001"),
        ("wss://csms.example/ocpp", "CP001", "wss://csms.example/ocpp/CP001"),
        ("wss://csms.example/ocpp/", "CP001", "wss://csms.example/ocpp/CP001"),
        ("ws://csms.example:9000/a/b?key=1", "CP001", "ws://csms.example:9000/a/b/CP001?key=1"),
        ("ws://[::1]:9000/ocpp", "CP001", "ws://[::1]:9000/ocpp/CP001"),
        # the URL ends in the id already
        ("ws://csms.example/ocpp/CP001", "CP001", "ws://csms.example/ocpp/CP001"),
        ("ws://csms.example/ocpp/CP001/", "CP001", "ws://csms.example/ocpp/CP001"),
        ("ws://csms.example/RDAM%7C123", "RDAM|123", "ws://csms.example/RDAM%7C123"),
        ("ws://csms.example/XCP001", "CP001", "ws://csms.example/XCP001/CP001"),
        # percent-encoded (errata example 2.1)
        ("ws://csms.example/ocpp", "RDAM|123", "ws://csms.example/ocpp/RDAM%7C123"),
        ("ws://csms.example", "a/b c?d#e%", "ws://csms.example/a%2Fb%20c%3Fd%23e%25"),
        ("ws://csms.example", "Säule", "ws://csms.example/S%C3%A4ule"),
        # {id} anywhere
        ("ws://csms.example/{id}/ws", "CP001", "ws://csms.example/CP001/ws"),
        ("ws://{id}.csms.example/ocpp?station={id}", "CP001", "ws://CP001.csms.example/ocpp?station=CP001"),
        ("ws://csms.example/{id}", "RDAM|123", "ws://csms.example/RDAM%7C123"),
    ],
)
def test_the_station_id_gets_into_the_url(csms_url: str, station_id: str, dialled: str) -> None:
    """OCPP-J 3.1.1"""
    assert dialled_url(csms_url, station_id, explicit_station_id=True, stations=1) == dialled
    assert dialled_url(csms_url, station_id, explicit_station_id=False, stations=4) == dialled


@pytest.mark.parametrize(
    ("csms_url", "station"),
    [
        ("ws://localhost:9000/CP002", "CP002"),
        ("ws://127.0.0.1:9000/CP002/", "CP002"),
        ("ws://[::1]:9000/EVSE-17", "EVSE-17"),
        ("wss://csms.localhost/A1", "A1"),
        ("ws://localhost:9000", None),
        ("ws://localhost:9000/ocpp", None),
        ("ws://localhost:9000/ocpp16", None),
        ("ws://localhost:9000/OCPP201", None),
        ("ws://localhost:9000/ocpp/CP002", None),
        ("ws://localhost:9000/{id}", None),
        ("ws://csms.example/CP002", None),
        ("ws://10.0.0.7:9000/CP002", None),
    ],
)
def test_a_local_url_may_name_the_only_station(csms_url: str, station: str | None) -> None:
    assert named_station(csms_url, explicit_station_id=False, stations=1) == station
    assert named_station(csms_url, explicit_station_id=True, stations=1) is None
    assert named_station(csms_url, explicit_station_id=False, stations=2) is None


def test_a_url_that_names_the_only_station_is_dialled_as_it_is() -> None:
    url = "ws://localhost:9000/CP002"
    assert dialled_url(url, "CP001", explicit_station_id=False, stations=1) == url
    assert dialled_url(url, "CP001", explicit_station_id=True, stations=1) == f"{url}/CP001"
    assert dialled_url(url, "CP001", explicit_station_id=False, stations=2) == f"{url}/CP001"


@pytest.mark.parametrize(
    ("csms_url", "told"),
    [
        ("http://csms.example/ocpp", "try ws://csms.example/ocpp"),
        ("https://csms.example", "try wss://csms.example"),
        ("csms.example:9000", "not a WebSocket URL"),
        ("localhost", "not a WebSocket URL"),
        ("", "not a WebSocket URL"),
        ("ws://", "not a WebSocket URL"),
        ("ws:///ocpp", "not a WebSocket URL"),
        ("ws://csms.example:port/", "not a URL"),
        ("ws://csms.example:99999/", "not a URL"),
        ("ws://csms.example:0/", "not a WebSocket URL"),
        ("ws://[::1/", "not a URL"),
        ("ws://csms.example/#top", "no fragment"),
        ("ws://csms.example/a b", "no blanks"),
        ("ws://csms.example/\x1b[2J", "control characters"),
        ("ws://CP001:a/hunter2@csms.example/", "not a URL"),
        ("ws://CP001:hunter2@csms.example/", "--password-env or --password-file"),
        ("ws://CP001:hunter2@csms.example/{id}", "--password-env or --password-file"),
    ],
)
def test_what_is_no_csms_url_is_told_with_its_fix_and_without_its_password(csms_url: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        dialled_url(csms_url, "CP001", explicit_station_id=True, stations=1)
    assert "hunter2" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("url", "fit"),
    [
        ("ws://csms.example/CP001", "ws://csms.example/CP001"),
        ("wss://user:p@ss:w/rd@csms.example", "wss://csms.example"),
        ("ws://user:secret@csms.example:9000/a@b", "ws://csms.example:9000/a@b"),
        ("ws://[::1]:9000/CP001", "ws://[::1]:9000/CP001"),
        ("http://user:secret@proxy:3128", "http://proxy:3128"),
        ("ws://csms.example/\x1b[2J", "ws://csms.example/\\x1b[2J"),
    ],
)
def test_a_shown_url_holds_no_password(url: str, fit: str) -> None:
    assert shown(url) == fit


@given(st.text(min_size=1, max_size=48).filter(lambda text: ":" not in text))
def test_an_id_is_appended_only_once(station_id: str) -> None:
    once = dialled_url("ws://csms.example/ocpp", station_id, explicit_station_id=True, stations=1)
    assert once.isascii()
    if station_id.strip("/") == station_id:
        assert dialled_url(once, station_id, explicit_station_id=True, stations=1) == once
