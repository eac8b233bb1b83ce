/** What `/metrics` tells of a store and of a process, on every kind of store, and to whom. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, createMonitor, InvalidOptionError, memoryStore } from "../../mod.ts";
import { readExposition, type Series } from "../support/exposition.ts";
import type { Verb } from "../support/decorated_store.ts";
import { apiKeys, ask, keys, testMonitor } from "../support/monitor.ts";
import { fill } from "./support/filled.ts";
import { kinds } from "./support/places.ts";
import { MonitorWorld } from "./world.ts";

const OPEN_METRICS = { accept: "application/openmetrics-text; version=1.0.0" };
const VERBS: readonly Verb[] = [
  "counts",
  "oldest",
  "totals",
  "paused",
  "servers",
  "info",
  "series",
];

async function scrape(world: MonitorWorld, query = "", headers = {}): Promise<Series> {
  const response = await world.fetch(`/metrics${query}`, { headers });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const type = response.headers.get("content-type") ?? "";
  return readExposition(await response.text(), type.startsWith("application/openmetrics-text"));
}

/** The series of some names, in the order in which they were told. */
function only(series: Series, ...names: readonly string[]): Record<string, number> {
  const own = [...series].filter(([key]) => names.includes(key.split("{")[0]!));
  return Object.fromEntries(own);
}

for (const kind of kinds) {
  test(`/metrics tells how a store stands (${kind.name})`, { skip: kind.skip }, async () => {
    await using place = await kind.make();
    await fill(place);
    const world = new MonitorWorld(place);
    await using _closed = world.monitor;
    const series = await scrape(world);
    assert.equal(series.get("gqm_store_up"), 1);
    const mail = (status: string): string =>
      `gqm_jobs{queue="mail",type="email.send",status="${status}"}`;
    assert.deepEqual(Object.fromEntries(Object.entries(only(series, "gqm_jobs")).sort()), {
      [mail("canceled")]: 1,
      [mail("completed")]: 1,
      [mail("dead_letter")]: 1,
      [mail("deferred")]: 1,
      [mail("processing")]: 1,
      [mail("ready")]: 1,
      [mail("retry")]: 1,
      [mail("scheduled")]: 1,
      'gqm_jobs{queue="reports",type="report",status="ready"}': 1,
    });
    const age = "gqm_oldest_waiting_age_seconds";
    assert.deepEqual(Object.fromEntries(Object.entries(only(series, age)).sort()), {
      [`${age}{queue="mail",type="email.send"}`]: 0,
      [`${age}{queue="reports",type="report"}`]: 0,
    });
    const ended = (outcome: string): string =>
      `gqm_outcomes_total{queue="mail",type="email.send",outcome="${outcome}"}`;
    assert.deepEqual(only(series, "gqm_outcomes_total"), {
      [ended("completed")]: 1,
      [ended("retried")]: 1,
      [ended("dead_lettered")]: 1,
      [ended("canceled")]: 1,
      [ended("lost")]: 0,
    });
    assert.deepEqual(only(series, "gqm_paused", "gqm_servers", "gqm_pool_slots", "gqm_pool_busy"), {
      'gqm_paused{queue="idle"}': 1,
      'gqm_servers{kind="server"}': 1,
      'gqm_servers{kind="consumer"}': 1,
      'gqm_pool_slots{pool="consumer"}': 0,
      'gqm_pool_slots{pool="mailers"}': 4,
      'gqm_pool_slots{pool="rest"}': 2,
      'gqm_pool_busy{pool="consumer"}': 2,
      'gqm_pool_busy{pool="mailers"}': 1,
      'gqm_pool_busy{pool="rest"}': 0,
    });
    const p99 = 'queue="mail",type="email.send",percentile="99"';
    const ran = series.get(`gqm_recent_run_duration_seconds{${p99}}`)!;
    assert.ok(ran > 1.02 && ran <= 1.28, `ran ${ran} s`);
    assert.equal(series.get("gqm_upkeep_lag_seconds"), 300);
    await world.store.sample();
    await place.clock.advance(1000);
    const later = await scrape(world);
    assert.equal(later.get("gqm_upkeep_lag_seconds"), 4);
    assert.equal(later.get(`${age}{queue="reports",type="report"}`), 1);
    await place.clock.advance(60_000);
    await world.store.reap({ limit: 10, maxDeliveries: 5 });
    assert.equal((await scrape(world)).get(ended("lost")), 1);
  });

  test(`/metrics tells in both formats what the other does (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await fill(place);
    const world = new MonitorWorld(place);
    await using _closed = world.monitor;
    const names = async (
      headers = {},
    ): Promise<string[]> => [...(await scrape(world, "?of=store", headers)).keys()];
    assert.deepEqual(await names(OPEN_METRICS), await names());
    assert.equal((await world.fetch("/metrics", { method: "HEAD" })).status, 200);
  });

  test(`/metrics tells whoever has some queues of those alone (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await fill(place);
    const key = `gqm_ak_${"7".repeat(48)}`;
    const auth = { apiKeys: [{ name: "reports", key, queues: ["reports"] }] };
    const world = new MonitorWorld(place, { auth });
    await using _closed = world.monitor;
    const response = await world.fetch("/metrics", { headers: { authorization: `Bearer ${key}` } });
    const text = await response.text();
    assert.doesNotMatch(text, /mail|idle|pool=|verb=|gqm_servers|gqm_process_(?!heap)/);
    const series = readExposition(text);
    assert.deepEqual(only(series, "gqm_jobs", "gqm_store_up"), {
      gqm_store_up: 1,
      'gqm_jobs{queue="reports",type="report",status="ready"}': 1,
    });
    assert.ok(series.has("process_start_time_seconds"));
  });

  test(`a scrape is a fixed number of calls, and good for a second (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    await fill(place);
    const world = new MonitorWorld(place);
    await using _closed = world.monitor;
    const calls = (): number[] => VERBS.map((verb) => world.store.calls(verb).length);
    const before = calls();
    const scrapes = (n: number): Promise<Series[]> =>
      Promise.all(Array.from({ length: n }, () => scrape(world)));
    await scrapes(20);
    await place.clock.advance(999);
    await scrapes(20);
    const once = before.map((count) => count + 1);
    assert.deepEqual(calls(), once);
    await place.clock.advance(1);
    await scrape(world, "?of=process");
    assert.deepEqual(calls(), once);
    await scrapes(20);
    assert.deepEqual(calls(), before.map((count) => count + 2));
  });

  test(`a store that fails is told as away, until it is back (${kind.name})`, {
    skip: kind.skip,
  }, async () => {
    await using place = await kind.make();
    const world = new MonitorWorld(place);
    await using _closed = world.monitor;
    world.breakNext("totals", "before");
    const series = await scrape(world);
    assert.deepEqual(only(series, "gqm_store_up", "gqm_store_info"), { gqm_store_up: 0 });
    assert.ok(series.has("process_resident_memory_bytes"));
    assert.equal(world.logger.saying("Store could not be read for metrics").length, 1);
    await place.clock.advance(1000);
    const later = await scrape(world);
    assert.equal(later.get("gqm_store_up"), 1);
    assert.equal(later.get('gqm_process_store_call_failures_total{verb="totals"}'), 1);
    assert.equal(later.get('gqm_process_store_call_duration_seconds_count{verb="totals"}'), 2);
  });
}

test("a store that does not answer is waited for, once and not for ever", async () => {
  await using place = await kinds[0]!.make();
  const world = new MonitorWorld(place);
  await using _closed = world.monitor;
  const held = Promise.withResolvers<void>();
  world.store.on("counts", ({ run }) => held.promise.then(run));
  let isOver = false;
  const scrapes = Promise.all([scrape(world), scrape(world)]).finally(() => isOver = true);
  while (!isOver) await place.clock.advance(1000);
  for (const series of await scrapes) assert.equal(series.get("gqm_store_up"), 0);
  assert.equal(world.store.calls("counts").length, 1);
  held.resolve();
  await place.clock.advance(1000);
  assert.equal((await scrape(world)).get("gqm_store_up"), 1);
});

test("queues and types without room are told as one", async () => {
  await using place = await kinds[0]!.make();
  const world = new MonitorWorld(place);
  await using _closed = world.monitor;
  await using client = new Client({ store: place.store });
  await client.enqueue("a", null, { queue: "mail" });
  const [row] = await world.store.counts();
  const many = Array.from({ length: 1500 }, (_, i) => ({ ...row!, queue: `q${i}`, count: 2 }));
  world.store.on("counts", () => Promise.resolve(many));
  const jobs = only(await scrape(world), "gqm_jobs");
  assert.equal(Object.keys(jobs).length, 1001);
  assert.equal(jobs['gqm_jobs{queue="*",type="*",status="ready"}'], 1000);
});

test("/metrics is for viewers, for everyone, or not there", async () => {
  const asked = async (
    metrics: { open?: boolean } | false | undefined,
    headers: Record<string, string> = {},
  ): Promise<number> => {
    await using monitor = testMonitor({ metrics }, { apiKeys });
    return (await ask(monitor, "/metrics", { headers })).status;
  };
  const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  for (const metrics of [undefined, {}, { open: false }]) {
    assert.equal(await asked(metrics), 401);
    assert.equal(await asked(metrics, bearer(keys.viewer)), 200);
    assert.equal(await asked(metrics, bearer(keys.producer)), 403);
  }
  assert.equal(await asked({ open: true }), 200);
  assert.equal(await asked({ open: true }, bearer("wrong")), 200);
  assert.equal(await asked(false, bearer(keys.admin)), 404);
  await using open = testMonitor({ metrics: { open: true } });
  assert.equal((await ask(open, "/api/v1/stats")).status, 401);
  assert.equal((await ask(open, "/metrics", { method: "POST" })).status, 405);
  assert.equal((await ask(open, "/metrics?of=nothing")).status, 400);
});

test("options of metrics that break a rule are refused", () => {
  for (const metrics of [true, null, "open", { open: 1 }, { auth: true }]) {
    const options = { store: memoryStore(), auth: "none", metrics: metrics as never } as const;
    assert.throws(() => createMonitor(options), InvalidOptionError);
  }
});
