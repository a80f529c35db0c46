// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { patch, post, type Project, type Schemas } from "../../api/client";
import { useMe, useOwners, useProjects, useTeams } from "../../api/queries";
import { Field } from "../../parts/form";
import { complain, say } from "../../parts/toast";
import { nameRule, useSending } from "./form-state";

function Members({ project, may }: { project: Project; may: boolean }) {
  const client = useQueryClient();
  const [adding, setAdding] = useState("");
  const change = (body: Schemas["ChangeProject"], done: string) =>
    patch(`/v1/projects/${project.name}`, body)
      .then(() => {
        say(done);
        setAdding("");
        return client.invalidateQueries({ queryKey: ["access"] });
      })
      .catch(complain);
  return (
    <span className="chips">
      {project.members.map((member) => (
        <span key={member} className="pill">
          {member}
          {may && <button className="icon" style={{ width: 14, height: 14, fontSize: 12 }} aria-label={`Take ${member} out of ${project.name}`} onClick={() => void change({ remove: [member] }, `${member} is out of ${project.name}.`)}>×</button>}
        </span>
      ))}
      {may && (
        <form onSubmit={(event) => { event.preventDefault(); if (adding.trim()) void change({ add: [adding.trim()] }, `${adding.trim()} is in ${project.name}.`); }}>
          <input className="in" style={{ height: 22, width: 100, fontSize: 12 }} placeholder="add a person" aria-label={`Add a person to ${project.name}`} value={adding} onChange={(event) => setAdding(event.target.value)} />
        </form>
      )}
    </span>
  );
}

/** Teams and their projects: every job is of one project, and its members see it. */
export function TeamsPart() {
  const teams = useTeams();
  const projects = useProjects();
  const owners = useOwners();
  const me = useMe();
  const may = me.data?.role === "admin";
  const [team, setTeam] = useState("");
  const [project, setProject] = useState({ name: "", team: "default" });
  const teamForm = useSending<"name">("access");
  const projectForm = useSending<"name" | "team">("access");
  return (
    <div className="admin">
      <section className="card f1" aria-label="Teams and projects">
        <table>
          <thead><tr><th>team</th><th>project</th><th>members</th></tr></thead>
          <tbody>
            {teams.data?.flatMap((one) => {
              const own = projects.data?.filter((each) => each.team === one.name) ?? [];
              return (own.length ? own : [undefined]).map((each, at) => (
                <tr key={`${one.id}-${each?.id ?? ""}`}>
                  <td className="b nw">{at === 0 && <><i className={`sq ${owners.classOf(one.name)} ${owners.notched(one.name) ? "notch" : ""}`} /> {one.name}</>}</td>
                  <td>{each?.name ?? <span className="mut">no project yet</span>}</td>
                  <td>{each && <Members project={each} may={may} />}</td>
                </tr>
              ));
            })}
          </tbody>
        </table>
      </section>
      {may && (
        <section className="card side" aria-label="New team or project">
          <form className="col" style={{ gap: 10 }} onSubmit={(event) => { event.preventDefault(); void teamForm.send(() => post("/v1/teams", { name: team }), `Team ${team} is made.`, "name").then((done) => done && setTeam("")); }}>
            <h2>New team</h2>
            <Field label="Name" hint={nameRule} error={teamForm.wrongs.name}>{(field) => <input {...field} className="in" value={team} onChange={(event) => setTeam(event.target.value)} />}</Field>
            <button className="btn" style={{ alignSelf: "start" }} disabled={teamForm.busy}>Make the team</button>
          </form>
          <form className="col" style={{ gap: 10 }} onSubmit={(event) => { event.preventDefault(); void projectForm.send(() => post("/v1/projects", project), `Project ${project.name} is made.`, "name").then((done) => done && setProject({ ...project, name: "" })); }}>
            <h2>New project</h2>
            <Field label="Name" hint={nameRule} error={projectForm.wrongs.name}>{(field) => <input {...field} className="in" value={project.name} onChange={(event) => setProject({ ...project, name: event.target.value })} />}</Field>
            <Field label="Team" error={projectForm.wrongs.team}>
              {(field) => (
                <select {...field} className="in" value={project.team} onChange={(event) => setProject({ ...project, team: event.target.value })}>
                  {teams.data?.map((one) => <option key={one.id}>{one.name}</option>)}
                </select>
              )}
            </Field>
            <button className="btn" style={{ alignSelf: "start" }} disabled={projectForm.busy}>Make the project</button>
          </form>
        </section>
      )}
    </div>
  );
}
