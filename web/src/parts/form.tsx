// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from "react";

interface FieldProps {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

/** A label, what belongs under it, and what is wrong beside it. */
export function Field({ label, optional, hint, error, children }: {
  label: string;
  optional?: boolean;
  hint?: ReactNode;
  error?: string | undefined;
  children: (field: FieldProps) => ReactNode;
}) {
  const id = useId();
  const note = error ? `${id}-wrong` : hint ? `${id}-hint` : undefined;
  return (
    <div className="field">
      <label className="lb" htmlFor={id}>
        {label}
        {optional && <span className="sub">optional</span>}
      </label>
      {children({ id, "aria-invalid": Boolean(error), "aria-describedby": note })}
      {error ? (
        <div className="wrong" id={note} role="alert">{error}</div>
      ) : (
        hint && <div className="hint" id={note}>{hint}</div>
      )}
    </div>
  );
}

/** One of a few; what is chosen is said to readers by ear too. */
export function Segmented<T extends string>({ label, value, options, onChange }: {
  label: string;
  /** What is chosen; none of them is pressed if it is none of them. */
  value: string;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  return (
    <div className="seg" role="group" aria-label={label}>
      {options.map(([key, word]) => (
        <button key={key} type="button" aria-pressed={key === value} onClick={() => onChange(key)}>
          {word}
        </button>
      ))}
    </div>
  );
}
