// SPDX-License-Identifier: Apache-2.0

/** One field that two people have written. */
export interface Difference {
  field: string;
  mine: string;
  theirs: string;
}

/** Somebody else saved first: both versions, side by side. Sending again puts what was typed in the place of theirs. */
export function Clash({ title, changes, onTake }: { title: string; changes: readonly Difference[]; onTake: () => void }) {
  return (
    <div className="notice warn" role="alert" data-testid="clash">
      <b>{title}</b>{" "}
      {changes.length === 0 ? "It is by now what you wrote." : "Look again: what you send now takes the place of theirs."}
      {changes.length > 0 && (
        <table className="t12">
          <thead><tr><th><span className="sr">field</span></th><th>theirs, as it is now</th><th>yours</th></tr></thead>
          <tbody>{changes.map((one) => <tr key={one.field}><td>{one.field}</td><td className="m">{one.theirs || "nothing"}</td><td className="m">{one.mine || "nothing"}</td></tr>)}</tbody>
        </table>
      )}
      <button type="button" className="btn sm" onClick={onTake}>Take theirs</button>
    </div>
  );
}
