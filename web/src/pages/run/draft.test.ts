// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { Refusal } from "../../api/client";
import { asCommand, asHttp, asPython, emptyDraft, requestOf, wrongsOf } from "./draft";
import { parseRung, textOf, wrongOf } from "./rung";
import { lineOf, wordsOf } from "./words";

test("a command is cut into words, and what needs a shell gets one", () => {
  expect(wordsOf("python train.py --name 'a b' \"c\"")).toEqual({ words: ["python", "train.py", "--name", "a b", "c"], shell: false });
  expect(wordsOf("python train.py \\\n  --epochs 2")?.words).toEqual(["python", "train.py", "--epochs", "2"]);
  expect(wordsOf("echo $HOME | wc")).toEqual({ words: ["sh", "-c", "echo $HOME | wc"], shell: true });
  expect(wordsOf('echo "on $CUDA_VISIBLE_DEVICES"')?.shell).toBe(true);
  expect(wordsOf("echo '$HOME'")).toEqual({ words: ["echo", "$HOME"], shell: false });
  expect(wordsOf("echo 'a")).toBeUndefined();
});

test("a line made of words is read back as the same words", () => {
  for (const words of [["python", "train.py"], ["echo", "it's", "a b", ""], ["sh", "-c", "echo $A; echo b"], ["sh", "-c", "true"], ["a$b", "c\\d"]])
    expect(wordsOf(lineOf(words))?.words).toEqual(words);
});

test("nothing that was left empty is sent", () => {
  expect(requestOf({ ...emptyDraft, on: [parseRung("cpu")], command: "true" })).toEqual({ request: { on: ["cpu"], command: ["true"] }, wrongs: {} });
});

test("what is wrong is said at its field before anything is sent", () => {
  const { wrongs } = requestOf({ ...emptyDraft, command: "'", env: "A", timeLimit: "soon", cpus: "-1", memory: "much", count: "0", retries: "1.5" });
  expect(Object.keys(wrongs).sort()).toEqual(["command", "count", "cpus", "env", "memory", "on", "retries", "timeLimit"]);
});

test("a refusal lands on its field, or on none", () => {
  expect(wrongsOf(new Refusal(400, "invalid_argument", "there is no template", "did you mean cpu?", "on[1]"))).toEqual({ on: "there is no template: did you mean cpu?" });
  expect(wrongsOf(new Refusal(503, "unavailable", "later"))).toBeUndefined();
});

test("what was sent along goes along again", () => {
  const code = [{ path: "train.py", digest: `sha256:${"0".repeat(64)}`, executable: false }];
  const draft = { ...emptyDraft, on: [parseRung("cpu")], command: "python train.py", code };
  const { request, wrongs } = requestOf(draft);
  expect([request.code, wrongs]).toEqual([code, {}]);
  expect(asCommand(request)).toContain("--code .");
  expect(asPython(request)).toContain('code="."');
  expect(requestOf({ ...draft, workdir: "/data" }).wrongs.workdir).toContain("leave this empty");
});

test("the same job as a command, as Python and as HTTP", () => {
  const { request } = requestOf({ ...emptyDraft, on: [parseRung("mig-1g.5gb"), { name: "cpu", wait: "2 min", price: "3.50" }], command: "python train.py", name: "n", env: "SEED=7", timeLimit: "6h", memory: "2 GiB", count: "3" });
  expect(asCommand(request)).toBe(
    "nav run --on mig-1g.5gb --on cpu:wait=120s:price=3.50 \\\n  --name n --env SEED=7 --time-limit 21600s --memory 2048M --count 3 \\\n  -- python train.py");
  expect(asPython(request)).toContain('run_many(["python","train.py"], 3, on=["mig-1g.5gb","cpu:wait=120s:price=3.50"], name="n", env={"SEED":"7"}, memory_mib=2048, time_limit=21600)');
  expect(asHttp(request, "http://127.0.0.1:8440")).toContain('"count":3');
});

test("what is to climb when memory runs out says so in every form", () => {
  const { request } = requestOf({ ...emptyDraft, on: [parseRung("cpu")], command: "true", climb: true });
  expect(request.on_out_of_memory).toBe("climb");
  expect(asCommand(request)).toContain("--on-out-of-memory climb");
  expect(asPython(request)).toContain('on_out_of_memory="climb"');
  expect(wrongsOf(new Refusal(400, "invalid_argument", "it is neither", "", "on_out_of_memory"))).toEqual({ climb: "it is neither" });
});

test("a choice keeps its terms through the address and back, and says which of them is wrong", () => {
  expect(textOf(parseRung("v100-cloud:wait=600s:price=3"))).toBe("v100-cloud:wait=600s:price=3");
  expect(parseRung("cpu")).toEqual({ name: "cpu", wait: "", price: "" });
  expect(wrongOf({ name: "cpu", wait: "soon", price: "" })).toContain("cpu: wait");
  expect(wrongOf({ name: "cpu", wait: "", price: "cheap" })).toContain("a price is a number");
});

test("a gang says how many members it has in every form, and what it cannot do is said at its field", () => {
  const draft = { ...emptyDraft, on: [parseRung("a100-x8")], command: "torchrun train.py", members: "4" };
  const { request, wrongs } = requestOf(draft);
  expect([request.members, wrongs]).toEqual([4, {}]);
  expect(asCommand(request)).toContain("--members 4");
  expect(asPython(request)).toContain("members=4");
  expect(asHttp(request, "")).toContain('"members":4');
  expect(requestOf({ ...draft, members: "1025" }).wrongs).toEqual({ members: "A whole number from 1 to 1024." });
  expect(requestOf({ ...draft, members: "1000", count: "101" }).wrongs.count).toBe("At most 100 gangs of 1\u2009000 at once.");
  expect(Object.keys(requestOf({ ...draft, restartable: true, upgrade: true, climb: true }).wrongs)).toEqual(["upgrade", "climb"]);
  expect(wrongsOf(new Refusal(400, "invalid_argument", "a gang of 9 members is larger than the pool", "the pool gives a100 8 times", "members"))).toEqual({
    members: "a gang of 9 members is larger than the pool: the pool gives a100 8 times" });
});

test("a notebook needs no command, and is the same as a command and in Python", () => {
  const { request, wrongs } = requestOf({ ...emptyDraft, on: [parseRung("mig-1g.5gb")], kind: "workspace", idleAfter: "2 h", count: "3" });
  expect([request, wrongs]).toEqual([{ on: ["mig-1g.5gb"], command: [], service: { kind: "workspace", idle_after: 7_200_000_000 } }, {}]);
  expect(asCommand(request)).toBe("nav workspace start --on mig-1g.5gb \\\n  --idle-after 7200s");
  expect(asPython(request)).toContain('.workspace(on=["mig-1g.5gb"], idle_after=7200)');
});

test("an endpoint has a program, and its health a path", () => {
  const draft = { ...emptyDraft, on: [parseRung("cpu")], kind: "endpoint" as const, health: "healthz", idleAfter: "soon" };
  expect(Object.keys(requestOf(draft).wrongs).sort()).toEqual(["command", "health", "idleAfter"]);
  const { request } = requestOf({ ...draft, command: "python serve.py", health: "/healthz", idleAfter: "" });
  expect(request.service).toEqual({ kind: "endpoint", health: "/healthz" });
  expect(asCommand(request)).toBe("nav serve --on cpu \\\n  --health /healthz --idle-after 0s \\\n  -- python serve.py");
  expect(wrongsOf(new Refusal(400, "invalid_argument", "idle_after is 1s", "", "service.idle_after"))).toEqual({ idleAfter: "idle_after is 1s" });
});
