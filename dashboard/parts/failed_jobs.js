// @ts-check
/**
 * Jobs that failed, to be retried or deleted one by one or some together.
 */

import * as format from "../format.js";
import { useRows } from "../paged.js";
import { href, setQuery } from "../router.js";
import { may } from "../state.js";
import { html } from "../vendor/preact.js";
import { Empty, Shown, Time } from "./basics.js";
import { act } from "./job_actions.js";
import { actions } from "./operation.js";
import { More, Table } from "./table.js";

/** @typedef {import("./operation.js").Action} Action */

const kinds = ["retry", "lost", "dead_letter", "failed", "revived", "removed"];

/** When failures, and jobs that failed, are read again. @type {import("../data.js").DataOptions} */
export const live = {
  events: ["counts", "jobs"],
  isAbout: ({ jobs }, event) =>
    event !== "jobs" || jobs.some((/** @type {any} */ { kind }) => kinds.includes(kind)),
};

/** @type {import("./table.js").Column<any>[]} */
const columns = [
  {
    title: "Job",
    kind: "wide",
    cell: ({ id, type, queue, error }) =>
      html`<code>${id}</code> <span class="faint">${type} in ${queue}</span>
        <span class="group-message" title=${error}>${error}</span>`,
  },
  { title: "Attempts", kind: "number", isMinor: true, cell: ({ attempts_made }) => attempts_made },
];

/** @param {any} seconds */
function at(seconds) {
  return html`<${Time} at=${seconds && seconds * 1000} />`;
}

/**
 * @typedef {object} FailedJobsProps
 * @property {Readonly<Record<string, string | undefined>>} about What they have in common, as `GET /search` takes it.
 * @property {readonly string[]} status
 * @property {Readonly<Record<string, string>>} query Of the page: `chosen` holds those that are chosen.
 * @property {boolean} [isWaiting] Whether they are to be retried anyway.
 */

/** @param {FailedJobsProps} props */
export function FailedJobs({ about, status, query, isWaiting = false }) {
  const found = useRows("/api/v1/search", { ...about, status }, ({ id }) => id, live);
  const which = /** @type {Action[]} */ (isWaiting ? ["promote", "cancel"] : ["retry", "delete"])
    .filter((action) => may(actions[action].role));
  const chosen = new Set(query.chosen?.split(","));
  /** @param {ReadonlySet<string>} ids */
  const choose = (ids) => setQuery({ chosen: [...ids].join(",") });
  // What is chosen may have moved on since: it is done with those that are seen.
  const picked = (found.value?.rows ?? []).filter(({ id }) => chosen.has(id));
  /** @param {readonly any[]} rows @param {string} label */
  const buttons = (rows, label) =>
    html`<span class="bar">${
      which.map((action) =>
        html`
          <button type="button" key=${action} disabled=${rows.length === 0}
            class=${`button small ${actions[action].isDestructive ? "risky" : ""}`}
            aria-label=${`${actions[action].name} ${label}`}
            onClick=${async () => {
              if (!await act(action, rows)) return;
              if (rows === picked) choose(new Set());
              await found.reload();
            }}>${actions[action].name}</button>
        `
      )
    }</span>`;
  /** @type {import("./table.js").Column<any>[]} */
  const all = [
    ...columns,
    isWaiting
      ? { title: "Due", isMinor: true, cell: ({ scheduled_at }) => at(scheduled_at) }
      : { title: "Ended", isMinor: true, cell: ({ completed_at }) => at(completed_at) },
  ];
  if (which.length > 0) {
    all.push({ title: "Actions", kind: "narrow", cell: (row) => buttons([row], row.id) });
  }
  return html`
    <${Shown} data=${found} lines=${5}>${(/** @type {any} */ { rows, hasMore, scanned }) =>
      html`
        ${rows.length === 0
          ? !hasMore &&
            html`<${Empty} title=${
              isWaiting ? "None of them waits for a retry" : "No such job is kept as failed now"
            }>${
              !isWaiting &&
              html`<button type="button" class="link" onClick=${() =>
                setQuery({ list: "retry" })}>See those that wait for a retry</button>`
            }<//>`
          : html`
            ${which.length > 0 && html`
              <div class="bar filters" role="group"
                aria-label="With the chosen jobs">
                            <span>${picked.length === 0
                              ? "None"
                              : format.count(picked.length)} chosen</span> ${buttons(
                                picked,
                                "chosen",
                              )}
                            ${picked.length > 0 &&
                              html`<button type="button" class="link" onClick=${() =>
                                choose(new Set())}>Choose none</button>`}</div>
            `}
            <${Table} label="Jobs" rows=${rows} columns=${all}
              keyOf=${(/** @type {any} */ { id }) => id}
              hrefOf=${(/** @type {any} */ { id }) => href(["jobs", id])}
              chosen=${which.length > 0 ? chosen : undefined} onChoose=${choose} />
          `}
        <${More} hasMore=${hasMore} isBusy=${found.isBusy} onMore=${found.more}
          told=${hasMore &&
            `${format.count(rows.length)} found among ${
              format.count(scanned)
            } that were looked at`} />
      `}<//>
  `;
}
