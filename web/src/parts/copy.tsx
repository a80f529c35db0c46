// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      className="btn sm"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setDone(true);
          setTimeout(() => setDone(false), 1500);
        });
      }}
    >
      {done ? "Copied" : label}
    </button>
  );
}

/** A command to take away. */
export function CopyBox({ text, name }: { text: string; name?: string }) {
  return (
    <div className="copy">
      <pre data-testid={name} tabIndex={0}>{text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
