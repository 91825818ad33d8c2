"""Where a running fleet keeps its things, and who of this user runs: each fleet has a directory of its own, locked for
as long as its process lives, so that what dead ones left behind is found and cleared away."""

import fcntl
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import platformdirs

from evtui.errors import ConfigError

SOCKET_PATH_MAX = 100
"""A Unix socket's path may have 108 bytes (macOS: 104), the closing zero included."""

_RECORD = "fleet.json"
_LOCK = "lock"
_TEMPORARY = "door"


class FleetRecord(msgspec.Struct, frozen=True):
    """A running fleet as others of this user see it. `started_at` is Unix time."""

    name: str
    pid: int
    socket: str
    started_at: float
    stations: int
    csms_url: str


class RunPlace:
    """The directories of one running process: `frames` for its spool, `socket` for its door."""

    def __init__(self, name: str, directory: Path, socket: Path, lock: int) -> None:
        self.name = name
        self.directory = directory
        self.frames = directory / "frames"
        self.socket = socket
        self._lock = lock

    @classmethod
    def claim(cls) -> "RunPlace":
        """Makes a place for this process, after clearing away those of dead ones. ConfigError: it cannot be made."""
        try:
            with _registry() as root:
                _clear(root)
                name = f"{os.getpid()}-{secrets.token_hex(3)}"
                directory = root / name
                directory.mkdir(mode=0o700)
                lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            place = cls(name, directory, _socket_path(name), lock)
            place.frames.mkdir(mode=0o700)
        except OSError as error:
            raise ConfigError(
                f"{error.filename or 'the state directory'}: {error.strerror}; set XDG_STATE_HOME"
            ) from None
        return place

    def announce(self, record: FleetRecord) -> None:
        """From now on others find this fleet."""
        draft = self.directory / f"{_RECORD}.new"
        draft.write_bytes(msgspec.json.encode(record))
        draft.rename(self.directory / _RECORD)

    def clear(self) -> None:
        """The process ends: nothing stays behind."""
        _remove(self.directory, self.socket)
        os.close(self._lock)


def running() -> list[FleetRecord]:
    """The fleets of this user that run now, oldest first."""
    if not _root().is_dir():
        return []
    with _registry() as root:
        _clear(root)
        found = [record for entry in _entries(root) if (record := _read(entry)) is not None]
    return sorted(found, key=lambda record: record.started_at)


def _root() -> Path:
    return Path(platformdirs.user_state_path("evtui")) / "running"


@contextmanager
def _registry() -> Iterator[Path]:
    """The directory of all places, for one process at a time."""
    root = _private(_root())
    lock = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield root
    finally:
        os.close(lock)


def _private(directory: Path) -> Path:
    """A directory that nobody else can look into. ConfigError: somebody else made it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.stat()
    if status.st_uid != os.getuid():
        raise ConfigError(f"{directory}: belongs to another user")
    if status.st_mode & 0o077:
        directory.chmod(0o700)
    return directory


def _entries(root: Path) -> list[Path]:
    return [entry for entry in root.iterdir() if entry.is_dir()]


def _clear(root: Path) -> None:
    """Removes what dead processes left: their lock can be taken."""
    for entry in _entries(root):
        try:
            lock = os.open(entry / _LOCK, os.O_RDWR)
        except FileNotFoundError:
            shutil.rmtree(entry, ignore_errors=True)
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            record = _read(entry)
            _remove(entry, Path(record.socket) if record else None)
        finally:
            os.close(lock)


def _read(entry: Path) -> FleetRecord | None:
    try:
        return msgspec.json.decode((entry / _RECORD).read_bytes(), type=FleetRecord)
    except (OSError, msgspec.MsgspecError):
        return None  # it has not announced itself yet


def _socket_path(name: str) -> Path:
    """Where the door's socket goes: a private directory whose path is short enough."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that XDG_RUNTIME_DIR is not set: /tmp does as well
        path = Path(platformdirs.user_runtime_path("evtui")) / f"{name}.door"
    try:
        if len(os.fsencode(path)) <= SOCKET_PATH_MAX:
            _private(path.parent)
            return path
    except (OSError, ConfigError):
        pass  # no such directory on this machine, or not ours: a temporary one does as well
    return Path(tempfile.mkdtemp(prefix="evtui-", dir="/tmp")) / _TEMPORARY


def _remove(directory: Path, socket: Path | None) -> None:
    if socket is not None:
        socket.unlink(missing_ok=True)
        if socket.name == _TEMPORARY:
            shutil.rmtree(socket.parent, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)
