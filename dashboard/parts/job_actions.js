// @ts-check
/**
 * What can be done with jobs that are named, and with which of them.
 */

import { part, request } from "../api.js";
import { may } from "../state.js";
import { html } from "../vendor/preact.js";
import { confirm } from "./dialog.js";
import { actions, actOnJobs, jobs } from "./operation.js";
import { toast } from "./toast.js";

/** @typedef {import("./operation.js").Action} Action */

const waiting = ["ready", "scheduled", "deferred", "retry"];
const failed = ["dead_letter", "canceled", "stopped", "failed"];
const final = ["completed", ...failed];

/** Statuses of the jobs that an action is for. @type {Readonly<Record<Action, readonly string[]>>} */
const meant = {
  retry: failed,
  cancel: [...waiting, "processing"],
  promote: ["scheduled", "retry"],
  requeue: final,
  delete: [...waiting, ...final],
};

/** Actions that whoever uses the page may ask for. */
export function myActions() {
  return /** @type {Action[]} */ (Object.keys(meant)).filter((action) => may(actions[action].role));
}

/** Whether an action is for jobs of a status. @param {Action} action @param {string} status */
export function fits(action, status) {
  return meant[action].includes(status);
}

/** Whether a job waits: its priority and payload can be changed. @param {string} status */
export function waits(status) {
  return waiting.includes(status);
}

/** Whether a job has ended. @param {string} status */
export function hasEnded(status) {
  return final.includes(status);
}

/** Whether a job has an error that says more than its status. @param {any} job */
export function hasFailed({ status, error }) {
  return error !== undefined && status !== "completed" && error !== status;
}

/** How many requests are under way at once. */
const AT_ONCE = 6;

/**
 * Does something with jobs, after a question where it is needed.
 *
 * @param {Action} action
 * @param {readonly any[]} rows Jobs, as the API has them; at least their ids.
 * @param {string} [more] What else comes of it.
 * @returns {Promise<boolean>} Whether it was tried.
 */
export async function act(action, rows, more) {
  if (action === "delete" || action === "retry" && rows.length > 1) {
    return await actOnJobs(action, rows.map(({ id }) => id));
  }
  const { name, does, done, isDestructive } = actions[action];
  const one = rows[0];
  if (isDestructive || rows.length > 1) {
    const isYes = await confirm({
      title: `${name} ${jobs(rows.length)}?`,
      text: rows.length > 1 ? html`<p>${does}</p>` : html`
        <p>${one.type} <code>${one.id}</code></p>
        <p>${one.status === "processing"
          ? "It runs now, and is told to stop."
          : "It does not run any more."} ${more}</p>
      `,
      action: `${name} ${jobs(rows.length)}`,
      isDestructive,
    });
    if (!isYes) return false;
  }
  /** @type {string[]} */
  const problems = [];
  const left = [...rows];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      await doOne(action, job).catch((error) => problems.push(error.message));
    }
  }));
  const changed = rows.length - problems.length;
  if (changed > 0) toast(`${done}: ${jobs(changed)}`);
  if (problems.length > 0) toast(`Not done with ${jobs(problems.length)}: ${problems[0]}`, "bad");
  return true;
}

/** Whether a text of JSON says all that there is: nothing is left out, and no number is longer than can be held. @param {string} text */
export function isExact(text) {
  return !/"\[redacted\]"|\d{16}/.test(text);
}

/** @param {Action} action @param {any} job */
function doOne(action, { id, payload }) {
  if (action !== "requeue") return request("POST", `/api/v1/jobs/${part(id)}/${action}`);
  // What is not shown here, or cannot be held exactly by a number, is copied by the monitor itself.
  const isShown = payload !== undefined && isExact(JSON.stringify(payload));
  return isShown
    ? request("POST", `/api/v1/jobs/${part(id)}/edit`, { body: { payload, as_new: true } })
    : request("POST", "/api/v1/operations", { body: { action, query: { id } } });
}

/**
 * Buttons of what can be done.
 *
 * @param {{ which: readonly Action[], onAct: (action: Action) => void, isBusy: boolean }} props
 */
export function ActionButtons({ which, onAct, isBusy }) {
  return which.map((action) =>
    html`
      <button type="button" key=${action} class=${`button small ${
        actions[action].isDestructive ? "risky" : ""
      }`}
        disabled=${isBusy} onClick=${() => onAct(action)}>${actions[action]
          .name}</button>
    `
  );
}
