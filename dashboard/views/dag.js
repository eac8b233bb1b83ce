// @ts-check
/**
 * Graphs of jobs: those that others depend on, and what surrounds one of them.
 */

import { get } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Status, Time } from "../parts/basics.js";
import { Table } from "../parts/table.js";
import { href, setQuery } from "../router.js";
import { html } from "../vendor/preact.js";
import { Around } from "./graph.js";

const PAGE = 50;

/** @param {{ rest: readonly string[], query: Readonly<Record<string, string>> }} props */
export function View({ rest: [id], query }) {
  return id
    ? html`<${Around} key=${id} id=${id} query=${query} />`
    : html`<${Roots} query=${query} />`;
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
function Roots({ query: { queue, type, page: wanted } }) {
  const page = Math.max(1, Math.trunc(Number(wanted)) || 1);
  const roots = useData(
    (signal) => get("/api/v1/dag/roots", { queue, type, page, limit: PAGE }, signal),
    [queue, type, page],
    { events: ["jobs"] },
  );
  /** @param {string} name */
  const set = (name) => (/** @type {any} */ event) =>
    setQuery({ [name]: event.currentTarget.value.trim(), page: undefined });
  const isNarrow = queue || type;
  return html`
    <${Card} title="Jobs that others depend on" actions=${html`<a href=${
      href(["jobs"], { status: "deferred" })
    }>Jobs that wait for others</a>`}>
      <div class="bar filters">
        <label class="field">Type <input type="search" value=${type ?? ""} onChange=${set(
          "type",
        )} /></label>
        <label
          class="field">Queue <input type="search" value=${queue ?? ""} onChange=${set(
            "queue",
          )} /></label>
      </div>
      <${Shown} data=${roots} lines=${8}>${(/** @type {any} */ { data, meta }) =>
        data.length === 0
          ? html`<${Empty} title=${
            isNarrow || page > 1 ? "There is none here" : "No job depends on another"
          }>
            ${
            isNarrow
              ? html`<button type="button" class="link" onClick=${() =>
                setQuery({ type: undefined, queue: undefined, page: undefined })}>Show all</button>`
              : page > 1
              ? html`<button type="button" class="link" onClick=${() =>
                setQuery({ page: undefined })}>Show the newest</button>`
              : html`<p>A job that names others in <code>dependsOn</code> runs once they have ended.</p>`
          }<//>`
          : html`
            <${Table} label="Jobs that others depend on" rows=${data} columns=${columns}
              keyOf=${(/** @type {any} */ job) => job.id}
              hrefOf=${(/** @type {any} */ job) => href(["dag", job.id])} />
            <nav class="more" aria-label="Pages of the list">
              <button type="button" class="button" disabled=${page === 1} onClick=${() =>
                setQuery({ page: page === 2 ? undefined : page - 1 })}>Newer</button>
              <span class="faint">${format.count((page - 1) * PAGE + 1)} to ${format.count(
                (page - 1) * PAGE + data.length,
              )} of ${format.count(meta.total)}</span>
              <button type="button" class="button" disabled=${page * PAGE >=
                meta.total} onClick=${() => setQuery({ page: page + 1 })}>Older</button>
            </nav>
          `}<//>
      <//>
  `;
}

/** @type {import("../parts/table.js").Column<any>[]} */
const columns = [
  { title: "Type", cell: (job) => job.type, kind: "wide" },
  { title: "Status", cell: (job) => html`<${Status} status=${job.status} />` },
  {
    title: "Parents",
    cell: ({ depends_on = [] }) => format.count(depends_on.length),
    kind: "number",
    isMinor: true,
  },
  {
    title: "Children",
    cell: (job) => format.count(job.child_count),
    kind: "number",
    isMinor: true,
  },
  { title: "Queue", cell: (job) => job.queue, isMinor: true },
  { title: "Id", cell: (job) => html`<code>${job.id}</code>`, isMinor: true },
  { title: "Created", cell: (job) => html`<${Time} at=${Number(job.created_at) * 1000} />` },
];
