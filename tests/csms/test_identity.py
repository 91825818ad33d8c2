"""Which station a URL path names (OCPP-J 2.0.1 3.1.1)."""

import pytest

from evtui.csms.identity import identity_of


@pytest.mark.parametrize(
    ("path", "identity"),
    [
        ("/CP001", "CP001"),
        ("/any/prefix/CP001", "CP001"),
        ("/RDAM%7C123", "RDAM|123"),
        ("/CP001?token=x/y", "CP001"),
        ("/a%2Fb", "a/b"),
        ("/" + "x" * 48, "x" * 48),
        ("/%3Cscript%3E", "<script>"),
        ("/%C3%BC", "ü"),
        ("/..", ".."),
    ],
)
def test_the_last_segment_is_the_identity(path: str, identity: str) -> None:
    assert identity_of(path) == identity


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", id="nothing"),
        pytest.param("/prefix/", id="nothing behind a prefix"),
        pytest.param("/" + "x" * 49, id="49 characters"),
        pytest.param("/a:b", id="a colon"),
        pytest.param("/a%3Ab", id="an encoded colon"),
        pytest.param("/a%00b", id="a NUL"),
        pytest.param("/a%1B%5B2Jb", id="an escape sequence"),
        pytest.param("/a%0D%0Ab", id="a line break"),
        pytest.param("/%E2%80%AEevil", id="a right-to-left override"),
        pytest.param("/%FF", id="no UTF-8"),
        pytest.param("/%20CP001", id="a blank at the end"),
    ],
)
def test_what_can_be_no_identity_names_nobody(path: str) -> None:
    assert identity_of(path) is None
