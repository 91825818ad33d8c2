"""A message written in the window, in a terminal: what is typed arrives, what is answered shows."""

import stat
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.console import console
from tests.peers.scripted_csms import ScriptedCsms, scripted_csms
from tests.program import Household

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def csms() -> Iterator[ScriptedCsms]:
    with scripted_csms() as made:
        yield made


def test_a_message_arrives_as_it_was_typed_and_its_answer_shows(house: Household, csms: ScriptedCsms) -> None:
    with console(house, "--csms-url", csms.url, "--stations", "1", "--ephemeral") as terminal:
        terminal.wait_for("Available")
        terminal.press(":")
        terminal.wait_for("a command, an OCPP message or a key")
        terminal.press(*"send: authorize")
        terminal.wait_for("Send: Authorize")
        terminal.press("enter")
        terminal.wait_for("send Authorize")
        terminal.press("down", "enter")
        terminal.wait_for("enter keeps it")
        terminal.press(*"0815", "enter")
        terminal.wait_for(lambda text: "enter keeps it" not in text and "0815" in text)
        terminal.press("s")
        csms.wait_for(
            lambda frame: (
                frame.action == "Authorize" and frame.payload == {"idToken": {"idToken": "0815", "type": "ISO14443"}}
            )
        )
        terminal.wait_for("Authorize: CALLRESULT in")
        terminal.wait_for('"status": "Accepted"')


def test_the_editor_gets_the_terminal_and_gives_it_back(house: Household, csms: ScriptedCsms) -> None:
    editor = house.home / "editor"
    editor.write_text(
        f"#!{sys.executable}\nimport sys\nprint('EDITING', flush=True)\nsys.stdin.readline()\n"
        'open(sys.argv[1], \'w\').write(\'{"vendorId": "com.example",  "data": [1.5, "x"]}\')\n'
    )
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    arguments = ("--csms-url", csms.url, "--stations", "1", "--ephemeral")
    with console(house, *arguments, VISUAL=str(editor)) as terminal:
        terminal.wait_for("Available")
        terminal.press(":")
        terminal.wait_for("a command, an OCPP message or a key")
        terminal.press(*"send: datatr")
        terminal.wait_for("Send: DataTransfer")
        terminal.press("enter")
        terminal.wait_for("send DataTransfer")
        terminal.press("e")
        terminal.wait_for("EDITING")
        terminal.press("enter")
        terminal.wait_for("com.example")
        terminal.press("s")
        sent = {"vendorId": "com.example", "data": [1.5, "x"]}
        csms.wait_for(lambda frame: frame.action == "DataTransfer" and frame.payload == sent)
        terminal.wait_for("DataTransfer: CALLRESULT in")


def test_one_keyboard_drives_both_ends(house: Household) -> None:
    (house.home / "fleet.toml").write_text("[csms]\nport = 23040\nweb_port = 23041\n")
    with console(house, "--config", "fleet.toml", "--stations", "1", "--ephemeral") as terminal:
        terminal.wait_for("Available")
        terminal.press("c")
        terminal.wait_for("1 connected")
        terminal.press("enter")
        terminal.wait_for("a command, an OCPP message or a key")
        terminal.press(*"csms: getvar")
        terminal.wait_for("CSMS: GetVariables")
        terminal.press("enter")
        terminal.wait_for("send GetVariables")
        terminal.press("s")
        terminal.wait_for("GetVariables: CALLRESULT")
        terminal.wait_for('"attributeStatus": "UnknownComponent"')
        terminal.press("escape")
        terminal.wait_for("embedded CSMS")
        terminal.press(":")
        terminal.wait_for("a command, an OCPP message or a key")
        terminal.press(*"send: heartb")
        terminal.wait_for("Send: Heartbeat")
        terminal.press("enter")
        terminal.wait_for("it has no fields")
        terminal.press("s")
        terminal.wait_for("Heartbeat: CALLRESULT")
