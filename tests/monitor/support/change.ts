/** What a change is to answer. */

import type { Place } from "./places.ts";

/** A change, what it answers, and where it needs that, what must have happened before. */
export interface Change {
  readonly ask: readonly [method: string, path: string, body?: unknown];
  readonly answer: object;
  /** @default {200} */
  readonly status?: number;
  readonly before?: (place: Place) => Promise<void>;
}

/** That it does not go with what is there. */
export function refused(what: string): Pick<Change, "status" | "answer"> {
  return { status: 409, answer: { error: what, code: "CONFLICT" } };
}

/** That something is not there. */
export function missing(what: string): Pick<Change, "status" | "answer"> {
  return { status: 404, answer: { error: `${what} not found`, code: "NOT_FOUND" } };
}

/** That a job is in a status now. */
export function moved(job_id: string, status: string): Pick<Change, "answer"> {
  return { answer: { ok: true, job_id, status } };
}
