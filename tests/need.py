"""What a test needs from outside: absent on a newcomer's machine it skips, in CI (which installs it) it fails."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skips the running test with the reason, or fails it where CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must not skip: {reason}")
    pytest.skip(reason)


def need(there: object, reason: str) -> None:
    """Goes on if `there` is true, else tells why the test cannot run."""
    if not there:
        missing(reason)


def program(name: str) -> str:
    """The path of a program that has to be installed."""
    path = shutil.which(name)
    if path is None:
        missing(f"{name} is not installed")
    return path


def npm_package(name: str) -> Path:
    """The directory whose node_modules holds the package: EVTUI_PEERS, else tests/peers after `npm ci` there."""
    home = Path(os.environ.get("EVTUI_PEERS", Path(__file__).parent / "peers"))
    need((home / "node_modules" / name).is_dir(), f"the npm package {name} is not installed: npm ci in tests/peers")
    return home


def chromium() -> str:
    """The path of a Chromium that is installed on this machine."""
    need(find_spec("playwright"), "playwright is not installed: pip install -e '.[dev]'")
    return next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None) or program(
        "chromium"
    )
