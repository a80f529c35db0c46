#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables and the picture of docs/placement-benchmarks.md again, from nav bench of this build.

    tools/placement_benchmarks.py                  all but openb, some minutes
    tools/placement_benchmarks.py --openb DIR      also the openb tables, from Alibaba's trace in DIR
    tools/placement_benchmarks.py --only loss      one section: loss, fleet, queue, packing, openb, speed
    tools/placement_benchmarks.py --nav PATH       another build

What stands between the page's markers is replaced; the words around them are a person's. A section that is not made stays as it is.
"""
import argparse
import json
import math
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "placement-benchmarks.md"
PICTURE = ROOT / "docs" / "images" / "placement.svg"
MIXES = ["uniform", "skew-small", "skew-big", "bimodal"]
POLICIES = ["random", "round-robin", "worst-fit", "static", "hami", "first-fit", "best-fit", "mfi", "fgd", "potential"]
POLICIES += ["nav-even-mix", "nav --moves 0", "nav", "oracle"]
# Student's t at 97.5 %, by degrees of freedom.
T = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26}


def mean(values):
    return sum(values) / len(values)


def half_width(values):
    """Of the 95 % interval of the mean, over seeds."""
    if len(values) < 2:
        return float("nan")
    m = mean(values)
    return T.get(len(values) - 1, 2.0) * math.sqrt(sum((v - m) ** 2 for v in values) / (len(values) - 1) / len(values))


def bench(nav, *arguments):
    print("nav bench", *arguments, file=sys.stderr, flush=True)
    done = subprocess.run([nav, "bench", *arguments, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join("---" if i == 0 else "---:" for i in range(len(head))) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def loss_runs(nav, gpus, arrivals, seeds, rho, policies):
    """Acceptance by slices and moves a job, by mix and policy: a list over seeds each."""
    common = ["placement", "--mix", ",".join(MIXES), "--gpus", str(gpus), "--arrivals", str(arrivals), "--seed", seeds, "--rho", str(rho)]
    runs = bench(nav, *common, "--policy", ",".join(p for p in policies if p not in ("oracle", "nav --moves 0")))
    for run in bench(nav, *common, "--policy", "nav", "--moves", "0"):
        run["policy"] = "nav --moves 0"
        runs.append(run)
    found = {}
    for run in sorted(runs, key=lambda r: r["seed"]):
        found.setdefault((run["mix"], run["policy"]), []).append((run["acceptance_by_slices"], run["moves_per_job"], run["acceptance_by_count"]))
        if run["policy"] == "mfi":
            found.setdefault((run["mix"], "oracle"), []).append((run["oracle"]["by_slices"], 0.0, run["oracle"]["by_count"]))
    return found


def gap_closed(found, mix, policy):
    """Of the way from MFI to the oracle, seed by seed: the arrivals are the same."""
    rows = zip(found[mix, policy], found[mix, "mfi"], found[mix, "oracle"])
    return [(p[0] - m[0]) / (o[0] - m[0]) for p, m, o in rows]


def percent_of(parts):
    return f"{100 * mean(parts):.0f} ± {100 * half_width(parts):.0f} %"


def loss_section(nav):
    found = loss_runs(nav, 100, 40000, "1-5", 1, POLICIES)
    rows = []
    for policy in POLICIES:
        cells = [f"{mean([v[0] for v in found[mix, policy]]):.4f} ± {half_width([v[0] for v in found[mix, policy]]):.4f}" for mix in MIXES]
        rows.append([policy, *cells])
    text = "Part of the memory slices asked for that was placed, 100 GPUs, load 1, mean of seeds 1 to 5 and its 95 % interval, 40,000 requests each:\n\n"
    text += table(["policy", *MIXES], rows)
    rows = []
    for name in ("nav --moves 0", "nav"):
        for what, cell in (
            ("of the way from MFI to the oracle", lambda mix: percent_of(gap_closed(found, mix, name))),
            ("moves a job", lambda mix: f"{mean([v[1] for v in found[mix, name]]):.3f}"),
            ("below the oracle, points", lambda mix: f"{100 * mean([o[0] - v[0] for o, v in zip(found[mix, 'oracle'], found[mix, name])]):.2f}"),
        ):
            rows.append([f"{name}: {what}", *[cell(mix) for mix in MIXES]])
    text += "\n\n" + table(["", *MIXES], rows)
    draw(found)
    return text


def fleet_section(nav):
    rows = []
    small, large = (100, 40000, "1-5"), (400, 80000, "1-3")
    for gpus, arrivals, seeds, most in ((*small, "1"), (*small, "2"), (*small, "3"), (*large, "2"), (*large, "3")):
        common = ["placement", "--mix", ",".join(MIXES), "--gpus", str(gpus), "--arrivals", str(arrivals), "--seed", seeds]
        found = {}
        for policy, extra in (("mfi", []), ("nav", ["--moves", most])):
            for run in bench(nav, *common, "--policy", policy, *extra):
                found.setdefault((run["mix"], policy), []).append((run["acceptance_by_slices"], run["moves_per_job"]))
                if policy == "mfi":
                    found.setdefault((run["mix"], "oracle"), []).append((run["oracle"]["by_slices"], 0.0))
        cells = [f"{percent_of(gap_closed(found, mix, 'nav'))} at {mean([v[1] for v in found[mix, 'nav']]):.3f}" for mix in MIXES]
        rows.append([f"{gpus} GPUs, at most {most}", *cells])
    text = "Of the way from MFI to the oracle, and moves a job, by the size of the pool and the most moves for one request:\n\n"
    return text + table(["", *MIXES], rows)


def queue_section(nav):
    rows = []
    common = ["queue", "--mix", ",".join(MIXES), "--arrivals", "30000", "--seed", "1-4"]
    cases = [
        ("MFI, backfill", ["--policy", "mfi", "--price", "free"]),
        ("nav, backfill, P1", ["--price", "P1"]),
        ("nav, backfill, P2", ["--price", "P2"]),
        ("nav, backfill, P3", ["--price", "P3"]),
        ("nav, backfill, P2, 30 % movable", ["--price", "P2", "--movable", "0.3"]),
        ("MFI, FIFO", ["--policy", "mfi", "--price", "free", "--discipline", "fifo"]),
        ("nav, FIFO, P2", ["--price", "P2", "--discipline", "fifo"]),
    ]
    for name, extra in cases:
        by_mix = {}
        for run in bench(nav, *common, *extra):
            by_mix.setdefault(run["mix"], []).append(run)
        cells = []
        for mix in MIXES:
            runs = by_mix[mix]
            ratio = mean([r["result"]["mean_wait"] for r in runs]) / mean([r["oracle"]["mean_wait"] for r in runs])
            cell = f"{ratio:.2f}"
            if "MFI" not in name:
                cell += f" ({100 * mean([r['result']['moved'] for r in runs]):.1f} %, {100 * mean([r['result']['lost'] for r in runs]):.2f} %)"
            cells.append(cell)
        rows.append([name, *cells])
    text = "Mean wait as a multiple of the oracle's, 100 GPUs, load 0.92, seeds 1 to 4, 30,000 requests each; in brackets moves for each job and "
    return text + "slice-time lost:\n\n" + table(["", *MIXES], rows)


def packing_section(nav):
    rows = []
    for run_name, extra in (("A100-40GB", []), ("A100-40GB, H100-80GB and A30", ["--mixed"])):
        for mix in MIXES:
            runs = bench(nav, "packing", "--mix", mix, "--seed", "1-20", *extra)
            above = [r["above_bound"] for r in runs]
            row = [f"{run_name}, {mix}", f"{mean([r['bound'] for r in runs]):.1f}", f"{mean([r['packed'] for r in runs]):.1f}"]
            row += [f"{100 * mean(above):.2f} %", f"{100 * max(above):.2f} %"]
            for other in ("online", "first_fit"):
                have = [r[other] / r["bound"] - 1 for r in runs if r.get(other)]
                row.append(f"{100 * mean(have):.1f} %" if have else "")
            rows.append(row)
    text = "GPUs for a batch of 1,000 requests, seeds 1 to 20; the bound is the exact optimum on one board, and of a linear program, rounded up, "
    return text + "on several:\n\n" + table(["", "bound", "packed", "above, mean", "above, worst", "one by one", "first fit"], rows)


def openb_section(nav, folder):
    rows = []
    for pods in ("default", "gpuspec33", "gpushare100"):
        files = ["--nodes", str(folder / "openb_node_list_gpu_node.csv"), "--pods", str(folder / f"openb_pod_list_{pods}.csv")]
        cells = [pods]
        for policy in ("best-fit", "fgd", "fgdm"):
            runs = bench(nav, "openb", *files, "--policy", policy, "--seeds", "1-10")
            values = [100 * r["allocated_at_100"] for r in runs]
            cells.append(f"{mean(values):.2f} ± {half_width(values):.2f}")
        bound = bench(nav, "openb", *files, "--policy", "best-fit", "--seeds", "1", "--bound")[0]["bound"]
        rows.append([*cells, f"{100 * bound:.2f}"])
    text = "GPUs allocated, %, when as many were asked for as there are; seeds 1 to 10; the bound for seed 1:\n\n"
    return text + table(["pods", "best fit", "FGD", "ours", "bound"], rows)


def speed_section(nav):
    report = bench(nav, "planner", "placements")[0]
    rows = []
    for f in report["figures"]:
        median = f"{f['median']:,.4g}" if f["median"] < 1000 else f"{f['median']:,.0f}"
        rows.append([f["name"], median, f"{f['p99']:.3g}" if f.get("p99") is not None else "", f["unit"], f"{f['load']:.1f}"])
    notes = "\n".join(f"- **{f['name']}**: {f['note']}" for f in report["figures"])
    text = f"{report['on']['processor']}, {report['on']['cpus']} processors, one used:\n\n"
    return text + table(["measured", "median", "p99", "unit", "load average"], rows) + "\n\n" + notes


def draw(found):
    """Each policy a dot on its mix's line, MFI to oracle."""
    width, row, left, top = 860, 84, 110, 60
    low, high = 0.70, 0.96
    x = lambda value: left + (value - low) / (high - low) * (width - left - 30)
    height = top + row * len(MIXES) + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" '
           'role="img" aria-label="Part of the slices asked for that each policy placed, by mix">',
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
           f'<text x="{left}" y="20" font-size="14" fill="#1b2330">Part of the slices asked for that was placed (100 GPUs, load 1)</text>']
    for tick in range(70, 97, 5):
        out.append(f'<text x="{x(tick / 100):.0f}" y="44" fill="#5b6573" text-anchor="middle">{tick} %</text>')
        out.append(f'<line x1="{x(tick / 100):.1f}" x2="{x(tick / 100):.1f}" y1="50" y2="{top + row * len(MIXES)}" stroke="#e3e7ec"/>')
    shown = [(name, "#6b7480") for name in ("round-robin", "first-fit", "static", "best-fit")]
    shown += [("mfi", "#b06f00"), ("fgd", "#6b4fbb"), ("nav --moves 0", "#0b7285"), ("nav", "#0b7a3b"), ("oracle", "#1b2330")]
    for i, mix in enumerate(MIXES):
        y = top + row * i + 34
        out.append(f'<text x="10" y="{y + 4}" fill="#1b2330">{mix}</text><line x1="{left}" x2="{width - 30}" y1="{y}" y2="{y}" stroke="#cfd6de"/>')
        ends = [-1e9, -1e9, -1e9, -1e9]  # of the labels on four levels: two above the line, two below
        for name, colour in sorted(shown, key=lambda s: mean([v[0] for v in found[mix, s[0]]])):
            at = x(mean([v[0] for v in found[mix, name]]))
            label = {"nav --moves 0": "nav, no moves"}.get(name, name)
            half = 3.3 * len(label)
            level = next((k for k in range(4) if at - half > ends[k] + 4), 3)
            ends[level] = at + half
            dy = (-10, 20, -23, 33)[level]
            out.append(f'<circle cx="{at:.1f}" cy="{y}" r="5" fill="{colour}"/>')
            out.append(f'<text x="{at:.1f}" y="{y + dy}" fill="{colour}" text-anchor="middle">{label}</text>')
    PICTURE.write_text("\n".join([*out, "</svg>"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nav", default=str(ROOT / "build/release/bin/nav"))
    parser.add_argument("--openb", type=Path)
    parser.add_argument("--only", action="append", choices=["loss", "fleet", "queue", "packing", "openb", "speed"])
    options = parser.parse_args()
    sections = {"loss": loss_section, "fleet": fleet_section, "queue": queue_section, "packing": packing_section, "speed": speed_section}
    if options.openb:
        sections["openb"] = lambda nav: openb_section(nav, options.openb)
    for name, make in sections.items():
        if options.only and name not in options.only:
            continue
        text = make(options.nav)
        page = PAGE.read_text()
        marked = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.S)
        if not marked.search(page):
            sys.exit(f"{PAGE} has no place for {name}")
        PAGE.write_text(marked.sub(lambda m: m.group(1) + text + m.group(2), page))


if __name__ == "__main__":
    main()
