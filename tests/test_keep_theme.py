"""A theme is kept in settings.toml, and nothing else there changes."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.errors import LocalError
from evtui.keep_theme import keep_theme, with_theme


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "nord"\n'),
        ('theme = "a"\n', 'theme = "nord"\n'),
        ("theme='a' # mine\nrefresh = 4\n", 'theme="nord" # mine\nrefresh = 4\n'),
        ('# looks\nrefresh = 4\n  theme = "a"\n', '# looks\nrefresh = 4\n  theme = "nord"\n'),
        ('[keys]\n"evse.start" = "f2"\n', 'theme = "nord"\n[keys]\n"evse.start" = "f2"\n'),
        ('# theme = "a"\n', 'theme = "nord"\n# theme = "a"\n'),
        ('theme = "a"\r\nrefresh = 4\r\n', 'theme = "nord"\r\nrefresh = 4\r\n'),
        ("refresh = 4", 'theme = "nord"\nrefresh = 4'),
    ],
)
def test_one_value_changes(before: str, after: str) -> None:
    assert with_theme(before, "nord") == after


@pytest.mark.parametrize(
    "text", ['"theme" = "a"', 'theme = """a"""', 'x = """\ntheme = "b"\n"""\n"theme" = "a"\n', "theme = ", "theme = 3"]
)
def test_what_is_written_in_another_way_is_left_alone(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(LocalError, match='cannot be changed safely: write theme = "nord" there'):
        keep_theme(path, "nord")
    assert path.read_text() == text
    assert os.listdir(tmp_path) == ["settings.toml"]


LINES = st.sampled_from(
    [
        'theme = "a"',
        "theme = 'b' # x",
        "refresh = 4",
        "[keys]",
        '"evse.start" = "f2"',
        "# theme = 1",
        "",
        'x = """',
        '"""',
    ]
)


@given(st.lists(LINES, max_size=8))
def test_whatever_is_there_keeps_its_meaning(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        before = tomllib.loads(text)
        after = with_theme(text, "nord")
    except ValueError:
        return
    assert tomllib.loads(after) == {**before, "theme": "nord"}
    comments = [line for line in text.splitlines() if "#" in line]
    assert all(line.partition("#")[2] in after for line in comments)


def test_a_file_is_made_with_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "evtui" / "settings.toml"
    keep_theme(path, "nord")
    assert path.read_text() == 'theme = "nord"\n'


def test_mode_and_link_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "settings.toml"
    real.write_text('theme = "a"\n')
    real.chmod(0o640)
    link.symlink_to(real)
    keep_theme(link, "nord")
    assert link.is_symlink()
    assert real.read_text() == 'theme = "nord"\n'
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalError, match="cannot be written: "):
        keep_theme(tmp_path / "file" / "settings.toml", "nord")


def test_bytes_that_are_no_text_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(LocalError, match="cannot be changed safely"):
        keep_theme(path, "nord")
    assert path.read_bytes() == b"\xff"
