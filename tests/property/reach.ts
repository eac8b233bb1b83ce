/** What histories bring about: a suite that never gets there would find nothing. */

import type { ClaimedJob, JobRecord } from "../../src/job/job.ts";
import type { Fault } from "./faults.ts";
import { mustReachOfFamilies, noteFamilies, notingFamilies } from "./reach_families.ts";

/** What every bunch of histories must bring about. */
export const mustReach: readonly string[] = [
  ...["created", "duplicate", "at front", "ok", "already", "lost", "told ok", "told lost"],
  ...[
    "beat lost",
    "beat unknown",
    "beat canceled",
    "promoted",
    "expired",
    "reaped",
    "pruned",
    "settled and claimed",
  ],
  ...[
    "more due than one call promotes",
    "more ready than one source's share",
    "taken from any queue",
  ],
  ...["suspect claimed", "suspect claimed again", "not started where it died"],
  ...["status ready", "status scheduled", "status processing", "status retry"],
  ...["status completed", "status dead_letter", "status canceled"],
  ...["delivered 3 times", "10 attempts", "100 lines", "large payload", "large result"],
  ...["fired", "skipped", "queued", "replaced", "duplicate"].map((what) => `slot ${what}`),
  ...["stale schedule", "status stopped"],
  ...mustReachOfFamilies,
];

/** A fault that is none: it notes what the store answers. */
export function noting(reached: Set<string>): Fault {
  const note = (what: string, is: boolean): void => void (is && reached.add(what));
  const suspects = new Set<string>();
  const noteSuspects = (jobs: readonly ClaimedJob[]): void => {
    for (const { id, suspect, deliveries } of jobs) {
      note("suspect claimed", suspect === true);
      note("suspect claimed again", suspect === true && suspects.has(id));
      note("not started where it died", suspect === true && deliveries > 0);
      if (suspect) suspects.add(id);
      else suspects.delete(id);
    }
  };
  return (store, inner) => {
    const families = notingFamilies(inner, note);
    store.on("enqueue", async ({ args: [groups], run }) => {
      note("at front", groups.flat().some(({ atFront }) => atFront === true));
      const replies = await families.enqueue(groups, run);
      for (const { outcome } of replies) reached.add(outcome);
      return replies;
    });
    store.on("act", ({ args, run }) => families.act(args, run));
    store.on("claim", async ({ args: [{ sources }], run }) => {
      const reply = await run();
      await families.claimed(reply.jobs);
      noteSuspects(reply.jobs);
      const named = new Set(sources.map(({ queue }) => queue));
      note("more due than one call promotes", reply.nextDueInMs === 0);
      note("taken from any queue", reply.jobs.some(({ queue }) => !named.has(queue)));
      const shares = sources.reduce((sum, { share }) => sum + share, 0);
      note("more ready than one source's share", reply.jobs.length > shares);
      return reply;
    });
    store.on("settle", async ({ run }) => {
      const reply = await run();
      for (const result of reply.results) reached.add(result);
      note("more due than one call promotes", reply.claimed?.nextDueInMs === 0);
      note("settled and claimed", reply.results.includes("ok") && !!reply.claimed?.jobs.length);
      await families.claimed(reply.claimed?.jobs ?? []);
      noteSuspects(reply.claimed?.jobs ?? []);
      return reply;
    });
    store.on("changeSchedule", async ({ run }) => {
      const reply = await run();
      note("stale schedule", reply.outcome === "stale");
      if (reply.outcome === "done") {
        for (const { outcome } of reply.fires) note(`slot ${outcome}`, true);
      }
      return reply;
    });
    store.on("report", async ({ run }) => {
      const results = await run();
      for (const result of results) reached.add(`told ${result}`);
      return results;
    });
    store.on("heartbeat", async ({ args: [{ holds }], run }) => {
      const reply = await run();
      note("beat lost", reply.lost.length > 0);
      note("beat canceled", reply.canceled.length > 0);
      note("beat unknown", holds.length > 0 && reply.unknown.length > 0);
      return reply;
    });
    const moves = {
      promote: "promoted",
      expire: "expired",
      reap: "reaped",
      prune: "pruned",
    } as const;
    for (const verb of ["promote", "expire", "reap", "prune"] as const) {
      store.on(verb, async ({ run }) => {
        const reply = await run();
        note(moves[verb], reply.moved > 0);
        return reply;
      });
    }
    store.on("getJobs", async ({ run }) => {
      const records = await run();
      for (const record of records) if (record !== null) noteRecord(record, note);
      noteFamilies(records.filter((record) => record !== null), note);
      return records;
    });
  };
}

function noteRecord(record: JobRecord, note: (what: string, is: boolean) => void): void {
  note(`status ${record.status}`, true);
  note("delivered 3 times", record.deliveries === 3);
  note("10 attempts", record.attempts.length >= 10);
  note("100 lines", record.logs.length === 100);
  note("large payload", record.payload.length > 4000);
  note("large result", (record.result?.length ?? 0) > 4000);
}
