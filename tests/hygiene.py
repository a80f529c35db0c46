#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the tidiness of the sources that a compiler does not: what the pure libraries may touch, file headers, sizes, words.

    tests/hygiene.py            all files git knows or would take
    tests/hygiene.py FILE...    these alone

One line a finding, and how many there are. Warnings do not fail. Every rule's exceptions stand beside it, each with its reason.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PURE = re.compile(r"^src/(base|mig|telemetry|core|plan|flow|api|bench|replay|experiments)/|^src/agent/reconcile\.")
LONGEST_LINE = 160
LONG_FILE, LONGEST_FILE = 400, 600

# What a pure library may not reach for. Its tests may: they read committed documents and measure time.
IMPURE_HEADER = re.compile(
    r"#\s*include\s*<(chrono|ctime|time\.h|thread|mutex|shared_mutex|condition_variable|future|atomic|fstream|iostream|filesystem|random|"
    r"unistd\.h|fcntl\.h|poll\.h|signal\.h|dlfcn\.h|pthread\.h|netdb\.h|(sys|netinet|arpa)/[^>]*)>")
IMPURE_CALL = re.compile(
    r"\b(std::random_device|std::thread|std::chrono|steady_clock|system_clock|(?:std::)?getenv|std::rand|fopen|std::ifstream|std::ofstream)\b"
    r"|(?<![\w.>:])(?:::)?(clock_gettime|gettimeofday|rand|socket|sleep|usleep)\(")
UNORDERED = re.compile(r"\bunordered_(?:multi)?(?:map|set)\s*<[^;(]*>\s+(\w+)")

# The environment is read in main/ alone. The simulated driver has no other way: it is loaded into programs of others.
GETENV_ALLOWED = re.compile(r"^src/(main|nvmlsim)/|_(test|fuzz)\.cc$")
GETENV = re.compile(r"\b(secure_)?getenv\s*\(")

# Words that say nothing. The driver's own names are the driver's.
EMPTY_NAME = re.compile(r"^\s*(?:template\s*<[^>]*>\s*)?(?:struct|class|enum(?:\s+class)?|union)\s+(\w*(?:Manager|Helper|Utils?|Impl|Data|Info))\b")
EMPTY_NAME_ALLOWED = re.compile(r"^src/(nvmlsim/nvml_abi|adapters/nvml_api)\.h$")

NAMESPACE = re.compile(r"^(?:inline )?namespace(?: ([\w:]+))? \{$")
TYPE = re.compile(r"^(?:struct|class|union|enum(?: class)?) (\w+)(?: final)?(?: :(?!:)[^;{]*)? \{")
TEST_FILE = re.compile(r"(_test\.cc|_fuzz\.cc|_fixture\.h)$")

UNFINISHED = re.compile(r"\b(TODO|FIXME|HACK)\b")
# Paths of one machine and hosts of one network. /root and /home are matched as the beginning of a path only.
MACHINE_PATH = re.compile(r"""(?:^|["'\s=(:])(/root/|/home/\w|/work/(?:main|shared)|/Users/)""")
PRIVATE_HOST = re.compile(r"https?://[\w.-]*(artifactory|nexus|jfrog|\.internal\b|\.corp\b|\.lan\b)[\w.:-]*", re.I)

CPP = (".cc", ".h", ".c")
SPDX = {**dict.fromkeys(CPP, "// SPDX-License-Identifier: Apache-2.0"), **dict.fromkeys((".py", ".sh", ".go", ".toml"), None)}
# Tables, and what is made by a program.
LONG_ALLOWED = re.compile(r"^(api/|python/opennav/(?:model|api)\.py$|tests/.*/answers/|src/nvmlsim/boards\.cc$)|\.(json|sum|svg)$")
WIDE_ALLOWED = re.compile(r"^(api/|docs/images/)|\.(json|sum|svg|md|txt)$")
TEXT = (*CPP, ".py", ".sh", ".cmake", ".md", ".txt", ".toml", ".go", ".map", ".mod", ".service", "")


class Findings:
    def __init__(self):
        self.errors = 0
        self.warnings = 0

    def error(self, path, line, what):
        self.errors += 1
        print(f"{path}:{line}: {what}")

    def warn(self, path, line, what):
        self.warnings += 1
        print(f"{path}:{line}: warning: {what}")


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [name for name in listed.decode().split("\0") if name]


def check_first_line(path, lines, found):
    suffix = Path(path).suffix
    if suffix in CPP:
        if not lines or lines[0] != "// SPDX-License-Identifier: Apache-2.0":
            found.error(path, 1, "the first line is not the SPDX line")
    elif suffix in (".py", ".sh") or (lines and lines[0].startswith("#!")):
        if not any(line.startswith("# SPDX-License-Identifier: Apache-2.0") for line in lines[:2]):
            found.error(path, 1, "no SPDX line at the top")


def check_text(path, lines, found):
    for number, line in enumerate(lines, 1):
        if "\t" in line and not path.endswith((".go", ".mod", ".sum", ".svg")):
            found.error(path, number, "a tab")
        if line != line.rstrip() and not path.endswith(".md"):
            found.error(path, number, "space at the end of the line")
        if len(line) > LONGEST_LINE and not WIDE_ALLOWED.search(path):
            found.error(path, number, f"{len(line)} columns, more than {LONGEST_LINE}")
        if path == "tests/hygiene.py":
            continue
        for pattern, what in ((UNFINISHED, "unfinished work is an issue, not a comment"), (MACHINE_PATH, "the path of one machine"),
                              (PRIVATE_HOST, "the host of one network")):
            if match := pattern.search(line):
                found.error(path, number, f"{what}: {match.group(0).strip()}")


def check_size(path, lines, found):
    if LONG_ALLOWED.search(path) or not path.endswith((*CPP, ".py", ".sh")):
        return
    if len(lines) > LONGEST_FILE:
        found.error(path, 1, f"{len(lines)} lines: more than one noun lives here")
    elif len(lines) > LONG_FILE:
        found.warn(path, 1, f"{len(lines)} lines")


def without_comments(line):
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', line).split("//")[0]


def check_cpp(path, lines, found):
    is_test = path.endswith(("_test.cc", "_fuzz.cc"))
    if path.endswith(".h") and "#pragma once" not in lines:
        found.error(path, 1, "no #pragma once")
    own = re.sub(r"^src/", "", path)[:-3] + ".h"
    if path.endswith(".cc") and not is_test and (ROOT / "src" / own).exists():
        first = next((line for line in lines if line.startswith("#include")), None)
        if first != f'#include "{own}"':
            found.error(path, 1, f'its own header "{own}" is not included first')
    for number, line in enumerate(lines, 1):
        code = without_comments(line)
        if GETENV.search(code) and not GETENV_ALLOWED.search(path):
            found.error(path, number, "the environment is read below main/")
        if (match := EMPTY_NAME.search(code)) and not EMPTY_NAME_ALLOWED.search(path):
            found.error(path, number, f"{match.group(1)} says nothing about what it is")


def check_one_meaning(contents, found):
    """A type named alike in two files of one namespace: no compiler sees both, and the linker takes one's functions for the other's."""
    places = {}
    for path, lines in sorted(contents.items()):
        if not path.startswith("src/") or not path.endswith(CPP) or TEST_FILE.search(path):
            continue
        spaces = []
        for number, line in enumerate(lines, 1):
            if match := NAMESPACE.match(line):
                spaces.append(match.group(1) or "(anonymous)")
            elif line.startswith("}  // namespace") and spaces:
                spaces.pop()
            elif (match := TYPE.match(line)) and spaces and "(anonymous)" not in spaces:
                places.setdefault("::".join([*spaces, match.group(1)]), []).append((path, number))
    for name, all_of_it in places.items():
        for path, number in all_of_it[1:]:
            found.error(path, number, f"{name} means something else in {all_of_it[0][0]}")


def unordered_names(folder_of):
    """Names declared as unordered containers, by folder of src."""
    names = {}
    for path, lines in folder_of.items():
        for line in lines:
            for match in UNORDERED.finditer(without_comments(line)):
                names.setdefault(str(Path(path).parent), set()).add(match.group(1))
    return names


def check_pure(path, lines, unordered, found):
    names = unordered.get(str(Path(path).parent), set())
    walks = re.compile(r"(?::\s*|\b)(?:\w+(?:\.|->))?(" + "|".join(map(re.escape, names)) + r")(?:\)|\.begin\(\))") if names else None
    for number, line in enumerate(lines, 1):
        if match := IMPURE_HEADER.search(line):
            found.error(path, number, f"a pure library includes <{match.group(1)}>")
        code = without_comments(line)
        if match := IMPURE_CALL.search(code):
            found.error(path, number, f"a pure library uses {match.group(0)}")
        if walks and (match := walks.search(code)) and ("for (" in code or ".begin()" in code):
            found.error(path, number, f"the order of {match.group(1)} is chance: iterate over something sorted")


def main():
    names = sys.argv[1:] or tracked_files()
    contents = {}
    for name in names:
        path = ROOT / name
        if path.is_symlink() or not path.is_file() or name == "LICENSE" or not name.endswith(tuple(s for s in TEXT if s)) and "." in Path(name).name[1:]:
            continue
        try:
            contents[name] = path.read_text().split("\n")
        except UnicodeDecodeError:
            continue  # not a text: recorded bytes of a test
        if contents[name] and contents[name][-1] == "":
            contents[name].pop()
    pure = {path: lines for path, lines in contents.items() if PURE.search(path) and not path.endswith(("_test.cc", "_fuzz.cc", "_fixture.h"))}
    unordered = unordered_names(pure)
    found = Findings()
    check_one_meaning(contents, found)
    for path, lines in sorted(contents.items()):
        check_first_line(path, lines, found)
        check_text(path, lines, found)
        check_size(path, lines, found)
        if path.endswith(CPP) and path.startswith("src/"):
            check_cpp(path, lines, found)
        if path in pure:
            check_pure(path, lines, unordered, found)
    print(f"hygiene: {len(contents)} files, {found.errors} findings, {found.warnings} warnings")
    return 1 if found.errors else 0


if __name__ == "__main__":
    sys.exit(main())
