// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { post, type Gpu, type Node } from "../../api/client";
import { Action } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { say } from "../../parts/toast";

/** A slice of a GPU, or without a placement all of it. */
export interface Piece {
  node: Node;
  gpu: Gpu;
  placement?: string | undefined;
}

const wordOf = ({ gpu, placement }: Piece): string => (placement ? `${placement} of GPU ${gpu.index}` : `GPU ${gpu.index}`);
const pathOf = ({ node, gpu }: Piece) => `/v1/nodes/${node.name}/gpus/${gpu.index}` as const;
const whyNot = (may: boolean): string | undefined => (may ? undefined : "An operator or admin can do this");

function SetAsideDialog({ piece, onClose }: { piece: Piece; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const what = wordOf(piece);
  return (
    <Dialog
      title={`Set ${what} aside`}
      onClose={onClose}
      foot={
        <>
          <button className="btn" onClick={onClose}>Keep it in use</button>
          <Action
            className="pri"
            disabled={reason.trim() === ""}
            why={reason.trim() === "" ? "Say why first" : undefined}
            act={async () => {
              await post(`${pathOf(piece)}/set-aside`, { placement: piece.placement ?? "", reason: reason.trim() });
              say(`${what} of ${piece.node.name} is given to nobody.`);
              onClose();
            }}
          >
            Set aside
          </Action>
        </>
      }
    >
      <p>Nothing new is placed on {what} of {piece.node.name} until somebody takes it back. Who holds it stays to the end.</p>
      <Field label="Why" hint="Shown to whoever looks at it.">
        {(field) => <input {...field} className="in" autoFocus maxLength={300} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
    </Dialog>
  );
}

export function SetAside({ may, ...piece }: Piece & { may: boolean }) {
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Action disabled={!may} why={whyNot(may)} act={() => setAsked(true)}>Set aside…</Action>
      {asked && <SetAsideDialog piece={piece} onClose={() => setAsked(false)} />}
    </>
  );
}

export function TakeBack({ may, ...piece }: Piece & { may: boolean }) {
  return (
    <Action
      className="pri"
      disabled={!may}
      why={whyNot(may)}
      act={async () => {
        await post(`${pathOf(piece)}/take-back`, { placement: piece.placement ?? "" });
        say(`${wordOf(piece)} of ${piece.node.name} is in use again.`);
      }}
    >
      Take back
    </Action>
  );
}
