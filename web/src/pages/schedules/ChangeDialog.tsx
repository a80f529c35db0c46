// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { all, answerOf, type Schemas } from "../../api/client";
import { Dialog } from "../../parts/dialog";
import { Failed } from "../../parts/states";
import { say } from "../../parts/toast";
import type { Flow } from "../flows/state";
import { draftOf, type Schedule } from "./schedule-draft";
import { ScheduleForm } from "./ScheduleForm";

/** Changes a schedule as it was when this was opened: whoever changed it meanwhile is not overwritten. */
export function ChangeDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const client = useQueryClient();
  const flows = useQuery({ queryKey: ["flows"], queryFn: ({ signal }) => all<Flow>("/v1/flows", 3, signal) });
  const read = async (signal?: AbortSignal) => {
    const answer = await answerOf("GET", `/v1/flow-schedules/${encodeURIComponent(schedule.id)}`, signal ? { signal } : {});
    return { etag: answer.headers.get("ETag") ?? "", schedule: ((await answer.json()) as Schemas["FlowScheduleDetails"]).schedule };
  };
  const opened = useQuery({
    // Not among what events read anew: what is typed is held against what was seen when this was opened.
    queryKey: ["schedule to change", schedule.id],
    queryFn: ({ signal }) => read(signal),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const failed = opened.error ?? flows.error;
  return (
    <Dialog title={`Change ${schedule.id}`} onClose={onClose} foot={<button className="btn" onClick={onClose}>Leave it as it is</button>}>
      <p className="hint">From now on its runs are yours. Times that came before are not looked at again.</p>
      {failed && <Failed error={failed} again={() => void Promise.all([opened.refetch(), flows.refetch()])} />}
      {opened.data && flows.data && (
        <ScheduleForm flows={flows.data} start={draftOf(opened.data.schedule)} known={{ id: schedule.id, etag: opened.data.etag, read }}
          onMade={async () => {
            await client.invalidateQueries({ queryKey: ["flows", "schedules"] });
            say(`${schedule.id} is as you said from now on.`);
            onClose();
          }} />
      )}
    </Dialog>
  );
}
