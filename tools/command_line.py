#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/command-line.md of tests/cli/help.txt, which a test of src/cli holds equal to what `nav --help` prints.

    tools/command_line.py          writes the page
    tools/command_line.py --check  exits with 1 if the page is another
"""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/command-line.md"
INTRODUCTION = """# The command line

Made by `tools/command_line.py` from what `nav --help` prints; not to be changed by hand.

`nav COMMAND --help` says the same in the terminal, and `nav completion bash` (or zsh, fish) prints a script that completes commands, options and
the names of templates, nodes and jobs. Everything that lists or shows takes `--json` and then prints the API's own answer.
"""


def chapters(text: str) -> list[tuple[str, str]]:
    """What stands after each `$ nav ... --help`."""
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if line.startswith("$ nav"):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return [(command, "\n".join(lines).strip()) for command, lines in found]


def page() -> str:
    parts = [INTRODUCTION]
    for command, text in chapters((ROOT / "tests/cli/help.txt").read_text()):
        parts.append(f"## {command.removesuffix(' --help')}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        if PAGE.exists() and PAGE.read_text() == page():
            return 0
        print("docs/command-line.md is not what the help says: tools/command_line.py writes it anew")
        return 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
