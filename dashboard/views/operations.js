// @ts-check
/**
 * What was done with many jobs at once, and what is being done.
 */

import * as format from "../format.js";
import { useRows } from "../paged.js";
import { Card, Empty, Figure, Shown, Status, Time } from "../parts/basics.js";
import {
  actions,
  cancelOperation,
  isOver,
  jobs,
  Outcome,
  Progress,
  useOperation,
} from "../parts/operation.js";
import { More, Table } from "../parts/table.js";
import { href } from "../router.js";
import { may } from "../state.js";
import { html } from "../vendor/preact.js";

/** Why something could not be done with a job. */
const refusals = /** @type {Record<string, string>} */ ({
  status: "Their status does not allow it",
  parent: "A job that they depend on has failed",
  duplicate: "Another job has their unique key",
});

/** @param {{ rest: readonly string[] }} props */
export function View({ rest: [id] }) {
  return id ? html`<${One} key=${id} id=${id} />` : html`<${All} />`;
}

/** @type {import("../parts/table.js").Column<any>[]} */
const columns = [
  {
    title: "What",
    cell: (one) =>
      html`<strong>${textOf(one).name}</strong> <span class="faint">${meant(one.query)}</span>
        ${one.reason && html`<span class="place">${one.reason}</span>`}`,
  },
  {
    title: "How far",
    cell: (one) =>
      html`<span class="outcome"><${Status} status=${one.state} />
        ${
        !isOver(one) && html`<${Progress} operation=${one} />`
      }<${Outcome} operation=${one} /></span>`,
  },
  { title: "By", isMinor: true, cell: ({ who }) => who || "everyone" },
  { title: "Asked for", cell: ({ created_at_ms }) => html`<${Time} at=${created_at_ms} />` },
];

/** What an operation does, in words. @param {any} operation */
function textOf({ action }) {
  return actions[/** @type {import("../parts/operation.js").Action} */ (action)];
}

/** Which jobs were meant, in words. @param {any} query */
function meant({ status, queues, type, q, id, id_prefix, fingerprint, from_ms, to_ms }) {
  return [
    status.map(format.statusName).join(", "),
    queues && `queue ${queues.join(", ")}`,
    type && `type ${type}`,
    q && `text “${q}”`,
    id && `id ${id}`,
    id_prefix && `id begins with ${id_prefix}`,
    fingerprint && `error ${fingerprint}`,
    from_ms !== undefined && `from ${format.time(from_ms)}`,
    to_ms !== undefined && `before ${format.time(to_ms)}`,
  ].filter(Boolean).join(" · ");
}

function All() {
  const data = useRows("/api/v1/operations", {}, ({ id }) => id, { everyMs: 3000 });
  return html`
    <${Card}>
      <${Shown} data=${data}>${(/** @type {any} */ { rows, hasMore }) =>
        rows.length === 0
          ? html`
            <${Empty} title="Nothing was done with many jobs in the last 30 days">
              <p>It is begun on the pages <a href=${href(["jobs"])}>Jobs</a> and <a href=${href([
                "failed",
              ])}>Failed</a>.</p>
              <//>
          `
          : html`
            <${Table} label="Operations" rows=${rows} columns=${columns} keyOf=${(
              /** @type {any} */ { id },
            ) => id}
              hrefOf=${(/** @type {any} */ { id }) => href(["operations", id])} />
            <${More} hasMore=${hasMore} isBusy=${data.isBusy} onMore=${data.more} />
          `}<//>
      <//>
  `;
}

/** @param {{ id: string }} props */
function One({ id }) {
  const data = useOperation(id);
  return html`
    <${Shown} data=${data}>${(/** @type {any} */ { data: one }) =>
      html`<${Details} one=${one} reload=${data.reload} />`}<//>
  `;
}

/** @param {{ one: any, reload: () => Promise<void> }} props */
function Details({ one, reload }) {
  const { query, looked, matched, changed, unchanged, refused } = one;
  const cancel = async () => {
    if (await cancelOperation(one)) await reload();
  };
  const stop = !isOver(one) && may("operator") && html`
    <button type="button" class="button" disabled=${one.state === "canceling"}
      onClick=${cancel}>${one.state === "canceling" ? "Stopping…" : "Stop"}</button>
  `;
  return html`
    <${Card} title=${html`${
      textOf(one).name
    } <span role="status"><${Status} status=${one.state} /></span>`} actions=${stop}>
      ${!isOver(one) && html`<${Progress} operation=${one} />`}
      ${one.error && html`<p class="failure" role="alert">${one.error}</p>`}
      <dl class="facts">
        <dt>Which jobs</dt><dd>${meant(query)} <a href=${href(
          ["jobs"],
          linkOf(query),
        )}>Show those that there are now</a></dd>
        <dt>By</dt><dd>${one.who || "everyone"}</dd>
        <dt>Reason</dt><dd>${one.reason ?? html`<span class="faint">none given</span>`}</dd>
        <dt>Asked for</dt><dd><${Time} at=${one.created_at_ms} /></dd>
        <dt>Began</dt><dd><${Time} at=${one.started_at_ms} /></dd>
        <dt>Ended</dt><dd><${Time} at=${one.ended_at_ms} />${one.ended_at_ms &&
          one.started_at_ms !== null &&
          html`${" "}<span class="faint">after ${
            format.duration(one.ended_at_ms - one.started_at_ms)
          }</span>`}</dd>
        ${one.canceled_by && html`
          <dt>Stopped by</dt>
          <dd>${one.canceled_by}</dd>
        `}
      </dl>
    <//>
    <div class="figures" aria-label="Jobs">
      <${Figure} label="looked at" value=${format.count(looked)} />
      <${Figure} label="meant" value=${format.count(matched)} />
      <${Figure} label=${textOf(one).done.toLowerCase()} value=${format.count(
        changed,
      )} tone=${changed > 0 ? "good" : ""} />
      <${Figure} label="left alone" value=${format.count(
        unchanged,
      )} title="They had moved on, or were gone" />
      <${Figure} label="refused" value=${format.count(refused)} tone=${refused > 0 ? "bad" : ""} />
    </div>
    ${refused > 0 && html`<${Card} title="Refused">
      ${
      Object.entries(one.refusals).map(([reason, { count, job_ids }]) =>
        html`<details key=${reason} class="refusal" open>
        <summary>${refusals[reason] ?? reason}: ${jobs(count)}</summary>
        <ul>${
          job_ids.map((/** @type {string} */ id) =>
            html`<li key=${id}><a href=${href(["jobs", id])}><code>${id}</code></a></li>`
          )
        }</ul>
        ${
          count > job_ids.length &&
          html`<p class="faint">and ${jobs(count - job_ids.length)} more</p>`
        }
      </details>`
      )
    }
    <//>`}
  `;
}

/** The query of an operation as that of the page of jobs. @param {any} query */
function linkOf({ status, queues, q, ...others }) {
  return {
    status: status.join(","),
    queue: queues?.length === 1 ? queues[0] : undefined,
    q: q === "[redacted]" ? undefined : q,
    ...others,
  };
}
