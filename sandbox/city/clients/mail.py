"""Mail over real SMTP. The standard library's client runs in threads: one connection for each message."""

import asyncio
import smtplib
from collections.abc import Sequence

from sandbox.city.clients.base import Counts, Patience, persist
from sandbox.city.clients.mail_shapes import encode, envelope_sender
from sandbox.city.targets import MailTarget
from sandbox.city.utterances import Utterance


class MailClient:
    """Hands mails over as a mail server of the citizen's provider would."""

    def __init__(self, target: MailTarget, patience: Patience) -> None:
        self._target, self._patience = target, patience
        self.counts = Counts()

    async def send(self, parcel: Sequence[Utterance]) -> None:
        """One transaction for each message. 4xx and a broken connection are tried again, 5xx refuses."""
        for said in parcel:
            raw, sender = encode(said, self._target.recipient), envelope_sender(said)

            async def once(raw: bytes = raw, sender: str = sender) -> tuple[bool | None, float | None]:
                return await asyncio.to_thread(self._deliver, raw, sender), None

            await persist(once, self._patience, self.counts, 1)

    def _deliver(self, raw: bytes, sender: str) -> bool | None:
        target = self._target
        try:
            with smtplib.SMTP(
                target.host, target.port, local_hostname="mx.surat.example", timeout=self._patience.timeout
            ) as server:
                server.sendmail(sender, [target.recipient], raw)
        except smtplib.SMTPRecipientsRefused as refusal:
            return _open_or_refused(min(code for code, _ in refusal.recipients.values()))
        except smtplib.SMTPResponseException as answer:
            return _open_or_refused(answer.smtp_code)
        except (smtplib.SMTPServerDisconnected, OSError):
            return None
        return True


def _open_or_refused(code: int) -> bool | None:
    """A code of 4xx leaves the fate open, 5xx settles it."""
    return None if code < 500 else False
