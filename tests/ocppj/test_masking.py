"""Secrets that must not reach a stored frame."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.ocppj.masking import MASK, Masker
from tests.ocppj.samples import set_variables, transaction_event

PASSWORD = 'pa"ss/wörd\\1234567'


def masked(text: str, action: str = "") -> str:
    result, flag = Masker([PASSWORD]).mask(text, action)
    assert flag is (result != text)
    return result


@pytest.mark.parametrize(
    "text",
    [
        '[3,"c-1",{}]',
        json.dumps([2, "c-1", "TransactionEvent", transaction_event()]),
        json.dumps([2, "c-1", "SetVariables", set_variables("HeartbeatInterval", "30")]),
        '[2,"c-1","Authorize",{"idToken":{"idToken":"DEADBEEF","type":"ISO14443"}}]',
        '[2,"c-1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"30"}]',
        '[2,"c-1","SetVariables",{"setVariableData":[{"variable":{"name":"BasicAuthPassword"}}]}]',
        '[2,"c-1","DataTransfer",{"data":"caf\\u00e9"}]',
        "not JSON with KeyCode in it",
        "",
    ],
)
def test_a_frame_without_secrets_stays_as_it_was(text: str) -> None:
    result, flag = Masker([PASSWORD]).mask(text)
    assert result is text
    assert not flag


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("slash", ["/", "\\/"])
def test_a_configured_password_is_masked_however_it_is_written(ascii_only: bool, slash: str) -> None:
    text = json.dumps({"data": f"it is {PASSWORD}!"}, ensure_ascii=ascii_only).replace("/", slash)
    assert masked(text) == '{"data": "it is ***!"}'


def test_a_password_in_what_is_no_json_is_masked_too() -> None:
    assert masked(f"hello {PASSWORD} hello") == "hello *** hello"


def test_a_short_password_is_masked_as_a_whole_string_only() -> None:
    text, flag = Masker(["on"]).mask('{"action":"on","direction":"one"}')
    assert flag
    assert text == '{"action":"***","direction":"one"}'


def test_of_two_passwords_the_longer_goes_first() -> None:
    assert Masker(["secret", "secret-too"]).mask('["secret-too","secret"]')[0] == '["***","***"]'


@pytest.mark.parametrize("name", ["BasicAuthPassword", "basicauthpassword", "BASICAUTHPASSWORD"])
def test_the_value_of_a_write_only_variable_is_masked(name: str) -> None:
    """A00.FR.205: names of variables are compared without regard to case."""
    text = json.dumps([2, "c-1", "SetVariables", set_variables(name, "0123456789abcdef")], separators=(" , ", " : "))
    assert masked(text, "SetVariables") == text.replace("0123456789abcdef", MASK)


@pytest.mark.parametrize(
    ("secret", "action", "payload"),
    [
        ("1234", "Authorize", {"idToken": {"idToken": "1234", "type": "KeyCode"}}),
        ("1234", "TransactionEvent", transaction_event() | {"idToken": {"type": "KeyCode", "idToken": "1234"}}),
        (
            "s3cret",
            "NotifyReport",
            {
                "reportData": [
                    {
                        "component": {"name": "Vendor"},
                        "variable": {"name": "Pin"},
                        "variableAttribute": [{"value": "s3cret", "mutability": "WriteOnly"}],
                    }
                ]
            },
        ),
        ("s3cret", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "s3cret"}),
        ("s3cret", "GetConfiguration", {"configurationKey": [{"key": "AuthorizationKey", "value": "s3cret"}]}),
        (
            "s3cret",
            "NotifyReport",
            {"reportData": [{"variable": {"name": "BasicAuthPassword"}, "variableAttribute": [{"value": "s3cret"}]}]},
        ),
        (
            "s3cret",
            "NotifyEvent",
            {"eventData": [{"variable": {"name": "BasicAuthPassword"}, "actualValue": "s3cret"}]},
        ),
        ("s3cret", "SetNetworkProfile", {"connectionData": {"apn": {"apnPassword": "s3cret"}}}),
        ("1234", "SetNetworkProfile", {"connectionData": {"apn": {"simPin": "1234"}}}),
        ("s3cret", "SetNetworkProfile", {"vpn": {"server": "v", "user": "u", "key": "s3cret", "type": "IPSec"}}),
    ],
)
def test_what_ocpp_holds_secret_is_masked(secret: str, action: str, payload: dict[str, Any]) -> None:
    text = json.dumps([2, "c-1", action, payload])
    assert masked(text, action) == text.replace(f'"{secret}"', f'"{MASK}"')


def test_a_secret_spelled_with_escapes_is_masked() -> None:
    text = '[2,"c-1","Authorize",{"idToken":{"idToken":"12\\u00334","type":"Key\\u0043ode"}}]'
    assert masked(text, "Authorize") == '[2,"c-1","Authorize",{"idToken":{"idToken":"***","type":"Key\\u0043ode"}}]'


def test_a_secret_that_equals_a_key_masks_no_key() -> None:
    text = '[2,"c-1","Authorize",{"idToken":{"idToken":"type","type":"KeyCode"}}]'
    assert json.loads(masked(text))[3] == {"idToken": {"idToken": MASK, "type": "KeyCode"}}


def test_a_secret_that_is_no_string_is_masked() -> None:
    text = json.dumps([2, "c-1", "SetVariables", set_variables("BasicAuthPassword", 123456)])
    assert json.loads(masked(text))[3] == set_variables("BasicAuthPassword", MASK)


@pytest.mark.parametrize("cut", [1, 3, 12])
def test_a_secret_in_a_broken_frame_is_masked(cut: int) -> None:
    text = '[2,"c-1","SetVariables",{"variable":{"name":"BasicAuthPassword"},"attributeValue":"0123456789"}'[:-cut]
    assert "01234" not in masked(text)


@pytest.mark.parametrize(
    "text", ['{"variable":' * 50_000, '"variable"' + "\\" * 10_001, '{"variable":"\ud800"}', '["KeyCode\\ud800"]']
)
def test_hostile_text_is_no_error(text: str) -> None:
    Masker([PASSWORD]).mask(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=6), st.text(), st.text())
def test_no_password_survives_masking(password: str, before: str, after: str) -> None:
    text, flag = Masker([password]).mask(json.dumps([before + password + after]))
    assert flag
    assert not [form for form in (password, json.dumps(password)[1:-1]) if form in text.replace(MASK, "\0")]


def test_a_masker_does_not_show_what_it_masks() -> None:
    assert repr(Masker([PASSWORD])) == "Masker(***)"


# -- passwords in URLs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pa%3Ass@logs.example:8443/in?x=1@2", "https://user:***@logs.example:8443/in?x=1@2"),
        ("ftp://user:p@ss@h/", "ftp://user:***@h/"),
        ("ftp://:pass@h/", "ftp://:***@h/"),
        ("https://user:pa/ss@h/in", "https://user:***@h/in"),
    ],
)
@pytest.mark.parametrize("slash", ["/", "\\/", "\\u002f"])
def test_n01_fr_17_a_password_in_a_url_is_masked_however_it_is_written(url: str, shown: str, slash: str) -> None:
    frame = [2, "c-1", "GetLog", {"log": {"remoteLocation": "URL"}, "requestId": 1}]
    text = json.dumps(frame).replace("URL", url.replace("/", slash))
    assert json.loads(masked(text, "GetLog")) == json.loads(json.dumps(frame).replace("URL", shown))


@pytest.mark.parametrize("url", ["http://h:8081/in/a:b@c", "https://user@h/in", "http://h", "see http://h/?a=b:c"])
def test_a_url_without_a_password_stays_as_it_was(url: str) -> None:
    text = json.dumps([2, "c-1", "GetLog", {"log": {"remoteLocation": url}}])
    assert Masker().mask(text) == (text, False)


def test_a_location_in_what_is_no_json_is_masked_whole() -> None:
    assert masked('[2,"c-1","GetLog",{"log":{"remoteLocation":"https://u:pw@h') == (
        '[2,"c-1","GetLog",{"log":{"remoteLocation":"***"'
    )
