#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every link in our pages that leads into the repository leads to something that is there."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True)
    links, wrong = 0, []
    for name in listed.stdout.split():
        page = ROOT / name
        if not page.exists():
            continue
        for match in LINK.finditer(page.read_text()):
            target = match.group(1) or match.group(2)
            if "://" in target or target.startswith("mailto:"):
                continue
            links += 1
            path, _, anchor = target.partition("#")
            there = page.parent / path if path else page
            if not there.exists():
                wrong.append(f"{name}: {target} is not there")
            elif anchor and there.suffix == ".md" and anchor not in anchors_of(there):
                wrong.append(f"{name}: {path} has no heading {anchor}")
    print("\n".join([*wrong, f"{links} links, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
