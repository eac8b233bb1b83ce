// @ts-check
/**
 * What is done with a whole queue, on the pages that show queues.
 */

import { part, request } from "../api.js";
import * as format from "../format.js";
import { may } from "../state.js";
import { html, useRef } from "../vendor/preact.js";
import { confirm } from "./dialog.js";
import { toast, told } from "./toast.js";

/** From so many jobs on, the name of the queue must be typed before they are lost. */
const MANY = 100;

/**
 * A button that can be pressed once at a time.
 *
 * @param {{ onPress: () => Promise<unknown>, children?: unknown, label?: string, isDisabled?: boolean, kind?: string }} props
 */
export function Act({ onPress, children, label, isDisabled = false, kind = "" }) {
  const isBusy = useRef(false);
  // It is not disabled meanwhile: that would take the focus away.
  const press = async () => {
    if (isBusy.current) return;
    isBusy.current = true;
    await told(onPress);
    isBusy.current = false;
  };
  return html`
    <button type="button" class=${`button small ${kind}`} aria-label=${label} disabled=${isDisabled}
      onClick=${press}>${children}</button>
  `;
}

/**
 * Pauses and empties a queue.
 *
 * @param {{ queue: { name: string, paused: boolean, ready: number }, onDone: () => Promise<void>, isRow?: boolean }} props
 * `isRow`: on a phone there is room for one button.
 */
export function QueueActions({ queue: { name, paused, ready }, onDone, isRow = false }) {
  const path = `/api/v1/queues/${part(name)}`;
  const turn = async () => {
    await request("POST", `${path}/${paused ? "resume" : "pause"}`);
    toast(
      paused ? `${name} goes on` : `${name} is paused: what runs goes on, nothing more is started`,
    );
    await onDone();
  };
  const empty = async () => {
    const jobs = format.many(ready, "job");
    if (
      await confirm({
        title: `Empty ${name}`,
        text:
          `Cancels all jobs of ${name} that are ready: ${jobs} now. What runs, is scheduled, is deferred or will be retried stays.`,
        action: `Cancel ${jobs}`,
        isDestructive: true,
        ...ready > MANY ? { typed: name } : {},
      })
    ) {
      await inSteps("DELETE", `${path}/empty`, "removed", "canceled");
      await onDone();
    }
  };
  return html`<span class="bar">
    ${
    may("operator") &&
    html`<${Act} onPress=${turn} label=${`${paused ? "Resume" : "Pause"} queue ${name}`}>${
      paused ? "Resume" : "Pause"
    }<//>`
  }
    ${
    may("admin") &&
    html`
      <${Act} onPress=${empty} kind=${isRow ? "risky minor" : "risky"} isDisabled=${ready === 0}
        label=${`Empty queue ${name}`}>Empty…<//>
    `
  }
  </span>`;
}

/**
 * Retries and removes the dead letters of a queue.
 *
 * @param {{ queue: { name: string, dead_letter: number }, onDone: () => Promise<void> }} props
 */
export function DeadLetterActions({ queue: { name, dead_letter: n }, onDone }) {
  const path = `/api/v1/queues/${part(name)}/dead-letter`;
  const jobs = format.many(n, "dead letter");
  const retry = async () => {
    if (
      await confirm({
        title: `Retry dead letters of ${name}`,
        text: `Makes ${jobs} of ${name} ready again, with all their attempts.`,
        action: `Retry ${jobs}`,
      })
    ) {
      await inSteps("POST", `${path}/retry-all`, "retried", "retried");
      await onDone();
    }
  };
  const clear = async () => {
    if (
      await confirm({
        title: `Clear dead letters of ${name}`,
        text: `Removes ${jobs} of ${name} for good, with what they were to do and why they failed.`,
        action: `Remove ${jobs}`,
        isDestructive: true,
        ...n > MANY ? { typed: name } : {},
      })
    ) {
      await inSteps("DELETE", `${path}/clear`, "cleared", "removed");
      await onDone();
    }
  };
  return html`<span class="bar">
    ${may("operator") && html`<${Act} onPress=${retry} isDisabled=${n === 0}>Retry all…<//>`}
    ${may("admin") && html`<${Act} onPress=${clear} kind="risky" isDisabled=${n === 0}>Clear…<//>`}
  </span>`;
}

/**
 * Does what the API does with 1000 jobs at a time until it is done with all, and tells with how many.
 *
 * @param {"POST" | "DELETE"} method
 * @param {string} path
 * @param {string} field Where an answer says how many.
 * @param {string} done What they are now.
 */
async function inSteps(method, path, field, done) {
  let count = 0;
  let refused = 0;
  /** @type {string | undefined} */
  let cursor;
  try {
    do {
      const answer = await request(method, path, { query: { cursor } });
      count += answer[field];
      refused += answer.refused;
      cursor = answer.cursor;
    } while (cursor !== undefined);
  } finally {
    const rest = refused > 0 ? `, ${format.fullCount(refused)} refused` : "";
    toast(`${format.many(count, "job")} ${done}${rest}`);
  }
}
