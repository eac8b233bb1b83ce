/**
 * Control: every action on a job in every status.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobStatus } from "../../job/state.ts";
import type { ActionReply, JobAction } from "../../store/store.ts";
import {
  claimIds,
  complete,
  newJob,
  newJobs,
  put,
  runJob,
  source,
  statusesOf,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { actOn, assertStatuses, callOff, relayAll } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";
import { listIds, numbered } from "./pages.ts";
import { bring, type Reachable, reachable } from "./status_builders.ts";

/** The status afterwards, `null` for gone, or why nothing happens. */
type Effect = JobStatus | null | "refused" | "unchanged";

const none: Record<Reachable, Effect> = {
  ready: "refused",
  scheduled: "refused",
  deferred: "refused",
  processing: "refused",
  retry: "refused",
  completed: "refused",
  dead_letter: "refused",
  canceled: "refused",
  stopped: "refused",
};
const waiting = {
  ready: "ready",
  scheduled: "scheduled",
  deferred: "deferred",
  retry: "retry",
} as const;

/** What each action does to a job in each status. */
const table: readonly (readonly [JobAction, Record<Reachable, Effect>])[] = [
  [callOff, {
    ...none,
    ready: "canceled",
    scheduled: "canceled",
    deferred: "canceled",
    processing: "canceled",
    retry: "canceled",
    canceled: "unchanged",
  }],
  [{ kind: "retry" }, {
    ready: "unchanged",
    scheduled: "unchanged",
    deferred: "unchanged",
    processing: "unchanged",
    retry: "unchanged",
    completed: "refused",
    dead_letter: "ready",
    canceled: "ready",
    stopped: "ready",
  }],
  [{ kind: "remove" }, {
    ready: null,
    scheduled: null,
    deferred: null,
    processing: "refused",
    retry: null,
    completed: null,
    dead_letter: null,
    canceled: null,
    stopped: null,
  }],
  [{ kind: "promote" }, { ...none, ready: "unchanged", scheduled: "ready", retry: "ready" }],
  [{ kind: "prioritize", priority: 4 }, { ...none, ...waiting }],
  [{ kind: "edit", payload: '"edited"' }, { ...none, ...waiting }],
];

function replyOf(effect: Effect, before: JobStatus): ActionReply {
  if (effect === "unchanged") return { outcome: "unchanged", status: before };
  if (effect === "refused") return { outcome: "refused", status: before, reason: "status" };
  return { outcome: "done", status: effect };
}

/** What the same call answers when it comes again. */
function repeatOf(action: JobAction, effect: Effect, before: JobStatus): ActionReply {
  if (effect === "unchanged" || effect === "refused") return replyOf(effect, before);
  if (effect === null) return { outcome: "missing" };
  if (action.kind === "edit") return { outcome: "done", status: effect };
  return { outcome: "unchanged", status: effect };
}

async function acts(
  h: ConformanceHarness,
  action: JobAction,
  from: Reachable,
  effect: Effect,
): Promise<void> {
  const store = await h.open();
  await bring(store, "a", from);
  await put(store, newJob("bystander"));
  const [before] = await store.getJobs(["a"]);
  const counted = await tally(store);
  assert.deepEqual(await actOn(store, "a", action), replyOf(effect, from));
  const isDone = effect !== "unchanged" && effect !== "refused";
  const to = isDone ? effect : from;
  const expected: Record<string, number> = { ...counted };
  expected[`default/work/${from}`]! -= 1;
  if (to !== null) expected[`default/work/${to}`] = (expected[`default/work/${to}`] ?? 0) + 1;
  const rows = Object.entries(expected).filter(([, count]) => count > 0);
  assert.deepEqual(await tally(store), Object.fromEntries(rows), "counts");
  for (const status of reachable) {
    const ids = await listIds(store, { status, type: "work" });
    assert.equal(ids.includes("a"), status === to, `whether it is listed as ${status}`);
  }
  const [record] = await store.getJobs(["a"]);
  assert.equal(record?.status ?? null, to);
  if (!isDone) assert.deepEqual(record, before, "nothing has changed");
  const repeat = await actOn(store, "a", action);
  if (action.kind !== "edit" || !isDone) assert.deepEqual(repeat, repeatOf(action, effect, from));
  assert.deepEqual((await store.getJobs(["a"]))[0]?.status ?? null, to, "after a repeat");
  const sources = [source("default", ["work"])];
  const claimed = (await claimIds(store, { sources })).sort();
  assert.deepEqual(claimed, to === "ready" ? ["a", "bystander"] : ["bystander"]);
}

/** What actions promise. */
export const controlCases: readonly ConformanceCase[] = stageCases("control", {
  ...Object.fromEntries(
    table.flatMap(([action, effects]) =>
      reachable.map((from) => {
        const effect = effects[from];
        const words = effect === "refused" || effect === "unchanged"
          ? `is ${effect}`
          : `leads to ${effect ?? "its end"}`;
        return [
          `${action.kind} of a job that is ${from} ${words}`,
          (h: ConformanceHarness) => acts(h, action, from, effect),
        ];
      })
    ),
  ),

  async "act() answers 'missing' for ids that are not there, in the order of the ids"(h) {
    const store = await h.open();
    await put(store, newJob("a"), newJob("b"));
    const missing = { outcome: "missing" } as const;
    for (const [action] of table) {
      assert.deepEqual(await store.act(["nobody"], action), [missing], action.kind);
      assert.deepEqual(await store.act([], action), [], action.kind);
    }
    assert.deepEqual(await store.act(["nobody", "b", "no-one", "a"], callOff), [
      missing,
      { outcome: "done", status: "canceled" },
      missing,
      { outcome: "done", status: "canceled" },
    ]);
  },

  async "act() leaves jobs alone that are not in the status that the call names"(h) {
    const store = await h.open();
    for (const status of reachable) await bring(store, status, status);
    for (const [action, effects] of table) {
      for (const from of reachable) {
        const others = reachable.filter((status) => status !== from);
        const replies = await store.act([...others, "nobody"], action, from);
        assert.deepEqual(replies, [
          ...others.map((status) => ({ outcome: "unchanged", status })),
          { outcome: "missing" },
        ], `${action.kind} from ${from}: ${effects[from]}`);
      }
    }
    assert.deepEqual(await statusesOf(store, ...reachable), [...reachable]);
    const reply = await actOn(store, "retry", callOff, "retry");
    assert.deepEqual(reply, { outcome: "done", status: "canceled" });
    const refused = await actOn(store, "completed", callOff, "completed");
    assert.deepEqual(refused, { outcome: "refused", status: "completed", reason: "status" });
  },

  async "act() does one thing with 500 jobs, each by its status"(h) {
    const store = await h.open();
    await put(store, ...newJobs(300, "r"), ...newJobs(199, "s", { delayMs: 1000 }));
    await runJob(store, newJob("done", { type: "other" }), complete());
    const ids = ["done", ...numbered("r", 0, 299), ...numbered("s", 0, 198)];
    const replies = await store.act(ids, { kind: "promote" });
    await relayAll(store);
    assert.deepEqual(replies, [
      { outcome: "refused", status: "completed", reason: "status" },
      ...newJobs(300, "r").map(() => ({ outcome: "unchanged", status: "ready" })),
      ...newJobs(199, "s").map(() => ({ outcome: "done", status: "ready" })),
    ]);
    assert.deepEqual(await tally(store), {
      "default/other/completed": 1,
      "default/work/ready": 499,
    });
    await store.act(ids, callOff);
    await relayAll(store);
    assert.deepEqual(await claimIds(store), []);
    assert.equal((await tally(store))["default/work/canceled"], 499);
  },

  async "act() treats the jobs of one call one after the other"(h) {
    const store = await h.open();
    await bring(store, "c", "deferred");
    const replies = await store.act(["c-parent", "c"], callOff);
    await relayAll(store);
    assert.equal(replies[0]?.outcome, "done");
    await assertStatuses(store, { "c-parent": "canceled", c: "canceled" });
  },
});
