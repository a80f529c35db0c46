// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "../../api/client";
import type { Definition } from "./definition";

/** A flow that is kept: the newest version, or the one asked for. */
export const useFlow = (flow: string | undefined, project: string | undefined, version?: number) =>
  useQuery({
    queryKey: ["flows", flow, project, version],
    queryFn: ({ signal }) => get<Omit<Schemas["FlowDetails"], "definition"> & { definition: Definition }>(`/v1/flows/${encodeURIComponent(flow!)}?${new URLSearchParams({ ...(project ? { project } : {}), ...(version ? { version: String(version) } : {}) })}`, signal),
    enabled: flow !== undefined,
  });
