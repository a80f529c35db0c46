// SPDX-License-Identifier: Apache-2.0
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { Dialog } from "../parts/dialog";
import { toggleTheme, toggleWall } from "./theme";

/** Whether somebody is typing, so that letters are theirs. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const goTo: Record<string, string> = { r: "/run", p: "/pool", j: "/jobs", f: "/flows", t: "/trials", d: "/reports", a: "/admin/nodes" };

/** The keys that every page has. */
export function useKeys(open: (what: "find" | "keys" | undefined) => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let wentG = 0;
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return open("find");
      }
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key;
      if (Date.now() - wentG < 1200) {
        wentG = 0;
        const to = goTo[key];
        if (to) {
          event.preventDefault();
          return void navigate({ to });
        }
      }
      if (key === "g") wentG = Date.now();
      else if (key === "?") open("keys");
      else if (key === "T" || key === "t") toggleTheme();
      else if (key === "F" || key === "f") toggleWall();
      else if (key === "/") {
        const search = document.querySelector<HTMLInputElement>("[data-search]");
        if (search) {
          event.preventDefault();
          search.focus();
        }
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [navigate, open]);
}

const keys: [string, string][] = [
  ["Ctrl K", "find or do"], ["?", "all keys"], ["g r", "Run"], ["g p", "Pool"], ["g j", "Jobs"], ["g f", "Flows"], ["g t", "Trials"], ["g d", "Reports"], ["g a", "Admin"], ["/", "search here"], ["j k", "rows"],
  ["Enter", "open"], ["Esc", "close"], ["Ctrl Enter", "run"], ["Alt ↑ ↓", "move a choice"], ["← → ↑ ↓", "walk the slices"], ["l", "log"], ["w", "why"],
  ["End", "follow the log"], ["T", "light or dark"], ["F", "wall screen"],
];

export function KeysHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="keys">
        {keys.map(([key, what]) => (
          <div key={key} style={{ display: "contents" }}>
            <kbd>{key}</kbd>
            <span>{what}</span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
