/** Stores with a fault each, to see that the histories find it. */

import type { ClaimedJob } from "../../src/job/job.ts";
import { memoryStore } from "../../src/store/memory/store.ts";
import type { Outcome, SettleRequest, Store } from "../../src/store/store.ts";
import { DecoratedStore } from "../support/decorated_store.ts";
import { familyFaults } from "./faults_families.ts";
import type { Subject } from "./play.ts";

/** Puts a fault into a store. */
export type Fault = (store: DecoratedStore, inner: Store) => void;

/** The memory store with a fault. */
export function faulty(name: string, fault: Fault): Subject {
  return {
    name,
    trimsAtOnce: true,
    endsInOrder: true,
    async open(options) {
      const inner = memoryStore(options);
      await inner.open();
      const store = new DecoratedStore(inner);
      fault(store, inner);
      return { store, cleanUp: () => {} };
    },
  };
}

/** Changes the outcomes on their way; what is dropped is answered with `ok`. */
function onOutcomes(
  { inner, store }: { readonly inner: Store; readonly store: DecoratedStore },
  change: (outcome: Outcome, i: number) => Outcome | undefined,
): void {
  store.on("settle", async ({ args: [request] }) => {
    const changed = request.outcomes.map(change);
    const outcomes = changed.filter((outcome) => outcome !== undefined);
    const reply = await inner.settle({ ...request, outcomes } satisfies SettleRequest);
    const results = [...reply.results];
    return { ...reply, results: changed.map((one) => one === undefined ? "ok" : results.shift()!) };
  });
}

/** Faults by what they do. */
export const faults: Readonly<Record<string, Fault>> = {
  ...familyFaults,
  "a claim returns its jobs without order": (store) => {
    store.on("claim", async ({ run }) => {
      const reply = await run();
      return { ...reply, jobs: reply.jobs.toReversed() };
    });
  },
  "a claim gives two jobs the same fence": (store) => {
    const same = (jobs: readonly ClaimedJob[]): ClaimedJob[] =>
      jobs.map((job) => ({ ...job, holder: { ...job.holder, fence: jobs[0]!.holder.fence } }));
    store.on("claim", async ({ run }) => {
      const reply = await run();
      return { ...reply, jobs: same(reply.jobs) };
    });
  },
  "a claim tells a wrong time until the next is due": (store) => {
    store.on("claim", async ({ run }) => {
      const reply = await run();
      return { ...reply, nextDueInMs: reply.nextDueInMs === null ? null : reply.nextDueInMs + 1 };
    });
  },
  "a settle drops the third outcome": (store, inner) =>
    onOutcomes({ store, inner }, (outcome, i) => i === 2 ? undefined : outcome),
  "a settle takes any fence": (store, inner) => {
    store.on("settle", async ({ args: [request] }) => {
      const records = await inner.getJobs(request.outcomes.map(({ id }) => id));
      const outcomes = request.outcomes.map((outcome, i) => ({
        ...outcome,
        fence: records[i]?.holder?.fence ?? outcome.fence,
      }));
      return inner.settle({ ...request, outcomes });
    });
  },
  "a settle forgets its claim": (store, inner) => {
    store.on("settle", async ({ args: [{ outcomes, claim }] }) => {
      const reply = await inner.settle({ outcomes });
      return claim === undefined ? reply : { ...reply, claimed: { jobs: [], nextDueInMs: null } };
    });
  },
  "a release loses the job": (store, inner) =>
    onOutcomes(
      { store, inner },
      (outcome) =>
        outcome.verdict.kind === "release"
          ? {
            ...outcome,
            verdict: { kind: "retry", delayMs: 1e9, counted: false, error: { message: "" } },
          }
          : outcome,
    ),
  "a retry that is not to be counted is": (store, inner) =>
    onOutcomes(
      { store, inner },
      (outcome) =>
        outcome.verdict.kind === "retry"
          ? { ...outcome, verdict: { ...outcome.verdict, counted: true } }
          : outcome,
    ),
  "a promote forgets one": (store, inner) => {
    store.on("promote", async ({ args: [limit] }) => {
      const { moved, nextInMs } = await inner.promote(limit - 1);
      return { moved: moved === limit - 1 && nextInMs === 0 ? limit : moved, nextInMs };
    });
  },
  "an enqueue forgets who goes to the front": (store, inner) => {
    store.on(
      "enqueue",
      ({ args: [groups] }) =>
        inner.enqueue(groups.map((group) => group.map((job) => ({ ...job, atFront: false })))),
    );
  },
  "an enqueue writes half a group": (store, inner) => {
    store.on("enqueue", async ({ args: [groups], run }) => {
      const replies = await run();
      for (const [i, reply] of replies.entries()) {
        if (reply.outcome === "duplicate") await inner.enqueue([groups[i]!.slice(0, reply.index)]);
      }
      return replies;
    });
  },
  "a heartbeat extends nothing": (store, inner) => {
    store.on("heartbeat", async ({ args: [request] }) => {
      const reply = await inner.heartbeat({ ...request, holds: [] });
      const known = new Set(request.holds.map(({ fence }) => fence));
      const lost = request.holds.filter(({ fence }) =>
        !reply.unknown.some((hold) => hold.fence === fence)
      );
      const unknown = reply.unknown.filter(({ fence }) => !known.has(fence));
      return { lost, unknown, canceled: [] };
    });
  },
  "a report loses the last line": (store, inner) => {
    store.on(
      "report",
      ({ args: [reports] }) =>
        inner.report(
          reports.map(({ logs, ...rest }) =>
            logs === undefined ? rest : { ...rest, logs: logs.slice(0, -1) }
          ),
        ),
    );
  },
  "a reap kills too early": (store, inner) => {
    store.on(
      "reap",
      ({ args: [request] }) => inner.reap({ ...request, maxDeliveries: request.maxDeliveries - 1 }),
    );
  },
  "a settle forgets what was started": (store, inner) => {
    store.on("settle", ({ args: [{ startMark: _, ...rest }] }) => inner.settle(rest));
  },
  "a claim does not tell who is suspect": (store) => {
    store.on("claim", async ({ run }) => {
      const reply = await run();
      return { ...reply, jobs: reply.jobs.map(({ suspect: _, ...job }) => job) };
    });
  },
  "a leave does nothing": (store) => {
    store.on("leave", () => Promise.resolve());
  },
  "a prune removes nothing": (store) => {
    store.on("prune", () => Promise.resolve({ moved: 0, nextInMs: null }));
  },
  "an expire removes nothing": (store) => {
    store.on("expire", () => Promise.resolve({ moved: 0, nextInMs: null }));
  },
  "a list leaves out the newest retry": (store) => {
    store.on("list", async ({ args: [query], run }) => {
      const reply = await run();
      return query.status === "retry" ? { ...reply, jobs: reply.jobs.slice(1) } : reply;
    });
  },
  "a page from the oldest end leaves out its first job": (store) => {
    store.on("page", async ({ args: [query], run }) => {
      const reply = await run();
      return query.order === "oldest" ? { ...reply, jobs: reply.jobs.slice(1) } : reply;
    });
  },
  "a page counts one too few": (store) => {
    store.on("page", async ({ run }) => {
      const reply = await run();
      return { ...reply, total: Math.max(0, reply.total - 1) };
    });
  },
  "parents leave out who is completed": (store) => {
    store.on("parents", async ({ run }) => {
      const { parents, total } = await run();
      return { parents: parents.filter(({ job }) => job.status !== "completed"), total };
    });
  },
  "counts are one too high": (store) => {
    store.on(
      "counts",
      async ({ run }) =>
        (await run()).map((row) =>
          row.status === "dead_letter" ? { ...row, count: row.count + 1 } : row
        ),
    );
  },
};
