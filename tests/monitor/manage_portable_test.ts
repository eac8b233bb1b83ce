/** Schedules, pauses, limits and edits through the monitor: what a single request and its answer do not show. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../mod.ts";
import { ScheduleSet } from "../../src/schedule/schedule_set.ts";
import { CollectingLogger } from "../support/collecting_logger.ts";
import { DEFINED, hourly, weekly } from "./support/contract_schedules.ts";
import { type Ask, type AskMonitor, deskOf } from "./support/desk.ts";
import { fill } from "./support/filled.ts";
import { kinds, type Place } from "./support/places.ts";

type Json = Readonly<Record<string, unknown>>;

/** Registers a test for each kind of store, which is filled. */
function testOnAll(name: string, run: (ask: AskMonitor, place: Place) => Promise<void>): void {
  for (const kind of kinds) {
    test(`${name} (${kind.name})`, { skip: kind.skip }, async () => {
      await using place = await kind.make();
      await fill(place);
      await run(deskOf(place), place);
    });
  }
}

async function statusOf(ask: AskMonitor, asked: Ask): Promise<number> {
  return (await ask(asked)).status;
}

async function dataOf<T = Json>(ask: AskMonitor, path: string): Promise<T> {
  const { status, body } = await ask({ path });
  assert.equal(status, 200, path);
  return (body as { data: T }).data;
}

/** How many jobs of `email.send` start. */
async function claimOf({ store }: Place): Promise<number> {
  const { jobs } = await store.claim({
    ...{ server: "s", pool: "p", limit: 5, leaseMs: 1000 },
    sources: [{ queue: "mail", types: ["email.send"], share: 1 }],
  });
  return jobs.length;
}

testOnAll(
  "of those who make a schedule, or edit it, at the same time one is heard",
  async (ask) => {
    const all = (asked: Ask): Promise<number[]> =>
      Promise.all(Array.from({ length: 10 }, () => statusOf(ask, asked)));
    const made = await all({ method: "POST", path: "/api/v1/schedules", body: weekly.body });
    assert.deepEqual(made.sort(), [201, ...Array(9).fill(409)]);
    const path = "/api/v1/schedules/weekly";
    const edited = await all({ method: "PUT", path, body: hourly.body });
    assert.deepEqual(edited.sort(), [200, ...Array(9).fill(409)]);
    // Disabling it is a change as well, and what was fired meanwhile is none.
    const { updated_at_ms } = await dataOf(ask, path);
    const put = { method: "PUT", path, body: { ...hourly.body, updated_at_ms } };
    assert.equal(await statusOf(ask, { method: "POST", path: "/api/v1/cron/weekly/trigger" }), 200);
    assert.equal(await statusOf(ask, put), 200);
    assert.equal(await statusOf(ask, { method: "POST", path: "/api/v1/cron/weekly/disable" }), 200);
    assert.equal(await statusOf(ask, put), 409);
    const { last_runs, enabled } = await dataOf<{ last_runs: Json[]; enabled: boolean }>(ask, path);
    assert.deepEqual([last_runs.map(({ kind }) => kind), enabled], [["trigger"], false]);
  },
);

testOnAll("a schedule stays enabled or disabled when it is edited", async (ask) => {
  const path = "/api/v1/schedules/weekly";
  const body = { ...weekly.body, enabled: false };
  await ask({ method: "POST", path: "/api/v1/schedules", body });
  const edit = async (fields: Json): Promise<unknown> => {
    const { updated_at_ms } = await dataOf(ask, path);
    const { body } = await ask({
      method: "PUT",
      path,
      body: { ...hourly.body, ...fields, updated_at_ms },
    });
    const { enabled, next_at_ms } = (body as { data: Json }).data;
    return [enabled, next_at_ms !== undefined];
  };
  assert.deepEqual(await edit({ jitter_ms: 1 }), [false, false]);
  await ask({ method: "POST", path: "/api/v1/cron/weekly/enable" });
  assert.deepEqual(await edit({ jitter_ms: 2 }), [true, true]);
  await ask({ method: "POST", path: "/api/v1/cron/weekly/disable" });
  assert.deepEqual(await edit({ jitter_ms: 3 }), [false, false]);
});

testOnAll(
  "what code defines is not edited, and comes back when it was removed",
  async (ask, place) => {
    const start = async (): Promise<void> => {
      const schedules = { own: { type: "report", cron: "@daily" } };
      await new ScheduleSet({ schedules }, new CollectingLogger()).enter(place.store);
    };
    await start();
    const path = "/api/v1/schedules/own";
    const { source, scope, updated_at_ms } = await dataOf(ask, path);
    assert.deepEqual([source, scope, updated_at_ms], ["code", "default", DEFINED]);
    const edited = await ask({ method: "PUT", path, body: hourly.body });
    assert.equal(edited.status, 409);
    assert.match((edited.body as { error: string }).error, /it is that of code with the scope/);
    assert.equal((await dataOf(ask, path)).cron, "@daily");
    assert.equal(await statusOf(ask, { method: "DELETE", path }), 204);
    assert.equal(await statusOf(ask, { path }), 404);
    await start();
    assert.equal((await dataOf(ask, path)).cron, "@daily");
    // And what is made here stands in the way of a program that defines it later.
    await ask({ method: "POST", path: "/api/v1/schedules", body: weekly.body });
    const set = new ScheduleSet({
      schedules: { weekly: { type: "report", cron: "@daily" } },
      scheduleScope: "other",
    }, new CollectingLogger());
    await assert.rejects(() => set.enter(place.store), { name: "ScheduleConflictError" });
  },
);

testOnAll(
  "a job is enqueued again with another payload, once per Idempotency-Key",
  async (ask, place) => {
    await using client = new Client({ store: place.store });
    const unique = { key: "k" };
    await client.enqueue("email.send", { to: "ada" }, {
      ...{ id: "old", queue: "mail", priority: 7, maxRetry: 1, timeoutMs: 500, unique, delayMs: 9 },
      ...{ retryIntervals: [5], limitKey: "acme", meta: { tenant: "x" }, deadLetter: false },
      ...{ expireAt: place.clock.now() + 1000, retention: { completedMs: 0, maxCount: 3 } },
    });
    const body = { payload: { to: "bob" }, as_new: true };
    const again = async (headers?: Record<string, string>): Promise<string> => {
      const path = "/api/v1/jobs/old/edit";
      const reply = await ask({ method: "POST", path, body, headers });
      const { job_id, ...rest } = reply.body as { job_id: string };
      assert.deepEqual(rest, { ok: true, status: "ready", outcome: "enqueued" });
      return job_id;
    };
    const key = { "idempotency-key": "a" };
    const ids = [await again(key), await again(key), await again()];
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
    const [old, made] = await place.store.getJobs(["old", ids[0]!]);
    assert.deepEqual([old?.payload, old?.status], ['{"to":"ada"}', "scheduled"]);
    const { type, queue, priority, payload, settings } = made!;
    assert.deepEqual({ type, queue, priority, payload: JSON.parse(payload) }, {
      ...{ type: "email.send", queue: "mail", priority: 7, payload: { to: "bob" } },
    });
    assert.deepEqual(settings, {
      ...{
        maxRetry: 1,
        timeoutMs: 500,
        limitKey: "acme",
        meta: { tenant: "x" },
        deadLetter: false,
      },
      backoff: { type: "custom", intervals: [5] },
      retention: { completedMs: 0, maxCount: 3 },
      enqueuedBy: "apikey:test",
    });
    const { entries } = await place.store.trail("audit", { limit: 10 });
    assert.equal(entries.length, 3);
    assert.ok(entries.every(({ text }) => text.includes(ids[2]!) || text.includes(ids[0]!)));
    assert.ok(entries.every(({ text }) => !text.includes("bob")), "no payload in the audit log");
  },
);

testOnAll(
  "an edited job has the payload and its place; one that failed has all its retries",
  async (ask, place) => {
    const edit = (id: string, payload: unknown): Promise<number> =>
      statusOf(ask, { method: "POST", path: `/api/v1/jobs/${id}/edit`, body: { payload } });
    assert.equal(await edit("job-ready", null), 200);
    assert.equal(await edit("job-dead", [1]), 200);
    assert.equal(await edit("job-retry", { to: "x".repeat(1024 * 1024) }), 413);
    const [ready, dead, retry] = await place.store.getJobs(["job-ready", "job-dead", "job-retry"]);
    assert.deepEqual([ready?.payload, ready?.status, ready?.priority], ["null", "ready", 5]);
    assert.deepEqual([dead?.payload, dead?.status, dead?.retryCount], ["[1]", "ready", 0]);
    assert.deepEqual([retry?.payload, retry?.status], ['{"to":"cy"}', "retry"]);
  },
);

testOnAll("limits are told with what is used of them, by page", async (ask, place) => {
  const rate = { count: 10, per_ms: 60_000 };
  const rows = [
    ["types/email.send", { concurrency: 3, rate }],
    ["types/email.send/per-key", { concurrency: 1 }],
    ["types/report", { concurrency: 7 }],
    ["keys/acme", { rate: { ...rate, burst: 2 } }],
  ] as const;
  for (const [name, body] of rows) {
    assert.equal(await statusOf(ask, { method: "PUT", path: `/api/v1/limits/${name}`, body }), 200);
  }
  const told: Json[] = [];
  let cursor: string | undefined = "";
  for (let pages = 0; pages < 5 && cursor !== undefined; pages++) {
    const query = `limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const { body } = await ask({ path: `/api/v1/limits?${query}` });
    const page = body as { data: Json[]; meta: { cursor?: string } };
    told.push(...page.data);
    cursor = page.meta.cursor;
  }
  const byName = (one: Json): string => JSON.stringify([one.type, one.key, one.per_key]);
  const type = "email.send";
  const expected: Json[] = [
    { type, concurrency: 3, rate: { ...rate, burst: 10 }, running: 1, tokens: 10 },
    { type, per_key: true, concurrency: 1, running: null, tokens: null },
    { type: "report", concurrency: 7, running: 0, tokens: null },
    { key: "acme", rate: { ...rate, burst: 2 }, running: 0, tokens: 2 },
  ];
  assert.deepEqual(told.sort(order(byName)), expected.sort(order(byName)));
  const only = await dataOf<Json[]>(ask, "/api/v1/limits?key=acme");
  assert.deepEqual(only.map(({ key }) => key), ["acme"]);
  assert.equal((await dataOf<Json[]>(ask, "/api/v1/limits?type=report")).length, 1);
  // They hold: one of the type runs already.
  await using client = new Client({ store: place.store });
  await client.enqueueMany(Array.from({ length: 5 }, () => ({ type, options: { queue: "mail" } })));
  assert.equal(await claimOf(place), 2);
});

function order<T>(keyOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => keyOf(a) < keyOf(b) ? -1 : 1;
}

testOnAll("a paused type is not started until it is resumed", async (ask, place) => {
  const targets = ["/api/v1/types/email.send", "/api/v1/queues/mail/types/email.send"];
  const change = async (verb: string): Promise<unknown[]> => {
    const replies = [];
    for (const target of targets) {
      replies.push((await ask({ method: "POST", path: `${target}/${verb}` })).body as Json);
    }
    return replies.map(({ status }) => status);
  };
  assert.deepEqual(await change("pause"), ["paused", "paused"]);
  assert.deepEqual(await dataOf(ask, "/api/v1/paused"), [
    { queue: "idle", type: null },
    { queue: "mail", type: "email.send" },
    { queue: null, type: "email.send" },
  ]);
  const first = await ask({ path: "/api/v1/paused?limit=2" });
  const { cursor } = (first.body as { meta: { cursor: string } }).meta;
  const rest = await dataOf<Json[]>(ask, `/api/v1/paused?cursor=${encodeURIComponent(cursor)}`);
  assert.deepEqual(rest, [{ queue: null, type: "email.send" }]);
  assert.equal(await claimOf(place), 0);
  // The type in the queue is still paused by the type, then by nothing.
  targets.reverse();
  assert.deepEqual(await change("resume"), ["paused", "active"]);
  assert.equal(await claimOf(place), 1);
});

testOnAll(
  "a retry brings back the children that its end canceled, if it is told to",
  async (ask, place) => {
    await using client = new Client({ store: place.store });
    await client.enqueue("t", null, { id: "parent" });
    await client.enqueue("t", null, { id: "child", dependsOn: ["parent"] });
    const post = (id: string, verb: string): Promise<number> =>
      statusOf(ask, { method: "POST", path: `/api/v1/jobs/${id}/${verb}` });
    const child = async (): Promise<unknown> => (await place.store.getJobs(["child"]))[0]?.status;
    await post("parent", "cancel");
    assert.equal(await child(), "canceled");
    assert.equal(await post("parent", "retry?revive=perhaps"), 400);
    await post("parent", "retry");
    assert.equal(await child(), "canceled");
    await post("parent", "cancel");
    assert.equal(await post("parent", "retry?revive=true"), 200);
    assert.equal(await child(), "deferred");
  },
);
