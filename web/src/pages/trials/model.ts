// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";
import { numberText } from "../../charts/numbers";

export type Experiment = Schemas["Experiment"];
export type Run = Omit<Schemas["Run"], "metrics"> & { metrics: Record<string, number | string> };

/** A metric's number; what is none (NaN, Infinity) is not known. */
export const metricOf = (run: Run, name: string): number | undefined => (typeof run.metrics[name] === "number" ? run.metrics[name] : undefined);

/** All that runs could show beside their names, metrics first. */
export function columnsOf(runs: Run[]): string[] {
  const names = (of: (run: Run) => object) => [...new Set(runs.flatMap((run) => Object.keys(of(run))))].sort();
  return [...names((run) => run.metrics).map((name) => `metrics.${name}`), ...names((run) => run.params).map((name) => `params.${name}`), ...names((run) => run.tags).filter((name) => !name.startsWith("mlflow.")).map((name) => `tags.${name}`)];
}

/** What one column says of a run. */
export function cellOf(run: Run, column: string): string | undefined {
  const [kind, ...rest] = column.split(".");
  const name = rest.join(".");
  if (kind === "metrics") return run.metrics[name] === undefined ? undefined : metricOf(run, name) === undefined ? String(run.metrics[name]) : numberText(metricOf(run, name));
  return kind === "params" ? run.params[name] : run.tags[name];
}

/** Whether less is better, as far as a name tells. */
export const lessIsBetter = (metric: string): boolean => /loss|error|err$|rmse|mae|mse|perplexity|time|latency|wer$/i.test(metric);

/** The best of runs by a metric; nothing where none has it. */
export function bestOf(runs: Run[], metric: string, least: boolean): Run | undefined {
  const known = runs.filter((run) => metricOf(run, metric) !== undefined);
  return known.reduce<Run | undefined>((best, run) => (best === undefined || (least ? metricOf(run, metric)! < metricOf(best, metric)! : metricOf(run, metric)! > metricOf(best, metric)!) ? run : best), undefined);
}

export interface Axis {
  name: string;
  kind: "param" | "metric";
  /** Where a run stands on it, from 0 below to 1 above; nothing where it says nothing. */
  place: (run: Run) => number | undefined;
  low: string;
  high: string;
  /** The words of an axis that has no numbers. */
  words?: string[];
}

/** One axis for each parameter that differs, and the metric last. */
export function axesOf(runs: Run[], metric: string): Axis[] {
  const axis = (name: string, kind: Axis["kind"], of: (run: Run) => string | number | undefined): Axis | undefined => {
    const values = [...new Set(runs.map(of).filter((one) => one !== undefined))];
    if (values.length < 2) return undefined;
    const numbers = values.map(Number);
    if (numbers.every((one) => Number.isFinite(one))) {
      const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
      // Values over several powers of ten stand as far apart as their powers.
      const wide = low > 0 && high / low >= 50;
      const scale = (value: number) => (wide ? Math.log(value) : value);
      return { name, kind, low: numberText(low), high: numberText(high), place: (run) => (of(run) === undefined ? undefined : (scale(Number(of(run))) - scale(low)) / (scale(high) - scale(low) || 1)) };
    }
    const words = values.map(String).sort();
    return { name, kind, low: words[0]!, high: words.at(-1)!, words, place: (run) => (of(run) === undefined ? undefined : words.indexOf(String(of(run))) / (words.length - 1)) };
  };
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort();
  return [...params.map((name) => axis(name, "param", (run) => run.params[name])), axis(metric, "metric", (run) => metricOf(run, metric))].filter((one) => one !== undefined);
}
