// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Refusal, whenSignedOut } from "../api/client";
import { listen, useLive } from "../api/live";
import { useMe } from "../api/queries";
import { refresher } from "../api/refresh";
import { Toasts } from "../parts/toast";
import { Find } from "./Find";
import { KeysHelp, useKeys } from "./keys";
import { Rail } from "./Rail";
import { TopBar } from "./TopBar";

/** What is around every page: who may not see it is sent to sign in, and comes back. */
export function Shell() {
  const me = useMe();
  const client = useQueryClient();
  const navigate = useNavigate();
  const live = useLive();
  const [open, setOpen] = useState<"find" | "keys" | undefined>();
  useKeys(setOpen);

  const signedIn = me.data !== undefined;
  useEffect(() => {
    if (!signedIn) return;
    return listen(refresher(client));
  }, [signedIn, client]);

  useEffect(() => {
    const leave = () => {
      const { pathname, search } = window.location;
      if (pathname === "/sign-in") return;
      client.clear();
      void navigate({ to: "/sign-in", search: pathname === "/" ? {} : { then: pathname + search } });
    };
    whenSignedOut(leave);
    if (me.error instanceof Refusal && me.error.status === 401) leave();
  }, [client, navigate, me.error]);

  if (!me.data) {
    if (!me.error || (me.error instanceof Refusal && me.error.status === 401)) return null;
    return (
      <div className="sign-in">
        <div className="notice err">
          {me.error.message}. <button className="btn sm" onClick={() => void me.refetch()}>Try again</button>
        </div>
      </div>
    );
  }
  return (
    <div className={`shell ${live.state === "lost" ? "lost" : ""}`}>
      <Rail />
      <TopBar me={me.data} onFind={() => setOpen("find")} onKeys={() => setOpen("keys")} />
      <main className="main" id="main">
        <Outlet />
      </main>
      {open === "find" && <Find onClose={() => setOpen(undefined)} />}
      {open === "keys" && <KeysHelp onClose={() => setOpen(undefined)} />}
      <Toasts />
    </div>
  );
}
