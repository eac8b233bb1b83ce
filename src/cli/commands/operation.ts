/**
 * Doing something with many jobs, and watching how far it is.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { type Api, path } from "../api.ts";
import { many } from "../format.ts";
import { printDone, printJson } from "../output.ts";
import { ProgressLine } from "../progress_line.ts";
import type { JobFilter } from "./job_filter.ts";

/** What can be done with many jobs. */
export type Action = "retry" | "cancel" | "promote" | "delete" | "requeue";

/** What was done with a job, in words. */
export const done: Readonly<Record<Action, string>> = {
  retry: "runs again",
  cancel: "canceled",
  promote: "runs now",
  delete: "deleted",
  requeue: "enqueued again",
};

const ONCE: Readonly<Record<Action, string>> = {
  retry: "run again",
  cancel: "canceled",
  promote: "run now",
  delete: "deleted",
  requeue: "enqueued again",
};

const LOOK_MS = 200;

interface Operation {
  readonly id: string;
  readonly state: string;
  readonly total: number;
  readonly looked: number;
  readonly changed: number;
  readonly refused: number;
  readonly unchanged: number;
  readonly error?: string | null;
}

/** Starts an operation, and watches it to its end. */
export async function runOperation(
  api: Api,
  asked: { readonly action: Action; readonly query: JobFilter; readonly expected: number },
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  let { data: now } = await api.send<{ data: Operation }>("POST", "/api/v1/operations", asked);
  const line = new ProgressLine(terminal);
  while (["waiting", "running", "canceling"].includes(now.state)) {
    line.show(
      now.looked,
      Math.max(now.total, now.looked),
      `${many(now.changed, "job")} ${ONCE[asked.action]}`,
    );
    await sleep(systemClock, LOOK_MS);
    now = (await api.get<Operation>(path`/api/v1/operations/${now.id}`)).data;
  }
  line.end();
  if (json) printJson(now, terminal);
  else {
    const told = [`${many(now.changed, "job")} ${ONCE[asked.action]}`];
    if (now.refused > 0) told.push(`${many(now.refused, "job")} could not be`);
    if (now.unchanged > 0) told.push(`${many(now.unchanged, "job")} had moved on`);
    if (now.state === "completed") printDone(told.join(", "), terminal);
    else terminal.err(`✗ gqm: ${asked.action} ${now.state}: ${told.join(", ")}\n`);
  }
  return now.state === "completed" ? 0 : 1;
}
