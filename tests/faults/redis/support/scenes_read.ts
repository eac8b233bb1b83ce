/** Scenes of the calls that only look. */

import type { JobStatus } from "../../../../src/job/state.ts";
import type { Store } from "../../../../src/store/store.ts";
import { limited } from "./each.ts";
import { type Match, plain, script } from "./faults.ts";
import { big, everyOutcome, newJob, outcome, put, take } from "./jobs.ts";
import type { Rig } from "./rig.ts";
import { type Scene, scene } from "./scene.ts";

/** Jobs in every status, some with payloads and results of their own. */
async function crowd({ direct }: Rig): Promise<void> {
  const names = Array.from({ length: 12 }, (_, i) => `j${i}`);
  await put(direct, ...names.map((id, i) => newJob(id, i % 2 ? { payload: big(id) } : {})));
  await direct.settle({ outcomes: everyOutcome(await take(direct, 6)) });
  await take(direct, 3);
  await put(direct, newJob("later", { delayMs: 500 }), newJob("u", { type: "u", queue: "other" }));
}

const look = (name: string, struck: Match, act: (store: Store) => Promise<unknown>): Scene =>
  scene({ name, struck, prepare: crowd, act });

const names = ["j0", "j1", "none", "j5", "j7", "later"];

/** Lists a status to its end, two at a time. */
async function listAll(store: Store, status: JobStatus): Promise<unknown> {
  const pages = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ status, limit: 2, ...(cursor ? { cursor } : {}) });
    pages.push(page);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
}

const lists: readonly [JobStatus, Match][] = [
  ["ready", script("list_ready")],
  ["scheduled", script("list_delayed")],
  ["retry", script("list_delayed")],
  ["completed", script("list_final")],
  ["dead_letter", script("list_final")],
  ["canceled", script("list_final")],
  ["processing", plain("HSCAN")],
];

async function countsSorted(store: Store): Promise<unknown> {
  return (await store.counts()).map((row) => JSON.stringify(row)).sort();
}

/** Waits for a job that another server ends while the fault is at work. */
function awaited(name: string, struck: Match, settings: object = {}): Scene {
  return scene({
    name,
    struck,
    prepare: async ({ direct }) => {
      await put(direct, newJob("j0", { settings }));
      return await take(direct, 1);
    },
    act: async (store, [job], rig) => {
      const seen = rig.proxy.next(script("watch"));
      const end = limited((signal) => store.awaitFinal("j0", signal));
      await Promise.race([seen, end]);
      await rig.direct.settle({ outcomes: [outcome(job!)] });
      return await end;
    },
  });
}

/** All of them. */
export const readScenes: readonly Scene[] = [
  look("getJobs", script("get"), (store) => store.getJobs(names)),
  look("getJobs, at MGET", plain("MGET"), (store) => store.getJobs(names)),
  ...lists.map(([status, struck]) =>
    look(`list of ${status}`, struck, (store) => listAll(store, status))
  ),
  look("counts", script("counts"), countsSorted),
  look("counts, at SMEMBERS", plain("SMEMBERS"), countsSorted),
  look("counts, at HSCAN", plain("HSCAN"), countsSorted),
  look("awaitFinal of a final job", script("watch"), (store) => store.awaitFinal("j1")),
  look("awaitFinal of no job", script("watch"), (store) => store.awaitFinal("none")),
  awaited("awaitFinal of a job that ends", script("watch")),
  awaited("awaitFinal, at SUBSCRIBE", (command) => command.name === "SUBSCRIBE"),
];
