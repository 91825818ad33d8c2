"""settings.toml: what it says, and what it says about mistakes."""

from pathlib import Path

import pytest

from evtui.errors import ConfigError
from evtui.settings import Settings, load_settings, parse_settings


def error_of(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, "settings.toml")
    return str(caught.value)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "settings.toml")
    assert settings == Settings()
    assert (settings.theme, settings.refresh) == ("evtui-dark", 2.0)


def test_keys_theme_and_refresh_are_read() -> None:
    settings = parse_settings('theme = "nord"\nrefresh = 1\n[keys]\n"evse.start" = "f5"\n', "s.toml")
    assert (settings.theme, settings.refresh, settings.keys) == ("nord", 1.0, {"evse.start": "f5"})


def test_a_dotted_key_means_the_same_as_a_quoted_one() -> None:
    assert parse_settings('keys.evse.start = "f5"', "s.toml").keys == {"evse.start": "f5"}


def test_an_unknown_key_names_the_file_and_the_nearest_valid_key() -> None:
    assert error_of('them = "nord"') == "settings.toml: them: there is no such key; did you mean theme?"


def test_an_unknown_binding_names_the_nearest() -> None:
    assert error_of('[keys]\n"evse.strat" = "b"') == (
        "settings.toml: keys.evse.strat: there is no such key binding; did you mean evse.start?"
    )


def test_two_bindings_on_one_key_are_refused() -> None:
    assert error_of('[keys]\n"evse.start" = "x"') == (
        "settings.toml: keys: x stands for both evse.start and evse.stop; give one of them another key"
    )


def test_a_wrong_type_names_the_key() -> None:
    assert error_of('refresh = "fast"').startswith("settings.toml: refresh: ")
    assert error_of('[keys]\n"evse.start" = 3').startswith("settings.toml: keys")


@pytest.mark.parametrize("refresh", ["0", "-1", "100", "nan", "inf"])
def test_a_refresh_that_makes_no_sense_says_the_bounds(refresh: str) -> None:
    assert "from 0.1 to" in error_of(f"refresh = {refresh}")


def test_an_empty_key_is_refused() -> None:
    assert "must name a key" in error_of('[keys]\n"evse.start" = ""')


def test_broken_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = ")
    with pytest.raises(ConfigError, match=r"settings.toml: not valid TOML"):
        load_settings(path)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path)


def test_an_unknown_theme_names_the_nearest() -> None:
    from evtui.tui.themes import check_theme

    with pytest.raises(ConfigError, match="did you mean evtui-dark"):
        check_theme("evtui-drak", "settings.toml")
    assert check_theme("ansi-dark", "settings.toml") == "ansi-dark"
