/** Fills stores. */

import type { ClaimedJob } from "../../src/job/job.ts";
import type { Store, Verdict } from "../../src/store/store.ts";
import { claimOf, jobs } from "./jobs.ts";

const BATCH = 1000;
const DAY_MS = 86_400_000;
/** Jobs of each status that every store has, so that first pages are full everywhere. */
const EACH = 500;

/** What a store holds beside that. */
export type Filling = "few" | "delayed" | "waiting" | "retained";

export const fillings: readonly Filling[] = ["few", "delayed", "waiting", "retained"];

const completed: Verdict = { kind: "complete", result: '{"ok":true}' };
const dead: Verdict = { kind: "dead_letter", error: { message: "no such mailbox" } };
const canceled: Verdict = { kind: "cancel", error: { message: "called off" } };
const retry: Verdict = {
  kind: "retry",
  delayMs: DAY_MS,
  counted: true,
  error: { message: "try again" },
};

/** Ends attempts in one call. */
export async function settle(
  store: Store,
  held: readonly ClaimedJob[],
  verdict: Verdict,
): Promise<void> {
  const outcomes = held.map(({ id, holder: { fence } }) => ({ id, fence, verdict, ranMs: 5 }));
  const { results } = await store.settle({ outcomes });
  if (results.some((result) => result !== "ok")) {
    throw new Error(`Cannot go on as each settle must be "ok": current value is ${results}`);
  }
}

/** Jobs that were run, and ended as the verdict says. */
async function run(store: Store, count: number, verdict: Verdict): Promise<void> {
  for (let at = 0; at < count; at += BATCH) {
    const some = Math.min(BATCH, count - at);
    await store.enqueue(jobs(some).map((job) => [job]));
    const { jobs: held } = await store.claim(claimOf(some));
    await settle(store, held, verdict);
  }
}

async function add(store: Store, count: number, delayMs?: number): Promise<void> {
  const fields = delayMs === undefined ? {} : { delayMs };
  for (let at = 0; at < count; at += BATCH) {
    await store.enqueue(jobs(Math.min(BATCH, count - at), fields).map((job) => [job]));
  }
}

/** Fills an empty store: what comes first is run before there is anything else to claim. */
export async function fill(store: Store, filling: Filling, count: number): Promise<void> {
  for (const verdict of [completed, dead, canceled, retry]) await run(store, EACH, verdict);
  if (filling === "retained") {
    await run(store, 0.8 * count, completed);
    await run(store, 0.1 * count, dead);
    await run(store, 0.1 * count, canceled);
  }
  await add(store, EACH);
  await store.claim(claimOf(EACH));
  const [parent] = jobs(1, { delayMs: DAY_MS });
  await store.enqueue([[parent!]]);
  const dependsOn = [{ id: parent!.id, onFailure: "cancel" as const }];
  await store.enqueue(jobs(EACH, { settings: { dependsOn } }).map((job) => [job]));
  await add(store, EACH + (filling === "delayed" ? count : 0), DAY_MS);
  await add(store, EACH + (filling === "waiting" ? count : 0));
}
