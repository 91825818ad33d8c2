"""Who may charge."""

from evtui.csms.tokens import Token, TokenEntry, TokenTable

CARD = {"idToken": "DEADBEEF", "type": "ISO14443"}


def test_a_token_that_is_not_listed_is_accepted_unless_told_otherwise() -> None:
    assert TokenTable().info(CARD) == {"status": "Accepted"}
    assert TokenTable(unlisted="Unknown").info(CARD) == {"status": "Unknown"}


def test_a_listed_token_gets_its_status_group_and_evses() -> None:
    """C01.FR.20, C09."""
    table = TokenTable()
    group = Token("FAMILY", "Central")
    table.put(Token("DEADBEEF", "ISO14443"), TokenEntry("Blocked", group, (1, 2)))
    assert table.info(CARD) == {
        "status": "Blocked",
        "groupIdToken": {"idToken": "FAMILY", "type": "Central"},
        "evseId": [1, 2],
    }


def test_tokens_are_compared_without_case_but_with_their_type() -> None:
    table = TokenTable()
    table.put(Token("DeadBeef", "ISO14443"), TokenEntry("Invalid"))
    assert table.info({"idToken": "deadbeef", "type": "ISO14443"}) == {"status": "Invalid"}
    assert table.info({"idToken": "deadbeef", "type": "Central"}) == {"status": "Accepted"}
    assert table.entry(Token("DEADBEEF", "ISO14443")) == TokenEntry("Invalid")


def test_a_version_without_types_finds_a_token_by_its_value() -> None:
    table = TokenTable()
    table.put(Token("DeadBeef", "eMAID"), TokenEntry("Blocked"))
    assert table.of_any_type("DEADBEEF") == TokenEntry("Blocked")
    assert table.of_any_type("CAFE") is None


def test_a_token_taken_off_the_list_is_as_if_it_had_never_been_there() -> None:
    table = TokenTable()
    table.put(Token("A", "Central"), TokenEntry("Invalid"))
    table.remove(Token("a", "Central"))
    table.remove(Token("B", "Central"))
    assert table.entry(Token("A", "Central")) is None


def test_no_authorization_needs_no_token() -> None:
    """C02: idToken is "", and nobody is asked."""
    assert TokenTable(unlisted="Invalid").info({"idToken": "", "type": "NoAuthorization"}) == {"status": "Accepted"}


def test_a_key_code_is_never_shown() -> None:
    """C04.FR.04."""
    assert "1234" not in repr(Token("1234", "KeyCode"))
    assert Token("1234", "KeyCode").shown == "***"
    assert Token("1234", "Central").shown == "1234"
