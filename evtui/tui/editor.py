"""Text written in the user's own editor, while the window steps aside."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from evtui.errors import LocalError


def editor_of(environ: Mapping[str, str]) -> list[str]:
    """The command of $VISUAL or $EDITOR. LocalError: there is none, or it cannot be read."""
    text = environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        command = shlex.split(text)
    except ValueError as error:
        raise LocalError(f"EDITOR: {error}") from None
    if not command:
        raise LocalError("there is no editor: set EDITOR before evtui starts, such as EDITOR=nano")
    return command


def edit(app: App[Any], text: str, name: str) -> str | None:
    """What becomes of a text in the editor, None if that ended without success. LocalError says why there can be no
    editor. The window waits meanwhile; the fleet does not."""
    command = editor_of(os.environ)
    with tempfile.TemporaryDirectory(prefix="evtui-") as directory:
        file = Path(directory) / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        try:
            with app.suspend():
                ended = subprocess.run([*command, str(file)], check=False)
        except SuspendNotSupported:
            raise LocalError("this window has no terminal of its own to give to an editor") from None
        except OSError as error:
            raise LocalError(f"cannot start {command[0]}: {error.strerror or error}") from None
        if ended.returncode:
            return None
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LocalError(f"cannot read what {command[0]} wrote: {error}") from None
