/** Scenes of the calls that move jobs. */

import { plain, script } from "./faults.ts";
import { big, everyOutcome, ids, newJob, outcome, put, request, take } from "./jobs.ts";
import { goneEssence, type Scene, scene, settledEssence, stepEssence } from "./scene.ts";

const bigJobs = (count: number) => ids(count).map((id) => newJob(id, { payload: big(id) }));
const smallJobs = (count: number) => ids(count).map((id) => newJob(id));
const settings = { retention: { completedMs: 0, failedMs: 0 } };

const groups = scene({
  name: "enqueue of groups",
  struck: script("enqueue"),
  prepare: async ({ direct, clock }) => {
    await put(direct, newJob("used"));
    await clock.advance(60_000); // so that an equal job of its own could not be this one
  },
  act: (store, _, { clock }) =>
    store.enqueue([
      [newJob("j0"), newJob("j1", { priority: 5 }), newJob("j2", { delayMs: 300 })],
      [newJob("j3"), newJob("used")],
      [newJob("j4", { atFront: true, settings: { expireAt: clock.now() + 9 } })],
      [newJob("j5", { payload: big("j5"), runAt: clock.now() + 70, queue: "other" })],
      [newJob("j0")],
      [newJob("j6", { payload: big("j6"), type: "u" })],
    ]),
});

const enqueues: readonly Scene[] = [
  scene({
    name: "enqueue of one",
    struck: script("enqueue"),
    prepare: async () => {},
    act: (store) => store.enqueue([[newJob("j0")]]),
  }),
  groups,
  { ...groups, name: "enqueue of groups, at SET", struck: plain("SET", ":big:") },
  scene({
    name: "enqueue of a large payload whose id is in use",
    struck: script("enqueue"),
    prepare: ({ direct }) => put(direct, newJob("j0")),
    act: (store) => store.enqueue([[newJob("j0", { payload: big("j0") })]]),
  }),
];

const claimBig = scene({
  name: "claim with large payloads",
  struck: script("claim"),
  prepare: ({ direct }) => put(direct, ...bigJobs(6)),
  act: (store) => store.claim(request(4)),
});

const claims: readonly Scene[] = [
  scene({
    name: "claim",
    struck: script("claim"),
    prepare: ({ direct }) =>
      put(
        direct,
        ...smallJobs(6),
        newJob("u", { type: "u", priority: 3 }),
        newJob("later", { delayMs: 90 }),
      ),
    act: (store) => store.claim(request(4)),
  }),
  scene({
    name: "claim of jobs that ran before",
    struck: script("claim"),
    prepare: async ({ direct, clock }) => {
      await put(direct, ...smallJobs(6));
      const jobs = await take(direct, 6);
      await direct.report([{ ...outcome(jobs[2]!), progress: { value: 1 }, logs: ["line"] }]);
      await direct.settle({ outcomes: everyOutcome(jobs) });
      await clock.advance(600);
    },
    act: (store) => store.claim(request(4)),
  }),
  scene({
    name: "claim that finds nothing",
    struck: script("claim"),
    prepare: async () => {},
    act: (store) => store.claim(request(4)),
  }),
  claimBig,
  { ...claimBig, name: "claim with large payloads, at MGET", struck: plain("MGET", ":big:") },
];

const settleAll = scene({
  name: "settle",
  struck: script("settle"),
  prepare: async ({ direct }) => {
    await put(direct, ...smallJobs(6));
    return await take(direct, 6);
  },
  act: (store, jobs) => store.settle({ outcomes: everyOutcome(jobs) }),
  essence: settledEssence,
});

const settleAndClaim = scene({
  name: "settle and claim",
  struck: script("settle"),
  prepare: async ({ direct }) => {
    await put(direct, ...smallJobs(6));
    const jobs = await take(direct, 6);
    await put(direct, ...ids(5, "k").map((id) => newJob(id, { payload: big(id) })));
    return jobs;
  },
  act: (store, jobs) => store.settle({ outcomes: everyOutcome(jobs), claim: request(3) }),
  essence: settledEssence,
});

const settles: readonly Scene[] = [
  settleAll,
  { ...settleAll, name: "settle, at SET", struck: plain("SET", ":res:") },
  settleAndClaim,
  { ...settleAndClaim, name: "settle and claim, at SET", struck: plain("SET", ":res:") },
  { ...settleAndClaim, name: "settle and claim, at MGET", struck: plain("MGET", ":big:") },
  scene({
    name: "settle of a job that is not kept",
    struck: script("settle"),
    prepare: async ({ direct }) => {
      await put(direct, newJob("j0", { settings }), newJob("j1", { settings, payload: big("j1") }));
      return await take(direct, 2);
    },
    act: (store, [first, second]) =>
      store.settle({
        outcomes: [outcome(first!), outcome(second!, { kind: "complete", result: big("r") })],
      }),
    essence: goneEssence,
  }),
];

const keepers: readonly Scene[] = [
  scene({
    name: "heartbeat",
    struck: script("heartbeat"),
    prepare: async ({ direct, clock }) => {
      await put(direct, ...smallJobs(6));
      const jobs = await take(direct, 4);
      await direct.settle({ outcomes: [outcome(jobs[0]!)] });
      await clock.advance(3000);
      return jobs.slice(0, 3).map(({ id, holder }) => ({ id, fence: holder.fence }));
    },
    act: (store, holds) => store.heartbeat({ server: "s1", leaseMs: 20_000, holds }),
  }),
  scene({
    name: "reap",
    struck: script("reap"),
    prepare: async ({ direct, clock }) => {
      await put(direct, ...smallJobs(6));
      await take(direct, 2);
      await clock.advance(11_000);
      await direct.reap({ limit: 9, maxDeliveries: 9 });
      await take(direct, 4);
      await clock.advance(11_000);
      await take(direct, 1, { server: "s2" });
    },
    act: (store) => store.reap({ limit: 9, maxDeliveries: 2 }),
    essence: stepEssence,
  }),
  scene({
    name: "promote",
    struck: script("promote"),
    prepare: async ({ direct, clock }) => {
      await put(direct, ...smallJobs(4).map((job, i) => ({ ...job, delayMs: 50 * (i + 1) })));
      await clock.advance(160);
    },
    act: (store) => store.promote(9),
    essence: stepEssence,
  }),
  scene({
    name: "expire",
    struck: script("expire"),
    prepare: async ({ direct, clock }) => {
      const expireAt = clock.now() + 50;
      const late = { settings: { expireAt } };
      await put(direct, newJob("j0", late), newJob("j1"), newJob("j2", { ...late, delayMs: 10 }));
      await put(direct, newJob("j3", { settings: { expireAt: expireAt + 99 } }));
      await clock.advance(60);
    },
    act: (store) => store.expire(9),
    essence: stepEssence,
  }),
  scene({
    name: "prune",
    struck: script("prune"),
    options: { retention: { completedMs: 1000, failedMs: 2000 } },
    prepare: async ({ direct, clock }) => {
      await put(direct, ...bigJobs(12));
      await direct.settle({ outcomes: everyOutcome(await take(direct, 6)) });
      await clock.advance(1500);
      await direct.settle({ outcomes: everyOutcome(await take(direct, 6)) });
      await clock.advance(600);
    },
    act: (store) => store.prune(99),
    essence: stepEssence,
  }),
  scene({
    name: "report",
    struck: script("report"),
    prepare: async ({ direct }) => {
      await put(direct, ...smallJobs(2));
      return await take(direct, 2);
    },
    act: (store, [first, second]) =>
      store.report([
        { ...outcome(first!), progress: { value: 0.5, message: "half" }, logs: ["one", "two"] },
        { ...outcome(second!), fence: 1, logs: ["never"] },
      ]),
  }),
];

/** All of them. */
export const writeScenes: readonly Scene[] = [...enqueues, ...claims, ...settles, ...keepers];
