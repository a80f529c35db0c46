#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/parity.md: every operation of the API, and where the command line and the Python library offer it.

    tools/parity.py          writes the page
    tools/parity.py --check  exits with 1 if the page is another, or if a gap has no reason

Found in the sources, not declared: a command offers an operation if its file calls it (Operation::X in src/cli), a method of the library if it makes its
request (python/opennav/aio.py, aio_flows.py). What is missing needs a reason below, and a reason that is not needed any more is an error too.
"""
import ast
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/parity.md"
INTRODUCTION = """# What can be done where

Made by `tools/parity.py` from the sources; not to be changed by hand.

Every operation of the HTTP API, with the commands that use it and the methods of the Python library. What has no method of its own is asked with
`client.ask(opennav.api.NAME(...))`, typed all the same. Where something is missing, the reason stands instead.
"""

# What a file's commands are called, where it is not named after its one command.
COMMANDS = {"artifact": ("artifacts", "flow", "run --code"), "defragment": "pool defragment", "flow_request": "flow", "flow_schedule": "flow schedule",
            "job_watch": "run --wait", "report_schedule": "report schedule", "login": "whoami", "events": "events"}
# Files whose calls belong to commands that already show them.
HELPERS = {"access_text"}

AGENTS = "what agents say; `nav agent` speaks it"
READING = "for browsers"
NO_COMMAND = {
    "submit_batch": "`nav run` submits one kind of job; jobs that differ are a script's affair",
    "get_experiment": "`nav experiments list` shows all there is of each",
    "sign_in": "a browser's way to keep a token; `nav login` keeps the command line's",
    "sign_out": "a browser's; `nav logout` is the command line's",
    "list_points": "points are for charts: the library, MLflow's client and the API have them",
    "get_health": "`nav version` and every other command say that nobody answers",
    "get_flow": "not yet: a run is shown by `nav flow show`, and the file is the person's own",
    "get_document": "for programs; `/docs` is it for reading",
    "show_reference": READING,
    "show_landing": READING,
    "scrape_metrics": "for a Prometheus",
    "query_metrics": "for charts; `nav report` shows the sums",
}
NO_METHOD = {"show_reference": READING, "show_landing": READING}


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def by_command():
    """Operation -> commands."""
    found = {}
    for path in sorted((ROOT / "src/cli").glob("*.cc")):
        if path.name.endswith("_test.cc") or path.stem in HELPERS:
            continue
        for name in re.findall(r"\bOperation::(\w+)", path.read_text()):
            known = COMMANDS.get(path.stem, path.stem.replace("_cli", ""))
            for command in (known,) if isinstance(known, str) else known:
                found.setdefault(snake(name), set()).add("nav " + command)
    return found


def calls_in(node, module):
    """Names N of `module.N(...)` anywhere in a function."""
    return {
        one.func.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and isinstance(one.func.value, ast.Name) and one.func.value.id == module
    }


def functions_of(path):
    return {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def reached_in(functions):
    """Function of a module of plans -> operations it or what it calls asks for."""
    def reach(name, seen):
        if name in seen or name not in functions:
            return set()
        called = {one.func.id for one in ast.walk(functions[name]) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
        return calls_in(functions[name], "api").union(*(reach(one, seen | {name}) for one in called))
    return {name: reach(name, frozenset()) for name in functions}


def by_method():
    """Operation -> methods of the library."""
    package = ROOT / "python/opennav"
    reached = {module: reached_in(functions_of(package / f"{module}.py")) for module in ("watch", "artifacts")}
    found = {}
    classes = (node for file in ("aio.py", "aio_flows.py") for node in ast.parse((package / file).read_text()).body if isinstance(node, ast.ClassDef))
    for owner in classes:
        methods = {node.name: node for node in owner.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
        asked = {name: calls_in(node, "api").union(*(plans.get(one, set()) for module, plans in reached.items() for one in calls_in(node, module)))
                 for name, node in methods.items()}
        for name, node in methods.items():
            if name.startswith("_"):
                continue
            for private in calls_in(node, "self") & {one for one in methods if one.startswith("_")}:
                asked[name] |= asked[private]
            for operation in asked[name]:
                found.setdefault(operation, set()).add(f"{owner.name.removeprefix('Async').removeprefix('Flow').lower()}.{name}")
    return found


def rows():
    document = json.loads((ROOT / "api/openapi.json").read_text())
    functions = functions_of(ROOT / "python/opennav/api.py")
    commands, methods = by_command(), by_method()
    wrong, found = [], []
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            name, agents = operation["operationId"], "agents" in operation.get("tags", ())
            mlflow = path.startswith("/api/2.0/")
            command = ", ".join(f"`{one}`" for one in sorted(commands.get(name, ())))
            method = ", ".join(f"`{one}`" for one in sorted(methods.get(name, ()))) or (f"`api.{name}`" if name in functions else "")
            reason = AGENTS if agents else "spoken by MLflow's own client" if mlflow else None
            for cell, gaps, where in ((command, NO_COMMAND, "command"), (method, NO_METHOD, "method")):
                if not cell and not reason and name not in gaps:
                    wrong.append(f"{name} has no {where}: offer it, or say in tools/parity.py why not")
                if cell and name in gaps:
                    wrong.append(f"{name} has a {where} now: take its reason out of tools/parity.py")
            command = command or f"– {reason or NO_COMMAND.get(name, '')}"
            method = method or f"– {reason or NO_METHOD.get(name, '')}"
            found.append(f"| `{name}` | {verb.upper()} `{path}` | {command} | {method} |")
    return found, wrong


def main():
    found, wrong = rows()
    page = INTRODUCTION + "\n| operation | | command line | Python |\n|---|---|---|---|\n" + "\n".join(found) + "\n"
    print("\n".join(wrong), end="\n" if wrong else "")
    if sys.argv[1:] == ["--check"]:
        same = PAGE.exists() and PAGE.read_text() == page
        if not same:
            print("docs/parity.md is not what the sources say: tools/parity.py writes it anew")
        return 0 if same and not wrong else 1
    PAGE.write_text(page)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
