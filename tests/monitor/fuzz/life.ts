/** Keeps jobs coming and going while requests are drawn, so that there is something to ask for. */

import { Schedules } from "../../../src/schedule/schedules.ts";
import type { NewJob, Verdict } from "../../../src/store/store.ts";
import type { Draws } from "../../property/draws.ts";
import { beat } from "../support/filled.ts";
import type { Place } from "../support/places.ts";
import { OWN_QUEUE } from "./askers.ts";
import { drawJson, NAMES } from "./draw_value.ts";

const VERDICTS: readonly ((mark: string) => Verdict)[] = [
  (mark) => ({ kind: "complete", result: JSON.stringify([mark, { secret: SECRET }]) }),
  (mark) => ({
    kind: "dead_letter",
    error: { message: mark, name: "TypeError", stack: "at a (b.ts:1:1)" },
  }),
  (mark) => ({ kind: "retry", delayMs: 5000, counted: true, error: { message: mark } }),
];
const TYPES = ["a", "mail"];
/** What the data of every job that comes here holds under the name `secret`. */
export const SECRET = "not for any eye";
/** In the data of every job that comes here to a queue other than `OWN_QUEUE`. */
export const HIDDEN = "not for every eye";
const LEASE_MS = 15_000;

/** One step of the life of the jobs of a store. */
export async function live(place: Place, draws: Draws): Promise<void> {
  const { store, clock } = place;
  await beat(place, []);
  await store.enqueue(draws.many(4, () => [drawJob(draws)]));
  await define(place, draws);
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
  const marks = new Map(jobs.map(({ id, queue }) => [id, queue === OWN_QUEUE ? "" : HIDDEN]));
  const reports = holds.map((hold) => {
    const message = marks.get(hold.id)!;
    return { ...hold, logs: [message], progress: { value: 0.5, message } };
  });
  if (reports.length > 0) await store.report(reports);
  const outcomes = holds.filter(() => draws.chance(0.7)).map((hold) => {
    const verdict = draws.pick(VERDICTS)(marks.get(hold.id)!);
    return { ...hold, verdict, ranMs: draws.below(1000) };
  });
  if (outcomes.length > 0) await store.settle({ outcomes });
  await clock.advance(draws.below(4000));
  await store.promote(10);
  await store.reap({ limit: 10, maxDeliveries: 3 });
  await store.relay(10);
  await store.sample();
}

/** Requests remove schedules and limits: they come back. */
async function define({ store }: Place, draws: Draws): Promise<void> {
  const schedules = new Schedules({ store: () => Promise.resolve(store) });
  const queue = draws.pick(["default", OWN_QUEUE]);
  const mark = queue === OWN_QUEUE ? "" : HIDDEN;
  await schedules.upsert(draws.pick(["nightly", "ping"]), {
    ...{ type: draws.pick(TYPES), payload: [mark, { secret: SECRET }], everyMs: 60_000 },
    options: { queue, meta: { mark, secret: SECRET } },
  });
  const name = draws.pick(TYPES);
  await store.setLimit(
    draws.pick([{ type: name }, { type: name, perKey: true }, { key: name }]),
    { concurrency: 100 },
  );
}

function drawJob(draws: Draws): NewJob {
  const parent = draws.pick(NAMES);
  const id = draws.pick(NAMES);
  const queue = draws.pick(["default", OWN_QUEUE]);
  const mark = queue === OWN_QUEUE ? "" : HIDDEN;
  const dependsOn = [{ id: parent, onFailure: draws.pick(["cancel", "continue"] as const) }];
  return {
    id,
    type: draws.pick([...TYPES, "unheard of"]),
    queue,
    priority: 0,
    payload: JSON.stringify([mark, drawJson(draws, 3), { secret: SECRET }]),
    settings: draws.chance(0.3) && id !== parent
      ? { dependsOn, meta: { mark, secret: SECRET } }
      : { maxRetry: 2, limitKey: "k" },
    onMissingParent: "resolved",
    ...(draws.chance(0.2) ? { delayMs: 10_000 } : {}),
  };
}
