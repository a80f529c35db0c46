# SPDX-License-Identifier: Apache-2.0
"""Flows in Python: graphs of jobs and sweeps, from plain objects or from functions.

>>> flow = opennav.Flow("digits", parameters={"rows": 3})
>>> @flow.job(on="cpu", outputs=["rows.txt"])
... def prepare(rows: int, outputs):
...     (outputs / "rows.txt").write_text("x\\n" * rows)
>>> train = flow.sweep("train", ["sh", "-c", 'echo "{\\\\"accuracy\\\\": {{rate}}}" > $NAV_OUTPUTS/metrics.json'], on="cpu",
...                    grid={"rate": [0.1, 0.9]}, inputs={"rows.txt": prepare.output("rows.txt")}, metric="accuracy")
>>> serve = flow.job("serve", ["true"], on=["mig-1g.5gb", "cpu"], when=train.best.metric("accuracy") > 0.8)
>>> run = client.run_flow(flow)
>>> run.wait(check=True).run.state.value
'succeeded'
>>> run.best("train").parameters
{'rate': '0.9'}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast, overload

from . import model
from .errors import InvalidArgument
from .script import script_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

Values = Iterable[Any]
Made = TypeVar("Made", bound=Callable[..., Any])


class Wishes(TypedDict, total=False):
    """What a component may be told beside its compute list; docs/flows.md says what each means."""

    env: Mapping[str, Any]
    workdir: str
    time_limit: str
    memory: str
    cpus: float | str
    retries: int
    restartable: bool
    cache: bool
    priority: int
    on_out_of_memory: str
    after: Component | str | Sequence[Component | str]
    inputs: Mapping[str, Output | Path | str]
    outputs: str | Sequence[str]
    when: str
    approval: str
    approvers: str | Sequence[str]


class ServiceWishes(Wishes, total=False):
    """What a workspace or endpoint may be told besides."""

    health: str
    idle_after: str
    keep: bool


class SweepWishes(Wishes, total=False):
    """What a sweep may be told besides."""

    grid: Mapping[str, Values]
    random: Mapping[str, Values | model.SweepRange]
    trials: int
    seed: int
    parallel: int
    metric: str
    goal: str
    may_fail: int
    early_stopping: Mapping[str, Any] | model.EarlyStopping


@dataclass(frozen=True)
class Output:
    """A file that a component leaves; an input of another."""

    component: str
    name: str
    of_best: bool = False

    def __str__(self) -> str:
        return f"{self.component}.{'best.' if self.of_best else ''}{self.name}"


@dataclass(frozen=True)
class Metric:
    """A metric of a component. Compared with a number it is a condition for `when`.

    >>> opennav.flow.Metric("train", "loss", of_best=True) < 0.3
    'train.best.metrics.loss < 0.3'
    """

    component: str
    name: str
    of_best: bool = False

    def _held_against(self, comparison: str, number: float) -> str:
        return f"{self.component}.{'best.' if self.of_best else ''}metrics.{self.name} {comparison} {number!r}"

    def __lt__(self, number: float) -> str:
        return self._held_against("<", number)

    def __le__(self, number: float) -> str:
        return self._held_against("<=", number)

    def __gt__(self, number: float) -> str:
        return self._held_against(">", number)

    def __ge__(self, number: float) -> str:
        return self._held_against(">=", number)


class Best:
    """The best trial of a sweep."""

    def __init__(self, component: str) -> None:
        self._component = component

    def output(self, name: str) -> Output:
        return Output(self._component, name, of_best=True)

    def metric(self, name: str) -> Metric:
        return Metric(self._component, name, of_best=True)


class Component:
    """A component of a flow, for others to name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def output(self, name: str) -> Output:
        """One of its outputs, as an input of another."""
        return Output(self.name, name)

    def metric(self, name: str) -> Metric:
        """One of its metrics, for `when`."""
        return Metric(self.name, name)

    @property
    def best(self) -> Best:
        """The best trial, of a sweep with a metric."""
        return Best(self.name)


def between(low: float, high: float, *, log: bool = False, whole: bool = False) -> model.SweepRange:
    """Where a random sweep draws a parameter from; with `log`, each power of ten is as likely.

    >>> opennav.between(1e-4, 0.1, log=True).low
    0.0001
    """
    return model.SweepRange(low=low, high=high, log=log, whole=whole)


WISHES = {
    model.ComponentKind.JOB: Wishes,
    model.ComponentKind.SWEEP: SweepWishes,
    model.ComponentKind.WORKSPACE: ServiceWishes,
    model.ComponentKind.ENDPOINT: ServiceWishes,
}


class Flow:
    """A flow that is being written. `client.run_flow` runs it, `client.check_flow` holds it against all that is known.

    `parameters` are its own with their defaults; `{{name}}` in a command stands for one. Files named `./x` in `inputs` are looked for in `folder`.
    `python` is what functions are run with on the node: it needs nothing of this package. With `cache` components that have not changed are not run again.
    """

    def __init__(
        self,
        name: str,
        *,
        description: str = "",
        parameters: Mapping[str, Any] | None = None,
        folder: str | Path = ".",
        python: str = "python3",
        cache: bool = False,
    ) -> None:
        self.name, self.description, self.python, self.cache = name, description, python, cache
        self.parameters = texts_of(parameters)
        self.folder = Path(folder)
        self.components: dict[str, model.FlowComponent] = {}
        self._files: dict[tuple[str, str], Path | bytes] = {}

    def __repr__(self) -> str:
        return f"<Flow {self.name}: {', '.join(self.components) or 'no components'}>"

    @overload
    def job(self, name: str, command: Sequence[Any], *, on: str | Sequence[Any], **wishes: Unpack[Wishes]) -> Component: ...
    @overload
    def job(self, *, on: str | Sequence[Any], **wishes: Unpack[Wishes]) -> Callable[[Callable[..., Any]], Component]: ...
    def job(self, name: str | None = None, command: Sequence[Any] | None = None, *, on: str | Sequence[Any], **wishes: Any) -> Any:
        """Adds a job; without a name and command, the function below becomes one.

        Such a function is sent alone, so it imports within itself what it needs. Its arguments are parameters by name (given as their annotation says:
        int, float, bool, str), and `inputs` and `outputs`, the folders. A mapping that it returns are its metrics.
        """
        return self._added(model.ComponentKind.JOB, name, command, on, wishes)

    @overload
    def sweep(self, name: str, command: Sequence[Any], *, on: str | Sequence[Any], **wishes: Unpack[SweepWishes]) -> Component: ...
    @overload
    def sweep(self, *, on: str | Sequence[Any], **wishes: Unpack[SweepWishes]) -> Callable[[Callable[..., Any]], Component]: ...
    def sweep(self, name: str | None = None, command: Sequence[Any] | None = None, *, on: str | Sequence[Any], **wishes: Any) -> Any:
        """Adds a sweep: a job for each combination of `grid`, or `trials` drawn from `random` (lists, or `between`); else as `job`."""
        return self._added(model.ComponentKind.SWEEP, name, command, on, wishes)

    def endpoint(self, name: str, command: Sequence[Any], *, on: str | Sequence[Any], **wishes: Unpack[ServiceWishes]) -> Component:
        """Adds a service. What comes after it begins once it answers, and finds its path at the door in ``NAV_DOOR_NAME``; it is ended when the rest of
        the run is over, or with ``keep=True`` goes on."""
        return cast(Component, self._added(model.ComponentKind.ENDPOINT, name, command, on, wishes))

    def workspace(self, name: str, command: Sequence[Any] = (), *, on: str | Sequence[Any], **wishes: Unpack[ServiceWishes]) -> Component:
        """Adds a service for one person to work in: Jupyter, if no command is given; else as `endpoint`."""
        return cast(Component, self._added(model.ComponentKind.WORKSPACE, name, command, on, wishes))

    def definition(self, digest_of: Callable[[Path | bytes], str]) -> model.FlowDefinition:
        """What is sent. `digest_of` says which artifact a file is."""
        components = dict(self.components)
        for (name, entry), content in self._files.items():
            one = components[name]
            components[name] = replace(one, inputs={**(one.inputs or {}), entry: digest_of(content)})
        return model.FlowDefinition(name=self.name, description=self.description or None, parameters=self.parameters, components=components, cache=self.cache)

    def files(self) -> list[Path | bytes]:
        """The files to send before it runs."""
        return list(self._files.values())

    def _added(self, kind: model.ComponentKind, name: str | None, command: Sequence[Any] | None, on: str | Sequence[Any], wishes: Mapping[str, Any]) -> Any:
        if (name is None) != (command is None):
            raise InvalidArgument("a component has a name and a command, or is a function below the line", "flow.job('name', [...], on=...)", "command")
        if name is not None and command is not None:
            if isinstance(command, str):
                raise InvalidArgument("the command is one text", "a list of words: ['python3', 'inputs/train.py']", f"components.{name}.command")
            return self._put(name, kind, [text_of(word) for word in command], on, wishes, {})

        def of_function(function: Callable[..., Any]) -> Component:
            own = function.__name__
            script = script_of(function).encode()
            return self._put(own, kind, [self.python, f"inputs/{own}.py"], on, wishes, {f"{own}.py": script})

        return of_function

    def _put(
        self, name: str, kind: model.ComponentKind, command: list[str], on: str | Sequence[Any], wishes: Mapping[str, Any], files: Mapping[str, bytes]
    ) -> Component:
        place = f"components.{name}"
        if name in self.components:
            raise InvalidArgument(f"there is a component {name} already", "each has a name of its own", place)
        fields: dict[str, Any] = {**wishes}
        known = WISHES[kind].__annotations__.keys()
        if unknown := next((one for one in fields if one not in known), None):
            raise InvalidArgument(f"a {kind} has no {unknown}", f"it may have: {', '.join(sorted(known))}", f"{place}.{unknown}")
        if kind is model.ComponentKind.SWEEP and not fields.get("grid") and not fields.get("random"):
            raise InvalidArgument(f"{name} sweeps over nothing", "grid={'rate': [0.1, 0.01]}, or random=... with trials=...", f"{place}.grid")
        inputs = fields.pop("inputs", {})
        fields["inputs"] = {entry: str(source) for entry, source in inputs.items() if not self._is_file(source)} or None
        for entry, source in inputs.items():
            if self._is_file(source):
                self._files[name, entry] = self.folder / source
        for entry, content in files.items():
            self._files[name, entry] = content
        if "after" in fields:
            after = fields["after"]
            fields["after"] = [one.name if isinstance(one, Component) else str(one) for one in ([after] if isinstance(after, (Component, str)) else after)]
        for one in ("outputs", "approvers"):
            if isinstance(fields.get(one), str):
                fields[one] = [fields[one]]
        if "env" in fields:
            fields["env"] = texts_of(fields["env"])
        if "cpus" in fields:
            fields["cpus"] = text_of(fields["cpus"])
        if "on_out_of_memory" in fields:
            fields["on_out_of_memory"] = model.OnOutOfMemory(fields["on_out_of_memory"])
        if "goal" in fields:
            fields["goal"] = model.SweepGoal(fields["goal"])
        if isinstance(fields.get("early_stopping"), Mapping):
            fields["early_stopping"] = _early_stopping(fields["early_stopping"], f"{place}.early_stopping")
        if "grid" in fields:
            fields["grid"] = {one: [text_of(value) for value in values] for one, values in fields["grid"].items()}
        if "random" in fields:
            fields["random"] = {one: _range_of(values) for one, values in fields["random"].items()}
        wanted = [on] if isinstance(on, str) else [str(one) for one in on]
        self.components[name] = model.FlowComponent(kind=kind, on=wanted, command=command, **fields)
        return Component(name)

    @staticmethod
    def _is_file(source: Any) -> bool:
        return isinstance(source, Path) or (isinstance(source, str) and source.startswith("./"))


def _early_stopping(wanted: Mapping[str, Any], place: str) -> model.EarlyStopping:
    known = {one.name for one in dataclass_fields(model.EarlyStopping)}
    if unknown := next((one for one in wanted if one not in known), None):
        raise InvalidArgument(f"early stopping has no {unknown}", f"it may have: {', '.join(sorted(known))}", f"{place}.{unknown}")
    given = dict(wanted)
    if "rule" in given:
        given["rule"] = model.StoppingRule(given["rule"])
    if "goal" in given:
        given["goal"] = model.SweepGoal(given["goal"])
    return model.EarlyStopping(**given)


def texts_of(values: Mapping[str, Any] | None) -> dict[str, str]:
    """Values of parameters as the API takes them."""
    return {name: text_of(value) for name, value in (values or {}).items()}


def text_of(value: Any) -> str:
    """A parameter's value as flows write it: true, 0.001, relu."""
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


def _range_of(values: Any) -> model.SweepRange:
    return values if isinstance(values, model.SweepRange) else model.SweepRange(choices=[text_of(value) for value in values])
