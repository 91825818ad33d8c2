"""Where diagnostics go: to a file when one is named, nowhere otherwise; never to a terminal that shows a screen."""

import logging

from evtui.errors import ConfigError


def write_diagnostics(path: str | None) -> None:
    """Sends the log of this process to a file. ConfigError: it cannot be written."""
    if path is None:
        logging.getLogger().addHandler(logging.NullHandler())
        return
    try:
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--log: {path}: {error.strerror}") from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
