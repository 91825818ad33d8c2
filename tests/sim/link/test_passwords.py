"""A01: a password set by the CSMS, and one that it refuses afterwards."""

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import ConnectTrouble
from evtui.sim.link.network_profile import NetworkProfile, NetworkSpec
from evtui.sim.link.passwords import CONFIGURED, PASSWORD
from evtui.sim.requests import GetVariable, GetVariables, GetVariablesAnswer, SetVariables, SetVariableTo
from evtui.sim.variables.reports import VariableRef
from tests.proof import proves
from tests.sim.playbook import Playbook, script

pytestmark = proves("SetVariables", "A01")

NEW, NEWER = "correct horse battery", "another one of 21 ch."
REFUSED = ConnectTrouble.UNAUTHORIZED
REF = VariableRef("SecurityCtrlr", "BasicAuthPassword")


def configured() -> NetworkSpec:
    return NetworkSpec((NetworkProfile("ws://first.test", 1),), password=True)


def give(book: Playbook, password: str) -> None:
    book.ask(SetVariables((SetVariableTo(REF, password),)))


def tried(book: Playbook) -> str | None:
    return book.station.uplink.passwords.current


def test_a01_a_new_password_is_tried_at_once_and_stays_when_it_works() -> None:
    book = Playbook(network=configured()).booted()
    assert tried(book) == CONFIGURED
    give(book, NEW)
    assert (book.hangups, tried(book)) == (1, NEW)
    assert script(book.link()) == [], "no boot on plain reconnect"
    book.lose_link()
    book.fail_to_connect(times=5)
    assert tried(book) == NEW, "only a refusal makes it doubt the password"


def test_a01_a_password_that_the_csms_refuses_gives_way_to_the_one_before() -> None:
    """Never a station that is locked out for good."""
    book = Playbook(network=configured()).booted()
    give(book, NEW)
    book.link()
    give(book, NEWER)
    book.fail_to_connect(REFUSED)
    assert tried(book) == NEW
    book.link()
    assert tried(book) == NEW
    assert book.station.variables.text(PASSWORD) == NEW
    assert book.said(NoticeKind.WARNING) == ["the CSMS took an earlier password, not the newest: that one is given up"]
    book.lose_link()
    book.fail_to_connect(REFUSED)
    assert tried(book) == CONFIGURED, "then the one of the configuration"
    book.fail_to_connect(REFUSED)
    assert tried(book) == NEW


def test_a01_the_configured_password_is_the_last_resort() -> None:
    book = Playbook(network=configured()).booted()
    give(book, NEW)
    book.fail_to_connect(REFUSED)
    assert tried(book) == CONFIGURED
    book.link()
    assert book.station.variables.text(PASSWORD) == ""
    book.cut_power()
    assert tried(book) == CONFIGURED


def test_a01_without_another_password_the_only_one_is_tried_again() -> None:
    book = Playbook(network=configured())
    book.fail_to_connect(REFUSED, times=3)
    assert tried(book) == CONFIGURED


def test_a01_a_password_makes_a_plain_link_one_of_security_profile_1() -> None:
    book = Playbook().booted()
    assert book.station.variables.get("SecurityCtrlr.SecurityProfile") == "0"
    give(book, NEW)
    book.link()
    assert book.station.variables.get("SecurityCtrlr.SecurityProfile") == "1"
    assert book.station.uplink.sends_password
    book.cut_power()
    book.link()
    assert book.station.variables.get("SecurityCtrlr.SecurityProfile") == "1"
    assert tried(book) == NEW


def test_a01_a_client_certificate_goes_on_without_the_new_password() -> None:
    spec = NetworkSpec((NetworkProfile("wss://first.test", 3),), certificate=True)
    book = Playbook(network=spec).booted()
    give(book, NEW)
    assert book.hangups == 0
    assert not book.station.uplink.sends_password


def test_a01_what_was_proven_outlasts_a_power_cut_and_so_does_the_doubt() -> None:
    book = Playbook(network=configured()).booted()
    give(book, NEW)
    book.link()
    give(book, NEWER)
    book.cut_power()
    assert tried(book) == NEWER
    book.fail_to_connect(REFUSED)
    assert tried(book) == NEW


def test_a01_fr_11_the_change_is_logged_and_fr_12_never_the_password() -> None:
    book = Playbook(network=configured()).booted()
    give(book, NEW)
    book.fail_to_connect(REFUSED)
    book.link()
    assert "ReconfigurationOfSecurityParameters: BasicAuthPassword was changed" in book.said(NoticeKind.SECURITY)
    assert "horse" not in repr(book.notices)
    answer, _ = book.ask(GetVariables((GetVariable(REF),)))
    assert isinstance(answer, GetVariablesAnswer)
    assert (answer.rows[0].status, answer.rows[0].value) == ("Rejected", None)


@pytest.mark.parametrize("password", ["x" * 15, "x" * 65])
def test_a00_fr_205_a_password_has_16_to_64_characters(password: str) -> None:
    book = Playbook(network=configured()).booted()
    give(book, password)
    assert (book.hangups, tried(book)) == (0, CONFIGURED)
