// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { post } from "../../api/client";
import { Action } from "../../parts/action";
import type { Schedule } from "./schedule-draft";

/** Lets a schedule start nothing for now, or go on with the next time that comes. */
export function PauseButton({ schedule, className = "" }: { schedule: Schedule; className?: string }) {
  const client = useQueryClient();
  return (
    <Action className={className} act={async () => {
      await (schedule.paused ? post(`/v1/flow-schedules/${schedule.id}/resume`) : post(`/v1/flow-schedules/${schedule.id}/pause`));
      await client.invalidateQueries({ queryKey: ["flows", "schedules"] });
    }}>
      {schedule.paused ? "Resume" : "Pause"}
    </Action>
  );
}
