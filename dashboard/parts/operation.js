// @ts-check
/**
 * What is done with many jobs: asked for after a question that says how many, and watched while it is done.
 */

import { get, part, request } from "../api.js";
import { useData } from "../data.js";
import * as format from "../format.js";
import { href } from "../router.js";
import { may } from "../state.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { Shown, Status } from "./basics.js";
import { confirm } from "./dialog.js";
import { toast, told } from "./toast.js";

/** @typedef {"retry" | "cancel" | "promote" | "delete" | "requeue"} Action */
/** @typedef {{ name: string, does: string, doesToOne?: string, done: string, role: "operator" | "admin", isDestructive?: boolean }} ActionText */

/** What can be done, in words. @type {Readonly<Record<Action, ActionText>>} */
export const actions = {
  retry: {
    name: "Retry",
    does: "They run again, with all their retries.",
    doesToOne: "It runs again, with all its retries.",
    done: "Retried",
    role: "operator",
  },
  cancel: {
    name: "Cancel",
    does: "They do not run any more; those that run now are told to stop.",
    done: "Canceled",
    role: "operator",
    isDestructive: true,
  },
  promote: {
    name: "Run now",
    does: "They no longer wait for their time.",
    done: "Made ready",
    role: "operator",
  },
  requeue: {
    name: "Enqueue again",
    does: "Each is enqueued once more, as a new job. They stay as they are.",
    done: "Enqueued again",
    role: "operator",
  },
  delete: {
    name: "Delete",
    does: "They are removed for good, with their results and errors.",
    doesToOne: "It is removed for good, with its result and errors.",
    done: "Deleted",
    role: "admin",
    isDestructive: true,
  },
};

/** What narrows a query beyond what the counts of jobs can tell. */
const narrows = ["q", "id_prefix", "fingerprint", "from_ms", "to_ms"];
/** Most jobs of one request that names them. */
const BATCH = 100;
const LIVE_MS = 1000;
const DAY_MS = 86_400_000;

/** "1 job", "12 jobs". @param {number} n */
export function jobs(n) {
  return format.many(n, "job");
}

/** Whether an operation has ended. @param {any} operation */
export function isOver({ state }) {
  return ["completed", "canceled", "failed"].includes(state);
}

/**
 * Does something with all jobs that a query means, after a question that says how many they are.
 *
 * @param {{ action: Action, query: Readonly<Record<string, unknown>>, of?: string }} what The query as
 *   `POST /api/v1/operations` has it (`status` is a list); `of` says in words which jobs these are.
 * @returns {Promise<any>} The operation; undefined if it was not started: then it was said why.
 */
export function startOperation({ action, query: given, of = "" }) {
  return told(async () => {
    const query = Object.fromEntries(
      Object.entries(given).filter(([, value]) => (value ?? "") !== ""),
    );
    const { data: preview } = await request("POST", "/api/v1/operations/preview", {
      body: { action, query },
    });
    const isNarrow = narrows.some((name) => name in query);
    const isAll = preview.complete || preview.looked >= preview.total;
    const most = isAll ? preview.matched : preview.total;
    if (most === 0) return void toast("There is no such job now");
    const isExact = isAll || !isNarrow;
    const { name, does, isDestructive } = actions[action];
    let reason = "";
    const isYes = await confirm({
      title: `${name} ${isExact ? jobs(most) : `up to ${jobs(most)}`}?`,
      text: html`
        ${of && html`<p>${of}</p>`}
        <p>${does}</p>
        ${!isExact &&
          html`<p class="faint">How many exactly is found out while it is done: ${
            format.fullCount(preview.matched)
          } are
          meant of the first ${format.fullCount(preview.looked)}.</p>`}
        <p class="faint">Their statuses: ${preview.status.map(format.statusName).join(", ")}.</p>
        <label class="field">Reason, if you like
          <input maxlength="1000" onInput=${(/** @type {any} */ event) =>
            reason = event.currentTarget.value} /></label>
      `,
      action: `${name} ${isExact ? jobs(most) : "them"}`,
      isDestructive,
    });
    if (!isYes) return undefined;
    const body = {
      action,
      query,
      expected: preview.total,
      ...reason.trim() && { reason: reason.trim() },
    };
    return (await request("POST", "/api/v1/operations", { body })).data;
  });
}

/**
 * Retries or deletes jobs that are named, after a question that says how many.
 *
 * @param {"retry" | "delete"} action
 * @param {readonly string[]} ids
 * @returns {Promise<boolean>} Whether it was done, with all or some of them.
 */
export async function actOnJobs(action, ids) {
  const { name, does, doesToOne, done, isDestructive } = actions[action];
  const isYes = await confirm({
    title: `${name} ${jobs(ids.length)}?`,
    text: html`
      ${ids.length === 1 && html`<p><code>${ids[0]}</code></p>`}
      <p>${ids.length === 1 ? doesToOne : does}</p>
    `,
    action: `${name} ${jobs(ids.length)}`,
    isDestructive,
  });
  if (!isYes) return false;
  let changed = 0;
  /** @type {any[]} */
  const failed = [];
  await told(async () => {
    for (let at = 0; at < ids.length; at += BATCH) {
      const { data } = await request("POST", `/api/v1/jobs/batch/${action}`, {
        body: { job_ids: ids.slice(at, at + BATCH) },
      });
      changed += data.succeeded;
      failed.push(...data.results.filter((/** @type {any} */ one) => !one.ok));
    }
  });
  if (changed > 0) toast(`${done}: ${jobs(changed)}`);
  if (failed.length > 0) toast(`Not done with ${jobs(failed.length)}: ${failed[0].error}`, "bad");
  return true;
}

/** How far an operation is that goes on. @param {{ operation: any }} props */
export function Progress({ operation: { looked, total, action } }) {
  const { name } = actions[/** @type {Action} */ (action)];
  return html`
    <span class="progress"><progress max=${Math.max(1, total)} value=${looked}
      aria-label=${`${name}: how far it is`}></progress>
    <span class="faint">${format.count(looked)} of ${format.count(total)}</span></span>
  `;
}

/** What came of an operation. @param {{ operation: any }} props */
export function Outcome({ operation }) {
  const { action, changed, unchanged, refused } = operation;
  return html`<span class="outcome"><span>${actions[/** @type {Action} */ (action)].done}: ${
    format.count(changed)
  }</span>
    ${
    unchanged > 0 &&
    html`<span class="faint" title="They had moved on, or were gone">left alone: ${
      format.count(unchanged)
    }</span>`
  }
    ${refused > 0 && html`<span class="refused">refused: ${format.count(refused)}</span>`}</span>`;
}

/** Ends an operation early, after a question. @param {any} operation @returns {Promise<boolean>} */
export async function cancelOperation({ id, action, changed }) {
  const isYes = await confirm({
    title: `Stop this "${actions[/** @type {Action} */ (action)].name}"?`,
    text: html`<p>What it has done with ${
      jobs(changed)
    } stays. It is not done with the others.</p>`,
    action: "Stop it",
    isDestructive: true,
  });
  if (!isYes) return false;
  await told(() => request("POST", `/api/v1/operations/${part(id)}/cancel`));
  return true;
}

/**
 * One operation, read again and again until it has ended.
 *
 * @param {string} id
 * @param {() => void} [onEnd] Called when it has ended.
 */
export function useOperation(id, onEnd) {
  const [hasEnded, setEnded] = useState(false);
  const data = useData((signal) => get(`/api/v1/operations/${part(id)}`, {}, signal), [id], {
    everyMs: hasEnded ? DAY_MS : LIVE_MS,
  });
  // One that is not there does not come.
  const isGone = data.error !== undefined && [400, 404].includes(data.error.status);
  const isEnd = isGone || (data.value !== undefined && isOver(data.value.data));
  useEffect(() => {
    setEnded(isEnd);
    if (isEnd) onEnd?.();
  }, [id, isEnd]);
  return data;
}

/**
 * An operation beside the list that it was started from. Give it `key=${id}`.
 *
 * @param {{ id: string, onEnd?: () => void, onClose?: () => void }} props
 */
export function OperationWatch({ id, onEnd, onClose }) {
  const data = useOperation(id, onEnd);
  return html`
    <section class="card operation" aria-label="What is being done">
      <${Shown} data=${data} lines=${1}>${(/** @type {any} */ { data: operation }) =>
        html`<div class="bar">
      <strong>${
          actions[/** @type {Action} */ (operation.action)].name
        }</strong> <span role="status"><${Status} status=${operation.state} /></span>
      ${
          !isOver(operation) && html`<${Progress} operation=${operation} />`
        }<${Outcome} operation=${operation} />
      ${operation.error && html`<span class="refused">${operation.error}</span>`}
      <span class="end bar"><a href=${href(["operations", id])}>Details</a>
        ${
          !isOver(operation) && may("operator") && html`
            <button type="button" class="button small" disabled=${operation.state === "canceling"}
              onClick=${async () =>
                await cancelOperation(operation) && await data.reload()}>Stop</button>
          `
        }
        ${
          isOver(operation) && onClose &&
          html`<button type="button" class="icon-button" aria-label="Dismiss" onClick=${onClose}>×</button>`
        }</span>
    </div>`}<//>
        ${data.error && onClose &&
          html`<button type="button" class="link" onClick=${onClose}>Dismiss</button>`}
      </section>
  `;
}
