"""The broker's jars, by Maven's ordinary client from `pom.xml`, once per user and version."""

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from tools.services.debian import program
from tools.services.missing import PartMissing
from tools.services.places import cache
from tools.services.processes import run

_POM = Path(__file__).with_name("pom.xml")
_PART = "Kafka"
_OLDEST_JAVA = 17


def java() -> tuple[Path, dict[str, str]]:
    """A Java that the broker runs on, and the environment it needs.

    Raises:
        PartMissing: there is none, or it is too old.
    """
    found, environment = program("java", "default-jre-headless", _PART)
    _, output = run([str(found), "-version"], environment=environment)
    version = re.search(r'version "(\d+)', output)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        said = output.strip().splitlines()[0] if output.strip() else "nothing"
        raise PartMissing(
            _PART,
            f"the broker needs Java {_OLDEST_JAVA} or newer, and {found} says: {said}",
            f"Install one (Debian: apt-get install openjdk-{_OLDEST_JAVA}-jre-headless) and put it first on the path.",
        )
    return found, environment


def jars() -> Path:
    """The folder of the broker's jars, complete.

    Raises:
        PartMissing: Maven is not here, or cannot get them.
    """
    pom = _POM.read_bytes()
    target = cache() / f"kafka-{hashlib.sha256(pom).hexdigest()[:12]}"
    if target.is_dir():
        return target
    maven, environment = program("mvn", "maven", _PART)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="jars-") as work:
        shutil.copy(_POM, work)
        libraries = Path(work) / "libs"
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={libraries}"]
        command = [str(maven), "-q", "-B", "-f", f"{work}/pom.xml", *goal]
        code, output = run(command, folder=Path(work), environment=environment)
        if code or not any(libraries.glob("kafka_*.jar")):
            raise PartMissing.after(
                _PART,
                "mvn dependency:copy-dependencies",
                output,
                "Maven has to reach a repository that has org.apache.kafka:kafka_2.13 (see its settings.xml).",
            )
        if not target.exists():  # another run may have been quicker
            libraries.rename(target)
    return target
