/** Jobs and requests for the scenes. */

import type { ClaimedJob } from "../../../../src/job/job.ts";
import type { ClaimRequest, NewJob, Outcome, Store } from "../../../../src/store/store.ts";

/** A text too long to go through a script. */
export const big = (name: string): string => JSON.stringify(`${name} `.repeat(2000));

/** A new job. */
export function newJob(id: string, fields: Partial<NewJob> = {}): NewJob {
  return {
    id,
    type: "t",
    queue: "q",
    priority: 0,
    payload: JSON.stringify(`payload of ${id}`),
    settings: {},
    ...fields,
  };
}

/** Enqueues jobs one by one, in this order. */
export async function put(store: Store, ...jobs: readonly NewJob[]): Promise<void> {
  await store.enqueue(jobs.map((job) => [job]));
}

/** Ids, in order: UUIDs and names of a caller's own. */
export function ids(count: number, name: string = "j"): string[] {
  return Array.from(
    { length: count },
    (_, i) =>
      i % 2 === 0
        ? `${name}${i}`
        : `01900000-0000-7000-8000-${String(i + 10 * name.charCodeAt(0)).padStart(12, "0")}`,
  );
}

/** What a pool asks for. */
export function request(limit: number, fields: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    server: "s1",
    pool: "p",
    sources: [{ queue: null, types: ["t", "u"], share: limit }],
    limit,
    leaseMs: 10_000,
    ...fields,
  };
}

/** Claims so many jobs. */
export async function take(
  store: Store,
  limit: number,
  fields: Partial<ClaimRequest> = {},
): Promise<readonly ClaimedJob[]> {
  return (await store.claim(request(limit, fields))).jobs;
}

/** The end of an attempt. */
export function outcome(
  { id, holder }: ClaimedJob,
  verdict: Outcome["verdict"] = { kind: "complete", result: "1" },
): Outcome {
  return { id, fence: holder.fence, verdict, ranMs: 7 };
}

const error = { name: "Error", message: "planned" };

/** One outcome of each kind, for six jobs. */
export function everyOutcome(jobs: readonly ClaimedJob[]): Outcome[] {
  const verdicts: readonly Outcome["verdict"][] = [
    { kind: "complete", result: '{"small":1}' },
    { kind: "complete", result: big("result") },
    { kind: "retry", delayMs: 500, counted: true, error },
    { kind: "dead_letter", error },
    { kind: "cancel", error },
    { kind: "release" },
  ];
  return jobs.map((job, i) => outcome(job, verdicts[i]!));
}
