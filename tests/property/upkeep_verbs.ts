/** Steps of the upkeep, and what must be known of the jobs that run. */

import type { JobRecord } from "../../src/job/job.ts";
import type { JobStatus } from "../../src/job/state.ts";
import type { StepReply, Store } from "../../src/store/store.ts";
import { hold } from "./broken.ts";
import type { World } from "./world.ts";

/** Upkeep in small steps ends at the latest after so many calls. */
const MOST_CALLS = 100_000;

/**
 * Moves whatever is due. Which of those with the same time one call moves is
 * open, and so is how many if one of them ends another: so all are moved before
 * a look, and their sums compared.
 */
export async function upkeep(
  world: World,
  verb: "reap" | "expire" | "prune",
  limit: number,
): Promise<void> {
  const { pair, ledger, now, history: { lazy, maxDeliveries } } = world;
  // A late child of a late parent is canceled by the one or the other where the parent has more
  // children than one call tells: so each parent's are told before the next job expires.
  const most = verb === "expire" && ledger.mayExpire(now, true) ? 1 : limit;
  if (verb === "reap" && !lazy) await spread(world);
  const step = (store: Store): Promise<StepReply> =>
    verb === "reap" ? store.reap({ limit, maxDeliveries }) : store[verb](most);
  await pair.both(verb, async (store) => {
    let sum = 0;
    for (let call = 0;; call++) {
      hold(call < MOST_CALLS, `${verb}() must move at most what there is`, call);
      const { moved, nextInMs } = await step(store);
      hold(moved <= most, `${verb}() must move at most ${most}`, moved);
      sum += moved;
      if (moved < most && nextInMs !== 0) return { moved: sum, nextInMs };
      // A next call may take what the first let go.
      if (verb !== "prune") await pair.relayAll();
    }
  });
}

/**
 * Extends the leases of all but one of the jobs that are to die with them and
 * that others wait for: which of two that die in one call is the first, is open.
 */
async function spread(world: World): Promise<void> {
  const { pair, maker, history, now } = world;
  // A job that runs once more after another waits for it too, though it does not say so.
  const awaited = new Set(
    (await listed(world, "deferred")).flatMap(({ pendingParents }) => pendingParents),
  );
  const isDying = ({ id, deliveries, holder }: JobRecord): boolean =>
    holder !== null && holder.leaseUntil <= now && deliveries + 1 >= history.maxDeliveries &&
    awaited.has(id);
  const dying = (await processing(world)).filter(isDying);
  for (const { id, holder } of dying.slice(1)) {
    const leaseMs = maker.lease(200);
    const { server } = holder!;
    await pair.both(
      "heartbeat",
      async (store) => {
        const [record] = await store.getJobs([id]);
        const holds = [{ id, fence: record?.holder?.fence ?? 0 }];
        return await store.heartbeat({ server, leaseMs, holds });
      },
      ({ lost }) => lost.length,
    );
  }
}

/** All jobs that run. */
export function processing(world: World): Promise<JobRecord[]> {
  return listed(world, "processing");
}

/** All jobs of a status. */
async function listed({ pair: { model } }: World, status: JobStatus): Promise<JobRecord[]> {
  const jobs: JobRecord[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? {} : { cursor };
    const page = await model.list({ status, limit: 500, ...from });
    jobs.push(...page.jobs);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return jobs;
}
