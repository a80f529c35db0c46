// SPDX-License-Identifier: Apache-2.0
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { post, type Whoami } from "../api/client";
import { useLive } from "../api/live";
import { clockTime } from "../parts/time";
import { toggleTheme, toggleWall } from "./theme";

export function LiveDot() {
  const live = useLive();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (live.state !== "lost") return;
    const ticking = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(ticking);
  }, [live.state]);
  const seconds = Math.max(0, Math.ceil((live.retryAt - now) / 1000));
  const words =
    live.state === "live" ? "live"
    : live.state === "connecting" ? "connecting"
    : `not live since ${clockTime(live.since * 1000)}, trying again ${seconds > 0 ? `in ${seconds} s` : "now"}`;
  return (
    <span className={`live ${live.state}`} role="status" data-testid="live">
      {words}
    </span>
  );
}

function Crumbs() {
  const { pathname } = useLocation();
  const words = pathname.replace(/^\/flows\/(of|run)\//, "/flows/").split("/").filter(Boolean).map((word, at) => (at === 0 ? word[0]!.toUpperCase() + word.slice(1) : decodeURIComponent(word)));
  return (
    <span className="crumbs">
      {words.map((word, at) => (
        <span key={at} className={at > 0 ? "i2" : ""}>
          {at > 0 && <span className="mut">/ </span>}
          {word}
        </span>
      ))}
    </span>
  );
}

export function TopBar({ me, onFind, onKeys }: { me: Whoami; onFind: () => void; onKeys: () => void }) {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const signOut = async () => {
    await post("/v1/session/end").catch(() => undefined);
    await navigate({ to: "/sign-in" });
    location.reload();
  };
  return (
    <header className="top">
      <Crumbs />
      <button className="find" onClick={onFind}>
        <svg width="14" height="14" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.8" aria-hidden="true">
          <circle cx="9" cy="9" r="5.5" />
          <path d="M13 13l4 4" />
        </svg>
        <span>Find a job, slice, node, template, person</span>
        <kbd>Ctrl K</kbd>
      </button>
      <LiveDot />
      <button className="ava" aria-label={`${me.user.slice(0, 2).toUpperCase()}: ${me.user}, your menu`} aria-expanded={open} onClick={() => setOpen(!open)}>
        {me.user.slice(0, 2).toUpperCase()}
      </button>
      {open && (
        <div className="menu" style={{ right: 20, top: 44 }} onClick={() => setOpen(false)}>
          <div className="about">
            <div className="b">{me.user}</div>
            <div className="mut t12">
              {me.role}
              {me.projects.length > 0 && `, ${me.projects.join(", ")}`}
            </div>
          </div>
          <button onClick={toggleTheme}>
            <span className="grow">Light or dark</span>
            <kbd>T</kbd>
          </button>
          <button onClick={toggleWall}>
            <span className="grow">Wall screen</span>
            <kbd>F</kbd>
          </button>
          <button onClick={onKeys}>
            <span className="grow">All keys</span>
            <kbd>?</kbd>
          </button>
          <a href="/docs">The API, for reading</a>
          <button onClick={() => void signOut()}>Sign out</button>
        </div>
      )}
    </header>
  );
}
