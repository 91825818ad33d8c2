"""README tells the truth: what it names exists, and what exists is named."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from evtui.config import load_fleet
from evtui.options import DECLARED, flag_of
from evtui.tui.keys import DIALOGS, KEYS, KeySpec, Where, key_name

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DECLARED)
def test_every_option_is_told(name: str) -> None:
    assert f"`{flag_of(name)}" in README or f"{flag_of(name)} " in README


TABLES = {
    "everywhere": (Where.EVERYWHERE, Where.WINDOW),
    "fleet": (Where.FLEET, Where.GRID),
    "station view": (Where.STATION,),
    "charts": (Where.CHART, Where.CHARTS),
    "frames, and a frame": (Where.LOG, Where.FRAME),
    "a message, as a form": (Where.MESSAGE,),
    "rules on the wire, device model, CSMS, ECHONET": (Where.RULES, Where.MODEL, Where.CSMS, Where.NODE),
    "dialogs": DIALOGS,
}
"""The table of README that tells the keys of a part of the window. A part that is not here has no keys told."""

MOVES = {
    "up",
    "down",
    "left",
    "right",
    "page-up",
    "page-down",
    "home",
    "end",
    "previous",
    "next",
    "previous-evse",
    "next-evse",
}


def told(table: str) -> set[str]:
    """The keys in the first column of one of README's tables; `1`-`3` are three of them."""
    found = re.search(rf"^\| {re.escape(table)} \| \|\n\|---\|---\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert found, f"README has no table of keys called {table!r}"
    firsts = [row.split(" | ")[0] for row in found[1].splitlines()]
    keys = {key for first in firsts for key in re.findall(r"`([^`]+)`", first)}
    for first in firsts:
        keys |= {str(n) for a, z in re.findall(r"`(\d)`-`(\d)`", first) for n in range(int(a), int(z) + 1)}
        keys |= set(re.findall(r"\b(up|down|left|right)\b", first))
        keys |= {"up", "down", "left", "right"} if "arrows" in first else set()
    return keys


def names(spec: KeySpec) -> set[str]:
    """Its keys as README writes them."""
    return {key_name(key).replace("^", "ctrl+").replace("esc", "escape") for key in spec.keys.split(",")}


def moves(spec: KeySpec) -> bool:
    """A cursor, told once for all screens."""
    return spec.where not in DIALOGS and spec.id.split(".")[1].removesuffix("-value") in MOVES


@pytest.mark.parametrize("spec", KEYS, ids=[f"{spec.where}-{spec.id}" for spec in KEYS])
def test_every_key_has_a_row(spec: KeySpec) -> None:
    (table,) = [name for name, parts in TABLES.items() if spec.where in parts]
    missing = names(spec) - told(table) - (told("everywhere") if moves(spec) else set())
    assert not missing, f"README's table of keys {table!r} does not tell {missing} ({spec.id}: {spec.help})"


@pytest.mark.parametrize("table", TABLES)
def test_no_row_tells_a_key_that_there_is_not(table: str) -> None:
    shown = [spec for spec in KEYS if spec.where in TABLES[table] or (table == "everywhere" and moves(spec))]
    assert told(table) <= {name for spec in shown for name in names(spec)}


def test_the_example_of_fleet_toml_is_a_valid_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "fleet.toml"
    file.write_text(example)
    fleet = load_fleet(file)
    assert [group.count for group in fleet.groups] == [20, 2]


@pytest.mark.timeout(180)  # it collects all tests
def test_the_support_matrix_is_what_the_tests_say() -> None:
    made = subprocess.run([sys.executable, "-m", "tests.matrix", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("picture", re.findall(r"\]\((screenshots/[^)]+)\)", README))
def test_every_picture_is_there_twice(picture: str) -> None:
    assert (ROOT / picture).is_file()
    assert (ROOT / picture).with_suffix(".png").is_file()


@pytest.mark.parametrize("marker", ["start", "tests"])
def test_the_commands_that_ci_runs_are_marked(marker: str) -> None:
    assert re.search(rf"<!-- \.ci/run: {marker} -->\n```sh\npython3 -m venv [^\n]+\n```", README)


def test_pictures_load_nothing_from_elsewhere() -> None:
    for picture in (ROOT / "screenshots").glob("*.svg"):
        assert "@font-face" not in picture.read_text(encoding="utf-8")
