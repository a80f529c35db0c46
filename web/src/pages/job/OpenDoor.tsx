// SPDX-License-Identifier: Apache-2.0
import { post } from "../../api/client";
import { Action } from "../../parts/action";
import { complain } from "../../parts/toast";

/** What a job serves on its port, in a tab of its own: by a link that lets this browser in once. */
export function OpenDoor({ job }: { job: number }) {
  const open = async () => {
    // Browsers open a tab for a click, and not for an answer that comes later.
    const tab = window.open("about:blank", "_blank");
    try {
      const { url } = await post(`/v1/jobs/${job}/door`);
      if (!tab) throw new Error("the browser let no tab be opened: allow it for this page");
      tab.opener = null;
      tab.location.replace(url);
    } catch (error) {
      tab?.close();
      complain(error);
    }
  };
  return <Action act={open} why="What it serves on its port, NAV_PORT, in a tab of its own">Open</Action>;
}
