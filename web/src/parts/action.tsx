// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from "react";
import { useLive } from "../api/live";
import { complain } from "./toast";

/** A button that changes something. While the connection is lost it is off and says why; while it works it waits. */
export function Action({ className = "", act, children, disabled = false, why, onError = complain }: {
  className?: string;
  act: () => Promise<unknown> | void;
  children: ReactNode;
  disabled?: boolean;
  why?: string | undefined;
  onError?: (error: unknown) => void;
}) {
  const live = useLive();
  const [busy, setBusy] = useState(false);
  const lost = live.state === "lost";
  const reason = lost ? "Not connected: it comes back by itself" : why;
  return (
    <button
      type="button"
      className={`btn ${className}`}
      disabled={disabled || lost || busy}
      title={reason}
      onClick={() => {
        const doing = act();
        if (!doing) return;
        setBusy(true);
        doing.catch(onError).finally(() => setBusy(false));
      }}
    >
      {children}
    </button>
  );
}
