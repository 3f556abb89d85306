"""Dovecot on this machine: an IMAP server without privileges, on loopback ports, whose mailboxes are folders of files.

Any name logs in with the one password and has a mailbox of its own, which begins empty. By XOAUTH2 whoever's token the
endpoint at `introspection_port` confirms is let in, if somebody listens there.
"""

import grp
import os
import pwd
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.services import certificates
from tools.services.debian import install
from tools.services.missing import PartMissing
from tools.services.places import LOOPBACK, free_ports
from tools.services.postgres_programs import unprivileged
from tools.services.processes import Server

PART = "Dovecot"
_PACKAGES = "dovecot-imapd"
_PATIENCE = 30.0
"""Seconds that it may take to start."""
_CONFIGURATION = """\
protocols = imap
listen = {host}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/server.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 50
mailbox_list_index = no
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  # Whoever failed to log in would have to wait seconds.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service imap-urlauth-login {{
  chroot =
}}
"""


@dataclass(slots=True)
class DovecotServer:
    """One server, whose mails and ports stay the same over stops and starts. Make it with `make`."""

    folder: Path
    port: int
    tls_port: int
    introspection_port: int
    password: str
    authority: Path
    """PEM file of who signed its certificate."""
    server: Server | None = None

    @classmethod
    def make(cls) -> "DovecotServer":
        """Prepare a new one, in a temporary folder, since the names of its sockets must not become long.

        Raises:
            PartMissing: it is not to be had.
        """
        _program()
        user = unprivileged() or pwd.getpwuid(os.geteuid()).pw_name
        folder = Path(tempfile.mkdtemp(prefix="muara-dovecot-"))
        folder.chmod(0o711)
        authority, _ = certificates.make(folder)
        port, tls_port, introspection_port = free_ports(3)
        made = cls(folder, port, tls_port, introspection_port, secrets.token_hex(12), authority)
        group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
        words = _CONFIGURATION.format(
            host=LOOPBACK, folder=folder, user=user, group=group, password=made.password,
            port=port, tls_port=tls_port,
        )  # fmt: skip
        (folder / "dovecot.conf").write_text(words, encoding="utf-8")
        (folder / "oauth2.conf").write_text(
            f"introspection_url = http://{LOOPBACK}:{introspection_port}/introspect\n"
            "introspection_mode = post\n"
            "force_introspection = yes\n"
            "username_attribute = username\n"
            "active_attribute = active\n"
            "active_value = true\n",
            encoding="utf-8",
        )
        (folder / "mail").mkdir()
        if os.geteuid() == 0:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, user)
        return made

    @property
    def running(self) -> bool:
        """Whether its process is alive."""
        return self.server is not None and self.server.alive()

    def start(self) -> None:
        """Start it if it does not run, and wait until it answers.

        Raises:
            PartMissing: it ends, or does not come up in time; with the end of its log.
        """
        if self.running:
            return
        log = self.folder / "output.log"
        command = [_program(), "-F", "-c", str(self.folder / "dovecot.conf")]
        self.server = Server.spawn(command, log=log, folder=self.folder, user=unprivileged())
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            ended = not self.server.alive()
            if ended or time.monotonic() > deadline:
                said = "".join(
                    path.read_text(errors="replace") for path in (log, self.folder / "server.log") if path.exists()
                )
                self.kill()
                raise PartMissing.after(PART, "starting the server", said, f"Its whole log: {self.folder}/server.log.")
            time.sleep(0.02)

    def kill(self) -> None:
        """End all its processes at once by SIGKILL, as a power cut would."""
        if self.server is not None:
            if self.server.alive():
                os.killpg(self.server.pid, signal.SIGKILL)  # it leads a session of its own
            self.server.kill()
            self.server = None

    def end(self) -> None:
        """Stop it, and remove all its mails."""
        if self.server is not None:
            self.server.stop(patience=10.0)
            self.server = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def mailbox(self, user: str, folder: str = "") -> Path:
        """The Maildir of a user's inbox, or of another folder by the name that IMAP has for it (modified UTF-7)."""
        path = self.folder / "mail" / user / (f".{folder.replace('/', '.')}" if folder else "")
        for part in ("cur", "new", "tmp"):
            (path / part).mkdir(parents=True, exist_ok=True)
        self._own(self.folder / "mail" / user)
        return path

    def deliver(self, user: str, mails: Iterable[bytes], folder: str = "", *, age: float = 0.0) -> None:
        """Put mails into a mailbox as a mail server does, `age` seconds ago. They get their UIDs in this order."""
        path = self.mailbox(user, folder)
        came = time.time() - age
        for number, mail in enumerate(mails):
            # Dovecot sorts new files by the time in their names.
            name = f"{int(came)}.M{number:06}P{secrets.token_hex(4)}.localhost"
            (path / "tmp" / name).write_bytes(mail)
            os.utime(path / "tmp" / name, (came, came))
            if os.geteuid() == 0:
                shutil.chown(path / "tmp" / name, unprivileged() or "nobody")
            (path / "tmp" / name).rename(path / "new" / name)

    def _own(self, path: Path) -> None:
        user = unprivileged()
        if user is not None:
            for each in (path, *path.rglob("*")):
                if each.is_dir():
                    shutil.chown(each, user)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            return False


def _program() -> str:
    """The server's program; got first, if we may. Unpacked elsewhere it does not find its parts.

    Raises:
        PartMissing: it is neither here nor to be had.
    """
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    if found := shutil.which("dovecot", path=path):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install(_PACKAGES, PART)
        if found := shutil.which("dovecot", path=path):
            return found
    how = f"Install it (Debian, as root: apt-get update && apt-get install {_PACKAGES}) and run again."
    raise PartMissing(PART, "there is no dovecot here", how)
