# SPDX-License-Identifier: Apache-2.0
"""Bayesian search: each trial is a job, and what the others came to says where the next one looks. Optuna draws (`pip install ./python[search]`).

From a script or a notebook:

    from opennav import Client, between, search

    found = search.bayesian(Client(), "python train.py --rate {rate}", on="mig-1g.5gb", code=".", metric="accuracy", trials=24, parallel=3,
                            space={"rate": between(1e-5, 1, log=True), "kind": ["relu", "tanh"]})
    print(found.best.parameters, found.best.value)

As a component of a flow, or as a job: `python -m opennav.search --help`.

A trial finds its parameters in its command (`{rate}`), as `NAV_PARAM_rate` and, all of them, as JSON in `NAV_PARAMETERS`; it notes the metric with
`opennav.experiment` or MLflow's client, and the last value counts. What is known of a search stands with its jobs and nowhere else: a search that is
begun again under its name takes its trials over, those that are over and those that still run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import api, model
from .client import Client, Job
from .errors import Conflict, InvalidArgument, NavError, NotFound
from .flow import between

if TYPE_CHECKING:
    import optuna

Space = Mapping[str, "model.SweepRange | Sequence[str | int | float | bool]"]

_MOST_TRIALS = 10_000
_LOOK_EVERY = 0.5  # seconds
_NUMBER = "NAV_SEARCH_TRIAL"


@dataclass(frozen=True)
class Trial:
    """A trial and what it came to. Without a value it failed, or noted no such metric; `problem` says which."""

    number: int
    parameters: dict[str, Any]
    job: int
    value: float | None
    problem: str = ""


@dataclass(frozen=True)
class Search:
    """What a search came to."""

    name: str
    metric: str
    goal: str
    trials: list[Trial] = field(default_factory=list)

    @property
    def best(self) -> Trial:
        """NotFound if no trial came to a value."""
        valued = [trial for trial in self.trials if trial.value is not None]
        if not valued:
            problems = "; ".join(f"job {trial.job}: {trial.problem}" for trial in self.trials[:3])
            raise NotFound(f"none of {len(self.trials)} trials came to a value of {self.metric}: {problems}", "nav logs JOB shows what a trial wrote")
        sign = 1 if self.goal == "max" else -1
        return max(valued, key=lambda trial: sign * (trial.value or 0.0))


def bayesian(
    client: Client,
    command: str | Sequence[str],
    *,
    space: Space,
    on: str | Sequence[Any],
    metric: str,
    trials: int,
    goal: str = "max",
    parallel: int = 1,
    seed: int | None = None,
    name: str | None = None,
    say: Callable[[str], None] | None = None,
    **job: Any,
) -> Search:
    """Runs so many trials, at most `parallel` at once, and answers with all of them. `space` says what each parameter may be: values to choose from, or
    `opennav.between(low, high, log=..., whole=...)`. What else `Client.run` takes is for every trial: `code`, `env`, `time_limit`, `project`, ...

    A trial that fails counts as one and teaches nothing. When the search is ended early its running trials are cancelled.
    InvalidArgument for a space, a goal or a number that will not do, before anything starts; NavError when Optuna is missing.
    """
    _check(space, goal, trials, parallel)
    words = shlex.split(command) if isinstance(command, str) else list(command)
    own = name or (f"search-{os.environ['NAV_JOB_ID']}" if "NAV_JOB_ID" in os.environ else f"search-{int(time.time())}")
    tell = say or (lambda _: None)
    running = _Trials(client, own, words, on, metric, job)
    study = _study(goal, trials, seed)
    found = Search(own, metric, goal)
    # What an earlier life of this search had come to.
    waiting = running.known()
    next_number = max((one.number for one in waiting), default=-1) + 1
    asked: dict[int, optuna.trial.Trial | None] = {one.number: None for one in waiting}
    try:
        while len(found.trials) < trials:
            while len(waiting) < parallel and len(found.trials) + len(waiting) < trials:
                drawn = study.ask()
                parameters = {parameter: _draw(drawn, parameter, allowed) for parameter, allowed in space.items()}
                asked[next_number] = drawn
                waiting.append(running.start(next_number, parameters))
                next_number += 1
            for one in running.over(waiting):
                waiting = [other for other in waiting if other.number != one.number]
                if one.value is None and one.problem == _CANCELLED and asked[one.number] is None:
                    continue  # by the end of an earlier life: it is drawn again
                _teach(study, asked[one.number], one, space)
                found.trials.append(one)
                value = f"{metric} {one.value:g}" if one.value is not None else one.problem
                tell(f"trial {one.number} (job {one.job}) with {_text(one.parameters)}: {value}")
    finally:
        running.cancel(waiting)
    return found


_CANCELLED = "cancelled"


class _Trials:
    """The jobs of a search. Each carries its number and its parameters in its environment, so that they say all there is to know."""

    def __init__(self, client: Client, name: str, command: list[str], on: str | Sequence[Any], metric: str, job: Mapping[str, Any]) -> None:
        self._client, self._name, self._command, self._on, self._metric, self._job = client, name, command, on, metric, dict(job)

    def start(self, number: int, parameters: dict[str, Any]) -> Trial:
        env = dict(self._job.get("env") or {})
        env |= {f"NAV_PARAM_{name}": _word(value) for name, value in parameters.items()}
        env |= {"NAV_PARAMETERS": json.dumps(parameters), _NUMBER: str(number)}
        words = [_filled(word, parameters) for word in self._command]
        rest = {name: value for name, value in self._job.items() if name != "env"}
        job = self._client.run(words, on=self._on, name=f"{self._name}.{number}", env=env, **rest)
        return Trial(number, parameters, job.id, None)

    def known(self) -> list[Trial]:
        """Of an earlier life, whatever became of them."""
        found = []
        for job in self._client.jobs(name=f"{self._name}.", project=self._job.get("project"), most=None):
            env = (job.details().request.env if job.record.name.startswith(f"{self._name}.") else None) or {}
            if _NUMBER in env:
                found.append(Trial(int(env[_NUMBER]), json.loads(env["NAV_PARAMETERS"]), job.id, None))
        return sorted(found, key=lambda one: one.number)

    def over(self, waiting: list[Trial]) -> list[Trial]:
        """Waits until at least one of them is over, and says what each that is came to."""
        while True:
            ended = []
            for one in waiting:
                job = self._client.job(one.job)
                if job.is_over:
                    ended.append(self._outcome(one, job))
            if ended:
                return ended
            time.sleep(_LOOK_EVERY)

    def _outcome(self, one: Trial, job: Job) -> Trial:
        record = job.record
        if record.state != model.JobState.SUCCEEDED:
            problem = _CANCELLED if record.state == model.JobState.CANCELLED else f"{record.state.value}: {record.message or 'no reason is known'}"
            return Trial(one.number, one.parameters, one.job, None, problem)
        try:
            run = self._client.ask(api.get_run(f"{one.job:024x}{record.attempt:08x}"))
        except NotFound:
            return Trial(one.number, one.parameters, one.job, None, f"it noted no {self._metric}")
        value = (run.metrics or {}).get(self._metric)
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            problem = f"it noted no {self._metric}" if value is None else f"its {self._metric} is {value}"
            return Trial(one.number, one.parameters, one.job, None, problem)
        return Trial(one.number, one.parameters, one.job, float(value))

    def cancel(self, waiting: list[Trial]) -> None:
        for one in waiting:
            try:
                self._client.job(one.job).cancel()
            except Conflict:
                continue  # it ended meanwhile


def _check(space: Space, goal: str, trials: int, parallel: int) -> None:
    if not space:
        raise InvalidArgument("the space is empty", 'space={"rate": between(1e-4, 0.1, log=True)}', "space")
    for name, allowed in space.items():
        if not name.isidentifier():
            raise InvalidArgument(f"{name!r} is no name for a parameter", "letters, digits and _", f"space.{name}")
        if isinstance(allowed, model.SweepRange):
            low, high = allowed.low, allowed.high
            if low is None or high is None or not low < high or not math.isfinite(low) or not math.isfinite(high):
                raise InvalidArgument(f"{name} goes from {low} to {high}", "two numbers, the smaller first", f"space.{name}")
            if allowed.log and low <= 0:
                raise InvalidArgument(f"{name} is drawn by powers of ten and begins at {low:g}", "a low above zero", f"space.{name}.low")
            if allowed.whole and (low != int(low) or high != int(high)):
                raise InvalidArgument(f"{name} is whole and goes from {low:g} to {high:g}", "whole numbers", f"space.{name}")
        elif isinstance(allowed, str) or not allowed:
            raise InvalidArgument(f"{name} has nothing to choose from", "a list of values, or between(low, high)", f"space.{name}")
    if goal not in ("max", "min"):
        raise InvalidArgument(f"{goal!r} is no goal", "max or min", "goal")
    if not 1 <= trials <= _MOST_TRIALS:
        raise InvalidArgument(f"{trials} trials", f"1 to {_MOST_TRIALS}", "trials")
    if parallel < 1:
        raise InvalidArgument(f"{parallel} at once", "1 or more", "parallel")


def _study(goal: str, trials: int, seed: int | None) -> optuna.Study:
    try:
        import optuna
    except ImportError as error:
        raise NavError("Bayesian search draws with Optuna, which is not here", "pip install optuna, in the Python that runs the search") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # The first are drawn evenly, for there is nothing to learn from; those that still run count as bad ones, so that others look elsewhere.
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(4, min(10, trials // 3)), constant_liar=True)
    return optuna.create_study(direction="maximize" if goal == "max" else "minimize", sampler=sampler)


def _draw(drawn: optuna.trial.Trial, name: str, allowed: Any) -> Any:
    if not isinstance(allowed, model.SweepRange):
        return drawn.suggest_categorical(name, list(allowed))
    if allowed.whole:
        return drawn.suggest_int(name, int(allowed.low or 0), int(allowed.high or 0), log=bool(allowed.log))
    return drawn.suggest_float(name, float(allowed.low or 0), float(allowed.high or 0), log=bool(allowed.log))


def _teach(study: optuna.Study, drawn: optuna.trial.Trial | None, one: Trial, space: Space) -> None:
    import optuna
    from optuna.trial import TrialState

    if drawn is not None:
        if one.value is None:
            study.tell(drawn, state=TrialState.FAIL)
        else:
            study.tell(drawn, one.value)
        return
    # One of an earlier life: this study has not drawn it. What the space has come to exclude since teaches nothing.
    if one.value is None or set(one.parameters) != set(space):
        return
    distributions = {name: _distribution(allowed) for name, allowed in space.items()}
    with contextlib.suppress(ValueError):
        study.add_trial(optuna.trial.create_trial(params=one.parameters, distributions=distributions, value=one.value))


def _distribution(allowed: Any) -> optuna.distributions.BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not isinstance(allowed, model.SweepRange):
        return CategoricalDistribution(list(allowed))
    if allowed.whole:
        return IntDistribution(int(allowed.low or 0), int(allowed.high or 0), log=bool(allowed.log))
    return FloatDistribution(float(allowed.low or 0), float(allowed.high or 0), log=bool(allowed.log))


def _word(value: Any) -> str:
    """As a command is given it; a float with all its digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _filled(word: str, parameters: Mapping[str, Any]) -> str:
    for name, value in parameters.items():
        word = word.replace("{" + name + "}", _word(value))
    return word


def _text(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {_word(value)}" for name, value in parameters.items())


# --- as a program


def _space_of(text: str) -> dict[str, Any]:
    """{"rate": {"low": 1e-5, "high": 1, "log": true}, "kind": ["relu", "tanh"]}"""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InvalidArgument(f"the space is not JSON: {error}", '{"rate": {"low": 1e-5, "high": 1, "log": true}}', "space") from error
    if not isinstance(given, dict):
        raise InvalidArgument("the space is no JSON object", '{"rate": {"low": 1e-5, "high": 1, "log": true}}', "space")
    space: dict[str, Any] = {}
    for name, allowed in given.items():
        if isinstance(allowed, dict):
            unknown = sorted(set(allowed) - {"low", "high", "log", "whole"})
            if unknown or not {"low", "high"} <= set(allowed):
                raise InvalidArgument(f"{name} says {', '.join(sorted(allowed)) or 'nothing'}", "low and high, and perhaps log and whole", f"space.{name}")
            try:
                low, high = float(allowed["low"]), float(allowed["high"])
            except (TypeError, ValueError) as error:
                raise InvalidArgument(f"low or high of {name} is no number", "two numbers", f"space.{name}") from error
            space[name] = between(low, high, log=bool(allowed.get("log")), whole=bool(allowed.get("whole")))
        elif isinstance(allowed, list):
            space[name] = allowed
        else:
            raise InvalidArgument(f"{name} is neither a list nor a range", "a list of values, or an object with low and high", f"space.{name}")
    return space


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InvalidArgument(f"{text!r} is no variable", "--env NAME=VALUE", "env")
    return name, value


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m opennav.search",
        description="Bayesian search: each trial is a job. Leaves found.json and metrics.json in $NAV_OUTPUTS, or here.",
    )
    parser.add_argument("--space", required=True, metavar="FILE", help="JSON: what each parameter may be; - for standard input")
    parser.add_argument("--on", required=True, action="append", metavar="TEMPLATE", help="the compute list of a trial; several times for second choices")
    parser.add_argument("--metric", required=True, help="what a trial notes, and is judged by")
    parser.add_argument("--goal", choices=["max", "min"], default="max")
    parser.add_argument("--trials", type=int, required=True)
    parser.add_argument("--parallel", type=int, default=1, help="at most so many at once (1)")
    parser.add_argument("--seed", type=int, help="the same draws again, where trials come to the same in the same order")
    parser.add_argument("--code", metavar="FOLDER", help="is sent along with each trial")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="for each trial; several times for several")
    parser.add_argument("--name", help="of the search; begun again under its name it takes its trials over (search-JOB)")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="of a trial")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="of a trial, with {rate} where a parameter goes")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when some trial came to a value, 1 when none did or the search broke off, 2 for what was written wrong."""
    options = _options().parse_args(arguments)
    # A search that is cancelled, or told to make room, takes its trials with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wishes: dict[str, Any] = {name: value for name, value in (("code", options.code), ("time_limit", options.time_limit)) if value is not None}
    try:
        if options.env:
            wishes["env"] = dict(_variable(one) for one in options.env)
        space = _space_of(sys.stdin.read() if options.space == "-" else Path(options.space).read_text())
        found = bayesian(
            Client(),
            options.command,
            space=space,
            on=options.on,
            metric=options.metric,
            goal=options.goal,
            trials=options.trials,
            parallel=options.parallel,
            seed=options.seed,
            name=options.name,
            say=lambda line: print(line, flush=True),
            **wishes,
        )
        best = found.best
    except OSError as error:
        print(f"{options.space}: {error.strerror}", file=sys.stderr)
        return 2
    except NavError as error:
        print(f"{error.field + ': ' if error.field else ''}{error.message}" + (f"; {error.hint}" if error.hint else ""), file=sys.stderr)
        return 2 if isinstance(error, InvalidArgument) else 1
    outputs = Path(os.environ.get("NAV_OUTPUTS", "."))
    (outputs / "found.json").write_text(json.dumps({"parameters": best.parameters, found.metric: best.value, "trial": best.number, "job": best.job}) + "\n")
    (outputs / "metrics.json").write_text(json.dumps({found.metric: best.value}) + "\n")
    print(f"the best of {len(found.trials)} is trial {best.number} (job {best.job}): {found.metric} {best.value:g} with {_text(best.parameters)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
