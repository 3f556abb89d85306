"""Who lets us in, and what is said when nobody does: in plain words, without secrets."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import structlog

from connectors.checks import faults, missing_secrets
from connectors.imap.access import NoAccess
from connectors.imap.failures import LoginRefused, MailboxUnavailable
from connectors.imap.trial import try_mailbox
from connectors.probing import probed
from connectors.settings import ConnectorSettings
from tools.services import certificates

from .conftest import Box, mail

SECRET = "rahasia-sekali-91"


async def test_a_login_over_tls_of_either_kind(box: Box) -> None:
    box.deliver(mail("satu@contoh.example"))
    authority = box.dovecot.authority
    tls = box.poller(port=box.dovecot.tls_port, security="tls", ca_file=authority)
    assert await tls.round() == 1
    assert await box.poller(security="starttls", ca_file=authority).round() == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"secrets": {"password": (SECRET,)}}, "refuses the user or the password"),
        ({"secrets": {"password": (f"{SECRET}é",)}}, "refuses the user or the password"),
        ({"security": "tls"}, "does not speak TLS as it should"),
        ({"security": "starttls"}, "is not trusted"),
        ({"security": "starttls", "host": "localhost", "ca_file": "other"}, "is not trusted"),
        ({"security": "starttls", "ca_file": "/nowhere"}, "is not there, or is no PEM file"),
        ({"host": "tidak.ada.invalid"}, "there is no host"),
        ({"port": 1}, "nobody listens on 127.0.0.1:1"),
        ({"folders": ["INBOX", "Aduan"]}, 'there is no folder "Aduan"; there are: INBOX'),
        ({"after": "move Selesai"}, 'there is no folder "Selesai"; there are: INBOX'),
    ],
)
async def test_what_is_wrong_is_said(box: Box, tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    if settings.get("ca_file") == "other":
        settings = {**settings, "ca_file": certificates.make(tmp_path)[0]}
    found = await try_mailbox(box.source(**settings), box.clock)
    problems = [said for ok, said in found if not ok]
    assert len(problems) == 1
    assert words in problems[0]
    assert SECRET not in problems[0]
    assert box.user not in problems[0]


async def test_what_is_right_is_said(box: Box) -> None:
    box.deliver(mail("satu@contoh.example"))
    found = await try_mailbox(box.source(), box.clock)
    assert [ok for ok, _ in found] == [True, True]
    assert "tells of new mail by itself" in found[0][1]
    assert found[1][1] == 'the folder "INBOX" is there, with 1 mails'
    assert box.flags() == [""]
    told = [each async for each in probed([box.source()], box.clock)]  # as `muara check` asks
    assert [(each.source, each.ok, each.words) for each in told] == [("kotak", *each) for each in found]


async def test_of_two_passwords_either_lets_us_in(box: Box) -> None:
    box.deliver(mail("satu@contoh.example"))
    for pair in ((SECRET, box.dovecot.password), (box.dovecot.password, SECRET)):
        await box.poller(secrets={"password": pair}).round()
    assert await box.ids() == ["satu@contoh.example"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": None}, "host"),
        ({"after": "burn"}, "keep, seen, delete, or move FOLDER"),
        ({"after": "move INBOX"}, "which is read itself"),
        ({"folders": ["INBOX", "inbox"]}, "names one folder twice"),
        ({"since": "yesterday"}, "since"),
        ({"renew": 3000}, "renew"),
        ({"auth": "xoauth2"}, "needs `token_url:` and `client_id:`"),
        ({"auth": "xoauth2", "client_id": "x", "token_url": "http://kota.example/token"}, "begins with https://"),
    ],
)
def test_settings_that_describe_no_mailbox(box: Box, settings: dict[str, Any], words: str) -> None:
    [found] = faults([box.source(**settings)], ConnectorSettings())
    assert found.startswith('source "kotak": ')
    assert words in found


def test_secrets_that_are_missing(box: Box) -> None:
    own = {"auth": "xoauth2", "client_id": "x", "token_url": "https://kota.example/token", "secrets": {}}
    sources = [box.source(secrets={}), box.source(**own), box.source(**own, grant="refresh_token")]
    found = missing_secrets(sources)
    assert [words.partition("has no secret ")[2].partition(",")[0] for words in found] == [
        '"password"', '"client_secret"', '"refresh_token"',
    ]  # fmt: skip


class Grants:
    """Gives out tokens, and tells the mail server whose they are."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.valid: set[str] = set()
        self.given = 0
        self.asked: list[dict[str, str]] = []
        self.lasts = 3600
        self.refusal: dict[str, str] | None = None

    def answer(self, path: str, body: str) -> tuple[int, dict[str, Any]]:
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        if path == "/introspect":
            token = fields.get("token", "")
            return 200, {"active": token in self.valid, "username": self.user}
        self.asked.append(fields)
        if self.refusal:
            return 400, self.refusal
        self.given += 1
        token = f"token-{self.given}-{SECRET}"
        self.valid.add(token)
        return 200, {"access_token": token, "expires_in": self.lasts, "refresh_token": f"refresh-{self.given}"}


@contextmanager
def serving(grants: Grants, port: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            code, found = grants.answer(self.path, self.rfile.read(length).decode())
            content = json.dumps(found).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/token"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
async def test_a_token_is_asked_for_and_renewed(box: Box, grant: str) -> None:
    box.deliver(mail("satu@contoh.example"))
    grants = Grants(box.user)
    with serving(grants, box.dovecot.introspection_port) as url, structlog.testing.capture_logs() as logs:
        settings: dict[str, Any] = {
            "auth": "xoauth2", "token_url": url, "client_id": "muara", "scope": "mail", "grant": grant,
            "secrets": {"client_secret": (SECRET,), "refresh_token": (f"refresh-0-{SECRET}",)},
        }  # fmt: skip
        poller = box.poller(**settings)
        assert await poller.round() == 1
        assert await poller.round() == 0
        assert grants.given == 1, "one token serves until it ends"
        await poller._hang_up()
        grants.valid.clear()  # revoked
        assert await poller.round() == 0
        assert grants.given == 2
        await poller._hang_up()
        box.clock.ahead += timedelta(hours=1)
        assert await poller.round() == 0
        assert grants.given == 3, "one that has ended is not tried"
        first, second = grants.asked[0], grants.asked[1]
        assert first["grant_type"] == grant
        assert (first["client_id"], first["client_secret"], first["scope"]) == ("muara", SECRET, "mail")
        if grant == "refresh_token":
            assert (first["refresh_token"], second["refresh_token"]) == (f"refresh-0-{SECRET}", "refresh-1")
        grants.valid.clear()
        grants.user = "somebody-else"
        await poller._hang_up()
        with pytest.raises(LoginRefused, match="refuses the token") as refused:
            await poller.round()
        assert SECRET not in str(refused.value)
        box.clock.ahead += timedelta(hours=1)
        grants.refusal = {"error": "invalid_client", "error_description": f"the secret {SECRET} has expired"}
        with pytest.raises(
            NoAccess, match=r"gives no token \(400 invalid_client: .*see whether|have the mailbox"
        ) as none:
            await poller.round()
        assert SECRET not in str(none.value)
    assert SECRET not in repr(logs)
    assert SECRET not in repr(poller._access.__dict__["_source"])


async def test_an_endpoint_that_is_away(box: Box) -> None:
    settings = {"auth": "xoauth2", "token_url": "http://127.0.0.1:1/token", "client_id": "muara"}
    found = await try_mailbox(box.source(**settings, secrets={"client_secret": (SECRET,)}), box.clock)
    assert found == [
        (False, "`token_url` 127.0.0.1 does not answer (ConnectError): correct the address, or let a firewall pass it")
    ]


@pytest.mark.parametrize(
    ("answer", "security", "kind", "words"),
    [
        ("NO [UNAVAILABLE] try later", "none", MailboxUnavailable, "lets nobody in at the moment"),
        ("NO [AUTHENTICATIONFAILED] no", "none", LoginRefused, "refuses the user or the password"),
        (f"BAD what is {SECRET}", "none", LoginRefused, "what is …"),
        ("LOGINDISABLED", "none", LoginRefused, "use `security: starttls`"),
        ("NO", "starttls", MailboxUnavailable, "offers no STARTTLS"),
    ],
)
async def test_odd_servers(box: Box, answer: str, security: str, kind: type[Exception], words: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, command = line.decode().split()[:2]
            offers = "LOGINDISABLED" if answer == "LOGINDISABLED" else ""
            said = f"* CAPABILITY IMAP4rev1 {offers}\r\n{tag} OK done" if command == "CAPABILITY" else f"{tag} {answer}"
            writer.write(f"{said}\r\n".encode())
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(kind, match=words) as refused:
            await box.poller(port=port, security=security, secrets={"password": (SECRET,)}).round()
    assert type(refused.value) is kind
    assert SECRET not in str(refused.value)


async def test_a_server_that_says_nothing(box: Box) -> None:
    with pytest.raises(MailboxUnavailable):
        await box.poller(port=box.dovecot.tls_port, security="none", timeout=0.3).round()
