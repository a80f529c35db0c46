// SPDX-License-Identifier: Apache-2.0
import { Link, useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { has } from "../api/paths";

export function Logo() {
  const bars: [number, number, number][] = [[2, 12, 4], [5.5, 9, 10], [9, 5.5, 17], [12.5, 2, 24], [16, 5.5, 17], [19.5, 9, 10], [23, 12, 4]];
  return (
    <svg viewBox="0 0 28 28" aria-hidden="true">
      {bars.map(([x, y, height], at) => (
        <rect key={x} x={x} y={y} width="2.5" height={height} rx="1.2" fill={at < 4 ? "var(--acc)" : "currentColor"} opacity={at === 3 ? 1 : 0.9} />
      ))}
    </svg>
  );
}

const icon = (paths: ReactNode) => (
  <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" aria-hidden="true">
    {paths}
  </svg>
);

const places = [
  { to: "/run", word: "Run", picture: icon(<path d="M6 4.5v11l9-5.5z" />) },
  { to: "/pool", word: "Pool", picture: icon(<path d="M3 4h14v5H3zM3 11h14v5H3zM7 4v5M11 4v5M9 11v5" />) },
  { to: "/jobs", word: "Jobs", picture: icon(<path d="M4 5h12M4 10h12M4 15h7" />) },
  ...(has("/v1/flow-runs")
    ? [{
        to: "/flows",
        word: "Flows",
        picture: icon(
          <>
            <circle cx="4.5" cy="10" r="2" />
            <circle cx="15.5" cy="4.5" r="2" />
            <circle cx="15.5" cy="15.5" r="2" />
            <path d="M6.5 10h2.5c2 0 1.5-5.5 4.5-5.500M9 10c2 0 1.5 5.5 4.5 5.5" />
          </>,
        ),
      }]
    : []),
  ...(has("/v1/experiments") ? [{ to: "/trials", word: "Trials", picture: icon(<path d="M3 16c5 0 4.5-8 8-8M3 16c7 0 8-4 13-4M14 4.500h2.500V7M11 8c2.5 0 3-1 5.5-3.5" />) }] : []),
  ...(has("/v1/reports/{report}") ? [{ to: "/reports", word: "Reports", picture: icon(<path d="M3 16.5h14M5 14v-4M9 14V5M13 14V8M17 14v-2.5" />) }] : []),
  {
    to: "/admin/nodes",
    word: "Admin",
    picture: icon(
      <>
        <path d="M3 6h8M15 6h2M3 14h3M10 14h7" />
        <circle cx="13" cy="6" r="1.8" />
        <circle cx="8" cy="14" r="1.8" />
      </>,
    ),
  },
];

export function Rail() {
  const { pathname } = useLocation();
  return (
    <nav className="rail" aria-label="Places">
      <Link to="/pool" className="logo" aria-label="OpenNav">
        <Logo />
      </Link>
      {places.map(({ to, word, picture }) => (
        <Link key={to} to={to} aria-current={pathname.split("/")[1] === to.split("/")[1] ? "page" : undefined}>
          {picture}
          {word}
        </Link>
      ))}
    </nav>
  );
}
