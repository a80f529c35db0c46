// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Refusal } from "../api/client";

/** What would be here, and the one step that fills it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h1>{title}</h1>
      {children}
    </div>
  );
}

export function NotThere() {
  return (
    <Empty title="There is nothing at this address">
      <Link to="/pool" className="btn">To the pool</Link>
    </Empty>
  );
}

/** What failed, and what can be done about it. */
export function Failed({ error, again }: { error: Error; again?: () => void }) {
  const refusal = error instanceof Refusal ? error : undefined;
  const title = refusal?.status === 403 ? "This is not open to you" : refusal?.status === 404 ? "It is not there" : "This could not be read";
  return (
    <Empty title={title}>
      <p className="i2">{refusal ? refusal.said : error.message}.</p>
      {again && <button className="btn" onClick={again}>Try again</button>}
    </Empty>
  );
}
