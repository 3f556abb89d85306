"""Who asks for little waits little: a command imports what it needs, and `--help` next to nothing."""

import json
import re
import subprocess
import sys

import pytest

from muara.__main__ import app
from muara.commands.index import COMMANDS
from muara.lazy import unfold

HEAVY = {"aiokafka", "alembic", "asyncpg", "cryptography", "fastapi", "httpx", "lokal", "lxml", "numpy", "pydantic"} | {
    "sqlalchemy", "structlog", "uvicorn", "uvloop",
}  # fmt: skip
REPORT = """
import atexit, json, sys
atexit.register(lambda: print("\\n" + json.dumps(sorted(sys.modules)), file=sys.stderr))
sys.argv = ["muara", *sys.argv[1:]]
from muara.__main__ import main
main()
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a process of our own has when the command is done."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *arguments], capture_output=True, text=True, check=True, timeout=120
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    ("arguments", "allowed", "at_most"),
    [
        (["--help"], set(), 400),
        (["--version"], set(), 400),
        (["init", "--help"], {"cryptography", "pydantic", "structlog"}, 700),
        (["trace", "--help"], {"aiokafka", "cryptography", "pydantic", "sqlalchemy", "structlog", "uvloop"}, 1500),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_what_it_needs(arguments: list[str], allowed: set[str], at_most: int) -> None:
    found = imported(*arguments)
    assert found & (HEAVY - allowed) == set()
    assert len(found) <= at_most


def test_each_command_is_what_the_index_says() -> None:
    names = [entry.name for entry in COMMANDS]
    assert len(set(names)) == len(names)
    commands = unfold(app).commands
    assert list(commands) == names
    for entry in COMMANDS:
        told = re.sub(r"\s+", " ", commands[entry.name].help or "")
        assert told.startswith(entry.help), entry.name


WARNING = """
import sys
import structlog
from muara.__main__ import start
from muara.commands import lag
def warn() -> None:
    structlog.get_logger().warning("the database is away")
    print("{}")
lag.register = lambda app: app.command("lag")(warn)
sys.argv = ["muara", "lag"]
start()
"""


def test_what_a_command_logs_does_not_stand_among_what_it_answers() -> None:
    done = subprocess.run([sys.executable, "-c", WARNING], capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(done.stdout) == {}
    assert "the database is away" in done.stderr
