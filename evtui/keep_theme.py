"""Keeping a theme in settings.toml: that one value is changed, everything else stays as it was written."""

import os
import re
import tempfile
import tomllib
from pathlib import Path

from evtui.errors import LocalError

_THEME = re.compile(r"""^([ \t]*theme[ \t]*=[ \t]*)(?:"[^"\\\n]*"|'[^'\n]*')""", re.MULTILINE)


def keep_theme(path: Path, name: str) -> None:
    """Writes the theme into the file, which is made if there is none. LocalError: the file stays as it was."""
    path = Path(os.path.realpath(path))  # a link to where somebody keeps such files stays one
    try:
        text = path.read_bytes().decode() if path.exists() else ""
        changed = with_theme(text, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, changed)
    except (ValueError, tomllib.TOMLDecodeError):
        raise LocalError(f'{path} cannot be changed safely: write theme = "{name}" there') from None
    except OSError as error:
        raise LocalError(f"{path} cannot be written: {error.strerror or error}") from None


def with_theme(text: str, name: str) -> str:
    """The text of settings.toml with another theme. ValueError: nobody knows where it stands in there."""
    before = tomllib.loads(text)
    if "theme" in before:
        found = _THEME.search(text)
        if found is None:
            raise ValueError("the theme is not written on a line of its own")
        changed = f'{text[: found.start()]}{found[1]}"{name}"{text[found.end() :]}'
    else:  # keys of no table stand before the first one
        newline = "\r\n" if "\r\n" in text else "\n"
        changed = f'theme = "{name}"{newline}{text}'
    if tomllib.loads(changed) != {**before, "theme": name}:
        raise ValueError("something else would change with it")
    return changed


def _replace(path: Path, text: str) -> None:
    """In one go: whoever reads meanwhile finds the old file or the new one."""
    descriptor, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
        if path.exists():
            os.chmod(made, path.stat().st_mode & 0o777)
        os.replace(made, path)
    except BaseException:
        os.unlink(made)
        raise
