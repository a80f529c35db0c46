// SPDX-License-Identifier: Apache-2.0
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { has } from "../../api/paths";
import { NotThere } from "../../parts/states";
import { AuditPart } from "./AuditPart";
import { NodesPart } from "./NodesPart";
import { PeoplePart } from "./PeoplePart";
import { QuotasPart } from "./QuotasPart";
import { ReportsPart } from "./ReportsPart";
import { TeamsPart } from "./TeamsPart";
import { TemplatesPart } from "./TemplatesPart";
import { TokensPart } from "./TokensPart";
import { WebhooksPart } from "./WebhooksPart";

const parts: Record<string, [string, () => ReactNode]> = {
  templates: ["Templates", TemplatesPart],
  nodes: ["Nodes", NodesPart],
  teams: ["Teams", TeamsPart],
  ...(has("/v1/usage") ? { quotas: ["Quotas", QuotasPart] as [string, () => ReactNode] } : {}),
  people: ["People", PeoplePart],
  tokens: ["Tokens", TokensPart],
  ...(has("/v1/webhooks") ? { webhooks: ["Webhooks", WebhooksPart] as [string, () => ReactNode] } : {}),
  ...(has("/v1/report-schedules") ? { reports: ["Reports", ReportsPart] as [string, () => ReactNode] } : {}),
  audit: ["Audit", AuditPart],
};

export function AdminPage() {
  const { part } = useParams({ from: "/shell/admin/$part" });
  const [title, Part] = parts[part] ?? [];
  if (!Part) return <NotThere />;
  return (
    <>
      <div className="head">
        <h1>{title}</h1>
        <nav className="seg" aria-label="Parts of administration">
          {Object.entries(parts).map(([key, [word]]) => (
            <Link key={key} to="/admin/$part" params={{ part: key }} aria-current={key === part ? "page" : undefined}>{word}</Link>
          ))}
        </nav>
      </div>
      <Part />
    </>
  );
}
