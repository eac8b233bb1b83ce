/** GQM v0.5.0 and gocraft/work are moved by `examples/moving`, from keys as they write them. */

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Redis } from "ioredis";
import { Client, memoryStore } from "../../mod.ts";
import { carry, newId, newReport, type OldJob } from "../../examples/moving/carry.ts";
import { byScore, exactly, fromRight } from "../../examples/moving/read.ts";
import { Moving, runOk, runScript } from "./moving_support.ts";

const HOUR_S = 3600;
const nowS = (): number => Math.floor(Date.now() / 1000);

Deno.test("newId gives other ids for other jobs when their names look alike", () => {
  const names = [["a.b", "c"], ["a", "b.c"], ["a_2e_b", "c"], ["a", "b", "c"], ["é", "c"]];
  assertEquals(new Set(names.map((parts) => newId("x", ...parts))).size, names.length);
  assertEquals(newId("x", "a".repeat(300)), newId("x", "a".repeat(300)));
  assertMatch(newId("x", "é".repeat(100)), /^[a-zA-Z0-9._-]{1,256}$/);
});

Deno.test("carry cancels a failed job when the last run ended before that, and never one that was retried", async () => {
  await using client = new Client({ store: memoryStore() });
  const options = { id: "x.1" };
  const job: OldJob = { name: "send 1", type: "send", payload: 1, options, failed: "no answer" };
  await client.enqueue("send", 1, { ...options, delayMs: 1_000_000 }); // as far as it came
  const report = newReport();
  await carry(client, [job], report);
  assertEquals([report.enqueued, report.there], [0, 1]);
  assertEquals((await client.getJob("x.1"))!.status, "canceled");
  await client.control.retry("x.1");
  await carry(client, [job], report);
  assertEquals((await client.getJob("x.1"))!.status, "ready");
});

for (const count of [0, 1, 499, 500, 501, 1000, 1203]) {
  Deno.test(`fromRight and byScore give each entry once, in order, when there are ${count}`, async () => {
    await using moving = await Moving.start();
    const [list, set] = [`${moving.old}:list`, `${moving.old}:set`];
    const names = Array.from({ length: count }, (_, n) => `e${n}`);
    if (count > 0) {
      await moving.write(
        ["LPUSH", list, ...names],
        ["ZADD", set, ...names.flatMap((name, n) => [n, name])],
      );
    }
    const redis = new Redis(moving.url);
    try {
      const entries: string[] = [];
      for await (const entry of fromRight(redis, list)) {
        if (entries.push(entry) === 10) await moving.write(["LPUSH", list, "pushed meanwhile"]);
      }
      assertEquals(entries.filter((entry) => entry !== "pushed meanwhile"), names);
      const scored = await Array.fromAsync(byScore(redis, set));
      assertEquals(scored, names.map((name, n) => [name, n] as const));
    } finally {
      redis.disconnect();
    }
  });
}

Deno.test("exactly throws when JavaScript would round a number", () => {
  assertEquals(exactly('{"a":[1,2.5,-9007199254740991]}'), { a: [1, 2.5, -9007199254740991] });
  assertThrows(() => exactly('{"a":[1700000000123456789]}'), RangeError, "below 2^53");
});

/** The hash of a job, as GQM writes it. */
function gqmJob(
  prefix: string,
  id: string,
  status: string,
  more: Readonly<Record<string, string | number>> = {},
): (string | number)[] {
  const fields = {
    ...{ id, type: "email", queue: "default", payload: `{"id":"${id}"}`, status },
    ...{ max_retry: 3, created_at: nowS() },
    ...more,
  };
  return ["HSET", `${prefix}job:${id}`, ...Object.entries(fields).flat()];
}

/** A store of GQM with a job in each state that is carried over. */
async function writeGqm(moving: Moving, prefix: string): Promise<void> {
  const queue = `${prefix}queue:default`;
  const soon = nowS() + HOUR_S;
  await moving.write(
    ["SADD", `${prefix}queues`, "default", "bulk"],
    gqmJob(prefix, "r1", "ready", { timeout: 90, enqueued_by: "shop", meta: '{"tenant":"a"}' }),
    gqmJob(prefix, "r2", "ready"),
    ["LPUSH", `${queue}:ready`, "r1"],
    ["LPUSH", `${queue}:ready`, "r2", "gone"],
    gqmJob(prefix, "p1", "processing"),
    ["ZADD", `${queue}:processing`, nowS() + 60, "p1"],
    gqmJob(prefix, "big", "ready", { queue: "bulk", payload: '{"n":1700000000123456789}' }),
    ["LPUSH", `${prefix}queue:bulk:ready`, "big"],
    gqmJob(prefix, "s1", "scheduled", { scheduled_at: soon }),
    gqmJob(prefix, "t1", "retry", { retry_count: 2, error: "no answer" }),
    ["ZADD", `${prefix}scheduled`, soon, "s1", soon + 60, "t1"],
    // c waits for r1 and b, b for r1; d tolerates a parent that is gone; e does not.
    gqmJob(prefix, "c", "deferred", { depends_on: '["r1","b"]' }),
    gqmJob(prefix, "b", "deferred", { depends_on: '["r1"]' }),
    gqmJob(prefix, "d", "deferred", { depends_on: '["lost"]', allow_failure: "1" }),
    gqmJob(prefix, "e", "deferred", { depends_on: '["lost"]' }),
    ["SADD", `${prefix}job:c:pending_deps`, "r1", "b"],
    ["SADD", `${prefix}job:b:pending_deps`, "r1"],
    ["SADD", `${prefix}job:d:pending_deps`, "lost"],
    ["SADD", `${prefix}job:e:pending_deps`, "lost"],
    ["SADD", `${prefix}deferred`, "c", "b", "d", "e"],
    gqmJob(prefix, "x1", "dead_letter", { retry_count: 3, error: "no such address" }),
    ["ZADD", `${queue}:dead_letter`, nowS(), "x1"],
    gqmJob(prefix, "done", "completed"),
    ["ZADD", `${queue}:completed`, nowS(), "done"],
    ["SADD", `${prefix}paused`, "bulk"],
    ["HSET", `${prefix}cron:entries`, "nightly", "{}"],
    ["SADD", `${prefix}servers`, "host-1"],
  );
}

Deno.test("from_gqm.ts moves each job once when it runs twice, and refuses while a server runs", async () => {
  await using moving = await Moving.start();
  const prefix = `${moving.old}:`;
  await writeGqm(moving, prefix);
  const args = [`--from=${moving.url}`, `--to=${moving.store}`, `--prefix=${prefix}`];

  await moving.write(["HSET", `${prefix}server:host-1`, "id", "host-1"]);
  const refused = await runScript("from_gqm.ts", args);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /Cannot move jobs as no server may run: current value is host-1/);
  await moving.write(["DEL", `${prefix}server:host-1`]); // it stopped, or its 30 s are over

  const first = await runScript("from_gqm.ts", args);
  assertEquals(first.stdout.split("\n"), [
    "10 enqueued (2 of them canceled), 0 were there already",
    "left: the pause of queue bulk: pause it here if it is to stay",
    "left: 1 cron entries: define them in gqm.yaml or in code",
    "refused: email big: RangeError: Cannot carry over 'n' as whole numbers must be below 2^53: " +
    "current value is 1700000000123456800",
    "",
  ]);
  assertEquals(first.code, 1); // as one job was refused
  const second = await runScript("from_gqm.ts", args);
  assertMatch(second.stdout, /^0 enqueued \(0 of them canceled\), 10 were there already\n/);

  const job = await moving.client.getJob("r1");
  assertEquals([job!.queue, job!.maxRetry, job!.timeoutMs, job!.enqueuedBy], [
    ...["default", 3, 90_000, "shop"],
  ]);
  assertEquals(job!.meta.tenant, "a");
  const [t1, s1] = (await moving.jobs("scheduled")).sort((a, b) => b.runAt! - a.runAt!);
  assertEquals([s1!.id, t1!.id, t1!.runAt! - s1!.runAt!, t1!.maxRetry], ["s1", "t1", 60_000, 1]);
  const dead = new Map((await moving.jobs("canceled")).map(({ id, error }) => [id, error]));
  assertEquals(dead.get("x1"), "failed before it was moved: no such address");
  assertEquals(dead.get("e"), "failed before it was moved: its parent lost is gone");
  assertEquals(dead.size, 2);

  const ran = await moving.drain("email");
  assertEquals(ran, ["p1", "r1", "r2", "d", "b", "c"].map((id) => ({ id })));
  const third = await runScript("from_gqm.ts", args);
  assertMatch(third.stdout, /^0 enqueued/);
  assertEquals(await moving.drain("email"), []);
});

/** A job of gocraft/work, as its JSON. */
function workJob(name: string, id: string, more: object = {}): string {
  return JSON.stringify({ name, id, t: nowS(), args: { id }, ...more });
}

Deno.test("from_gocraft_work.ts moves each job once when it runs twice, and refuses while a pool runs", async () => {
  await using moving = await Moving.start();
  const ns = moving.old;
  const soon = nowS() + HOUR_S;
  const key = `${ns}:unique:sync:{"k":1}\n`;
  const unique = { unique: true, unique_key: key };
  const periodic = {
    name: "caches",
    id: `periodic:caches:0 * * * * *:${soon}`,
    t: soon,
    args: null,
  };
  await moving.write(
    ["SADD", `${ns}:known_jobs`, "send", "sync"],
    ["LPUSH", `${ns}:jobs:send`, workJob("send", "w1"), workJob("send", "w2")],
    ["LPUSH", `${ns}:jobs:send:pool1:inprogress`, workJob("send", "w0")],
    ["LPUSH", `${ns}:jobs:sync`, workJob("sync", "u1", { ...unique, args: { id: "old" } })],
    ["SET", key, workJob("sync", "u2", { ...unique, args: { id: "newest" } })],
    ["ZADD", `${ns}:scheduled`, soon, workJob("send", "s1"), soon, JSON.stringify(periodic)],
    ["ZADD", `${ns}:retry`, soon + 60, workJob("send", "t1", { fails: 1, err: "no answer" })],
    ["ZADD", `${ns}:dead`, nowS(), workJob("send", "x1", { fails: 4, err: "no such address" })],
    ["SADD", `${ns}:worker_pools`, "pool1"],
    ["HSET", `${ns}:worker_pools:pool1`, "heartbeat_at", nowS() + HOUR_S],
  );
  const args = [`--namespace=${ns}`, `--from=${moving.url}`, `--to=${moving.store}`];
  const refused = await runScript("from_gocraft_work.ts", args);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /Cannot move jobs as no worker pool may run: current value is pool1/);
  await moving.write(["HSET", `${ns}:worker_pools:pool1`, "heartbeat_at", nowS() - 11]);

  const left = "left: 1 periodic jobs: a schedule enqueues them here\n";
  assertEquals(
    await runOk("from_gocraft_work.ts", args),
    `7 enqueued (1 of them canceled), 0 were there already\n${left}`,
  );
  assertEquals(
    await runOk("from_gocraft_work.ts", args),
    `0 enqueued (0 of them canceled), 7 were there already\n${left}`,
  );
  const scheduled = (await moving.jobs("scheduled")).map(({ payload, runAt }) => [payload, runAt]);
  assertEquals(
    scheduled.sort((a, b) => Number(a[1]) - Number(b[1])),
    [[{ id: "s1" }, soon * 1000], [{ id: "t1" }, (soon + 60) * 1000]],
  );
  const [dead] = await moving.jobs("canceled");
  assertEquals(dead!.error, "failed before it was moved: no such address");

  const ids = ["w0", "w1", "w2", "newest"];
  assertEquals(await moving.drain("send", "sync"), ids.map((id) => ({ id })));
  await moving.client.control.retry(dead!.id);
  assertEquals(await moving.drain("send", "sync"), [{ id: "x1" }]);
  await runOk("from_gocraft_work.ts", args);
  assertEquals(await moving.drain("send", "sync"), []);
});
