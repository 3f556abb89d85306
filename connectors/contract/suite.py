"""The contract of transports: subclass `TransportContract`, give it a fixture `rig`, and let pytest run it."""

# ruff: noqa: S101 these are tests, although they stand with the code that they are shipped with

import logging
import socket
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from structlog.testing import capture_logs

from connectors.contract.ground import Ground, open_ground
from connectors.transports import Surroundings

SENDER = "+62 811-0000-0077"
TEXT = "Lampu jalan mati sejak kemarin malam"


class Rig(Protocol):
    """The other side of a transport, and how a process of ours that serves it is played."""

    secrets: Sequence[str]
    """Which may stand in no log."""
    hosts: Collection[str]
    """Hosts that the transport may connect to; none for one that connects to nobody."""

    async def put(self, ident: str, sender: str, text: str) -> None:
        """The other side has one more message for us, under an id of its own."""

    async def put_bad(self) -> None:
        """The other side has one that no recipe can read."""

    async def serve(self, surroundings: Surroundings) -> None:
        """Play a process: begin anew, let everything that was put and is not acknowledged be offered once, and end."""

    async def acknowledged(self) -> Collection[str]:
        """The ids of which the other side believes that we have them, and which it will not offer again."""

    async def offer_again(self) -> None:
        """The other side offers everything anew, as after an acknowledgement that was lost."""


class TransportContract:
    """Seven promises. Each test begins with a new rig and an empty ground."""

    async def test_nothing_is_acknowledged_before_it_is_durable(self, rig: Rig, tmp_path: Path) -> None:
        """The log is away: the other side keeps the message, and gives it when the log is back."""
        async with open_ground(_folder(tmp_path)) as ground:
            await rig.put("a", SENDER, TEXT)
            ground.log.away = True
            await rig.serve(ground.surroundings())
            assert (await ground.names(), list(await rig.acknowledged())) == ([], [])
            ground.log.away = False
            await rig.serve(ground.surroundings())
            assert (await ground.names(), list(await rig.acknowledged())) == (["a"], ["a"])

    async def test_a_message_that_comes_again_is_the_same(self, rig: Rig, tmp_path: Path) -> None:
        """Its id is that of the first time, so that everything behind the log knows it."""
        async with open_ground(_folder(tmp_path)) as ground:
            for ident in ("a", "b"):
                await rig.put(ident, SENDER, TEXT)
            await rig.serve(ground.surroundings())
            await rig.offer_again()
            await rig.serve(ground.surroundings())
            assert len({raw.message_id for raw in await ground.raws()}) == 2

    async def test_messages_of_one_sender_stay_in_order(self, rig: Rig, tmp_path: Path) -> None:
        """They are one conversation, in the order in which the other side has them."""
        async with open_ground(_folder(tmp_path)) as ground:
            for number in range(6):
                await rig.put(f"m{number}", SENDER if number % 2 else "+62 811-0000-0078", f"{TEXT} {number}")
            await rig.serve(ground.surroundings())
            names = await ground.names()
            assert sorted(names) == [f"m{number}" for number in range(6)]
            for remainder in (0, 1):
                mine = [name for name in names if int(name[1:]) % 2 == remainder]
                assert mine == sorted(mine)

    async def test_another_process_goes_on_where_one_stopped(self, rig: Rig, tmp_path: Path) -> None:
        """Nothing is lost between the two, and nothing is given twice without need."""
        async with open_ground(_folder(tmp_path)) as ground:
            await rig.put("a", SENDER, TEXT)
            await rig.serve(ground.surroundings())
            await rig.put("b", SENDER, TEXT)
            await rig.serve(ground.surroundings())
            await rig.serve(ground.surroundings())
            assert await ground.names() == ["a", "b"]

    async def test_what_cannot_be_read_holds_nothing_up(self, rig: Rig, tmp_path: Path) -> None:
        """What stands before and behind it arrives; itself it is refused, or kept with its defect."""
        async with open_ground(_folder(tmp_path)) as ground:
            await rig.put("a", SENDER, TEXT)
            await rig.put_bad()
            await rig.put("b", SENDER, TEXT)
            await rig.serve(ground.surroundings())
            assert [name for name in await ground.names() if name in ("a", "b")] == ["a", "b"]
            assert sorted(await rig.acknowledged()) == ["a", "b"]

    async def test_no_log_tells_secrets_or_people(
        self, rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Neither when all is well, nor when the log is away, nor of what cannot be read."""
        with capture_logs() as lines, caplog.at_level(logging.DEBUG):
            async with open_ground(_folder(tmp_path)) as ground:
                await rig.put("a", SENDER, TEXT)
                await rig.put_bad()
                ground.log.away = True
                await rig.serve(ground.surroundings())
                ground.log.away = False
                await rig.serve(ground.surroundings())
        said = f"{lines} {caplog.text} {''.join(capfd.readouterr())}"
        assert [
            each for each in (*rig.secrets, SENDER, SENDER.replace(" ", "").replace("-", ""), TEXT) if each in said
        ] == []

    async def test_it_connects_to_nobody_else(self, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every connection that Python's sockets open goes to the hosts of the rig."""
        met: set[str] = set()
        connect = socket.socket.connect

        def watched(self: socket.socket, address: Any) -> None:  # noqa: ANN401 as the socket takes it
            if self.family in (socket.AF_INET, socket.AF_INET6):
                met.add(str(address[0]))
            connect(self, address)

        async with open_ground(_folder(tmp_path)) as ground:
            await rig.put("a", SENDER, TEXT)
            with monkeypatch.context() as patch:
                patch.setattr(socket.socket, "connect", watched)
                await rig.serve(ground.surroundings())
            assert await ground.names() == ["a"]
        assert met <= set(rig.hosts)


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "muara-ground"
    folder.mkdir()
    return folder


__all__ = ["Ground", "Rig", "TransportContract"]
