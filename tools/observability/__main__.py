"""Writes what operators see, or says what is not as the code has it: `python -m tools.observability write|check`."""

import sys

from tools.observability.written import ROOT, outdated, written


def main(arguments: list[str]) -> int:
    """Runs one of the two; the exit code is 0 when all is well."""
    if arguments == ["write"]:
        for path, text in written().items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
        return 0
    if arguments == ["check"]:
        found = outdated()
        for path in found:
            sys.stderr.write(f"{path}: not what the code says; run `make boards`\n")
        return 1 if found else 0
    sys.stderr.write("usage: python -m tools.observability write|check\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
