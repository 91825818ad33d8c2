"""README tells the truth: what it names exists, and what exists is named."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from evtui.config import load_fleet
from evtui.options import DECLARED, flag_of
from evtui.tui.keys import BY_ID, KeySpec, Where, keys_of, shown_key

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DECLARED)
def test_every_option_is_told(name: str) -> None:
    assert f"`{flag_of(name)}" in README or f"{flag_of(name)} " in README


EVENTS = [spec for spec in keys_of(Where.STATION) if spec.command]
KEYS = [*keys_of(Where.FLEET), *EVENTS, BY_ID["station.chart"], BY_ID["window.quit"], BY_ID["window.help"]]


@pytest.mark.parametrize("spec", KEYS, ids=[spec.id for spec in KEYS])
def test_every_key_of_the_fleet_is_told(spec: KeySpec) -> None:
    assert f"`{shown_key(spec, {})}`" in README


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
