from email.message import Message
from importlib.metadata import PackageMetadata
from pathlib import Path
from typing import cast

import pytest

from tools import licences
from tools.constraints import closure, requirements
from tools.licences import allowed, refusals, stated

ROOT = Path(__file__).parent.parent.parent


def package(**headers: str | list[str]) -> PackageMetadata:
    """Made-up metadata, as it stands in a package."""
    message = Message()
    for name, value in headers.items():
        for each in [value] if isinstance(value, str) else value:
            message[name.replace("_", "-")] = each
    return cast("PackageMetadata", message)


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "MIT OR Apache-2.0",
        "GPL-3.0-only OR MIT",
        "MPL-2.0 AND (Apache-2.0 OR MIT)",
        "(GPL-2.0-or-later OR BSD-3-Clause) AND MIT",
        "Apache-2.0 WITH LLVM-exception",
        "Apache Software License",
        "bsd license",
    ],
)
def test_what_may_be_used(expression: str) -> None:
    assert allowed(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-3.0-only",
        "LGPL-2.1-or-later",
        "AGPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "MIT AND (LGPL-3.0-only OR AGPL-3.0-only)",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "GNU Lesser General Public License v3 (LGPLv3)",
        "Proprietary",
        "MIT OR",
        "(MIT",
        "MIT Apache-2.0",
        "UNKNOWN",
        "",
    ],
)
def test_what_may_not(expression: str) -> None:
    assert not allowed(expression)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        (package(License_Expression="MIT", License="GPL"), "MIT"),
        (
            package(License="BSD 2-Clause License", Classifier="License :: OSI Approved :: BSD License"),
            "BSD 2-Clause License",
        ),
        (package(License="see file", Classifier="License :: OSI Approved :: MIT License"), "MIT"),
        (
            package(
                Classifier=[
                    "License :: OSI Approved",
                    "License :: OSI Approved :: MIT License",
                    "License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
                ]
            ),
            "MIT AND GNU General Public License v3 (GPLv3)",
        ),
        (package(License="Permission is granted\nto everybody"), "Permission is granted"),
        (package(Name="silent"), "nothing"),
    ],
)
def test_where_a_licence_is_read(metadata: PackageMetadata, said: str) -> None:
    assert stated(metadata) == said


def test_a_package_under_the_lgpl_is_refused_by_name() -> None:
    known = {
        "kotak-surat": package(
            License="LGPL", Classifier="License :: OSI Approved :: GNU Lesser General Public License v3"
        ),
        "aman": package(License_Expression="MIT"),
    }
    refused = list(refusals([("aman", "pyproject.toml"), ("kotak-surat", "aman"), ("hilang", "aman")], known))
    assert [(refusal.package, refusal.asker) for refusal in refused] == [("kotak-surat", "aman"), ("hilang", "aman")]
    assert "kotak-surat (needed by aman)" in str(refused[0])
    assert "Take another package" in str(refused[0])
    assert "not installed" in refused[1].licence


def test_the_gate_fails_when_a_needed_package_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(licences, "metadata", lambda _: package(License_Expression="GPL-3.0-only"))
    assert licences.main() == 1
    assert "fastapi (needed by pyproject.toml) is under 'GPL-3.0-only'" in capsys.readouterr().err


def test_all_that_muara_needs_may_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main() == 0, capsys.readouterr().err


def test_only_what_runs_is_looked_at() -> None:
    needed = closure(requirements(ROOT / "pyproject.toml"))
    assert "fastapi" in needed
    assert "starlette" in needed, "what our packages need in turn"
    assert "hypothesis" not in needed
