"""What every process says of itself: which build it is, what it uses, what room its disk has, what its clock says."""

import platform
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


def export_process(registry: CollectorRegistry, *, version: str, services: str, folder: Path) -> None:
    """Register it all. `folder`: where the process keeps its data, and needs room."""
    ProcessCollector(registry=registry)
    build = Gauge("muara_build_info", "1; which Muara runs here", ["version", "python", "services"], registry=registry)
    build.labels(version, platform.python_version(), services).set(1)
    # Compared by Prometheus with its own clock: a machine whose clock is off misses deadlines and refuses signatures.
    Gauge(
        "muara_clock_timestamp_seconds", "The clock of this machine, seconds since the epoch", registry=registry
    ).set_function(time.time)
    registry.register(_Disk(folder))


class _Disk(Collector):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """As Prometheus asks. A folder that is not there yet has no room to tell of."""
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError:
            return
        for name, words, value in (
            ("muara_disk_free_bytes", "Room left where this process keeps its data", usage.free),
            ("muara_disk_size_bytes", "Size of the disk where this process keeps its data", usage.total),
        ):
            yield GaugeMetricFamily(name, words, value=value)
