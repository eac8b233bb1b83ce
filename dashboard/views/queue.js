// @ts-check
/**
 * One queue: what is in it now and over time, type by type, and its dead letters.
 */

import { get, getAll, part, request } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { Card, Empty, Shown, Status, Time } from "../parts/basics.js";
import { Act, DeadLetterActions, QueueActions } from "../parts/queue_actions.js";
import { SeriesCard } from "../parts/series.js";
import { statusColumns, StatusFigures } from "../parts/statuses.js";
import { Table } from "../parts/table.js";
import { toast } from "../parts/toast.js";
import { href } from "../router.js";
import { may } from "../state.js";
import { html } from "../vendor/preact.js";

/** @param {{ name: string, query: Readonly<Record<string, string>> }} props */
export function QueueView({ name, query }) {
  const path = `/api/v1/queues/${part(name)}`;
  const queue = useData((signal) => get(path, {}, signal), [name], { events: ["counts", "lines"] });
  const types = useData(typesOf(name), [name], { events: ["counts", "lines"] });
  const oldest = useData(
    (signal) => get(`${path}/jobs`, { status: "ready", order: "oldest", limit: 1 }, signal),
    [name],
    { events: ["counts"] },
  );
  if (queue.error?.status === 404) {
    return html`
      <${Card}>
        <${Empty} title=${`There is no queue ${name}`}>
          <p>It holds no job, held none, and is not paused. <a href=${href([
            "queues",
          ])}>All queues</a></p>
          <//>
          <//>
    `;
  }
  const reload = async () => {
    await Promise.all([queue.reload(), types.reload(), oldest.reload()]);
  };
  return html`
    <${Shown} data=${queue} lines=${4}>${(/** @type {any} */ { data }) =>
      html`
        <${Head} queue=${data} onDone=${reload} />
        <div class="columns">
          <${Waiting} queue=${data} oldest=${oldest} />
          <${DeadLetters} queue=${data} onDone=${reload} />
        </div>
      `}<//>
    ${queue.value && html`<${SeriesCard} query=${query} queue=${name} />`}
    <${Card} title="Types">
      <${Shown} data=${types}>${(/** @type {any} */ rows) =>
        html`<${Types} queue=${name} rows=${rows} onDone=${reload} />`}<//>
    <//>
  `;
}

/** @param {{ queue: any, onDone: () => Promise<void> }} props */
function Head({ queue, onDone }) {
  return html`
    <header class="page-head">
      ${queue.paused && html`<${Status} status="paused" />`}
      <span class="end bar">
        <a class="button small" href=${href(["jobs"], { queue: queue.name })}>All jobs</a>
        <${QueueActions} queue=${queue} onDone=${onDone} />
      </span>
    </header>
    <${StatusFigures} counts=${queue} queue=${queue.name} />
  `;
}

/** @param {{ queue: any, oldest: import("../data.js").Data<any> }} props */
function Waiting({ queue, oldest }) {
  const first = oldest.value?.data[0];
  return html`
    <${Card} title="Now">
      <dl class="facts">
        <dt>Waiting longest</dt>
        <dd>${first
          ? html`<a href=${
            href(["jobs", first.id])
          }>${first.type}</a> <span class="faint">due <${Time}
            at=${Number(first.scheduled_at ?? first.created_at) * 1000} /></span>`
          : oldest.error
          ? html`<span class="faint">${oldest.error.message}</span>`
          : oldest.isLoading
          ? "…"
          : "nothing waits"}</dd>
        <dt>Completed so far</dt>
        <dd title=${format.fullCount(queue.processed_total)}>${format.count(
          queue.processed_total,
        )}</dd>
        <dt>Failed so far</dt>
        <dd title=${format.fullCount(queue.failed_total)}>${format.count(queue.failed_total)}</dd>
      </dl>
      <//>
  `;
}

/** @param {{ queue: any, onDone: () => Promise<void> }} props */
function DeadLetters({ queue, onDone }) {
  const { name, dead_letter: n } = queue;
  return html`<${Card} title="Dead letters" actions=${
    n > 0 && html`<${DeadLetterActions} queue=${queue} onDone=${onDone} />`
  }>
    ${
    n === 0
      ? html`<p class="faint">None: no job has failed for good.</p>`
      : html`<p>${format.many(n, "job")} failed for good. <a href=${
        href(["jobs"], {
          queue: name,
          status: "dead_letter",
        })
      }>Show them</a></p>`
  }
  <//>`;
}

/** @param {{ queue: string, rows: any[], onDone: () => Promise<void> }} props */
function Types({ queue, rows, onDone }) {
  if (rows.length === 0) return html`<${Empty} title="No type has a job here" />`;
  /** @param {any} row */
  const turn = async ({ type, isPausedHere }) => {
    const done = isPausedHere ? "resume" : "pause";
    const { status } = await request(
      "POST",
      `/api/v1/queues/${part(queue)}/types/${part(type)}/${done}`,
    );
    toast(
      !isPausedHere
        ? `${type} is paused in ${queue}`
        : status === "active"
        ? `${type} goes on in ${queue}`
        : `${type} is resumed here, but still paused by another switch`,
    );
    await onDone();
  };
  return html`<${Table} label=${`Types in ${queue}`} rows=${rows} keyOf=${(
    /** @type {any} */ { type },
  ) => type} columns=${[
    {
      title: "Type",
      kind: "called",
      cell: (/** @type {any} */ row) =>
        html`<a href=${
          href(["jobs"], { queue, type: row.type })
        }>${row.type}</a> <${Paused} row=${row} />`,
    },
    ...statusColumns(["ready", "dead_letter"], ({ type }) => ({ queue, type })),
    ...may("operator")
      ? [{
        title: "Actions",
        kind: "narrow",
        cell: (/** @type {any} */ row) =>
          html`<${Act} onPress=${() => turn(row)} label=${`${
            row.isPausedHere ? "Resume" : "Pause"
          } ${row.type} in ${queue}`}>${row.isPausedHere ? "Resume" : "Pause"}<//>`,
      }]
      : [],
  ]} />`;
}

/** Whether a type is paused, and by which switch. @param {{ row: any }} props */
function Paused({ row }) {
  if (row.isPausedHere) return html`<${Status} status="paused" />`;
  if (row.isPausedEverywhere) {
    return html`
      <a href=${href(["limits"])}
        title="The type is paused in all queues"><${Status} status="paused" /> in all queues</a>
    `;
  }
  return row.paused && html`<span class="faint">paused with its queue</span>`;
}

/** The types of a queue, with the switches that pause them. @param {string} queue */
function typesOf(queue) {
  return async (/** @type {AbortSignal} */ signal) => {
    const [{ data }, paused] = await Promise.all([
      get("/api/v1/types", {}, signal),
      getAll("/api/v1/paused", {}, signal),
    ]);
    /** @param {string | null} inQueue @param {string} type */
    const isPaused = (inQueue, type) =>
      paused.some((one) => one.queue === inQueue && one.type === type);
    return data.flatMap((/** @type {any} */ { type, queues }) =>
      queues.filter((/** @type {any} */ one) => one.queue === queue).map((
        /** @type {any} */ one,
      ) => ({
        ...one,
        type,
        isPausedHere: isPaused(queue, type),
        isPausedEverywhere: isPaused(null, type),
      }))
    );
  };
}
