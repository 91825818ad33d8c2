"""Where diagnostics go: to a file when one is named, nowhere otherwise; never to a terminal that shows a screen."""

import logging
import sys
from types import TracebackType

from evtui.errors import ConfigError

_log = logging.getLogger("evtui")


def write_diagnostics(path: str | None) -> None:
    """Sends the log of this process, and the traceback that ends it, to a file. ConfigError: it cannot be written."""
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
    sys.excepthook = _crashed


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("the process ends", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)
