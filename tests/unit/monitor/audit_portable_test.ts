import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, memoryStore, type Monitor } from "../../../mod.ts";
import { AUDIT_TRAIL } from "../../../src/monitor/audit.ts";
import { ask, keys, outcome, testMonitor } from "../../support/monitor.ts";

interface Entry {
  readonly number: number;
  readonly action: string;
  readonly who: string;
}

async function read(monitor: Monitor, query: string): Promise<{ data: Entry[]; meta: Meta }> {
  const headers = { "x-api-key": keys.admin };
  return await (await ask(monitor, `/api/v1/audit?${query}`, { headers })).json();
}

interface Meta {
  readonly limit: number;
  readonly cursor?: string;
}

test("the audit log tells what was done, by whom, from where and what came of it", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await client.enqueue("work", 0, { queue: "mail" });
  await using monitor = testMonitor({ store });
  const headers = { "x-api-key": keys.operator };
  const none = await ask(monitor, "/api/v1/queues/none/pause", { method: "POST", headers });
  assert.equal(await outcome(none), "404 NOT_FOUND"); // has changed nothing, and is not told
  const pause = { method: "POST", headers };
  const paused = await ask(monitor, "/api/v1/queues/mail/pause", pause);
  assert.equal(paused.status, 200);
  const { data, meta } = await read(monitor, "");
  const { at_ms, ...entry } = data[0]! as Entry & { at_ms: number };
  assert.ok(Number.isInteger(at_ms));
  assert.deepEqual(entry, {
    number: 1,
    action: "queue.pause",
    target: { name: "mail" },
    who: "apikey:operator-key",
    by: "key",
    from: "10.0.0.1",
    status: 200,
  });
  assert.deepEqual([data.length, meta], [1, { limit: 20 }]);
});

test("the audit log is read page by page, also when only some entries are meant", async () => {
  const store = memoryStore();
  await using monitor = testMonitor({ store });
  const entryOf = (i: number): string =>
    JSON.stringify({
      ...{ action: i % 3 === 0 ? "job.retry" : "job.cancel", target: {}, who: `user-${i % 2}` },
      ...{ by: "session", from: null, status: 200 },
    });
  await store.open();
  for (let from = 1; from <= 2500; from += 100) {
    const texts = Array.from({ length: 100 }, (_, i) => entryOf(from + i));
    await store.addToTrail(AUDIT_TRAIL, texts, { most: 10_000 });
  }
  const all = Array.from({ length: 2500 }, (_, i) => 2500 - i);
  const rows: readonly (readonly [string, (i: number) => boolean])[] = [
    ["", () => true],
    ["action=job.retry", (i) => i % 3 === 0],
    ["who=user-1", (i) => i % 2 === 1],
    ["who=user-0&action=job.cancel", (i) => i % 2 === 0 && i % 3 !== 0],
    ["who=nobody", () => false],
  ];
  for (const [filter, isMeant] of rows) {
    const found: number[] = [];
    let cursor: string | undefined = "";
    for (let pages = 0; pages < 100 && cursor !== undefined; pages++) {
      const query = `limit=70&${filter}${cursor && `&cursor=${cursor}`}`;
      const { data, meta }: { data: Entry[]; meta: Meta } = await read(monitor, query);
      assert.ok(data.length <= 70);
      found.push(...data.map(({ number }) => number));
      cursor = meta.cursor;
    }
    assert.equal(cursor, undefined);
    assert.deepEqual(found, all.filter(isMeant), filter);
  }
});

test("a cursor of the audit log that is none is refused", async () => {
  await using monitor = testMonitor();
  const headers = { "x-api-key": keys.admin };
  const response = await ask(monitor, "/api/v1/audit?cursor=x", { headers });
  assert.equal(await outcome(response), "400 BAD_REQUEST");
});

test("the audit log keeps the counts of a change of many jobs, and as many ids as it has room for", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  const ids = Array.from({ length: 100 }, (_, i) => `${i}-${"x".repeat(200)}`);
  await client.enqueueMany(ids.map((id) => ({ type: "work", payload: 0, options: { id } })));
  await using monitor = testMonitor({ store });
  const headers = { "x-api-key": keys.admin };
  const request = { method: "POST", headers, body: { job_ids: ids } };
  await ask(monitor, "/api/v1/jobs/batch/delete", request);
  const { data: [entry] } = await read(monitor, "");
  const { succeeded, job_ids, job_ids_left_out } =
    (entry as unknown as { detail: Record<string, unknown> }).detail;
  const kept = (job_ids as string[]).length;
  assert.equal(succeeded, 100);
  assert.deepEqual(job_ids, ids.slice(0, kept));
  assert.ok(kept > 5);
  assert.equal(job_ids_left_out, 100 - kept);
});

test("what is said at length in an operation hides nothing else of it in the audit log", async () => {
  const store = memoryStore();
  await using monitor = testMonitor({ store });
  const headers = { "x-api-key": keys.admin };
  const request = {
    method: "POST",
    headers,
    body: { action: "cancel", query: { queue: "mail" }, reason: "\u0001".repeat(1000) },
  };
  const response = await ask(monitor, "/api/v1/operations", request);
  const { data: { id } } = await response.json();
  const { data } = await read(monitor, "action=operation.start");
  const { detail } = data[0] as unknown as { detail: Record<string, unknown> };
  const { query, ...rest } = detail;
  assert.deepEqual(rest, { id, action: "cancel", total: 0, left_out: ["reason"] });
  assert.equal((query as { queue: string }).queue, "mail");
});
