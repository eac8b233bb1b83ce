// @ts-check
/**
 * How many jobs there are in each status, in one order everywhere.
 */

import * as format from "../format.js";
import { href } from "../router.js";
import { html } from "../vendor/preact.js";
import { Figure } from "./basics.js";

/** The statuses, from what is to be done to what is over. */
export const statuses = [
  "ready",
  "processing",
  "scheduled",
  "deferred",
  "retry",
  "dead_letter",
  "completed",
  "failed",
  "canceled",
  "stopped",
];

/** What is to be done: the colours of its statuses in bars and charts. */
export const depths = /** @type {Record<string, string>} */ ({
  ready: "accent",
  processing: "live",
  retry: "warn",
  scheduled: "text-faint",
  deferred: "text",
});

const tones = /** @type {Record<string, string>} */ ({
  processing: "live",
  retry: "warn",
  dead_letter: "bad",
  completed: "good",
  failed: "bad",
});

/** @param {{ counts: Readonly<Record<string, number>>, queue?: string }} props `queue`: the one whose jobs they are. */
export function StatusFigures({ counts, queue }) {
  return html`<div class="figures" role="group" aria-label="Jobs by status">${
    statuses.map((status) => {
      const n = counts[status] ?? 0;
      return html`
        <${Figure} key=${status} label=${format.statusName(status)} value=${format.count(n)}
          tone=${n > 0 ? tones[status] : ""} title=${format.fullCount(n)}
          href=${href(["jobs"], { queue, status })} />
      `;
    })
  }</div>`;
}

/**
 * A column of a table for each status: rows have their counts by status.
 *
 * @param {readonly string[]} shown Those that are shown on narrow screens, too.
 * @param {(row: any) => Record<string, string>} query Which jobs a row is of.
 */
export function statusColumns(shown, query) {
  return statuses.map((status) => ({
    title: format.statusName(status),
    kind: /** @type {const} */ ("number"),
    isMinor: !shown.includes(status),
    cell: (/** @type {any} */ row) =>
      row[status] === 0 ? html`<span class="faint">0</span>` : html`
        <a href=${href(["jobs"], { ...query(row), status })} title=${format.fullCount(
          row[status],
        )}>${format.count(row[status])}</a>
      `,
  }));
}
