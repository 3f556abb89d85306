"""A process that has imported Muara and begins others by forking itself: their start costs what it costs, once.

What is begun is a process like any other: with its own environment, killed by signals, seen from outside only.
"""

import json
import os
import signal
import sys
import traceback
from typing import Any, NoReturn

import muara.__main__


def main() -> None:
    """Obey one request a line, answer each with one line; end with the input."""
    for line in sys.stdin:
        request = json.loads(line)
        if "arguments" in request:
            pid = os.fork()
            if pid == 0:
                _become(request)
            answer: int | None = pid
        else:
            pid, status = os.waitpid(request["pid"], os.WNOHANG if request["poll"] else 0)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _become(request: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for stream, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
            os.dup2(stream, target)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.setsid()
        signal.set_wakeup_fd(-1)
        if request["user"] is not None:
            os.setgroups([])
            os.setgid(request["user"])
            os.setuid(request["user"])
        sys.argv = ["muara", *request["arguments"]]
        muara.__main__.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 as the interpreter does with what nobody caught
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
