/** What `/metrics` of a server tells of its process. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Client, memoryStore, Server } from "../../mod.ts";
import { FaultyStore } from "../../src/testing/faulty_store.ts";
import { readExposition, type Series } from "../support/exposition.ts";

const api = { addr: "127.0.0.1:0", auth: "none" } as const;

async function look(server: Server): Promise<Series> {
  const headers = { accept: "application/openmetrics-text" };
  const response = await fetch(`${server.api!.url}/metrics?of=process`, { headers });
  return readExposition(await response.text(), true);
}

/** Looks until something is so. */
async function until(server: Server, isSo: (series: Series) => boolean): Promise<Series> {
  for (const end = performance.now() + 60_000;;) {
    const series = await look(server);
    if (isSo(series)) return series;
    assert.ok(performance.now() < end, [...series].join("\n"));
    await setTimeout(20);
  }
}

test("a monitor of a server tells what its process ran and asked of the store", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await using server = new Server({ store, logLevel: "silent", api, maxRetry: 1 });
  const goOn = Promise.withResolvers<void>();
  server.handle("greet", ({ job }) => `Hello, ${job.payload}`);
  server.handle("wrong", ({ job }) => {
    if (job.attempt === 1) throw new Error("at first");
  }, { backoff: { type: "fixed", baseMs: 0 } });
  server.handle("slow", () => goOn.promise);
  server.pool({ name: "slow", types: ["slow"], concurrency: 3 });
  await server.start();
  await client.enqueueMany([
    ...[1, 2, 3].map((payload) => ({ type: "greet", payload })),
    { type: "wrong" },
    { type: "slow" },
  ]);
  const ended = (type: string, outcome: string): string =>
    `gqm_process_attempts_total{queue="default",type="${type}",outcome="${outcome}"}`;
  const series = await until(
    server,
    (one) =>
      one.get(ended("greet", "completed")) === 3 && one.get(ended("wrong", "completed")) === 1 &&
      one.get('gqm_process_pool_busy{pool="slow"}') === 1,
  );
  assert.equal(series.get(ended("wrong", "retried")), 1);
  assert.equal(series.get(ended("wrong", "dead_lettered")), 0);
  assert.equal(series.get('gqm_process_pool_slots{pool="slow"}'), 3);
  const greet = '{queue="default",type="greet"}';
  assert.equal(series.get(`gqm_process_run_duration_seconds_count${greet}`), 3);
  assert.equal(series.get(`gqm_process_wait_duration_seconds_count${greet}`), 3);
  assert.equal(series.get(`gqm_process_payload_bytes_sum${greet}`), 3);
  const wrong = '{queue="default",type="wrong"}';
  assert.equal(series.get(`gqm_process_run_duration_seconds_count${wrong}`), 2);
  assert.equal(series.get(`gqm_process_wait_duration_seconds_count${wrong}`), 1);
  assert.equal(series.get("gqm_process_heartbeat_failures_total"), 0);
  for (const verb of ["claim", "settle", "reap"]) {
    const count = series.get(`gqm_process_store_call_duration_seconds_count{verb="${verb}"}`)!;
    assert.ok(count > 0, verb);
  }
  assert.ok(series.get("gqm_process_upkeep_age_seconds")! >= 0);
  const before = series.get("process_cpu_seconds_total")!;
  assert.ok(before > 0 && (await look(server)).get("process_cpu_seconds_total")! >= before);
  goOn.resolve();
  await until(server, (one) => one.get(ended("slow", "completed")) === 1);
});

test("a server without metrics counts nothing", async () => {
  const store = memoryStore();
  const without = { ...api, metrics: false } as const;
  await using server = new Server({ store, logLevel: "silent", api: without });
  await server.start();
  assert.equal((await fetch(`${server.api!.url}/metrics`)).status, 404);
  assert.equal((await fetch(`${server.api!.url}/health`)).status, 200);
});

test("heartbeats that do not reach the store are counted", async () => {
  await using inner = memoryStore();
  const faults = new FaultyStore(inner);
  await using server = new Server({ store: faults.store, logLevel: "silent", api, leaseMs: 3000 });
  faults.fail("heartbeat");
  await server.start();
  const failures = "gqm_process_heartbeat_failures_total";
  const series = await until(server, (one) => one.get(failures) === 1);
  assert.equal(series.get('gqm_process_store_call_failures_total{verb="heartbeat"}'), 1);
});
