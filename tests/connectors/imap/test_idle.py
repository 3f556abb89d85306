"""Waiting for new mail: what was told before anybody waited is heard, and a server that hangs up is noticed."""

import imaplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.imap.idle import wait

from .conftest import Box, mail
from .serving import Serving, at_least, until


@contextmanager
def server(*said: bytes) -> Iterator[imaplib.IMAP4]:
    """Says these words to IDLE, in packets of their own, and DONE's completion; empty words hang up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"* PREAUTH ready\r\n")
            for line in lines:
                tag, _, command = line.strip().partition(b" ")
                if command == b"CAPABILITY":
                    connection.sendall(b"* CAPABILITY IMAP4rev1 IDLE\r\n%s OK done\r\n" % tag)
                elif command == b"IDLE":
                    idle = tag
                    for words in said:
                        if not words:
                            return
                        connection.sendall(words.replace(b"TAG", tag))
                        time.sleep(0.05)
                elif tag == b"DONE":
                    connection.sendall(b"%s OK done\r\n" % idle)

    thread = threading.Thread(target=serve)
    thread.start()
    client = imaplib.IMAP4("127.0.0.1", listener.getsockname()[1], timeout=5)
    try:
        yield client
    finally:
        client.shutdown()
        thread.join()
        listener.close()


@pytest.mark.parametrize(
    ("said", "news"),
    [
        ([b"+ idling\r\n", b"* 5 EXISTS\r\n"], True),
        ([b"+ idling\r\n* 5 EXISTS\r\n"], True),
        ([b"* 5 EXISTS\r\n+ idling\r\n"], True),
        ([b"+ idling\r\n* OK Still here\r\n* 4 EXPUNGE\r\n", b"* 1 FETCH (FLAGS (\\Seen))\r\n"], False),
        ([b"+ idling\r\n* 5 EX", b"ISTS\r\n"], True),
    ],
)
def test_news(said: list[bytes], news: bool) -> None:
    with server(*said) as client:
        began = time.monotonic()
        assert wait(client, 60 if news else 0.4, lambda: True) is news
        assert time.monotonic() - began < 50, "it was overlooked, and found when the waiting was over"
        assert client.capability()[0] == "OK", "the connection is as good as before"


@pytest.mark.parametrize("said", [[b"+ idling\r\n", b""], [b"+ idling\r\n", b"* BYE I go\r\n", b""], [b""]])
def test_a_server_that_hangs_up(said: list[bytes]) -> None:
    with server(*said) as client:
        began = time.monotonic()
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            wait(client, 60, lambda: True)
        assert time.monotonic() - began < 50


def test_a_server_that_does_not_want_to() -> None:
    with server(b"TAG BAD what?\r\n") as client, pytest.raises(imaplib.IMAP4.error, match="what"):
        wait(client, 5, lambda: True)


def test_whoever_must_leave_leaves() -> None:
    with server(b"+ idling\r\n") as client:
        began = time.monotonic()
        assert wait(client, 60, lambda: time.monotonic() - began < 0.1) is False
        assert time.monotonic() - began < 50


async def test_over_tls(box: Box) -> None:
    poller = box.poller(interval=3600, port=box.dovecot.tls_port, security="tls", ca_file=box.dovecot.authority)
    async with Serving(poller):
        for number in range(1, 3):
            box.deliver(mail(f"m{number}@contoh.example"))
            await until(lambda number=number: at_least(box, number))  # type: ignore[misc]  # bound early


async def test_of_several_folders_the_first_is_listened_to(box: Box) -> None:
    box.dovecot.mailbox(box.user, "Saran")
    async with Serving(box.poller(interval=3600, folders=["INBOX", "Saran"])):
        box.deliver(mail("saran@contoh.example"), folder="Saran")
        box.deliver(mail("satu@contoh.example"))
        await until(lambda: at_least(box, 2))  # news of the one is a reason to look into all


async def test_idle_that_is_refused_is_not_asked_for_again(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(client: imaplib.IMAP4, seconds: float, go_on: object) -> bool:
        asked.append(seconds)
        raise imaplib.IMAP4.error("IDLE: NO")

    monkeypatch.setattr("connectors.imap.connection.wait", refuse)
    async with Serving(box.poller(interval=0.05)):
        for number in range(1, 4):
            box.deliver(mail(f"m{number}@contoh.example"))
            await until(lambda number=number: at_least(box, number))  # type: ignore[misc]  # bound early
    assert len(asked) == 1
