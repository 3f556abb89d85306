"""The page of a hub's profile says how the hub proves itself, whatever the scheme."""

from pathlib import Path
from typing import get_args

import pytest

from recipes.hubs.describing import describe
from recipes.hubs.profile import Profile, load_profile
from recipes.signature_model import Scheme, Signature

SANDBOX = load_profile(Path(__file__).parents[2] / "dispatcher" / "hubs" / "sandbox.yaml").model
SAID: dict[str, tuple[dict[str, object], str]] = {
    "token": ({"query": "kunci"}, "a token in the parameter `kunci`;"),
    "telegram": ({}, "a token in the header `X-Telegram-Bot-Api-Secret-Token`;"),
    "basic": ({}, "name and password (Basic);"),
    "hmac": (
        {
            "header": "X-T",
            "hash": "sha512",
            "encoding": "base64",
            "signs": "{timestamp}.{body}",
            "timestamp": "X-W",
        },
        (
            "the HMAC-SHA512 of `{timestamp}.{body}`, the time being that of the header `X-W`, not older than 300"
            " seconds, base64, in the header `X-T`;"
        ),
    ),
    "hmac_sha256_hex": ({"header": "X-Tanda"}, "the HMAC-SHA256 of the body, hex, in the header `X-Tanda`;"),
    "hmac_sha256_base64": ({"header": "X-Tanda"}, "the HMAC-SHA256 of the body, base64, in the header `X-Tanda`;"),
    "hmac_sha1_hex": ({"header": "X-Tanda"}, "the HMAC-SHA1 of the body, hex, in the header `X-Tanda`;"),
    "hmac_sha1_base64": ({"query": "tanda"}, "the HMAC-SHA1 of the body, base64, in the parameter `tanda`;"),
    "meta": ({}, "the HMAC-SHA256 of the body, hex, in the header `X-Hub-Signature-256` behind `sha256=`;"),
    "twilio": ({}, "Twilio's signature of the address and the form, in the header `X-Twilio-Signature`;"),
    "vonage": ({}, "or its older parameter `sig`, not older than 86400 seconds;"),
    "mailgun": ({"tolerance": 60}, "cover no more, not older than 60 seconds;"),
    "sendgrid": ({}, "in the headers `X-Twilio-Email-Event-Webhook-…`, not older than 86400 seconds;"),
    "standard_webhooks": ({}, "in the headers `webhook-…` (or `svix-…`), not older than 300 seconds;"),
}


def test_every_scheme_has_its_words() -> None:
    assert {*SAID, "none"} == set(get_args(Scheme))


@pytest.mark.parametrize("scheme", sorted(SAID))
def test_a_push_is_described_by_its_scheme(scheme: str) -> None:
    options, words = SAID[scheme]
    proof = Signature.model_validate({"scheme": scheme, "secret": "kabar", **options})
    assert SANDBOX.webhook is not None
    webhook = SANDBOX.webhook.model_copy(update={"signature": proof})
    page = describe(Profile(SANDBOX.model_copy(update={"webhook": webhook})))
    assert f"{words} the secret is `kabar`" in page
