// @ts-check
/**
 * All queues: how many jobs each holds in which status, and whether it is paused.
 */

import { get, getAll } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Bar } from "../parts/bar.js";
import { Card, Empty, Shown, Status } from "../parts/basics.js";
import { QueueActions } from "../parts/queue_actions.js";
import { SeriesCard } from "../parts/series.js";
import { depths, statusColumns } from "../parts/statuses.js";
import { More, Table } from "../parts/table.js";
import { href, setQuery } from "../router.js";
import { may } from "../state.js";
import { html, useState } from "../vendor/preact.js";
import { QueueView } from "./queue.js";

const PAGE = 100;
const orders = /** @type {Record<string, { title: string, of: (queue: any) => number }>} */ ({
  name: { title: "by name", of: () => 0 },
  depth: { title: "most to do first", of: depthOf },
  dead: { title: "most dead letters first", of: (queue) => queue.dead_letter },
});

/** @param {{ rest: readonly string[], query: Readonly<Record<string, string>> }} props */
export function View({ rest: [name], query }) {
  return name
    ? html`<${QueueView} key=${name} name=${name} query=${query} />`
    : html`<${All} query=${query} />`;
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
function All({ query }) {
  const queues = useData((signal) => get("/api/v1/queues", {}, signal), [], {
    events: ["counts", "lines"],
  });
  const paused = useData((signal) => getAll("/api/v1/paused", {}, signal), [], {
    events: ["lines"],
  });
  return html`
    <${Card} actions=${html`<${Filters} query=${query} />`}>
      <${Shown} data=${queues} lines=${8}>${(/** @type {any} */ { data }) =>
        html`<${Rows} all=${data} paused=${
          paused.value ?? []
        } query=${query} onDone=${queues.reload} />`}<//>
      <//>
      <${SeriesCard} query=${query} only="Jobs to do" />
  `;
}

/** @param {{ query: Readonly<Record<string, string>> }} props */
function Filters({ query }) {
  /** @param {string} name */
  const change = (name) => (/** @type {any} */ { currentTarget: { value } }) =>
    setQuery({ [name]: value });
  return html`
    <div class="bar">
      <input type="search" placeholder="Name" aria-label="Part of the name" value=${query.q ?? ""}
        onInput=${change("q")} />
      <select aria-label="Which" value=${query.state ?? ""} onChange=${change("state")}>
        <option value="">all queues</option>
        <option value="paused">paused</option>
        <option value="busy">with something to do</option>
      </select>
      <select aria-label="Order" value=${query.order ?? "name"} onChange=${change("order")}>
          ${Object.entries(orders).map(([name, { title }]) =>
            html`<option key=${name} value=${name}>${title}</option>`
          )}
        </select>
    </div>
  `;
}

/** @param {{ all: any[], paused: any[], query: Readonly<Record<string, string>>, onDone: () => Promise<void> }} props */
function Rows({ all, paused: switches, query, onDone }) {
  const [most, setMost] = useState(PAGE);
  if (all.length === 0) {
    return html`
      <${Empty} title="There is no queue yet">
        <p>A queue is there when the first job is enqueued into it.</p>
        <//>
    `;
  }
  const text = (query.q ?? "").toLowerCase();
  const of = orders[query.order ?? ""]?.of ?? (() => 0);
  const found = all.filter((queue) =>
    queue.name.toLowerCase().includes(text) &&
    (query.state !== "paused" || queue.paused) && (query.state !== "busy" || depthOf(queue) > 0)
  ).sort((a, b) => of(b) - of(a));
  if (found.length === 0) return html`<${Empty} title="No queue is such" />`;
  const deepest = Math.max(1, ...all.map(depthOf));
  return html`
    <${Table} label="Queues" rows=${found.slice(0, most)} keyOf=${(/** @type {any} */ { name }) =>
      name} columns=${[
      {
        title: "Queue",
        kind: "called",
        cell: (/** @type {any} */ { name, paused }) => {
          const types = switches.filter((one) => one.queue === name && one.type !== null).length;
          return html`<a href=${href(["queues", name])}>${name}</a> ${
            paused && html`<${Status} status="paused" />`
          } ${
            types > 0 &&
            html`<span class="status status-paused">${format.many(types, "type")} paused</span>`
          }`;
        },
      },
      {
        title: "To do",
        isMinor: true,
        cell: (/** @type {any} */ queue) => html`<${Depth} queue=${queue} most=${deepest} />`,
      },
      ...statusColumns(["ready", "dead_letter"], ({ name }) => ({ queue: name })),
      ...may("operator")
        ? [{
          title: "Actions",
          kind: "narrow",
          cell: (/** @type {any} */ queue) =>
            html`<${QueueActions} isRow queue=${queue} onDone=${onDone} />`,
        }]
        : [],
    ]} />
    <${More} hasMore=${found.length > most} isBusy=${false} onMore=${() => setMost(most + PAGE)}
      told=${`${format.fullCount(Math.min(most, found.length))} of ${
        format.many(found.length, "queue")
      }`} />
  `;
}

/** @param {{ queue: any, most: number }} props */
function Depth({ queue, most }) {
  const label = Object.keys(depths).filter((status) => queue[status] > 0)
    .map((status) => `${format.fullCount(queue[status])} ${format.statusName(status)}`).join(", ");
  return html`<${Bar} label=${label || "nothing"} parts=${
    Object.entries(depths).map(([status, tone]) => ({ share: queue[status] / most, tone }))
  } />`;
}

/** How many jobs have not ended. @param {any} queue @returns {number} */
function depthOf(queue) {
  return Object.keys(depths).reduce((sum, status) => sum + queue[status], 0);
}
