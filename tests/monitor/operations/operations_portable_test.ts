/** What operations do, on every kind of store. */

import assert from "node:assert/strict";
import type { JobStatus } from "../../../src/job/state.ts";
import { testWithMonitor } from "../world.ts";
import {
  attemptsOf,
  audited,
  countsOf,
  enqueue,
  failReady,
  heldAtAct,
  look,
  QUEUE,
  retryReady,
  send,
  start,
  TYPE,
  untilEnded,
} from "./jobs.ts";

const RETRY = { action: "retry", query: { status: ["dead_letter"], queue: QUEUE } };

testWithMonitor("an operation is done with all jobs of its query, and told", async (world) => {
  const { store, clock } = world;
  const ids = await enqueue(store, 250);
  await enqueue(store, 30, { queue: "other" }, "other");
  await failReady(store);
  await clock.advance(1);
  const reply = await send(world, "/api/v1/operations", { ...RETRY, reason: "it is back" });
  const order = reply.body.data as { id: string };
  const createdAt = clock.now();
  const asked = {
    id: order.id,
    action: "retry",
    query: { status: ["dead_letter"], queues: [QUEUE] },
    who: "",
    reason: "it is back",
    total: 250,
    created_at_ms: createdAt,
  };
  assert.deepEqual(reply, {
    status: 202,
    body: {
      data: {
        ...asked,
        ...{ state: "waiting", looked: 0, matched: 0, changed: 0, unchanged: 0, refused: 0 },
        ...{ refusals: {}, started_at_ms: null, updated_at_ms: null, ended_at_ms: null },
      },
    },
  });
  const ended = await untilEnded(world, order.id);
  const { started_at_ms, updated_at_ms, ended_at_ms, ...rest } = ended;
  assert.deepEqual(rest, {
    ...asked,
    ...{ state: "completed", looked: 250, matched: 250, changed: 250, unchanged: 0, refused: 0 },
    refusals: {},
  });
  const times = [createdAt, started_at_ms, updated_at_ms, clock.now()] as number[];
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
  assert.equal(updated_at_ms, ended_at_ms);
  assert.deepEqual(await countsOf(store), { ready: 250, dead_letter: 30 });
  const [job] = await store.getJobs([ids[7]!]);
  assert.equal(job?.status, "ready");
  const [first, last, ...others] = await audited(store);
  assert.deepEqual(others, []);
  assert.deepEqual([first!.action, first!.status], ["operation.start", 202]);
  assert.equal((first!.detail as { id: string }).id, order.id);
  assert.deepEqual(last, {
    ...{ action: "operation.end", target: { id: order.id }, who: "", by: "nothing" },
    ...{ from: "127.0.0.1", status: 200 },
    detail: {
      ...{ action: "retry", state: "completed", looked: 250, matched: 250 },
      ...{ changed: 250, unchanged: 0, refused: 0 },
    },
  });
});

testWithMonitor(
  "each action does its own, with jobs of the statuses that it is for",
  async (world) => {
    const { store, clock } = world;
    const rows: readonly (readonly [action: string, from: string, to: JobStatus | null])[] = [
      ["cancel", "ready", "canceled"],
      ["promote", "scheduled", "ready"],
      ["retry", "canceled", "ready"],
      ["delete", "ready", null],
    ];
    for (const [action, from, to] of rows) {
      const fields = from === "scheduled" ? { delayMs: 60_000 } : {};
      const ids = await enqueue(store, 120, fields, action);
      if (from === "canceled") await store.act(ids, { kind: "cancel", reason: "no" });
      await clock.advance(1);
      const query = { status: [from], id_prefix: action };
      const { state, changed } = await untilEnded(world, await start(world, { action, query }));
      assert.deepEqual([state, changed], ["completed", 120], action);
      const jobs = await store.getJobs(ids);
      assert.deepEqual(new Set(jobs.map((job) => job?.status ?? null)), new Set([to]), action);
    }
    const [canceled] = await store.getJobs(["cancel-00000"]);
    assert.equal(canceled?.error, "canceled");
  },
);

testWithMonitor("a cancel gives its reason to its jobs, also to those that run", async (world) => {
  const { store, clock } = world;
  await enqueue(store, 3);
  await store.claim({
    ...{ server: "s", pool: "p", limit: 1, leaseMs: 60_000 },
    sources: [{ queue: null, types: [TYPE], share: 1 }],
  });
  await clock.advance(1);
  const id = await start(world, { action: "cancel", query: {}, reason: "not needed" });
  assert.equal((await untilEnded(world, id)).changed, 3);
  const { jobs } = await store.list({ status: "canceled", limit: 10 });
  assert.deepEqual(jobs.map(({ error }) => error), ["not needed", "not needed", "not needed"]);
});

testWithMonitor(
  "what is enqueued again is a new job with what the first was given",
  async (world) => {
    const { store, clock } = world;
    const settings = {
      ...{ maxRetry: 7, limitKey: "acme", meta: { tenant: "acme" }, timeoutMs: 1000 },
      ...{ expireAt: clock.now() + 60_000, delayMs: 0 },
    };
    await enqueue(store, 1, { payload: '{"to":"ada"}', priority: 5, settings });
    await enqueue(store, 149, {}, "plain");
    await failReady(store);
    await clock.advance(120_000);
    const id = await start(world, { action: "requeue", query: { status: ["dead_letter"] } });
    const { changed, refused } = await untilEnded(world, id);
    assert.deepEqual([changed, refused], [150, 0]);
    assert.deepEqual(await countsOf(store), { ready: 150, dead_letter: 150 });
    const { jobs } = await store.list({ status: "ready", limit: 500 });
    const again = jobs.find(({ priority }) => priority === 5);
    assert.deepEqual([again?.payload, again?.queue, again?.type], ['{"to":"ada"}', QUEUE, TYPE]);
    const { expireAt: _expire, delayMs: _delay, ...kept } = settings;
    assert.deepEqual(again?.settings, kept);
    assert.equal(again?.attemptsMade, 0);
    assert.ok(jobs.every((job) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/.test(job.id)));
  },
);

testWithMonitor(
  "what comes into a status after an operation was asked for is left alone",
  async (world) => {
    const { store, clock } = world;
    const first = await enqueue(store, 150);
    await failReady(store);
    await clock.advance(1);
    const id = await start(world, RETRY);
    const late = await enqueue(store, 50, {}, "late");
    await failReady(store);
    // Workers are quick: what was retried fails again at once, while the operation goes on.
    store.on("act", async ({ run }) => {
      const replies = await run();
      await failReady(store);
      return replies;
    });
    const { matched, changed } = await untilEnded(world, id);
    assert.deepEqual([matched, changed], [150, 150]);
    assert.deepEqual(new Set(await attemptsOf(store, first)), new Set([2]));
    assert.deepEqual(new Set(await attemptsOf(store, late)), new Set([1]));
  },
);

testWithMonitor(
  "a job that is due soon again after it was promoted is not promoted again",
  async (world) => {
    const { store, clock } = world;
    // The newest due time comes first; what fails again is due before all of them.
    const ids = await enqueue(store, 250, { delayMs: 3_600_000 });
    await clock.advance(1);
    const id = await start(world, { action: "promote", query: { queue: QUEUE } });
    store.on("act", async ({ run }) => {
      const replies = await run();
      await retryReady(store);
      return replies;
    });
    assert.equal((await untilEnded(world, id)).changed, 250);
    assert.deepEqual(new Set(await attemptsOf(store, ids)), new Set([1]));
  },
);

testWithMonitor(
  "jobs with which it cannot be done are counted by the reason, and some are named",
  async (world) => {
    const { store, clock } = world;
    await enqueue(store, 1, {}, "parent");
    const dependsOn = [{ id: "parent-00000", onFailure: "cancel" as const }];
    const children = await enqueue(store, 40, { settings: { dependsOn } }, "child");
    await failReady(store);
    await store.relay(500);
    await clock.advance(1);
    const id = await start(world, { action: "retry", query: { status: ["canceled"] } });
    const { changed, refused, refusals } = await untilEnded(world, id);
    assert.deepEqual([changed, refused], [0, 40]);
    const { parent } = refusals as { parent: { count: number; job_ids: string[] } };
    assert.deepEqual([parent.count, parent.job_ids.length], [40, 20]);
    assert.ok(parent.job_ids.every((one) => children.includes(one)));
  },
);

testWithMonitor(
  "an operation that is canceled ends early, and what it has done stays",
  async (world) => {
    const { store, clock } = world;
    await enqueue(store, 350);
    await failReady(store);
    await clock.advance(1);
    const id = await start(world, RETRY);
    const letGo = await heldAtAct(world, 2);
    assert.equal((await look(world, id)).changed, 100);
    const canceled = await send(world, `/api/v1/operations/${id}/cancel`);
    assert.equal(canceled.status, 200);
    assert.equal((canceled.body.data as { state: string }).state, "canceling");
    assert.equal((await look(world, id)).state, "canceling");
    letGo();
    const { state, changed, canceled_by } = await untilEnded(world, id);
    assert.deepEqual([state, changed, canceled_by], ["canceled", 200, ""]);
    assert.deepEqual(await countsOf(store), { ready: 200, dead_letter: 150 });
    const again = await send(world, `/api/v1/operations/${id}/cancel`);
    assert.deepEqual(again, {
      status: 409,
      body: { error: "the operation is canceled already", code: "CONFLICT" },
    });
    const actions = (await audited(store)).map(({ action }) => action);
    assert.deepEqual(actions, ["operation.start", "operation.cancel", "operation.end"]);
  },
);
