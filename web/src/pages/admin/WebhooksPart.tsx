// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { all, post, remove, type Schemas } from "../../api/client";
import { Action } from "../../parts/action";
import { CopyBox } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { Failed } from "../../parts/states";
import { clockTime, count } from "../../parts/time";
import { say } from "../../parts/toast";
import { useSending } from "./form-state";

type Webhook = Schemas["Webhook"];
type Kind = Schemas["NoticeKind"];

const kinds: Record<Kind, string> = {
  node_silent: "a node does not answer", node_back: "a node answers again", node_lost: "a node is given up", set_aside: "a slice or GPU is set aside", taken_back: "a slice or GPU is in use again",
  job_lost: "a job ended and nobody saw how", storage_failing: "the journal or the samples cannot be written", storage_back: "they can be written again", test: "somebody asked for a test",
};
const kindNames = Object.keys(kinds) as Kind[];

/** How delivery goes, in one pill. */
function DeliveryPill({ webhook }: { webhook: Webhook }) {
  if (webhook.failing_since !== undefined) return <span className="pill err">not taken since {clockTime(webhook.failing_since)}</span>;
  return webhook.last_success === undefined ? <span className="pill">nothing sent yet</span> : <span className="pill ok">taken {clockTime(webhook.last_success)}</span>;
}

/** What came of a test, with what was sent. */
function Tested({ webhook, result }: { webhook: string; result: Schemas["TestedWebhook"] }) {
  return (
    <div className={`notice ${result.delivered ? "ok" : "err"}`} role="status" data-testid="tested">
      {result.delivered ? `${webhook} took the test.` : `${webhook} did not take the test: ${result.error ?? "it did not say why"}.`}
      <details>
        <summary>What was sent</summary>
        <pre className="scroll t11" tabIndex={0}>{JSON.stringify(result.notice, null, 2)}</pre>
      </details>
    </div>
  );
}

function DeleteDialog({ webhook, onClose, onDeleted }: { webhook: Webhook; onClose: () => void; onDeleted: () => Promise<void> }) {
  return (
    <Dialog title={`Delete ${webhook.id}`} onClose={onClose}
      foot={
        <>
          <button className="btn" onClick={onClose}>Keep it</button>
          <Action className="danger" act={async () => {
            await remove(`/v1/webhooks/${webhook.id}`);
            await onDeleted();
          }}>
            Delete it
          </Action>
        </>
      }>
      <p className="m" style={{ overflowWrap: "anywhere" }}>{webhook.url}</p>
      <p>It is told nothing more{webhook.waiting > 0 ? `, and ${count(webhook.waiting)} ${webhook.waiting === 1 ? "notice that waits" : "notices that wait"} for it ${webhook.waiting === 1 ? "is" : "are"} not sent` : ""}. Its secret is of no more use; another webhook gets another.</p>
    </Dialog>
  );
}

function NewWebhook() {
  const [url, setUrl] = useState("");
  const [chosen, setChosen] = useState<Kind[]>([]);
  const [bad, setBad] = useState<string>();
  const [made, setMade] = useState<Schemas["MadeWebhook"]>();
  const form = useSending<"url" | "kinds">("access");
  const send = async () => {
    const wrong = /^https?:\/\/[^/\s]+/.test(url.trim()) ? undefined : "An address that begins with https:// or http://";
    setBad(wrong);
    if (wrong) return;
    const done = await form.send(async () => setMade(await post("/v1/webhooks", { url: url.trim(), kinds: chosen })), "", "url");
    if (done) setUrl("");
  };
  return (
    <section className="card side" aria-label="New webhook">
      <form className="col" style={{ gap: 10 }} onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <h2>New webhook</h2>
        <Field label="Address" hint="It is sent a POST, signed, again and again for a day until it answers 200 to 299. The certificate of https is verified." error={bad ?? form.wrongs.url}>
          {(field) => <input {...field} className="in mono" placeholder="https://example.org/gpu-health" value={url} onChange={(event) => setUrl(event.target.value)} />}
        </Field>
        <fieldset className="col plain" style={{ gap: 4 }}>
          <legend className="lb">Told of <span className="sub">{chosen.length === 0 ? "everything" : `${chosen.length} of ${kindNames.length} kinds`}</span></legend>
          {kindNames.map((kind) => (
            <label key={kind} className="check t12" title={kind}>
              <input type="checkbox" checked={chosen.includes(kind)} onChange={() => setChosen(kindNames.filter((one) => (one === kind) !== chosen.includes(one)))} />
              {kinds[kind]}
            </label>
          ))}
          {form.wrongs.kinds && <div className="wrong" role="alert">{form.wrongs.kinds}</div>}
        </fieldset>
        <button className="btn pri" style={{ alignSelf: "start" }} disabled={form.busy}>Make the webhook</button>
      </form>
      {made && (
        <>
          <div className="notice ok">{made.webhook.id} signs under this. Shown this once.</div>
          <CopyBox name="secret" text={made.secret} />
        </>
      )}
    </section>
  );
}

/** Who outside is told of the pool's health, and how that goes. */
export function WebhooksPart() {
  // Deliveries are no events of the pool: they are asked for.
  const webhooks = useQuery({ queryKey: ["access", "webhooks"], queryFn: () => all<Webhook>("/v1/webhooks"), refetchInterval: ({ state }) => (state.error ? false : 5000), retry: false });
  const client = useQueryClient();
  const [tested, setTested] = useState<{ webhook: string; result: Schemas["TestedWebhook"] }>();
  const [going, setGoing] = useState<Webhook>();
  if (!webhooks.data) return webhooks.error ? <Failed error={webhooks.error} /> : null;
  const anew = () => client.invalidateQueries({ queryKey: ["access", "webhooks"] });
  return (
    <div className="admin">
      <section className="card f1" aria-label="Webhooks">
        {webhooks.data.length === 0 && <p className="i2" style={{ padding: 14 }}>Nobody outside is told anything yet. A webhook is an address of yours that hears of nodes that fall silent, of slices that are set aside, of a disk that is full.</p>}
        {webhooks.data.length > 0 && (
          <table>
            <thead><tr><th>webhook</th><th>address and what it is told of</th><th>delivery</th><th className="r">waiting</th><th className="r">taken</th><th className="r">given up</th><th><span className="sr">what can be done</span></th></tr></thead>
            <tbody>
              {webhooks.data.map((one) => (
                <tr key={one.id}>
                  <td className="m mut nw">{one.id}</td>
                  <td style={{ overflowWrap: "anywhere" }}>
                    <span className="m b">{one.url}</span>
                    <div className="mut t12">{one.kinds.length === 0 ? "everything" : one.kinds.map((kind) => kinds[kind]).join(", ")}</div>
                  </td>
                  <td><DeliveryPill webhook={one} />{one.last_error && <div className="er2 t12" style={{ overflowWrap: "anywhere" }}>{one.last_error}</div>}</td>
                  <td className="r">{count(one.waiting)}</td>
                  <td className="r">{count(one.delivered)}</td>
                  <td className="r">{count(one.given_up)}</td>
                  <td className="r nw">
                    <Action className="sm" act={async () => {
                      setTested({ webhook: one.id, result: await post(`/v1/webhooks/${one.id}/test`) });
                      await anew();
                    }}>
                      Test
                    </Action>{" "}
                    <Action className="sm danger" act={() => setGoing(one)}>Delete…</Action>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {tested && <div style={{ padding: 12 }}><Tested {...tested} /></div>}
      </section>
      <NewWebhook />
      {going && (
        <DeleteDialog webhook={going} onClose={() => setGoing(undefined)} onDeleted={async () => {
          say(`${going.id} is told nothing more.`);
          setTested((now) => (now?.webhook === going.id ? undefined : now));
          setGoing(undefined);
          await anew();
        }} />
      )}
    </div>
  );
}
