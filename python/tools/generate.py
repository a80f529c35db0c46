# SPDX-License-Identifier: Apache-2.0
"""Writes what of the package follows from elsewhere: `model.py` and `api.py` from the API document, `client.py` and `flow_runs.py`
from their files for asyncio.

    python python/tools/generate.py           rewrites them
    python python/tools/generate.py --check   names those that differ, changes nothing, exits with 1 if there are any
"""

from __future__ import annotations

import json
import keyword
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1] / "opennav"
DOCUMENT = PACKAGE.parents[1] / "api" / "openapi.json"
FIRST_LINE = "# SPDX-License-Identifier: Apache-2.0\n"
TIMES = {"Time": "datetime.datetime", "Duration": "datetime.timedelta"}
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
# What agents say has no place in a library for people, and pages for reading are for browsers.
LEFT_OUT_TAGS = {"agents"}
LEFT_OUT_PATHS = {"/", "/docs"}
BYTES = "application/octet-stream"
LEFT_OUT_PREFIX = "/api/2.0/"  # MLflow's own client speaks it


def name_of(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]


def type_of(schema: dict[str, Any], prefix: str = "") -> str:
    """The Python type of a schema."""
    if "$ref" in schema:
        name = name_of(schema["$ref"])
        return TIMES.get(name, prefix + name)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(type_of(option, prefix) for option in options))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(type_of({**schema, "type": one}, prefix) for one in kind)
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}), prefix)}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {type_of(values, prefix) if isinstance(values, dict) else 'Any'}]"
    return SCALARS.get(str(kind), "Any")


def comment(text: str, indent: str) -> list[str]:
    return [f"{indent}#: {line}" for line in textwrap.wrap(text, 150)]


def docstring(text: str, indent: str) -> list[str]:
    text = text.replace("\\", "\\\\")
    lines = textwrap.wrap(text, 150)
    if len(lines) < 2:
        return [f'{indent}"""{text}"""']
    return [f'{indent}"""{lines[0]}'] + [indent + line for line in lines[1:]] + [f'{indent}"""']


def record(name: str, schema: dict[str, Any]) -> list[str]:
    lines = ["@dataclass(frozen=True, kw_only=True)", f"class {name}(Record):"]
    lines += [*docstring(schema.get("description") or "One part of a list.", "    "), ""]
    required = set(schema.get("required", ()))
    for field, inner in schema.get("properties", {}).items():
        assert not keyword.iskeyword(field), f"{name}.{field} is a word of Python's"
        lines += comment(inner.get("description", ""), "    ")
        kind = type_of(inner)
        if field not in required and "None" not in kind.split(" | "):
            kind += " | None"
        lines.append(f"    {field}: {kind}" + ("" if field in required else " = None"))
    return lines if schema.get("properties") else lines[:-1]


def word(name: str, schema: dict[str, Any]) -> list[str]:
    text = schema.get("description") or f"The words of {name}."
    return [f"class {name}(Word):", *docstring(text, "    "), ""] + [f'    {re.sub(r"[^0-9A-Z_]", "_", one.upper())} = "{one}"' for one in schema["enum"]]


def model(document: dict[str, Any]) -> str:
    out = [FIRST_LINE + '"""Every value of the API. Made from api/openapi.json by python/tools/generate.py; not to be edited."""\n']
    out += ["from __future__ import annotations\n", "import datetime", "from dataclasses import dataclass", "from typing import Any\n"]
    out += ["from .record import Record, Word\n"]
    aliases, classes = [], []
    for name, schema in document["components"]["schemas"].items():
        if name in TIMES:
            continue
        if "enum" in schema:
            classes.append(word(name, schema))
        elif schema.get("type") == "object" and "properties" in schema:
            classes.append(record(name, schema))
        else:
            aliases += [*comment(schema.get("description", ""), ""), f"{name} = {type_of(schema)}"]
    used = any("Any" in line for lines in classes for line in lines) or any("Any" in line for line in aliases)
    text = "\n".join(out + aliases) + "\n" + "".join("\n\n" + "\n".join(lines) + "\n" for lines in classes)
    return text if used else text.replace("from typing import Any\n\n", "\n")


def answer_of(operation: dict[str, Any]) -> str:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            content = response.get("content", {})
            if "application/json" in content:
                return type_of(content["application/json"]["schema"], "model.")
            if content:
                return "bytes" if BYTES in content else "str"
    return "None"


def runtime_type(answer: str) -> str:
    return {"Any": "object", "None": "type(None)"}.get(answer, answer)


def operation_function(method: str, path: str, operation: dict[str, Any]) -> list[str]:
    positional, named, segments, query, given = [], [], [], [], []
    for parameter in operation.get("parameters", ()):
        name, place = parameter["name"], parameter["in"]
        if name == "Idempotency-Key":
            given.append("keyed=True")
        elif name == "If-Match":
            named.append("if_match: str")
            given.append("if_match=if_match")
        elif place == "path":
            python = name.replace("-", "_")
            positional.append(f"{python}: {type_of(parameter['schema'], 'model.')}")
            segments.append(f'"{name}": {python}')
        elif place == "query":
            kind = type_of(parameter["schema"], "model.").replace("list[", "Sequence[")
            python = name.replace("-", "_").replace(".", "_") + ("_" if keyword.iskeyword(name) else "")
            required = parameter.get("required", False)
            named.append(f"{python}: {kind}" + ("" if required else " | None = None"))
            query.append(f'"{name}": {python}')
    sent = (operation.get("requestBody") or {}).get("content", {})
    if body := sent.get("application/json"):
        positional.append(f"body: {type_of(body['schema'], 'model.')}")
        given.append("body=body")
    elif BYTES in sent:
        positional.append("body: bytes")
        given.append("body=body")
    answer = answer_of(operation)
    arguments = ", ".join(positional + (["*", *sorted(named, key=lambda one: "=" in one)] if named else []))
    text = operation["summary"].rstrip(".") + "." + (f" {operation['description']}" if operation.get("description") else "")
    parts = [f'"{method.upper()}"', f'"{path}"', runtime_type(answer)]
    parts += [f"segments={{{', '.join(segments)}}}"] if segments else []
    asked = f"query={{{', '.join(query)}}}"
    if len(asked) > 148:
        asked = "query={\n" + "".join(f"            {one},\n" for one in query) + "        }"
    parts += [asked] if query else []
    lines = [f"def {operation['operationId']}({arguments}) -> Call[{answer}]:"]
    if len(lines[0]) > 158:
        lines = [f"def {operation['operationId']}(", *(f"    {one}," for one in arguments.split(", ") if one), f") -> Call[{answer}]:"]
    returned = f"    return Call({', '.join(parts + given)})"
    if len(returned) > 158:
        returned = "    return Call(\n" + "".join(f"        {one},\n" for one in parts + given) + "    )"
    return [*lines, *docstring(text, "    "), returned]


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Those a library for people offers."""
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path in LEFT_OUT_PATHS or path.startswith(LEFT_OUT_PREFIX) or LEFT_OUT_TAGS & set(operation.get("tags", ())):
                continue
            found.append((method, path, operation))
    return found


def api(document: dict[str, Any]) -> str:
    functions = [operation_function(*one) for one in operations(document)]
    text = "".join("\n\n" + "\n".join(lines) + "\n" for lines in functions)
    head = FIRST_LINE + '"""Every operation of the API as a function that makes its request; a client\'s `ask` sends it.\n\n'
    head += 'Made from api/openapi.json by python/tools/generate.py; not to be edited.\n"""\n\nfrom __future__ import annotations\n\n'
    head += "import datetime\n" if "datetime." in text else ""
    head += "from collections.abc import Sequence\n" if "Sequence[" in text else ""
    head += "from typing import Any\n" if re.search(r"\bAny\b", text) else ""
    return head + "\nfrom . import model\nfrom .call import Call\n" + text


# The client without await. What stands in aio.py is the one that people edit.
WITHOUT_AWAIT = [
    (r"async def ", "def "), (r"async with ", "with "), (r"async for ", "for "), (r"\bawait ", ""), (r"\bAsync(?=[A-Z])", ""),
    (r"__a(enter|exit|iter|next)__", r"__\1__"), (r"\baclose\b", "close"), (r"\basync_world\b", "world"),
    (r"\baio_flows\b", "flow_runs"), (r"from \.aio import", "from .client import"),
    (r"opennav\.aio\b", "opennav"),
]  # fmt: skip


def without_await(source: str, what: str) -> str:
    text = (PACKAGE / source).read_text()
    for pattern, instead in WITHOUT_AWAIT:
        text = re.sub(pattern, instead, text)
    head = FIRST_LINE + f'"""{what}\n\nMade from {source} by python/tools/generate.py; not to be edited.\n"""\n'
    return head + text.split('"""\n', 1)[1]


def main() -> int:
    document = json.loads(DOCUMENT.read_text())
    made = {"model.py": model(document), "api.py": api(document), "client.py": without_await("aio.py", "The client, and the jobs it knows.")}
    made["flow_runs.py"] = without_await("aio_flows.py", "Runs of flows and their schedules.")
    wrong = [name for name, text in made.items() if not (PACKAGE / name).exists() or (PACKAGE / name).read_text() != text]
    if "--check" in sys.argv[1:]:
        for name in wrong:
            print(f"python/opennav/{name} is not what python/tools/generate.py makes: run it")
        return 1 if wrong else 0
    for name in wrong:
        (PACKAGE / name).write_text(made[name])
        print(f"wrote python/opennav/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
