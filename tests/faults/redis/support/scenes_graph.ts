/** Scenes of jobs that wait for others, and of unique ones. */

import type { ClaimedJob, EdgePolicy, JobSettings } from "../../../../src/job/job.ts";
import type { NewJob } from "../../../../src/store/store.ts";
import { plain, script } from "./faults.ts";
import { big, ids, newJob, outcome, put, request, take } from "./jobs.ts";
import type { Rig } from "./rig.ts";
import { type Scene, scene, settledEssence, stepEssence } from "./scene.ts";

/** Settings of a job that waits for others. */
const after = (parents: readonly string[], onFailure: EdgePolicy = "cancel"): JobSettings => ({
  dependsOn: parents.map((id) => ({ id, onFailure })),
});

const childOf = (id: string, parents: readonly string[], fields: Partial<NewJob> = {}): NewJob =>
  newJob(id, { ...fields, settings: { ...fields.settings, ...after(parents) } });

const unique = (
  id: string,
  until: "started" | "finished" | "removed",
  fields: Partial<NewJob> = {},
): NewJob => newJob(id, { ...fields, settings: { unique: { key: "k", until } } });

const error = { message: "planned" };
const failed = { kind: "dead_letter", error } as const;

/** A parent that runs, children of each kind, and theirs. */
async function family({ direct }: Rig): Promise<readonly ClaimedJob[]> {
  await put(direct, newJob("p"));
  const jobs = await take(direct, 1);
  await put(
    direct,
    ...ids(6, "c").map((id) => childOf(id, ["p"])),
    newJob("k0", { settings: after(["p"], "continue"), delayMs: 50 }),
    newJob("k1", { settings: after(["p", "c0"], "ignore"), atFront: true }),
    childOf("g0", ["c0", "c2"], { payload: big("g0") }),
  );
  return jobs;
}

const graph = scene({
  name: "enqueue of a graph",
  struck: script("group"),
  prepare: async ({ direct }) => {
    await put(direct, newJob("dead"), newJob("live"), newJob("used"));
    await direct.settle({ outcomes: [outcome((await take(direct, 1))[0]!, failed)] });
  },
  act: (store) =>
    store.enqueue([
      [
        newJob("j0", { payload: big("j0") }),
        childOf("j1", ["j0", "live"], { delayMs: 90 }),
        childOf("j2", ["dead"]),
        newJob("j3", { settings: after(["j2", "dead"], "continue") }),
      ],
      [childOf("j4", ["nobody"])],
      [newJob("j5"), childOf("used", ["j5"])],
    ]),
});

const enqueues: readonly Scene[] = [
  graph,
  { ...graph, name: "enqueue of a graph, at SET", struck: plain("SET", ":big:") },
  scene({
    name: "enqueue under a claim",
    struck: script("group"),
    prepare: async ({ direct }) => {
      await put(direct, newJob("h0"));
      return (await take(direct, 1))[0]!;
    },
    act: (store, { id, holder: { fence } }) =>
      store.enqueue([
        [newJob("j0", { holder: { id, fence } })],
        [newJob("j1", { holder: { id, fence: fence - 1 } })],
      ]),
  }),
  scene({
    name: "enqueue of a unique job that makes room",
    struck: script("group"),
    prepare: async ({ direct, clock }) => {
      await put(direct, newJob("j0"), newJob("x"));
      await direct.settle({ outcomes: (await take(direct, 2)).map((job) => outcome(job)) });
      await clock.advance(60_000);
    },
    act: (store) =>
      store.enqueue([[newJob("j0", { settings: { unique: { key: null, until: "finished" } } })]]),
  }),
  scene({
    name: "enqueue of a job whose key is in use",
    struck: script("group"),
    prepare: ({ direct }) => put(direct, unique("j0", "finished")),
    act: (store) => store.enqueue([[unique("j1", "finished", { payload: big("j1") })]]),
  }),
  scene({
    name: "enqueue that debounces",
    struck: script("group"),
    prepare: ({ direct }) => put(direct, unique("j0", "finished", { delayMs: 50 })),
    act: (store) =>
      store.enqueue([[
        unique("j1", "finished", { delayMs: 90, onConflict: "debounce", payload: big("j1") }),
      ]]),
  }),
  scene({
    name: "enqueue that runs after another",
    struck: script("group"),
    prepare: async ({ direct }) => {
      await put(direct, unique("j0", "finished"));
      await take(direct, 1);
    },
    act: (store) =>
      store.enqueue([[unique("j1", "finished", { delayMs: 90, onConflict: "rerun" })]]),
  }),
];

const large = (extra: readonly NewJob[]): NewJob[] => [
  newJob("j0"),
  ...ids(600, "c").map((id) => childOf(id, ["j0"])),
  childOf("last", ids(600, "c").slice(0, 20), { payload: big("last") }),
  ...extra,
];

const whole = scene({
  name: "enqueue of a large graph",
  struck: script("group"),
  prepare: async () => {},
  act: (store) => store.enqueue([large([])]),
});

const larges: readonly Scene[] = [
  whole,
  { ...whole, name: "enqueue of a large graph, at its release", struck: script("draft") },
  scene({
    name: "enqueue of a large graph without edges, at relay",
    struck: script("relay"),
    prepare: async () => {},
    act: (store) => store.enqueue([ids(1100, "c").map((id) => newJob(id))]),
  }),
  scene({
    name: "enqueue of a large graph that is refused",
    struck: script("group"),
    prepare: ({ direct }) => put(direct, newJob("used")),
    act: (store) => store.enqueue([large([newJob("used")])]),
  }),
];

const ends: readonly Scene[] = [
  scene({
    name: "settle of a parent that completes",
    struck: script("settle"),
    prepare: family,
    act: (store, [job]) => store.settle({ outcomes: [outcome(job!)], claim: request(2) }),
    essence: settledEssence,
  }),
  scene({
    name: "settle of a parent that fails",
    struck: script("settle"),
    prepare: family,
    act: (store, [job]) => store.settle({ outcomes: [outcome(job!, failed)] }),
    essence: settledEssence,
  }),
  scene({
    name: "relay",
    struck: script("relay"),
    prepare: async ({ direct }) => {
      await put(direct, newJob("p"));
      const [job] = await take(direct, 1);
      await put(direct, ...ids(700, "c").map((id) => childOf(id, ["p"])));
      await direct.settle({ outcomes: [outcome(job!, failed)] });
    },
    act: (store) => store.relay(500),
    essence: stepEssence,
  }),
  scene({
    name: "retry that brings back children",
    struck: script("retry"),
    prepare: async (rig) => {
      const [job] = await family(rig);
      await rig.direct.settle({ outcomes: [outcome(job!, failed)] });
    },
    act: (store) =>
      store.act(["p", "c0", "k0", "none"], { kind: "retry", revive: true, payload: '"again"' }),
  }),
  scene({
    name: "remove of a parent",
    struck: script("act"),
    prepare: async (rig) => {
      const [job] = await family(rig);
      await rig.direct.settle({ outcomes: [outcome(job!, { kind: "release" })] });
    },
    act: (store) => store.act(["p"], { kind: "remove" }),
  }),
];

const looks: readonly Scene[] = [
  scene({
    name: "children",
    struck: script("children"),
    prepare: family,
    act: (store) => store.children("p", { limit: 3 }),
  }),
  scene({
    name: "list of deferred jobs",
    struck: script("list_final"),
    prepare: family,
    act: (store) => store.list({ status: "deferred", limit: 4 }),
  }),
];

/** All of them. */
export const graphScenes: readonly Scene[] = [...enqueues, ...larges, ...ends, ...looks];
