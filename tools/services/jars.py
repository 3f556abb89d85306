"""The jars of a server, by Maven's ordinary client from a small pom, once per user and version."""

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
_ARTIFACT = "org.apache.kafka:kafka_2.13"
_OLDEST_JAVA = 17


def java(part: str = _PART) -> tuple[Path, dict[str, str]]:
    """A Java that the servers run on, and the environment it needs.

    Raises:
        PartMissing: there is none, or it is too old.
    """
    found, environment = program("java", "default-jre-headless", part)
    _, output = run([str(found), "-version"], environment=environment)
    version = re.search(r'version "(\d+)', output)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        said = output.strip().splitlines()[0] if output.strip() else "nothing"
        raise PartMissing(
            part,
            f"it needs Java {_OLDEST_JAVA} or newer, and {found} says: {said}",
            f"Install one (Debian: apt-get install openjdk-{_OLDEST_JAVA}-jre-headless) and put it first on the path.",
        )
    return found, environment


def jars(pom_file: Path = _POM, part: str = _PART, artifact: str = _ARTIFACT) -> Path:
    """The folder of a server's jars, complete: those that the pom names, the artifact among them.

    Raises:
        PartMissing: Maven is not here, or cannot get them.
    """
    pom = pom_file.read_bytes()
    target = cache() / f"{part.lower()}-{hashlib.sha256(pom).hexdigest()[:12]}"
    if target.is_dir():
        return target
    maven, environment = program("mvn", "maven", part)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="jars-") as work:
        shutil.copy(pom_file, Path(work) / "pom.xml")
        libraries = Path(work) / "libs"
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={libraries}"]
        command = [str(maven), "-q", "-B", "-f", f"{work}/pom.xml", *goal]
        code, output = run(command, folder=Path(work), environment=environment)
        if code or not any(libraries.glob(f"{artifact.partition(':')[2]}-*.jar")):
            raise PartMissing.after(
                part,
                "mvn dependency:copy-dependencies",
                output,
                f"Maven has to reach a repository that has {artifact} (see its settings.xml).",
            )
        if not target.exists():  # another run may have been quicker
            libraries.rename(target)
    return target
