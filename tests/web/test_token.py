"""The token: where it is read from, and that it does not show."""

from pathlib import Path

import pytest

from evtui.errors import ConfigError
from evtui.web.token import Token, read_token


def read(env: str | None = None, file: str | None = None) -> Token | None:
    return read_token(env, file, "--env", "--file")


def test_a_token_matches_itself_alone() -> None:
    token = Token("abc")
    assert token.matches(b"abc")
    for other in (b"", b"ab", b"abcd", b"ABC", b"abc ", b"\xff", b"x" * 100_000):
        assert not token.matches(other)


def test_it_comes_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOKEN", "from-env")
    (tmp_path / "token").write_text("  from-file\r\n")
    for token, text in ((read("TOKEN"), b"from-env"), (read(file=str(tmp_path / "token")), b"from-file")):
        assert token is not None
        assert token.matches(text)
    assert read() is None


@pytest.mark.parametrize("text", ["", "\n", "two words", "two\nlines", "Schlüssel", "tab\there", "\x1b[31m"])
def test_what_a_header_cannot_carry_is_no_token(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="--file: ") as refused:
        read(file=str(tmp_path / "token"))
    assert not text.strip() or text.strip() not in str(refused.value)


def test_where_there_is_none_the_option_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for env, file, why in (
        ("NOT_SET", None, "--env: the environment variable NOT_SET is not set"),
        (None, str(tmp_path / "none"), "--file: .* cannot be read: No such file"),
        (None, str(tmp_path), "--file: .* cannot be read: Is a directory"),
        (None, str(tmp_path / "binary"), "--file: .* cannot be read: it is not text"),
        ("NOT_SET", "x", "--env and --file are both given"),
    ):
        with pytest.raises(ConfigError, match=why):
            read(env, file)


def test_nothing_that_prints_a_token_tells_it() -> None:
    token = Token("abc-secret")
    assert "secret" not in f"{token!r} {token} {vars(token)}"
