/** Enqueueing over HTTP, on all stores. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { itemSchema } from "../../src/monitor/enqueue/item.ts";
import { MAX_BODY_BYTES } from "../../src/monitor/body.ts";
import { enqueueRoutes } from "../../src/monitor/api/enqueue.ts";
import { assertMatches } from "../support/json_schema.ts";
import { auth, keyHolders, logins, OWN_QUEUE } from "./fuzz/askers.ts";
import { kinds } from "./support/places.ts";
import { MonitorWorld, testWithMonitor } from "./world.ts";

const PATH = "/api/v1/jobs";

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- what it is is what is tested
  readonly json: any;
}

async function post(
  world: MonitorWorld,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await world.fetch(PATH, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const json = await response.json();
  if (response.ok) assertMatches(enqueueRoutes[0]!.answer.body!, json);
  return { status: response.status, headers: response.headers, json };
}

async function refusal(world: MonitorWorld, body: unknown, headers = {}): Promise<string> {
  const { status, json } = await post(world, body, headers);
  return `${status} ${json.code}: ${json.error}`;
}

testWithMonitor("a job is enqueued with all that a client could say", async (world) => {
  await post(world, { type: "parent", id: "p" });
  const { status, headers, json } = await post(world, {
    type: "email.send",
    payload: { to: "ada@example.com", n: [1, null] },
    id: "mine",
    queue: "mail",
    priority: -3,
    delay_ms: 5000,
    expire_at_ms: 4_000_000_000_000,
    max_retry: 7,
    backoff: { type: "custom", intervals_ms: [10, 20], jitter: 0.5 },
    timeout_ms: 9000,
    meta: { max_retry: "stays as it is" },
    trace: { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    depends_on: ["p"],
    unique: { key: "k", ttl_ms: 1000 },
    limit_key: "customer:7",
    retention: { completed_ms: -1, failed_ms: 0, max_count: 5 },
    dead_letter: false,
  });
  assert.equal(status, 201);
  assert.equal(headers.get("location"), "/api/v1/jobs/mine");
  assert.deepEqual(json, { data: { id: "mine", status: "deferred", is_new: true } });
  const [job] = await world.store.getJobs(["mine"]);
  assert.deepEqual(JSON.parse(job!.payload), { to: "ada@example.com", n: [1, null] });
  assert.deepEqual([job!.queue, job!.priority], ["mail", -3]);
  assert.deepEqual(job!.settings, {
    maxRetry: 7,
    backoff: { type: "custom", intervals: [10, 20], jitter: 0.5 },
    timeoutMs: 9000,
    expireAt: 4_000_000_000_000,
    deadLetter: false,
    retention: { completedMs: -1, failedMs: 0, maxCount: 5 },
    meta: { max_retry: "stays as it is" },
    trace: { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    delayMs: 5000,
    dependsOn: [{ id: "p", onFailure: "cancel" }],
    unique: { key: "email.send:k", until: "removed", ttlMs: 1000 },
    limitKey: "customer:7",
  });
});

testWithMonitor("a job needs no more than a type", async (world) => {
  const { status, headers, json: { data } } = await post(world, { type: "t" });
  assert.equal(status, 201);
  assert.equal(headers.get("location"), `/api/v1/jobs/${data.id}`);
  const [job] = await world.store.getJobs([data.id]);
  assert.deepEqual([job!.type, job!.queue, job!.payload], ["t", "default", "null"]);
});

testWithMonitor("a list is enqueued whole or not at all", async (world) => {
  const jobs = [
    { type: "b", id: "child", depends_on: [{ id: "root", on_failure: "ignore" }] },
    { type: "a", id: "root" },
  ];
  const { status, headers, json } = await post(world, { jobs });
  assert.equal(status, 201);
  assert.equal(headers.get("location"), null);
  assert.deepEqual(json.data, [
    { id: "child", status: "deferred", is_new: true },
    { id: "root", status: "ready", is_new: true },
  ]);
  const next = { jobs: [{ type: "a", id: "other" }, { type: "a", id: "root" }] };
  assert.match(await refusal(world, next), /^409 CONFLICT: Item 1: .*'root' is ready/);
  assert.deepEqual(await world.store.getJobs(["other"]), [null]);
});

/** What is wrong with a body, and what is said of it. */
const wrong: readonly (readonly [unknown, RegExp])[] = [
  [{}, /^400 BAD_REQUEST: 'type' must be given/],
  [{ type: "" }, /^400 BAD_REQUEST: 'type' must have at least 1/],
  [{ type: 1 }, /^400 BAD_REQUEST: 'type' must be a string/],
  [{ type: "a\u0000" }, /^400 BAD_REQUEST: .*'type'/],
  [{ type: "t", delayMs: 1 }, /^400 BAD_REQUEST: 'delayMs' is not known/],
  [{ type: "t", enqueued_by: "root" }, /^400 BAD_REQUEST: 'enqueued_by' is not known/],
  [{ type: "t", jobs: [] }, /^400 BAD_REQUEST/],
  [{ jobs: [] }, /^400 BAD_REQUEST: 'jobs' must have at least 1/],
  [{ jobs: Array(101).fill({ type: "t" }) }, /^400 BAD_REQUEST: 'jobs' must have at most 100/],
  [{ jobs: [{ type: "t" }, null] }, /^400 BAD_REQUEST: 'jobs\[1\]' must be an object/],
  [{ jobs: [{ type: "t", on_conflict: "existing" }] }, /^400 BAD_REQUEST: .*'onConflict'/],
  [{ jobs: [{ type: "t", id: "a" }, { type: "t", id: "a" }] }, /^400 BAD_REQUEST: .*'a'/],
  [{ type: "t", id: "a:b" }, /^400 BAD_REQUEST: 'id' must match/],
  [{ type: "t", queue: "a b" }, /^400 BAD_REQUEST: 'queue' must match/],
  [{ type: "t", priority: 31 }, /^400 BAD_REQUEST: 'priority' must be at most 30/],
  [{ type: "t", priority: "3" }, /^400 BAD_REQUEST: 'priority' must be a whole number/],
  [{ type: "t", delay_ms: -1 }, /^400 BAD_REQUEST: 'delay_ms'/],
  [{ type: "t", delay_ms: 1e300 }, /^400 BAD_REQUEST: 'delay_ms'/],
  [{ type: "t", delay_ms: 1, run_at_ms: 1 }, /^400 BAD_REQUEST: .*'runAt'/],
  [{ type: "t", run_at_ms: 1e300 }, /^400 BAD_REQUEST: .*'runAt'/],
  [{ type: "t", timeout_ms: 0 }, /^400 BAD_REQUEST: 'timeout_ms'/],
  [{ type: "t", meta: [] }, /^400 BAD_REQUEST: 'meta' must be an object/],
  [{ type: "t", meta: { a: "x".repeat(70_000) } }, /^400 BAD_REQUEST: .*'meta'/],
  [{ type: "t", trace: { traceparent: "x" } }, /^400 BAD_REQUEST: .*'trace.traceparent'/],
  [{ type: "t", backoff: { type: "fixed", baseMs: 1 } }, /^400 .*'backoff.baseMs' is not known/],
  [{ type: "t", unique: true }, /^400 BAD_REQUEST: .*'id'/],
  [{ type: "t", depends_on: [{ job: "a" }] }, /^400 BAD_REQUEST: 'depends_on\[0\]'/],
  [{ type: "t", depends_on: ["a", "a"] }, /^400 BAD_REQUEST: .*'dependsOn'/],
  [{ type: "t", depends_on: ["gone"] }, /^409 CONFLICT: .*'gone'/],
  [{ type: "t", id: "a", depends_on: ["a"] }, /^400 BAD_REQUEST/],
  [`{"type":"t","__proto__":{"queue":"x"}}`, /^400 BAD_REQUEST: '__proto__' is not known/],
  [`{"type":"t","payload":${"[".repeat(600)}${"]".repeat(600)}}`, /^400 BAD_REQUEST: .*deep/],
];

testWithMonitor("a job that breaks a rule is refused, with the rule", async (world) => {
  for (const [body, said] of wrong) assert.match(await refusal(world, body), said);
  assert.equal(await world.countJobs(), 0);
});

testWithMonitor(
  "payloads may have 1 MiB, however they are written, and bodies twice that",
  async (world) => {
    const payload = "x".repeat(MAX_BODY_BYTES - 2);
    assert.equal((await post(world, { type: "t", payload })).status, 201);
    assert.match(
      await refusal(world, { type: "t", payload: `${payload}x` }),
      /^413 PAYLOAD_TOO_LARGE/,
    );
    const long = `{"type":"t","payload":"${"\\u0041".repeat(300_000)}"}`;
    assert.equal((await post(world, long)).status, 201);
    const wide = `{"type":"t","payload":"${"\\u0041".repeat(400_000)}"}`;
    assert.match(await refusal(world, wide), /^413 PAYLOAD_TOO_LARGE/);
  },
);

testWithMonitor("the same work may be there already", async (world) => {
  const job = { type: "t", payload: 1, unique: { key: "k" } };
  const { json: { data: first } } = await post(world, job);
  assert.match(await refusal(world, job), /^409 CONFLICT: .*unique key/);
  const again = await post(world, { ...job, on_conflict: "existing" });
  assert.equal(again.status, 200);
  assert.deepEqual(again.json.data, { ...first, is_new: false });
  assert.equal(again.headers.get("idempotent-replay"), null);
  const replaced = await post(world, { ...job, payload: 2, on_conflict: "replace" });
  assert.deepEqual(replaced.json.data, { ...first, is_new: false });
  assert.equal((await world.store.getJobs([first.id]))[0]!.payload, "2");
});

testWithMonitor(
  "a repeat with an Idempotency-Key gets the first answer, and enqueues nothing",
  async (world) => {
    const key = { "idempotency-key": "order 17" };
    for (const body of [{ type: "t", payload: 1 }, { jobs: [{ type: "t" }, { type: "u" }] }]) {
      const headers = { "idempotency-key": `order ${"jobs" in body}` };
      const first = await post(world, body, headers);
      assert.equal(first.status, 201);
      assert.equal(first.headers.get("idempotent-replay"), null);
      const before = await world.countJobs();
      // As if it had been done and removed since.
      const ids = [first.json.data].flat().map(({ id }: { id: string }) => id);
      await world.store.act(ids, { kind: "remove" });
      const again = await post(world, body, headers);
      assert.equal(again.status, 200);
      assert.equal(again.headers.get("idempotent-replay"), "true");
      assert.equal(again.headers.get("location"), first.headers.get("location"));
      assert.deepEqual(again.json, first.json);
      assert.equal(await world.countJobs(), before - ids.length);
    }
    await post(world, { type: "t" }, key);
    assert.match(await refusal(world, { type: "u" }, key), /^409 CONFLICT: .*another body/);
    assert.match(await refusal(world, { type: "t", id: "a" }, key), /^400 BAD_REQUEST: 'id'/);
    for (const bad of ["", "é", "x".repeat(201)]) {
      const said = await refusal(world, { type: "t" }, { "idempotency-key": bad });
      assert.match(said, /^400 BAD_REQUEST: 'Idempotency-Key'/);
    }
  },
);

testWithMonitor(
  "a body that was refused leaves its Idempotency-Key to a better one",
  async (world) => {
    const headers = { "idempotency-key": "fixed" };
    const wrong = { type: "t", run_at_ms: 1, delay_ms: 1 };
    assert.match(await refusal(world, wrong, headers), /^400/);
    assert.match(
      await refusal(world, { type: "t", payload: "x".repeat(MAX_BODY_BYTES) }, headers),
      /^413/,
    );
    // What the store refuses it may take later: the key stays with the body.
    const child = { type: "t", depends_on: ["late"] };
    assert.match(await refusal(world, child, headers), /^409 CONFLICT: .*'late'/);
    assert.match(await refusal(world, { type: "t" }, headers), /^409 CONFLICT: .*another body/);
    await post(world, { type: "t", id: "late" });
    assert.equal((await post(world, child, headers)).status, 201);
  },
);

testWithMonitor("repeats at the same time enqueue once", async (world) => {
  const headers = { "idempotency-key": "together" };
  const body = { jobs: [{ type: "t", payload: 1 }, { type: "t", payload: 2 }] };
  const replies = await Promise.all(Array.from({ length: 20 }, () => post(world, body, headers)));
  assert.equal(await world.countJobs(), 2);
  assert.equal(replies.filter(({ status }) => status === 201).length, 1);
  const ids = new Set(
    replies.map(({ json }) => JSON.stringify(json.data.map((one: { id: string }) => one.id))),
  );
  assert.equal(ids.size, 1);
});

testWithMonitor("a repeat after a crash enqueues once, wherever the crash was", async (world) => {
  const headers = { "idempotency-key": "crash" };
  for (const verb of ["addMemo", "enqueue", "putMemos"] as const) {
    for (const when of ["before", "after"] as const) {
      const body = { type: "t", payload: [verb, when] };
      const key = { "idempotency-key": `${headers["idempotency-key"]} ${verb} ${when}` };
      const before = await world.countJobs();
      world.breakNext(verb, when);
      const first = await post(world, body, key);
      // The jobs are there by then; that the answer is not kept need not trouble anyone.
      assert.equal(first.status, verb === "putMemos" ? 201 : 500, `${verb} ${when}`);
      const second = await post(world, body, key);
      assert.ok(second.status === 200 || second.status === 201, `${second.status}`);
      const third = await post(world, body, key);
      assert.equal(third.status, 200);
      assert.equal(third.json.data.id, second.json.data.id);
      assert.equal(await world.countJobs(), before + 1, `${verb} ${when}`);
    }
  }
});

testWithMonitor("an Idempotency-Key is forgotten after a day", async (world) => {
  const headers = { "idempotency-key": "daily" };
  const first = await post(world, { type: "t" }, headers);
  await world.clock.advance(24 * 3_600_000 + 1);
  const second = await post(world, { type: "other" }, headers);
  assert.equal(second.status, 201);
  assert.notEqual(second.json.data.id, first.json.data.id);
});

testWithMonitor("what makes work the same is not the id that a key gives it", async (world) => {
  const body = { type: "t", payload: { a: 1 }, unique: {} };
  await post(world, body, { "idempotency-key": "one" });
  assert.match(await refusal(world, body, { "idempotency-key": "two" }), /^409 CONFLICT/);
  assert.equal(await world.countJobs(), 1);
});

test("the schema of a job shows what it means by an example", () => {
  for (const example of itemSchema.examples as readonly unknown[]) {
    assertMatches(itemSchema, example);
  }
});

test("producers, operators and admins enqueue; what people enqueue is in the audit log", async () => {
  await using place = await kinds[0]!.make();
  const world = new MonitorWorld(place, { auth });
  await using _closed = world.monitor;
  const body = { type: "t", queue: OWN_QUEUE };
  const outcomes = await Promise.all(keyHolders.map(async ({ headers }) => {
    return (await post(world, body, headers)).status;
  }));
  assert.deepEqual(outcomes, [403, 201, 201, 201, 403, 201, 201, 201]);
  const scoped = keyHolders.at(-1)!.headers;
  assert.match(await refusal(world, { type: "t" }, scoped), /^403 FORBIDDEN: .*'default'/);
  assert.match(await refusal(world, body), /^401 UNAUTHORIZED/);
  assert.equal((await world.store.trail("audit", { limit: 10 })).entries.length, 0);

  const loggedIn = await world.fetch("/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: logins[0]![0],
  });
  const cookie = loggedIn.headers.getSetCookie().map((one) => one.split(";", 1)[0]).join("; ");
  assert.match(await refusal(world, body, { cookie }), /^403 CSRF_REQUIRED/);
  const { status, json } = await post(world, body, { cookie, "x-gqm-csrf": "1" });
  assert.equal(status, 201);
  const [job] = await world.store.getJobs([json.data.id]);
  assert.equal(job!.settings.enqueuedBy, "ada");
  const { entries } = await world.store.trail("audit", { limit: 1 });
  const { action, who, detail } = JSON.parse(entries[0]!.text);
  assert.deepEqual([action, who, detail], ["job.enqueue", "ada", { ids: [json.data.id] }]);
});
