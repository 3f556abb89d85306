"""The machine that something was measured on, in words: a number without it means nothing."""

import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent


def describe(folder: Path | None = None) -> dict[str, Any]:
    """Processor, memory, disk, system, and how busy it all is. `folder`: where the data will lie."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(_memory() / 2**30, 1),
        "fsync_ms": round(fsync_seconds(folder) * 1000, 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": [round(load, 1) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "commit": _commit(),
    }


def in_words(machine: Mapping[str, Any]) -> str:
    """One line."""
    load = machine["load"]
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB,"
        f" fsync {machine['fsync_ms']} ms, {machine['system']}, Python {machine['python']},"
        f" load {load[0] if load else '?'}, at {machine['commit']}"
    )


def fsync_seconds(folder: Path | None = None, *, times: int = 25) -> float:
    """How long the disk takes to keep 4 KiB, at the median."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(bytes(4096))
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    found = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return " ".join(found.split()) or platform.machine()


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def _commit() -> str:
    """Short, with a plus sign when something is changed; `unknown` outside a clone."""
    command = ["git", "describe", "--always", "--exclude", "*", "--dirty=+"]
    try:
        said = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603 our own
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return said.stdout.strip()
