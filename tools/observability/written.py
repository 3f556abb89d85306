"""The files that are made from code: the catalogue of metrics, the rules, the boards."""

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tools.observability.alerts import rules
from tools.observability.catalogue import catalogue, page
from tools.observability.panels import boards, text
from tools.observability.trials import with_faults

ROOT = Path(__file__).parents[2]
CATALOGUE = Path("docs/metrics.md")
RULES = Path("deploy/prometheus/rules.yml")
ALERTS = Path("docs/alerts.md")
"""Written by hand, but for one table."""
FOLDER = Path("deploy/grafana/boards")


def written() -> dict[Path, str]:
    """Each file's path below the project, and what it is to hold."""
    head = "# Made by `make boards` from tools/observability; change it there. What to do: docs/alerts.md\n"
    drawn = {FOLDER / f"{board.name}.json": text(board) for board in boards()}
    told = with_faults((ROOT / ALERTS).read_text(encoding="utf-8"))
    return {CATALOGUE: page(catalogue().values()), RULES: head + yaml_text(rules()), ALERTS: told, **drawn}


def outdated() -> list[Path]:
    """The files that are missing or hold something else."""
    return [
        path
        for path, text in written().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text
    ]


def yaml_text(document: Any) -> str:  # noqa: ANN401 what YAML can say
    """A document as YAML, in block style."""
    writer = YAML()
    writer.width = 1000
    writer.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    writer.dump(document, out)
    return out.getvalue()
