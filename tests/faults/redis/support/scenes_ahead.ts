/** Scenes of pools that claim ahead. */

import { big, ids, newJob, outcome, put, request, take } from "./jobs.ts";
import { script } from "./faults.ts";
import { type Scene, scene, settledEssence, stepEssence } from "./scene.ts";
import type { StartMark } from "../../../../src/store/store.ts";

const mark = (unstartedFrom: number | null): StartMark => ({
  server: "s1",
  pool: "p",
  unstartedFrom,
});

/** All of them. */
export const aheadScenes: readonly Scene[] = [
  scene({
    name: "claim ahead, of suspects too",
    struck: script("claim"),
    prepare: async ({ direct, clock }) => {
      await put(direct, ...ids(6).map((id) => newJob(id, { payload: big(id) })));
      await take(direct, 3, { ahead: 2, server: "s2" });
      await clock.advance(11_000);
      await direct.reap({ limit: 9, maxDeliveries: 9 });
    },
    act: (store) => store.claim(request(5, { ahead: 3 })),
  }),
  scene({
    name: "claim ahead alone",
    struck: script("claim"),
    prepare: ({ direct }) => put(direct, ...ids(6).map((id) => newJob(id))),
    act: (store) => store.claim(request(4, { ahead: 4 })),
  }),
  ...[undefined, 2, null].map((at) =>
    scene({
      name: `settle and claim ahead with the mark at ${at}`,
      struck: script("settle"),
      prepare: async ({ direct }) => {
        await put(direct, ...ids(8).map((id) => newJob(id)));
        return await take(direct, 4, at === undefined ? {} : { ahead: 3 });
      },
      act: (store, jobs) =>
        store.settle({
          outcomes: [outcome(jobs[0]!), outcome(jobs[1]!, { kind: "release" })],
          ...(at === undefined ? {} : { startMark: mark(at && jobs[at]!.holder.fence) }),
          claim: request(4, { ahead: 3 }),
        }),
      essence: settledEssence,
    })
  ),
  scene({
    name: "settle that only tells what was started",
    struck: script("settle"),
    prepare: async ({ direct }) => {
      await put(direct, ...ids(3).map((id) => newJob(id)));
      return await take(direct, 3, { ahead: 2 });
    },
    act: (store, jobs) => store.settle({ outcomes: [], startMark: mark(jobs[2]!.holder.fence) }),
  }),
  scene({
    name: "reap of what was held ahead",
    struck: script("reap"),
    prepare: async ({ direct, clock }) => {
      const settings = { expireAt: clock.now() + 99_000 };
      await put(direct, ...ids(6).map((id) => newJob(id, { settings })));
      await take(direct, 4, { ahead: 2 });
      await take(direct, 1, { ahead: 1, server: "s2", leaseMs: 20_000 });
      await clock.advance(11_000);
    },
    act: (store) => store.reap({ limit: 9, maxDeliveries: 1 }),
    essence: stepEssence,
  }),
  scene({
    name: "leave with a mark",
    struck: script("leave"),
    prepare: async ({ direct }) => {
      await put(direct, newJob("j0"));
      const [job] = await take(direct, 1, { ahead: 1 });
      await take(direct, 1, { ahead: 1, server: "s2" });
      await direct.settle({ outcomes: [outcome(job!)] });
    },
    act: (store) => store.leave("s1"),
  }),
];
