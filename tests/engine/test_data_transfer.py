"""The command data-transfer: it tells what the CSMS answers."""

from pathlib import Path
from typing import Any

import pytest

from tests.engine.scripted import CallError, Payload, bench
from tests.proof import proves


def refuse(payload: Payload) -> Payload:
    raise CallError("NotSupported", "no")


@proves("DataTransfer", "P02")
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("", {"vendorId": "com.example"}),
        ('{"a": [1, null]}', {"vendorId": "com.example", "data": {"a": [1, None]}}),
        ("plain text", {"vendorId": "com.example", "data": "plain text"}),
        ("42", {"vendorId": "com.example", "data": 42}),
    ],
)
async def test_the_answer_is_told(tmp_path: Path, given: str, sent: Payload) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["DataTransfer"] = lambda payload: {"status": "Accepted", "data": {"b": [2]}}
        outcome = await it.order("data-transfer", "CP001", vendor_id="com.example", data=given)
        assert (outcome.done, outcome.text) == (True, 'CP001: com.example: Accepted, {"b":[2]}')
        assert it.csms.calls[-1] == ("CP001", "DataTransfer", sent)


async def test_an_answer_that_says_no_is_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["DataTransfer"] = lambda payload: {"status": "UnknownMessageId"}
        outcome = await it.order("data-transfer", "CP001", vendor_id="com.example", message_id="m")
        assert (outcome.done, outcome.text) == (True, "CP001: com.example m: UnknownMessageId")


async def test_a_callerror_is_none(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["DataTransfer"] = refuse
        outcome = await it.order("data-transfer", "CP001", vendor_id="com.example")
        assert (outcome.done, outcome.text) == (False, "CP001: com.example: no answer: NotSupported")


async def test_nor_is_silence(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["DataTransfer"] = lambda payload: None
        outcome = await it.order("data-transfer", "CP001", vendor_id="com.example", within_s=11)
        assert (outcome.done, outcome.text) == (False, "CP001: the CSMS has not answered within 10 s")
        outcome = await it.order("data-transfer", "CP001", vendor_id="com.other")
        assert outcome.text == "CP001: com.example is not answered yet"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"vendor_id": ""}, "vendor-id: say whose message it is, such as com.example"),
        ({"vendor_id": "v" * 256}, "vendor-id: 256 characters; OCPP allows 255"),
        ({"vendor_id": "v", "message_id": "m" * 51}, "message-id: 51 characters; OCPP allows 50"),
    ],
)
async def test_what_ocpp_does_not_allow_is_not_sent(tmp_path: Path, arguments: dict[str, Any], reason: str) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("data-transfer", "CP001", **arguments)
        assert (outcome.done, outcome.text) == (False, f"CP001: {reason}")


async def test_what_the_csms_answers_never_reaches_a_terminal_as_it_is(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        it.csms.answers["DataTransfer"] = lambda payload: {"status": "Accepted", "data": "\x1b[31m\u202e"}
        outcome = await it.order("data-transfer", "CP001", vendor_id="com.example")
        assert outcome.text.isprintable()


@proves("DataTransfer", version="1.6")
async def test_in_16_data_is_text(tmp_path: Path) -> None:
    """S16 4.3."""
    async with bench(tmp_path, before=lambda csms: setattr(csms, "subprotocol", "ocpp1.6")) as it:
        it.csms.answers["DataTransfer"] = lambda payload: {"status": "Accepted", "data": "yes"}
        outcome = await it.order("data-transfer", "CP001", vendor_id="com.example", data='{"a": 1}')
        assert (outcome.done, outcome.text) == (True, 'CP001: com.example: Accepted, "yes"')
        assert it.csms.calls[-1] == ("CP001", "DataTransfer", {"vendorId": "com.example", "data": '{"a": 1}'})
