// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "react";

/** Text that is taken over when one leaves it or presses Enter: until then it may be half a thing. */
export function Late({ value, onChange, lines, ...field }: {
  value: string;
  onChange: (value: string) => void;
  lines?: number;
  className: string;
  id?: string;
  placeholder?: string;
  inputMode?: "numeric";
  "aria-label"?: string;
  "aria-invalid"?: boolean;
  "aria-describedby"?: string | undefined;
}) {
  const [text, setText] = useState(value);
  // What was refused and is typed right again is said too, though the value never changed.
  const said = useRef(value);
  useEffect(() => {
    setText(value);
    said.current = value;
  }, [value]);
  const leave = () => {
    if (text === said.current) return;
    said.current = text;
    onChange(text);
  };
  const shared = { ...field, value: text, spellCheck: false, onBlur: leave };
  return lines
    ? <textarea {...shared} rows={lines} onChange={(event) => setText(event.target.value)} />
    : <input {...shared} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()} />;
}
