"""Frames in the log: decoded and as hex, beside those of the stations."""

import json
import sys
from pathlib import Path

import pytest

from evtui.echonet.frame import decode
from evtui.echonet.reading import read
from evtui.ocppj.frame import Direction, Frame, FrameType
from tests.echonet.neighbourhood import neighbourhood

GET = bytes.fromhex("10810007 05FF01 02A101 62 02 DA00 B000")


def test_a_frame_is_read_in_names_values_and_hex() -> None:
    answer = bytes.fromhex("10810007 02A101 05FF01 52 02 DA0142 B000")
    reading = read(answer, decode(answer), "127.0.0.2")
    assert (reading.service, reading.fault) == ("Get_SNA", "")
    assert reading.text.startswith('{"says":"DA charge, B0",'), "what a line of the log has room for"
    assert json.loads(reading.text) == {
        "says": "DA charge, B0",
        "hex": "10 81 00 07 02 A1 01 05 FF 01 52 02 DA 01 42 B0 00",
        "peer": "127.0.0.2",
        "service": "Get_SNA",
        "from": "02A101",
        "to": "05FF01",
        "tid": 7,
        "properties": [
            {"epc": "DA", "name": "Operation mode setting", "edt": "42", "value": "charge"},
            {"epc": "B0"},
        ],
    }


def test_both_lists_of_a_set_get_are_read() -> None:
    request = bytes.fromhex("10810007 05FF01 02A101 6E 01 DA0142 01 D300")
    told = json.loads(read(request, decode(request), "").text)
    assert told["peer"] == "224.0.23.0"
    assert told["says"] == "DA charge, D3"
    assert [each["epc"] for each in told["properties"]] == ["DA"]
    assert [each["epc"] for each in told["gets"]] == ["D3"]


def test_what_is_no_frame_is_shown_as_hex_with_what_is_wrong() -> None:
    reading = read(b"\x1b[2J", None, "127.0.0.2")
    assert (reading.service, reading.fault) == ("", "no ECHONET Lite frame that could be answered")
    assert json.loads(reading.text) == {"hex": "1B 5B 32 4A", "peer": "127.0.0.2"}


@pytest.mark.xdist_group("echonet")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
async def test_frames_of_both_wires_stand_in_one_log(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as it:
        await it.order("plug-in")
        await it.get(0xDA)
        it.controller.send(it.home, b"noise")
        await it.get(0xD6, 0x0EF001)
        frames = it.it.frames()
    echonet = [each for each in frames if each.type is FrameType.ECHONET]
    assert any(each.type is FrameType.CALL for each in frames)
    assert [_line(each) for each in echonet] == [
        "echonet SENT INF",
        "CP001 SENT INF",
        "CP001 RECEIVED Get",
        "CP001 SENT Get_Res",
        "echonet RECEIVED  no ECHONET Lite frame that could be answered",
        "echonet RECEIVED Get",
        "echonet SENT Get_Res",
    ]


def _line(frame: Frame) -> str:
    return f"{frame.station} {Direction(frame.direction).name} {frame.action} {frame.fault}".rstrip()
