"""Webhooks of Twilio for incoming text messages: a form, signed together with the public address.

Signature: Twilio, "Validating signatures": base64 of HMAC-SHA1, keyed with the auth token, over the full URL followed
by each parameter's name and value, sorted by name. The form carries no time of sending.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import httpx

from sandbox.city.clients.base import Counts, Patience, persist, post
from sandbox.city.targets import TwilioTarget
from sandbox.city.utterances import Utterance


def signature(auth_token: str, url: str, parameters: Mapping[str, str]) -> str:
    """Value of `X-Twilio-Signature`."""
    text = url + "".join(f"{name}{parameters[name]}" for name in sorted(parameters))
    # SHA-1 is what the protocol says.
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def form(said: Utterance, target: TwilioTarget) -> dict[str, str]:
    """The parameters of one message."""
    fields = {
        "ToCountry": "ID",
        "SmsMessageSid": said.external_id,
        "NumMedia": str(len(said.attachments)),
        "SmsSid": said.external_id,
        "SmsStatus": "received",
        "FromCountry": "ID",
        "Body": said.text,
        "To": target.number,
        "NumSegments": str(max(1, -(-len(said.text) // 153))),
        "MessageSid": said.external_id,
        "AccountSid": target.account_sid,
        "From": said.sender.e164,
        "ApiVersion": "2010-04-01",
    }
    for n, attachment in enumerate(said.attachments):
        fields[f"MediaContentType{n}"] = attachment.media_type
        fields[f"MediaUrl{n}"] = f"{target.media_url}/{target.account_sid}/{said.external_id}/{attachment.seed}"
    return fields


class TwilioClient:
    """Sends webhooks as Twilio does, one message each."""

    def __init__(self, target: TwilioTarget, http: httpx.AsyncClient, patience: Patience) -> None:
        self._target, self._http, self._patience = target, http, patience
        self.counts = Counts()

    async def send(self, parcel: Sequence[Utterance]) -> None:
        """One request for each message."""
        target = self._target
        for said in parcel:
            fields = form(said, target)
            headers = {
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "X-Twilio-Signature": signature(target.auth_token, target.public_url or target.url, fields),
            }
            body = urlencode(fields).encode("ascii")

            async def once(body: bytes = body, headers: dict[str, str] = headers) -> tuple[bool | None, float | None]:
                return await post(self._http, target.url, body, headers, self._patience)

            await persist(once, self._patience, self.counts, 1)
