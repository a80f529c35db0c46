// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
import { Refusal } from "../api/client";

interface Said {
  id: number;
  text: string;
  look: "done" | "warn" | "bad";
}

const words = { done: "Done", warn: "Note", bad: "Not done" };
const looks = { done: "ok2", warn: "wa2", bad: "er2" };

let show: (said: Said) => void = () => {};
let last = 0;

/** Says at the edge of the page that something was done. */
export const say = (text: string): void => show({ id: ++last, text, look: "done" });
/** Says what was done and is likely not what was meant. */
export const warn = (text: string): void => show({ id: ++last, text, look: "warn" });
/** Says what was refused, where no field is to blame. */
export const complain = (error: unknown): void =>
  show({ id: ++last, text: error instanceof Refusal ? error.said : error instanceof Error ? error.message : String(error), look: "bad" });

export function Toasts() {
  const [all, setAll] = useState<Said[]>([]);
  useEffect(() => {
    show = (said) => {
      setAll((before) => [...before, said]);
      setTimeout(() => setAll((before) => before.filter((one) => one.id !== said.id)), said.look === "done" ? 4000 : 12_000);
    };
    return () => {
      show = () => {};
    };
  }, []);
  return (
    <div className="toasts" role="status">
      {all.map((said) => (
        <div className="toast" key={said.id}>
          <span className={`${looks[said.look]} b nw`}>{words[said.look]}</span>
          <span>{said.text}</span>
          <button className="icon" aria-label="Close" onClick={() => setAll(all.filter((one) => one.id !== said.id))}>×</button>
        </div>
      ))}
    </div>
  );
}
