"""Server processes: started in a session of their own, known again by pid and birth, ended by that alone."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class Server:
    """One process. A pid that the system gave to another process meanwhile is not taken for it."""

    def __init__(self, pid: int, born: int, child: "subprocess.Popen[bytes] | None" = None) -> None:
        """`born` is the kernel's start time of the process in clock ticks; 0 where that cannot be read."""
        self.pid = pid
        self.born = born
        self._child = child

    @classmethod
    def spawn(
        cls,
        command: Sequence[str],
        *,
        log: Path,
        folder: Path,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> "Server":
        """Start a process that outlives us unless it is stopped; both its outputs are appended to a file."""
        uid, gid = _identity(user)
        with log.open("ab") as output:
            child = subprocess.Popen(  # noqa: S603 commands are our own
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
                env=None if environment is None else {**os.environ, **environment},
                user=uid,
                group=gid,
                extra_groups=None if uid is None else (),
            )
        return cls(child.pid, _born(child.pid), child)

    @classmethod
    def known(cls, file: Path) -> "Server | None":
        """The server that was remembered in a file last."""
        try:
            pid, born = file.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return None
        return cls(int(pid), int(born))

    def remember(self, file: Path) -> None:
        """Let other processes find it, from now on until the next one is remembered there."""
        new = file.with_suffix(".new")
        new.write_text(f"{self.pid} {self.born}\n", encoding="ascii")
        new.replace(file)

    @classmethod
    def myself(cls) -> "Server":
        """This process."""
        return cls(os.getpid(), _born(os.getpid()))

    def alive(self) -> bool:
        """Whether this very process runs."""
        if self._child is not None:
            return self._child.poll() is None
        if self.born:
            return _born(self.pid) == self.born
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.alive():
            os.kill(self.pid, number)

    def pause(self, *, patience: float = 10.0) -> None:
        """Stop its clock (SIGSTOP); returns when all its threads stand. On a busy machine some work on for a moment.

        Raises:
            TimeoutError: after `patience` seconds some still do.
        """
        self.send(signal.SIGSTOP)
        deadline = time.monotonic() + patience
        while self.alive() and any(state not in "TtZX" for state in _states(self.pid)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {self.pid} does not stand still")
            time.sleep(0.01)

    def stop(self, *, patience: float, gently: signal.Signals = signal.SIGTERM) -> None:
        """End it, by force after `patience` seconds; returns when it is gone."""
        self.send(gently)
        if not self._gone(patience):
            self.send(signal.SIGKILL)
            self._gone(10)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send(signal.SIGKILL)
        self._gone(10)

    def _gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


def run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> tuple[int, str]:
    """Run a command to its end. Returns its exit code and what it printed; 124 after `timeout` seconds."""
    uid, gid = _identity(user)
    try:
        done = subprocess.run(  # noqa: S603 commands are our own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            check=False,
            timeout=timeout,
            env=None if environment is None else {**os.environ, **environment},
            user=uid,
            group=gid,
            extra_groups=None if uid is None else (),
        )
    except FileNotFoundError as error:
        return 127, str(error)
    except subprocess.TimeoutExpired:
        return 124, f"no end after {timeout:.0f} seconds"
    return done.returncode, done.stdout.decode(errors="replace")


def _identity(user: str | None) -> tuple[int | None, int | None]:
    if user is None:
        return None, None
    known = pwd.getpwnam(user)
    return known.pw_uid, known.pw_gid


def _states(pid: int) -> list[str]:
    """The state of each thread of a process, as the kernel writes it: `R`, `S`, `T`…; none where there is no /proc."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            text = task.read_text(encoding="ascii", errors="replace")
        except OSError:
            continue  # it has ended meanwhile
        found.append(text.rpartition(")")[2].split()[0])
    return found


def _born(pid: int) -> int:
    """Start time of a process in clock ticks since boot; 0 when it is gone, a zombie, or there is no /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] in "ZX" else int(fields[19])
