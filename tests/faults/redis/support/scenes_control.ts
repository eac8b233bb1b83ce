/** Scenes of the calls by which people intervene. */

import type { JobAction } from "../../../../src/store/store.ts";
import { script } from "./faults.ts";
import { big, newJob, outcome, put, request, take } from "./jobs.ts";
import type { Rig } from "./rig.ts";
import { type Scene, scene } from "./scene.ts";

const IDS = ["none", "j0", "j1", "running", "later", "again", "done", "buried", "unwanted"];
const error = { message: "planned" };

/** A job in each status that has no parent, two of them large. */
async function everyStatus({ direct }: Rig): Promise<void> {
  await put(direct, ...["done", "buried", "unwanted", "again", "running"].map((id) => newJob(id)));
  const [done, buried, unwanted, again] = await take(direct, 5);
  await direct.settle({
    outcomes: [
      outcome(done!),
      outcome(buried!, { kind: "dead_letter", error }),
      outcome(unwanted!, { kind: "cancel", error }),
      outcome(again!, { kind: "retry", delayMs: 500, counted: true, error }),
    ],
  });
  await put(direct, newJob("j0", { payload: big("j0") }), newJob("j1"), newJob("j2"));
  await put(direct, newJob("later", { delayMs: 90, atFront: true }));
}

const actions: readonly JobAction[] = [
  { kind: "cancel", reason: "not wanted" },
  { kind: "remove" },
  { kind: "promote" },
  { kind: "prioritize", priority: 7 },
  { kind: "edit", payload: '"changed"' },
];

const acts: readonly Scene[] = actions.map((action) =>
  scene({
    name: `act, ${action.kind}`,
    struck: script("act"),
    prepare: everyStatus,
    act: (store) => store.act(IDS, action),
  })
);

const pauses: readonly Scene[] = [
  scene({
    name: "pause",
    struck: script("pause"),
    prepare: everyStatus,
    act: (store) => store.pause({ queue: "q", type: "t" }, true),
  }),
  scene({
    name: "resume",
    struck: script("pause"),
    prepare: async ({ direct }) => {
      await put(direct, newJob("j0"), newJob("j1", { queue: "other", priority: 3 }));
      await direct.pause({ queue: "q", type: null }, true);
      await direct.pause({ queue: null, type: "t" }, true);
    },
    act: (store) => store.pause({ queue: null, type: "t" }, false),
  }),
];

const keyed = (id: string) => newJob(id, { settings: { limitKey: "k" } });

const limits: readonly Scene[] = [
  scene({
    name: "a limit that counts what runs",
    struck: script("limit"),
    prepare: everyStatus,
    act: (store) => store.setLimit({ type: "t" }, { concurrency: 2 }),
  }),
  scene({
    name: "a limit that is removed from jobs that it kept out",
    struck: script("limit"),
    prepare: async ({ direct }) => {
      await direct.setLimit({ key: "k" }, { concurrency: 1 });
      await put(direct, keyed("j0"), keyed("j1"), keyed("j2"));
      await direct.claim(request(3));
    },
    act: (store) => store.setLimit({ key: "k" }, null),
  }),
];

/** All of them. */
export const controlScenes: readonly Scene[] = [...acts, ...pauses, ...limits];
