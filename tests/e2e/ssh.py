"""A real sshd on loopback, with keys and a configuration of its own: what a user's link to another machine is."""

import grp
import os
import pty
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.terminal import Terminal, shown
from tests.need import missing, need, program
from tests.program import EVTUI, Household, until

_SSHD = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd")

_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {home}/host_key
AuthorizedKeysFile {home}/user_key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UseDNS no
PrintMotd no
PrintLastLog no
"""


class SshServer:
    """A running sshd, and how a client reaches it."""

    def __init__(self, home: Path, port: int) -> None:
        self._home = home
        self._port = port

    def client(self, *command: str, environment: Mapping[str, str], terminal: bool = True) -> list[str]:
        """ssh, running a command at the other end in this environment."""
        remote = ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *command]
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes")
        return [
            *(program("ssh"), "-F", "none", "-tt" if terminal else "-T", "-i", str(self._home / "user_key")),
            *(word for option in options for word in ("-o", option)),
            *("-o", "EscapeChar=none", "-o", "IdentitiesOnly=yes", "-p", str(self._port)),
            *(f"{_user()}@127.0.0.1", shlex.join(["cd", environment["HOME"]]) + " && exec " + shlex.join(remote)),
        ]


@contextmanager
def ssh_server() -> Iterator[SshServer]:
    """sshd on a free port of 127.0.0.1, as root or not."""
    sshd = next((path for path in _SSHD if os.access(path, os.X_OK)), None) or program("sshd")
    keygen = program("ssh-keygen")
    with tempfile.TemporaryDirectory(prefix="evtui-ssh-") as directory:
        home = Path(directory)
        for key in ("host_key", "user_key"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(home / key)], check=True, timeout=20)
        by = _by_whom()
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd as root locks its children in
        port = _free_port()
        (home / "config").write_text(_CONFIG.format(port=port, home=home))
        log = home / "log"
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [*by, sshd, "-D", "-e", "-f", str(home / "config")],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )
        try:
            until(lambda: process.poll() is not None or b"Server listening" in log.read_bytes())
            if process.poll() is not None:
                missing(f"sshd does not run here: {log.read_text(errors='replace').strip()}")
            yield SshServer(home, port)
        except BaseException:
            print(f"-- what sshd says --\n{log.read_text(errors='replace')}")
            raise
        finally:
            subprocess.run([*by, "kill", str(process.pid)], check=False)
            process.wait(10)


@contextmanager
def remote_console(
    server: SshServer, house: Household, *arguments: str, columns: int = 80, lines: int = 24
) -> Iterator[Terminal]:
    """`evtui ARGUMENTS` at the other end, seen in a terminal at this one."""
    need(Path("/proc").is_dir(), "the processes of a test are found in /proc")
    argv: Sequence[str] = server.client(*EVTUI, *arguments, environment=house.environment())
    with shown(argv, environment=house.environment(), cwd=house.home, columns=columns, lines=lines) as terminal:
        yield terminal


def _by_whom() -> list[str]:
    """An ordinary user's sshd opens terminals where they belong to the group tty, as on most machines; elsewhere root
    has to run it."""
    with suppress(KeyError):
        tty, end = pty.openpty()
        fits = os.geteuid() == 0 or os.fstat(end).st_gid == grp.getgrnam("tty").gr_gid
        for each in (tty, end):
            os.close(each)
        if not fits:
            sudo = ["sudo", "-n"]
            if shutil.which("sudo") is None or subprocess.run([*sudo, "true"], capture_output=True).returncode:
                missing("sshd opens no terminal for an ordinary user here: terminals do not belong to the group tty")
            return sudo
    return []


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        missing(f"sshd lets nobody in whom it does not know: user {os.getuid()} has no name")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
