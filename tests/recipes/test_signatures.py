"""Every scheme by which providers prove themselves: what passes, and each way of not passing."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from recipes.signature_model import Signature
from recipes.signatures import Signed, verify

NOW = 1_795_503_900.0
BODY = b'{"id": "1", "isi": "Lampu mati"}'
URL = "https://muara.kota.example/in/sumber?a=b"
OLD, NEW = "kunci-lama", "kunci-baru"
KEY = "whsec_" + base64.b64encode(b"kunci standar").decode()
FORM = "application/x-www-form-urlencoded"
HEADER = {"header": "X-Tanda"}


def mac(name: str, message: bytes, secret: bytes = NEW.encode()) -> bytes:
    return hmac.new(secret, message, getattr(hashlib, name)).digest()


def b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def jwt(claims: Mapping[str, Any], *, alg: str = "HS256", secret: str = NEW) -> str:
    def part(value: Mapping[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signed = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(claims)}"
    seal = "" if alg == "none" else base64.urlsafe_b64encode(mac("sha256", signed.encode(), secret.encode())).decode()
    return f"Bearer {signed}.{seal.rstrip('=')}"


CLAIMS = {"iat": int(NOW), "exp": int(NOW) + 600, "payload_hash": hashlib.sha256(BODY).hexdigest(), "iss": "Vonage"}
SMS = {"msisdn": "6281100000001", "text": "air & listrik = mati", "timestamp": str(int(NOW))}
COVERED = b"&msisdn=6281100000001&text=air _ listrik _ mati&timestamp=" + str(int(NOW)).encode()
STAMP = str(int(NOW))
STANDARD = b64(mac("sha256", b"msg_1." + STAMP.encode() + b"." + BODY, b"kunci standar"))
TOKEN = "t" * 50
MAILGUN = {"timestamp": STAMP, "token": TOKEN, "signature": mac("sha256", f"{STAMP}{TOKEN}".encode()).hex()}
BASIC = "Basic " + b64(b"gerbang:sandi")

Case = tuple[str, dict[str, Any], dict[str, Any], bool]


def sent(body: bytes = BODY, media_type: str = "application/json", at: float = NOW, **headers: str) -> dict[str, Any]:
    lower = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return {"body": body, "media_type": media_type, "headers": lower, "at": at}


def standard(signature: str, *, key: str = "webhook", identity: str = "msg_1", at: float = NOW) -> dict[str, Any]:
    return {**sent(at=at), "headers": {f"{key}-id": identity, f"{key}-timestamp": STAMP, f"{key}-signature": signature}}


def form(fields: Mapping[str, str], at: float = NOW) -> dict[str, Any]:
    return sent(urlencode(fields).encode(), FORM, at)


def vonage(name: str) -> dict[str, Any]:
    return form({**SMS, "sig": mac(name, COVERED).hex().upper()})


PLAIN = {"scheme": "token", **HEADER}
STAMPED = {"scheme": "hmac", **HEADER, "timestamp": "X-Waktu", "signs": "{timestamp}.{body}"}
CASES: list[Case] = [
    ("token", PLAIN, sent(X_Tanda=NEW), True),
    ("token of another", PLAIN, sent(X_Tanda="tebakan"), False),
    ("token absent", PLAIN, sent(), False),
    ("token with signs of any kind", PLAIN, sent(X_Tanda="kuncı\ud800"), False),
    ("token behind a prefix", {**PLAIN, "prefix": "Bearer "}, sent(X_Tanda=f"Bearer {NEW}"), True),
    ("token without the prefix", {**PLAIN, "prefix": "Bearer "}, sent(X_Tanda=NEW), False),
    ("token in the query", {"scheme": "token", "query": "k"}, {**sent(), "query": {"k": NEW}}, True),
    ("token in the wrong place", {"scheme": "token", "query": "k"}, sent(k=NEW), False),
    ("Telegram", {"scheme": "telegram"}, sent(X_Telegram_Bot_Api_Secret_Token=NEW), True),
    ("Telegram without its header", {"scheme": "telegram"}, sent(Authorization=NEW), False),
    ("Basic", {"scheme": "basic", "secret": "login"}, sent(Authorization=BASIC), True),
    ("Basic in small letters", {"scheme": "basic", "secret": "login"}, sent(Authorization=f"basic {BASIC[6:]}"), True),
    ("Basic of another", {"scheme": "basic", "secret": "login"}, sent(Authorization="Basic eDp5"), False),
    (
        "the words of Basic as a token",
        {"scheme": "basic", "secret": "login"},
        sent(Authorization=f"Bearer {BASIC[6:]}"),
        False,
    ),
    ("HMAC in hex", {"scheme": "hmac_sha256_hex", **HEADER}, sent(X_Tanda=mac("sha256", BODY).hex()), True),
    ("HMAC in capitals", {"scheme": "hmac", **HEADER}, sent(X_Tanda=mac("sha256", BODY).hex().upper()), True),
    ("HMAC of another body", {"scheme": "hmac", **HEADER}, sent(X_Tanda=mac("sha256", BODY + b" ").hex()), False),
    ("HMAC with another hash", {"scheme": "hmac", **HEADER}, sent(X_Tanda=mac("sha1", BODY).hex()), False),
    ("HMAC-SHA1", {"scheme": "hmac_sha1_base64", **HEADER}, sent(X_Tanda=b64(mac("sha1", BODY))), True),
    ("HMAC-SHA512", {"scheme": "hmac", "hash": "sha512", **HEADER}, sent(X_Tanda=mac("sha512", BODY).hex()), True),
    ("HMAC in base64", {"scheme": "hmac_sha256_base64", **HEADER}, sent(X_Tanda=b64(mac("sha256", BODY))), True),
    (
        "HMAC in base64 for addresses, unpadded",
        {"scheme": "hmac", "encoding": "base64url", **HEADER},
        sent(X_Tanda=base64.urlsafe_b64encode(mac("sha256", BODY)).decode().rstrip("=")),
        True,
    ),
    ("HMAC of nothing", {"scheme": "hmac", **HEADER}, sent(X_Tanda=""), False),
    (
        "HMAC of address and body",
        {"scheme": "hmac", "signs": "{url}{body}", **HEADER},
        sent(X_Tanda=mac("sha256", URL.encode() + BODY).hex()),
        True,
    ),
    (
        "HMAC of another address",
        {"scheme": "hmac", "signs": "{url}{body}", **HEADER},
        sent(X_Tanda=mac("sha256", b"https://x" + BODY).hex()),
        False,
    ),
    (
        "HMAC with its time",
        STAMPED,
        sent(X_Tanda=mac("sha256", STAMP.encode() + b"." + BODY).hex(), X_Waktu=STAMP),
        True,
    ),
    (
        "HMAC with another time",
        STAMPED,
        sent(X_Tanda=mac("sha256", STAMP.encode() + b"." + BODY).hex(), X_Waktu=str(int(NOW) + 1)),
        False,
    ),
    ("HMAC without its time", STAMPED, sent(X_Tanda=mac("sha256", b"." + BODY).hex()), False),
    (
        "HMAC, replayed later",
        STAMPED,
        sent(at=NOW + 301, X_Tanda=mac("sha256", STAMP.encode() + b"." + BODY).hex(), X_Waktu=STAMP),
        False,
    ),
    (
        "HMAC, later but within reach",
        {**STAMPED, "tolerance": 600},
        sent(at=NOW + 301, X_Tanda=mac("sha256", STAMP.encode() + b"." + BODY).hex(), X_Waktu=STAMP),
        True,
    ),
    (
        "HMAC from the future",
        STAMPED,
        sent(at=NOW - 301, X_Tanda=mac("sha256", STAMP.encode() + b"." + BODY).hex(), X_Waktu=STAMP),
        False,
    ),
    ("Meta", {"scheme": "meta"}, sent(X_Hub_Signature_256="sha256=" + mac("sha256", BODY).hex()), True),
    ("Meta without its prefix", {"scheme": "meta"}, sent(X_Hub_Signature_256=mac("sha256", BODY).hex()), False),
    (
        "Twilio",
        {"scheme": "twilio"},
        {
            **form({"To": "b", "From": "a"}),
            "headers": {"x-twilio-signature": b64(mac("sha1", URL.encode() + b"FromaTob"))},
        },
        True,
    ),
    (
        "Twilio, another field",
        {"scheme": "twilio"},
        {
            **form({"To": "c", "From": "a"}),
            "headers": {"x-twilio-signature": b64(mac("sha1", URL.encode() + b"FromaTob"))},
        },
        False,
    ),
    ("Vonage JWT", {"scheme": "vonage"}, sent(Authorization=jwt(CLAIMS)), True),
    ("Vonage JWT of a repetition", {"scheme": "vonage"}, sent(at=NOW + 500, Authorization=jwt(CLAIMS)), True),
    ("Vonage JWT that ran out", {"scheme": "vonage"}, sent(at=NOW + 601, Authorization=jwt(CLAIMS)), False),
    (
        "Vonage JWT of another day",
        {"scheme": "vonage"},
        sent(at=NOW + 90_000, Authorization=jwt({**CLAIMS, "exp": None})),
        False,
    ),
    ("Vonage JWT without a time", {"scheme": "vonage"}, sent(Authorization=jwt({**CLAIMS, "iat": None})), False),
    ("Vonage JWT of another body", {"scheme": "vonage"}, sent(BODY + b" ", Authorization=jwt(CLAIMS)), False),
    ("Vonage JWT that covers no body", {"scheme": "vonage"}, sent(Authorization=jwt({"iat": int(NOW)})), False),
    ("Vonage JWT without a signature", {"scheme": "vonage"}, sent(Authorization=jwt(CLAIMS, alg="none") + "x"), False),
    ("Vonage JWT of another algorithm", {"scheme": "vonage"}, sent(Authorization=jwt(CLAIMS, alg="HS512")), False),
    ("Vonage JWT of another secret", {"scheme": "vonage"}, sent(Authorization=jwt(CLAIMS, secret="tebakan")), False),
    ("Vonage JWT of rubbish", {"scheme": "vonage"}, sent(Authorization="Bearer a.b.c"), False),
    (
        "Vonage MD5 with the secret behind it",
        {"scheme": "vonage"},
        form({**SMS, "sig": hashlib.md5(COVERED + NEW.encode(), usedforsecurity=False).hexdigest()}),
        True,
    ),
    ("Vonage HMAC-MD5", {"scheme": "vonage"}, vonage("md5"), True),
    ("Vonage HMAC-SHA256", {"scheme": "vonage"}, vonage("sha256"), True),
    ("Vonage HMAC-SHA512", {"scheme": "vonage"}, vonage("sha512"), True),
    (
        "Vonage, in the address",
        {"scheme": "vonage"},
        {**sent(b"", ""), "query": {**SMS, "sig": mac("sha256", COVERED).hex()}},
        True,
    ),
    (
        "Vonage, in JSON",
        {"scheme": "vonage"},
        sent(json.dumps({**SMS, "sig": mac("sha256", COVERED).hex()}).encode()),
        True,
    ),
    (
        "Vonage, another text",
        {"scheme": "vonage"},
        form({**SMS, "text": "x", "sig": mac("sha256", COVERED).hex()}),
        False,
    ),
    ("Vonage, two days old", {"scheme": "vonage"}, {**vonage("sha256"), "at": NOW + 2 * 86_400}, False),
    ("Vonage without anything", {"scheme": "vonage"}, sent(), False),
    ("Mailgun form", {"scheme": "mailgun"}, form({**MAILGUN, "subject": "a"}), True),
    ("Mailgun JSON", {"scheme": "mailgun"}, sent(json.dumps({"signature": MAILGUN, "event-data": {}}).encode()), True),
    ("Mailgun, another token", {"scheme": "mailgun"}, form({**MAILGUN, "token": "x"}), False),
    ("Mailgun, two days old", {"scheme": "mailgun"}, form(MAILGUN, NOW + 2 * 86_400), False),
    ("Mailgun without anything", {"scheme": "mailgun"}, sent(b"{}"), False),
    (
        "Mailgun, nested where a text should be",
        {"scheme": "mailgun"},
        sent(b'{"signature": {"timestamp": [], "token": {}}}'),
        False,
    ),
    ("Standard Webhooks", {"scheme": "standard_webhooks", "secret": "key"}, standard(f"v1,{STANDARD}"), True),
    (
        "Standard Webhooks of the older name",
        {"scheme": "standard_webhooks", "secret": "key"},
        standard(f"v1,{STANDARD}", key="svix"),
        True,
    ),
    (
        "Standard Webhooks with several signatures",
        {"scheme": "standard_webhooks", "secret": "key"},
        standard(f"v1a,xx v1,AAAA v1,{STANDARD}"),
        True,
    ),
    (
        "Standard Webhooks of an unknown version",
        {"scheme": "standard_webhooks", "secret": "key"},
        standard(f"v2,{STANDARD}"),
        False,
    ),
    (
        "Standard Webhooks under another id",
        {"scheme": "standard_webhooks", "secret": "key"},
        standard(f"v1,{STANDARD}", identity="msg_2"),
        False,
    ),
    (
        "Standard Webhooks, replayed",
        {"scheme": "standard_webhooks", "secret": "key"},
        standard(f"v1,{STANDARD}", at=NOW + 301),
        False,
    ),
    ("Standard Webhooks without anything", {"scheme": "standard_webhooks", "secret": "key"}, sent(), False),
    (
        "Standard Webhooks with a secret that is none",
        {"scheme": "standard_webhooks", "secret": "k"},
        standard(f"v1,{STANDARD}"),
        False,
    ),
    ("nothing is checked", {"scheme": "none"}, sent(), True),
]
# Two values each: the old one and the new one, of which either is accepted.
SECRETS = {"k": (OLD, NEW), "login": ("gerbang:lama", "gerbang:sandi"), "key": ("whsec_AAAA", KEY)}


@pytest.mark.parametrize(("spec", "request_", "valid"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_schemes(spec: dict[str, Any], request_: dict[str, Any], valid: bool) -> None:
    signature = Signature.model_validate(spec if spec["scheme"] == "none" else {"secret": "k", **spec})
    signed = Signed(**{"query": {}, "url": URL, **request_})
    assert verify(signature, SECRETS.__getitem__, signed) is valid
    if valid and spec["scheme"] != "none":
        stranger = dict.fromkeys(SECRETS, ("lain", "asing:sandi", "whsec_BBBB"))
        assert not verify(signature, stranger.__getitem__, signed)


def test_a_recorded_request_is_checked_without_its_age() -> None:
    signature = Signature.model_validate({"scheme": "standard_webhooks", "secret": "key"})
    old = Signed(**{"query": {}, "url": URL, **standard(f"v1,{STANDARD}"), "at": None})
    assert verify(signature, SECRETS.__getitem__, old)


def test_a_missing_secret_goes_through_as_what_it_is() -> None:
    with pytest.raises(KeyError):
        verify(Signature(scheme="telegram", secret="none"), SECRETS.__getitem__, Signed(b"", "", {}, {}, URL))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"scheme": "hmac", "secret": "k"}, "needs to know where to look"),
        ({"scheme": "token", "secret": "k", "header": "a", "query": "b"}, "needs to know where to look"),
        ({"scheme": "mailgun"}, "needs the name of a secret"),
        ({"scheme": "hmac", "secret": "k", "header": "a", "signs": "{url}"}, "does not hold {body}"),
        ({"scheme": "hmac", "secret": "k", "header": "a", "signs": "{timestamp}{body}"}, "belong together"),
        ({"scheme": "hmac", "secret": "k", "header": "a", "timestamp": "b"}, "belong together"),
        ({"scheme": "hmac", "secret": "k", "header": "a", "hash": "md5"}, "sha256"),
        ({"scheme": "none", "secret": "k"}, "checks nothing"),
    ],
)
def test_a_scheme_that_would_prove_nothing_is_refused(spec: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Signature.model_validate(spec)


def test_sendgrid_signs_with_a_key_of_which_we_know_the_public_half() -> None:
    private, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    public = b64(
        private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    armoured = f"-----BEGIN PUBLIC KEY-----\n{public[:64]}\n{public[64:]}\n-----END PUBLIC KEY-----\n"

    def given(key: ec.EllipticCurvePrivateKey, body: bytes = BODY, stamp: str = STAMP) -> Signed:
        seal = b64(key.sign(STAMP.encode() + BODY, ec.ECDSA(hashes.SHA256())))
        headers = {
            f"x-twilio-email-event-webhook-{name}": text for name, text in (("signature", seal), ("timestamp", stamp))
        }
        return Signed(body, "multipart/form-data", headers, {}, URL, NOW)

    signature = Signature(scheme="sendgrid", secret="k")
    assert verify(signature, lambda _: [public], given(private))
    assert verify(signature, lambda _: ["bukan kunci", armoured], given(private))
    for request in (given(other), given(private, BODY + b" "), given(private, stamp=str(int(NOW) - 90_000))):
        assert not verify(signature, lambda _: [public], request)
    without = Signed(BODY, "multipart/form-data", {}, {}, URL, NOW)
    assert not verify(signature, lambda _: [public], without)
    assert not verify(signature, lambda _: ["bukan kunci", "", b64(b"bukan kunci")], given(private))


PUBLISHED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "Standard Webhooks": (
        {"scheme": "standard_webhooks"},
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        {
            "body": b'{"test": 2432232314}',
            "headers": {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
        },
    ),
    "Meta, as GitHub documents the same": (
        {"scheme": "meta"},
        "It's a Secret to Everybody",
        {
            "body": b"Hello, World!",
            "headers": {
                "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            },
        },
    ),
    "Twilio, a field that repeats": (
        {"scheme": "twilio"},
        "12345",
        {
            "body": b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
            "media_type": FORM,
            "headers": {"x-twilio-signature": "IK+Dwps556ElfBT0I3Rgjkr1wJU="},
            "url": "https://mycompany.com/myapp.php?foo=1&bar=2",
        },
    ),
    "Twilio, JSON": (
        {"scheme": "twilio"},
        "12345",
        {
            "body": b'{"property": "value", "boolean": true}',
            "headers": {"x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4="},
            "query": {"bodySHA256": "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"},
            "url": "https://mycompany.com/myapp.php?foo=1&bar=2"
            "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        },
    ),
    "Vonage, HMAC of the parameters": (
        {"scheme": "vonage"},
        "signature_secret",
        {
            "body": b"param1=value1&param2=value2&timestamp=1234567890"
            b"&sig=280c4320703dbc98bfa22db676655ed2acfbfe8792b062ff7622e67f1183c287",
            "media_type": FORM,
        },
    ),
    "Vonage, by GET": (
        {"scheme": "vonage"},
        "signature_secret",
        {
            "body": b"",
            "query": {
                "param1": "value&1",
                "param2": "value=2",
                "timestamp": "1234567890",
                "sig": "2bbf0abafb2c55e5af6231513896a2ac",
            },
        },
    ),
}
"""Examples that the providers and the specification publish. Their times are long past, so none is looked at."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_examples_that_providers_publish(name: str) -> None:
    spec, secret, parts = PUBLISHED[name]
    request = Signed(**({"media_type": "application/json", "headers": {}, "query": {}, "url": URL, "at": None} | parts))
    signature = Signature(secret="k", **spec)
    assert verify(signature, lambda _: [secret], request)
    assert not verify(signature, lambda _: [f"{secret}A"], request)
