// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { remove } from "../../api/client";
import { Action } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { say } from "../../parts/toast";
import { cronWords } from "./cron-words";
import type { Schedule } from "./schedule-draft";

export function DeleteDialog({ schedule, onClose, onDeleted }: { schedule: Schedule; onClose: () => void; onDeleted: () => void | Promise<void> }) {
  const client = useQueryClient();
  return (
    <Dialog title={`Delete ${schedule.id}`} onClose={onClose}
      foot={
        <>
          <button className="btn" onClick={onClose}>Keep it</button>
          <Action className="danger" act={async () => {
            await remove(`/v1/flow-schedules/${schedule.id}`);
            say(`${schedule.flow} does not run by ${schedule.id} any more.`);
            await onDeleted();
            await client.invalidateQueries({ queryKey: ["flows", "schedules"] });
          }}>
            Delete it
          </Action>
        </>
      }>
      <p className="b">{schedule.flow}, {cronWords(schedule.cron) ?? schedule.cron}, {schedule.time_zone}</p>
      <p>It starts nothing more, and what became of its times is forgotten. Runs that it made stay, and one that goes on goes on. To stop it for a while, pause it.</p>
    </Dialog>
  );
}
