// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Field, Segmented } from "../../parts/form";
import { whole } from "../run/draft";
import type { Component } from "./definition";
import { least, meaningOf, usual, withRule, type EarlyStopping } from "./early-stopping";
import { Late } from "./Late";

const most = 4294967295;
const goals = { max: "the most", min: "the least" } as const;

/** One of a rule's numbers. What is none is said here and not taken over. */
function Count({ label, field, rule, wrong, onChange }: { label: string; field: keyof typeof usual; rule: EarlyStopping; wrong: string | undefined; onChange: (rule: EarlyStopping) => void }) {
  const [bad, setBad] = useState<string>();
  return (
    <Field label={label} error={bad ?? wrong}>
      {(props) => <Late {...props} className="in" inputMode="numeric" placeholder={String(usual[field])} value={rule[field] === undefined ? "" : String(rule[field])} onChange={(text) => {
        const { [field]: _, ...rest } = rule;
        const n = whole(text.trim(), least[field], most);
        setBad(text.trim() && n === undefined ? `A whole number, ${least[field]} or more.` : undefined);
        if (!text.trim()) onChange(rest);
        else if (n !== undefined) onChange({ ...rest, [field]: n });
      }} />}
    </Field>
  );
}

/** Which trials of a sweep are ended before their time; what the server says is wrong stands at its field. */
export function EarlyStoppingFields({ component, wrong, onChange }: { component: Component; wrong: (field: string) => string | undefined; onChange: (rule: EarlyStopping | null) => void }) {
  const rule = component.early_stopping && typeof component.early_stopping === "object" ? component.early_stopping : undefined;
  const chosen = rule ? (rule.rule ?? "median") : "none";
  const shared = rule && { rule, onChange };
  const at = (field: string) => wrong(`early_stopping.${field}`);
  return (
    <>
      <div className="field">
        <div className="lb">Stop trials early</div>
        <Segmented label="Stop trials early" value={chosen} options={[["none", "Never"], ["median", "By the median"], ["asha", "ASHA"]]} onChange={(to) => onChange(to === "none" ? null : withRule(rule, to))} />
        <div className="hint">{rule ? meaningOf(rule) : "Every trial runs to its end."}</div>
        {(wrong("early_stopping") ?? at("rule")) && <div className="wrong" role="alert">{wrong("early_stopping") ?? at("rule")}</div>}
      </div>
      {rule && shared && (
        <div className="fields" key={chosen}>
          <Count {...shared} label="First compared at step" field="after" wrong={at("after")} />
          {chosen === "asha" ? <Count {...shared} label="Of how many one goes on" field="eta" wrong={at("eta")} /> : (
            <>
              <Count {...shared} label="Then every so many steps" field="every" wrong={at("every")} />
              <Count {...shared} label="Others needed" field="others" wrong={at("others")} />
            </>
          )}
          <Field label="Compared by" optional error={at("metric")}>{(field) => <Late {...field} className="in mono" placeholder={component.metric || "what is best by"} value={rule.metric ?? ""} onChange={(metric) => onChange({ ...rule, metric })} />}</Field>
          <Field label="Better is" optional error={at("goal")}>
            {(field) => (
              <select {...field} className="in" value={rule.goal ?? ""} onChange={(event) => onChange({ ...rule, goal: event.target.value === "" ? null : (event.target.value as keyof typeof goals) })}>
                <option value="">as of the sweep: {goals[component.goal ?? "max"]}</option>
                {Object.entries(goals).map(([goal, words]) => <option key={goal} value={goal}>{words}</option>)}
              </select>
            )}
          </Field>
        </div>
      )}
    </>
  );
}
