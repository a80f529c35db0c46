#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up what the stages of ./test left in a folder: JUnit files, and `checked` with a line "NAME passed|failed|skipped" a test.

Names what failed, prints "N passed, N failed", and exits with 1 if anything failed or nothing ran.
"""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main() -> int:
    passed, failed, skipped = 0, [], []
    folder = Path(sys.argv[1])
    for file in sorted(folder.glob("*.xml")):
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            name = f"{file.stem}: {case.get('classname') or ''} {case.get('name')}"
            # ctest says so in an attribute, pytest by what is inside.
            if case.get("status") in ("disabled", "notrun") or case.find("skipped") is not None:
                skipped.append(name)
            elif case.get("status") == "fail" or case.find("failure") is not None or case.find("error") is not None:
                failed.append(name)
            else:
                passed += 1
    if (checked := folder / "checked").exists():
        for line in checked.read_text().splitlines():
            name, _, outcome = line.rpartition(" ")
            if outcome == "passed":
                passed += 1
            else:
                (skipped if outcome == "skipped" else failed).append(name)
    for name in skipped:
        print(f"skipped: {name}")
    for name in failed:
        print(f"FAILED: {name}")
    print(f"{passed} passed, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
