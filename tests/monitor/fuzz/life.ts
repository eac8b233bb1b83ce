/** Keeps jobs coming and going while requests are drawn, so that there is something to ask for. */

import type { NewJob, Store, Verdict } from "../../../src/store/store.ts";
import type { FakeClock } from "../../../src/testing/fake_clock.ts";
import type { Draws } from "../../property/draws.ts";
import { drawJson, NAMES } from "./draw_value.ts";

const VERDICTS: readonly Verdict[] = [
  { kind: "complete", result: `{"ok":true}` },
  { kind: "dead_letter", error: { message: "no", name: "TypeError", stack: "at a (b.ts:1:1)" } },
  { kind: "retry", delayMs: 5000, counted: true, error: { message: "not yet" } },
];
const TYPES = ["a", "mail"];
const LEASE_MS = 15_000;

/** One step of the life of the jobs of a store. */
export async function live(store: Store, clock: FakeClock, draws: Draws): Promise<void> {
  await store.enqueue(draws.many(4, () => [drawJob(draws)]));
  const sources = [{ queue: null, types: TYPES, share: 3 }];
  const limit = 3;
  const { jobs } = await store.claim({
    server: "s1",
    pool: "p",
    sources,
    limit,
    leaseMs: LEASE_MS,
  });
  const holds = jobs.map(({ id, holder }) => ({ id, fence: holder.fence }));
  const reports = holds.map((hold) => ({ ...hold, logs: ["a line"], progress: { value: 0.5 } }));
  if (reports.length > 0) await store.report(reports);
  const outcomes = holds.filter(() => draws.chance(0.7)).map((hold) => {
    return { ...hold, verdict: draws.pick(VERDICTS), ranMs: draws.below(1000) };
  });
  if (outcomes.length > 0) await store.settle({ outcomes });
  await clock.advance(draws.below(4000));
  await store.promote(10);
  await store.reap({ limit: 10, maxDeliveries: 3 });
  await store.relay(10);
  await store.sample();
}

function drawJob(draws: Draws): NewJob {
  const parent = draws.pick(NAMES);
  const id = draws.pick(NAMES);
  const dependsOn = [{ id: parent, onFailure: draws.pick(["cancel", "continue"] as const) }];
  return {
    id,
    type: draws.pick([...TYPES, "unheard of"]),
    queue: draws.pick(["default", "mail"]),
    priority: 0,
    payload: JSON.stringify(drawJson(draws, 3)),
    settings: draws.chance(0.3) && id !== parent ? { dependsOn, meta: { a: 1 } } : { maxRetry: 2 },
    onMissingParent: "resolved",
    ...(draws.chance(0.2) ? { delayMs: 10_000 } : {}),
  };
}
