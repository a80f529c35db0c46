# SPDX-License-Identifier: Apache-2.0
"""A function as a script that stands alone: what a component made of a function runs."""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
import symtable
import textwrap
from collections.abc import Callable
from typing import Any

from .errors import InvalidArgument

SCRIPT = '''"""Made from the function {name}: it is called with its parameters, and what it returns are its metrics."""

from __future__ import annotations

{source}

if __name__ == "__main__":
    import json
    import os
    import pathlib

    _outputs = pathlib.Path(os.environ["NAV_OUTPUTS"])
    _read = {{"int": int, "float": float, "bool": lambda text: text == "true"}}
    _arguments = {{"inputs": pathlib.Path(os.environ["NAV_INPUTS"]), "outputs": _outputs}}
    for _name, _kind in {arguments!r}.items():
        if "NAV_PARAM_" + _name in os.environ:
            _arguments[_name] = _read.get(_kind, str)(os.environ["NAV_PARAM_" + _name])
    try:
        _metrics = {name}(**{{name: value for name, value in _arguments.items() if name in {wanted!r}}})
    except Exception as _error:  # as opennav.out_of_memory does, which need not be here
        _kinds = {{_one.__name__ for _one in type(_error).__mro__}}
        _of_gpu = _kinds & {{"OutOfMemoryError", "ResourceExhaustedError"}} or "CUDA out of memory" in str(_error)
        if (_of_gpu or "MemoryError" in _kinds) and "NAV_TERMINATION_FILE" in os.environ:
            _told = "gpu_out_of_memory" if _of_gpu else "out_of_memory"
            pathlib.Path(os.environ["NAV_TERMINATION_FILE"]).write_text(f"{{_told}}\\n{{type(_error).__name__}}: {{_error}}\\n")
        raise
    if _metrics is not None:
        (_outputs / "metrics.json").write_text(json.dumps({{name: float(value) for name, value in _metrics.items()}}))
'''


def script_of(function: Callable[..., Any]) -> str:
    """The script. InvalidArgument if the function leans on what is outside of it, for that is not sent."""
    name = function.__name__
    place = f"components.{name}"
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError) as error:
        raise InvalidArgument(f"the source of {name} cannot be read: {error}", "a function of a file or of a notebook's cell", place) from error
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise InvalidArgument(f"{name} is no plain function", "def, neither async nor lambda", place)
    definition.decorator_list = []
    if leaned_on := names_from_outside(definition):
        raise InvalidArgument(f"{name} uses {', '.join(leaned_on)} from outside of it", "it is sent alone: import and define within it", place)
    wanted = list(inspect.signature(function).parameters)
    kinds = {one.arg: ast.unparse(one.annotation).strip("'\"") if one.annotation else "str" for one in (*definition.args.args, *definition.args.kwonlyargs)}
    arguments = {one: kinds.get(one, "str") for one in wanted if one not in ("inputs", "outputs")}
    return SCRIPT.format(name=name, source=ast.unparse(definition), arguments=arguments, wanted=wanted)


class _WithoutAnnotations(ast.NodeTransformer):
    """What annotations name is never looked up where the script runs."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign([node.target], node.value) if node.value else ast.Pass()


def names_from_outside(definition: ast.FunctionDef) -> list[str]:
    """What it uses that neither it nor Python defines."""
    bare = _WithoutAnnotations().visit(copy.deepcopy(definition))
    top = symtable.symtable(ast.unparse(ast.fix_missing_locations(bare)), definition.name, "exec")
    found = {one.get_name() for one in top.get_symbols() if one.is_referenced() and not one.is_assigned()}
    below = list(top.get_children())
    while below:
        table = below.pop()
        found |= {one.get_name() for one in table.get_symbols() if one.is_global() and one.is_referenced()}
        below += table.get_children()
    return sorted(found - set(dir(builtins)) - {definition.name})
