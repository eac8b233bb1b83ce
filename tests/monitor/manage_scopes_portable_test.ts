/** Who may change schedules, pauses, limits and payloads, and of which jobs; and what is refused as it is wrong. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../src/enqueue/client.ts";
import type { Principal } from "../../src/monitor/auth/principal.ts";
import type { RedactRule } from "../../src/monitor/redact.ts";
import { memoryStore } from "../../src/store/memory/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { DEFINED, hourly, summaries, weekly } from "./support/contract_schedules.ts";
import { type Ask, type AskMonitor, deskOf, someone } from "./support/desk.ts";
import { fill } from "./support/filled.ts";
import type { Place } from "./support/places.ts";

type Json = Readonly<Record<string, unknown>>;
type Row = readonly [method: string, path: string, status: number, body?: unknown];

async function filled(): Promise<Place> {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  await store.open();
  const place = { store, clock, [Symbol.asyncDispose]: () => store.close() };
  await fill(place);
  return place;
}

/** Asks for each row as somebody, and asserts what comes back. */
async function askRows(ask: AskMonitor, rows: readonly Row[], who?: Principal): Promise<string[]> {
  const texts: string[] = [];
  for (const [method, path, status, body] of rows) {
    const reply = await ask({ method, path, body, who });
    const text = JSON.stringify(reply.body) ?? "";
    assert.equal(reply.status, status, `${method} ${path}: ${JSON.stringify(body)}: ${text}`);
    texts.push(text);
  }
  return texts;
}

/** All that the rows may have changed. */
async function stateOf({ store }: Place): Promise<unknown> {
  const ids = ["job-ready", "job-dead", "job-canceled", "job-other"];
  const [jobs, { records }, limits, paused, counts] = await Promise.all([
    store.getJobs(ids),
    store.schedules({ limit: 100 }),
    store.limits(),
    store.paused(),
    store.counts(),
  ]);
  return { jobs, records, limits, paused, counts };
}

test("who sees some queues changes nothing of the others, and is told of none", async () => {
  await using place = await filled();
  await using client = new Client({ store: place.store });
  const ask = deskOf(place);
  const who = someone("admin", ["reports"]);
  await client.control.pause({ type: "email.send" });
  await client.control.pause({ type: "report" });
  await client.control.pause({ queue: "mail", type: "report" });
  await client.schedules.upsert("aaa", { type: "t", everyMs: 1000, options: { queue: "mail" } });
  const before = await stateOf(place);
  const inMail = { ...weekly.body, queue: "mail" };
  const edit = { payload: 1 };
  const texts = await askRows(ask, [
    ["GET", "/api/v1/schedules/ping", 404],
    ["PUT", "/api/v1/schedules/ping", 404, hourly.body],
    ["DELETE", "/api/v1/schedules/ping", 404],
    ["POST", "/api/v1/schedules", 403, inMail],
    ["POST", "/api/v1/schedules", 403, { ...weekly.body, queue: undefined }],
    ["POST", "/api/v1/schedules", 409, { ...weekly.body, id: "ping" }],
    ["PUT", "/api/v1/schedules/nightly", 403, { ...hourly.body, queue: "mail" }],
    ["POST", "/api/v1/types/report/pause", 403],
    ["POST", "/api/v1/types/report/resume", 403],
    ["POST", "/api/v1/queues/mail/types/report/pause", 404],
    ["POST", "/api/v1/queues/mail/types/report/resume", 404],
    ["GET", "/api/v1/limits", 403],
    ["PUT", "/api/v1/limits/types/report", 403, { concurrency: 1 }],
    ["PUT", "/api/v1/limits/types/report/per-key", 403, { concurrency: 1 }],
    ["PUT", "/api/v1/limits/keys/acme", 403, { concurrency: 1 }],
    ["DELETE", "/api/v1/limits/keys/acme", 403],
    ["POST", "/api/v1/jobs/job-ready/edit", 404, edit],
    ["POST", "/api/v1/jobs/job-dead/edit", 404, { ...edit, as_new: true }],
    ["POST", "/api/v1/jobs/job-ready/priority", 404, { priority: 1 }],
    ["POST", "/api/v1/jobs/job-other/retry?revive=true", 403],
  ], who);
  assert.deepEqual(await stateOf(place), before);
  // A refusal names what was asked for, and tells nothing of it.
  for (const text of texts) assert.doesNotMatch(text, /aaa|idle|everyMs|job-(?!other)|\d{13}/);
  for (const query of ["", "?limit=1"]) {
    const { body } = await ask({ path: `/api/v1/schedules${query}`, who });
    assert.deepEqual(body, { data: [summaries.nightly], meta: { limit: query ? 1 : 20 } });
  }
  const paused = await ask({ path: "/api/v1/paused", who });
  assert.deepEqual((paused.body as Json).data, [{ queue: null, type: "report" }]);
  await askRows(ask, [
    ["POST", "/api/v1/schedules", 201, weekly.body],
    ["PUT", "/api/v1/schedules/weekly", 200, { ...hourly.body, updated_at_ms: DEFINED }],
    ["DELETE", "/api/v1/schedules/weekly", 204],
    ["POST", "/api/v1/queues/reports/types/report/pause", 200],
    ["POST", "/api/v1/jobs/job-other/priority", 200, { priority: 1 }],
    ["POST", "/api/v1/jobs/job-other/edit", 200, edit],
    ["POST", "/api/v1/jobs/job-other/edit", 200, { ...edit, as_new: true }],
  ], who);
});

test("a key for some types edits, and makes schedules of, these alone", async () => {
  await using place = await filled();
  const ask = deskOf(place);
  const who = { ...someone("admin"), types: new Set(["other"]) };
  const before = await stateOf(place);
  await askRows(ask, [
    ["POST", "/api/v1/schedules", 403, weekly.body],
    ["PUT", "/api/v1/schedules/nightly", 403, hourly.body],
    ["PUT", "/api/v1/schedules/nightly", 403, { ...hourly.body, type: "other" }],
    ["POST", "/api/v1/jobs/job-ready/edit", 403, { payload: 1 }],
    ["POST", "/api/v1/jobs/job-dead/edit", 403, { payload: 1 }],
    ["POST", "/api/v1/jobs/job-dead/edit", 403, { payload: 1, as_new: true }],
  ], who);
  assert.deepEqual(await stateOf(place), before);
  const own = { ...weekly.body, type: "other" };
  await askRows(ask, [["POST", "/api/v1/schedules", 201, own]], who);
});

const redact: readonly RedactRule[] = [
  { path: "payload.password" },
  { path: "**.secret", except: [] },
  { path: "meta.token" },
];

test("who sees a payload in part does not write over the rest unless they give it anew", async () => {
  await using place = await filled();
  const ask = deskOf(place, redact);
  const mark = "[redacted]";
  const edit = async (payload: unknown, asked: Partial<Ask> = {}): Promise<unknown> => {
    const path = "/api/v1/jobs/job-ready/edit";
    const body = { payload, as_new: asked.body !== undefined };
    const who = asked.who ?? someone("operator");
    const { status, body: told } = await ask({ method: "POST", path, body, who });
    return status === 200 ? status : (told as { error: string }).error;
  };
  const rule =
    "what is hidden from the role 'operator' must be given anew, and not as '[redacted]'";
  const refused = (...places: string[]): string => `${rule}: ${places.join(", ")}`;
  const before = await place.store.getJobs(["job-ready"]);
  assert.equal(await edit({ to: "eve" }), refused("payload.password"));
  assert.equal(await edit({ to: "eve" }, { body: "as new" }), refused("payload.password"));
  assert.equal(await edit({ to: "x", password: mark }), refused("payload.password"));
  assert.equal(await edit(null), refused("payload.password"));
  assert.equal(
    await edit({ a: { secret: mark }, list: [{ secret: mark }, {}] }),
    refused("payload.password", "payload.a.secret", "payload.list.0.secret"),
  );
  assert.deepEqual(await place.store.getJobs(["job-ready"]), before);
  assert.equal(await edit({ to: mark, password: "new" }), 200);
  assert.equal(await edit({ to: "x" }, { who: someone("admin") }), 200, "an admin sees it");
  // It is gone, so that an operator has nothing to give anew.
  assert.equal(await edit({ to: "y" }), 200);
});

test("a schedule is told and edited without what is hidden from its editor", async () => {
  await using place = await filled();
  const ask = deskOf(place, redact);
  const path = "/api/v1/schedules/nightly";
  const { body } = await ask({ path });
  const { payload } = (body as { data: Json }).data;
  assert.deepEqual(payload, { kind: "sales", secret: "[redacted]" });
  const put = (rules: Json): Ask => {
    return { method: "PUT", path, body: { ...hourly.body, ...rules } };
  };
  const refused = async (rules: Json): Promise<unknown> => {
    const { status, body } = await ask(put(rules));
    return [status, (body as { error: string }).error.split(": ").at(-1)];
  };
  assert.deepEqual(await refused({ payload }), [400, "payload.secret"]);
  assert.deepEqual(await refused({}), [400, "payload.secret"]);
  const meta = { secret: "[redacted]" };
  const known = { payload: { secret: 1 } };
  assert.deepEqual(await refused({ ...known, meta }), [400, "meta.secret"]);
  assert.equal((await ask(put({ ...known, meta: { secret: 2 } }))).status, 200);
  const { body: after } = await ask({ path });
  const { meta: shown } = (after as { data: Json }).data;
  assert.deepEqual(shown, meta);
});

test("bodies that are wrong change nothing", async () => {
  await using place = await filled();
  const ask = deskOf(place);
  const before = await stateOf(place);
  const { id: _id, ...rules } = weekly.body;
  const wrongRules: readonly Json[] = [
    { type: "" },
    { type: undefined },
    { cron: undefined },
    { every_ms: 1000 },
    { cron: "* * * *" },
    { cron: undefined, every_ms: 99 },
    { time_zone: "Mars/Base" },
    { start_at_ms: 5, end_at_ms: 4 },
    { overlap: "queueOne" },
    { catch_up: 0 },
    { catch_up: "all" },
    { jitter_ms: -1 },
    { queue: "a b" },
    { priority: 31 },
    { meta: [] },
    { meta: { a: "x".repeat(64 * 1024) } },
    { payload: "x".repeat(64 * 1024) },
    { payload: JSON.parse("[".repeat(600) + "]".repeat(600)) },
    { meta: JSON.parse(`${'{"a":'.repeat(600)}1${"}".repeat(600)}`) },
    { retention: { completed_ms: -2 } },
    { backoff: { type: "slow" } },
    { delay_ms: 5 },
    { unique: true },
    { next: 1 },
    { run_on_start: true },
  ];
  const update = { updated_at_ms: DEFINED };
  const nightly = "/api/v1/schedules/nightly";
  const wrongLimits: readonly Json[] = [
    {},
    { concurrency: 0 },
    { concurrency: 100_001 },
    { concurrency: null },
    { rate: { count: 1 } },
    { rate: { count: 1, per_ms: 31 * 86_400_000 + 1 } },
    { rate: { count: 1, per_ms: 1, burst: 0 } },
    { concurrency: 1, more: 1 },
  ];
  await askRows(ask, [
    ...wrongRules.map((wrong): Row => {
      return ["POST", "/api/v1/schedules", 400, { ...weekly.body, ...wrong }];
    }),
    ...wrongRules.map((wrong): Row => ["PUT", nightly, 400, { ...rules, ...update, ...wrong }]),
    ...["a:b", "", "x".repeat(201), 5].map((id): Row => {
      return ["POST", "/api/v1/schedules", 400, { ...weekly.body, id }];
    }),
    ["PUT", nightly, 400, rules],
    ["PUT", nightly, 400, { ...rules, ...update, enabled: true }],
    ["PUT", nightly, 409, { ...rules, updated_at_ms: 5 }],
    ["POST", "/api/v1/jobs/job-ready/edit", 400, {}],
    ["POST", "/api/v1/jobs/job-ready/edit", 400, { payload: 1, as_new: "yes" }],
    ["POST", "/api/v1/jobs/job-ready/edit", 400, { payload: 1, queue: "mail" }],
    ["POST", "/api/v1/jobs/job-ready/edit", 400, {
      payload: JSON.parse("[".repeat(600) + "]".repeat(600)),
    }],
    ["POST", "/api/v1/jobs/job-ready/edit", 413, { payload: "x".repeat(1024 * 1024) }],
    ...[{}, { priority: 31 }, { priority: -31 }, { priority: 1.5 }, { priority: "1" }].map(
      (body): Row => ["POST", "/api/v1/jobs/job-ready/priority", 400, body],
    ),
    ...wrongLimits.map((body): Row => ["PUT", "/api/v1/limits/types/t", 400, body]),
    ["PUT", "/api/v1/limits/types/%01", 400, { concurrency: 1 }],
    ["PUT", "/api/v1/limits/keys/a%20b", 400, { concurrency: 1 }],
    ["POST", "/api/v1/types/%00/pause", 400],
    ["POST", `/api/v1/types/${"x".repeat(257)}/pause`, 400],
  ]);
  assert.deepEqual(await stateOf(place), before);
});

test("only so many things are paused at a time", async () => {
  await using place = await filled();
  const ask = deskOf(place);
  for (let i = 0; i < 999; i++) await place.store.pause({ queue: null, type: `t${i}` }, true);
  const paused = (await place.store.paused()).length;
  assert.equal(paused, 1000);
  await askRows(ask, [
    ["POST", "/api/v1/types/t0/pause", 200],
    ["POST", "/api/v1/types/more/pause", 409],
    ["POST", "/api/v1/types/t0/resume", 200],
    ["POST", "/api/v1/types/more/pause", 200],
  ]);
});
