// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
import { Refusal } from "../api/client";

interface Said {
  id: number;
  text: string;
  bad: boolean;
}

let show: (said: Said) => void = () => {};
let last = 0;

/** Says at the edge of the page that something was done. */
export const say = (text: string): void => show({ id: ++last, text, bad: false });
/** Says what was refused, where no field is to blame. */
export const complain = (error: unknown): void =>
  show({ id: ++last, text: error instanceof Refusal ? error.said : error instanceof Error ? error.message : String(error), bad: true });

export function Toasts() {
  const [all, setAll] = useState<Said[]>([]);
  useEffect(() => {
    show = (said) => {
      setAll((before) => [...before, said]);
      setTimeout(() => setAll((before) => before.filter((one) => one.id !== said.id)), said.bad ? 12_000 : 4000);
    };
    return () => {
      show = () => {};
    };
  }, []);
  return (
    <div className="toasts" role="status">
      {all.map((said) => (
        <div className="toast" key={said.id}>
          <span className={said.bad ? "er2 b" : "ok2 b"}>{said.bad ? "Not done" : "Done"}</span>
          <span>{said.text}</span>
          <button className="icon" aria-label="Close" onClick={() => setAll(all.filter((one) => one.id !== said.id))}>×</button>
        </div>
      ))}
    </div>
  );
}
