"""A process that has imported Muara and begins others by forking itself: their start costs what it costs, once.

What is begun is a process like any other: with its own environment, killed by signals, seen from outside only.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import muara.__main__
import runtime.fault_points
from connectors.checks import TRANSPORTS
from muara.home import Home
from muara.lazy import unfold
from normalizer.understanding import places_index
from normalizer.understanding.categories import Categorizer
from normalizer.understanding.classification import Classifier
from recipes.hubs.profile import load_profiles
from recipes.library import load_channels
from tests.once import read_once, the_detector

_STREAMS = ("output", "errors")


def main() -> None:
    """Obey one request a line, answer each with one line; end with the input."""
    with read_once():
        _read()
        gc.freeze()  # what is here stays, and children share its pages
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


def _read() -> None:
    """What came with Muara is read before anybody begins; a file with another content is read by whoever needs it."""
    unfold(muara.__main__.app)
    home = Home(Path(os.devnull))
    load_channels(home.channels, TRANSPORTS)
    load_profiles(home.hubs)
    places_index.RegionIndex()
    the_detector().detect("lampu jalan mati di depan rumah")
    Categorizer()
    Classifier()


def _become(request: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        output, errors = (os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) for name in _STREAMS)
        for stream, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (errors, 2)):
            os.dup2(stream, target)
        os.environ.clear()
        os.environ.update(request["environment"])
        importlib.reload(runtime.fault_points)  # it is read at import, which for a fork was long ago
        os.setsid()
        _end_with_the_zygote()
        signal.set_wakeup_fd(-1)
        if request["folder"] is not None:
            os.chdir(request["folder"])
        if request["unprivileged"]:
            _obey_permissions()
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


def _end_with_the_zygote() -> None:
    """Nobody is left behind by a run of tests that was killed itself (prctl(2): PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))


def _obey_permissions() -> None:
    """Even if this is root: read-only files are read-only from here on (capabilities(7): CAP_DAC_OVERRIDE)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    data = (ctypes.c_uint32 * 6)()
    if libc.capget(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    for number in range(3):  # effective, permitted, inheritable
        data[number] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    main()
