"""Where a CSMS keeps things that nobody told where: a file for each place that it listens on."""

import re
from pathlib import Path

import platformdirs


def of_user() -> Path:
    """The directory of this user's CSMSs."""
    return Path(platformdirs.user_state_path("evtui")) / "csms"


def file_in(directory: Path, host: str, port: int) -> Path:
    """The file of the CSMS on that port; of another host than this machine alone, with the host's name."""
    where = (
        "" if host in ("", "127.0.0.1", "::1", "localhost") else re.sub(r"[^A-Za-z0-9.]+", "-", host).strip("-") + "-"
    )
    return directory / f"{where}{port}.db"
