/** What every consumer does with the package: all its doors, and its command. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { VERSION } from "../../../src/version.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";
import type { Consumer } from "./consumer.ts";

const noRedis = testRedisProblem();

/**
 * Uses the package that a consumer has installed.
 *
 * @param threads What stands for a thread there.
 */
export async function useAll(
  consumer: Consumer,
  t: Deno.TestContext,
  threads: "thread" | "process" = "thread",
): Promise<void> {
  for (const kind of ["memory", "sqlite"] as const) {
    await t.step(`library and threads on ${kind}`, async () => {
      const store = kind === "memory" ? "memory:consumer" : `sqlite:${consumer.folder}/jobs.db`;
      assertEquals(await consumer.run("library.ts", { STORE: store }), `library: ${kind}\n`);
      assertEquals(await consumer.run("threads.ts", { STORE: store }), `threads: ${threads}\n`);
    });
  }
  await t.step({
    name: `library on redis${noRedis === undefined ? "" : `: ${noRedis}`}`,
    ignore: noRedis !== undefined,
    fn: async () => await useRedis(consumer),
  });
  for (const door of ["config", "otel", "testing"]) {
    await t.step(`./${door}`, async () => {
      assertEquals(await consumer.run(`${door}.ts`), `${door}: ok\n`);
    });
  }
  await t.step("monitor and dashboard", async () => {
    assertStringIncludes(await consumer.run("monitor.ts"), "monitor: ok\n");
  });
  await t.step("./cli and the command", async () => await useCommand(consumer));
}

async function useRedis(consumer: Consumer): Promise<void> {
  const [prefix, url] = [uniquePrefix(), testRedis()];
  const store = new URL(url);
  store.searchParams.set("prefix", prefix);
  try {
    assertEquals(await consumer.run("library.ts", { STORE: store.href }), "library: redis\n");
  } finally {
    await removeKeys(url, prefix);
  }
}

async function useCommand(consumer: Consumer): Promise<void> {
  assertEquals(await consumer.gqm("version"), `gqm ${VERSION}\n`);
  const demo = await consumer.gqm("demo", "--once", "--dir", ".", "--store", "memory:demo");
  assertMatch(demo, /\d+ files read, each once/);

  const store = `sqlite:${consumer.folder}/command.db`;
  await consumer.gqm("enqueue", "greet", '"Ada"', "--store", store);
  await using worker = consumer.startGqm("run", "worker.ts", "--store", store);
  await worker.said(/greeted Ada/);
  assertEquals(await worker.stop(), 0);
  const jobs = JSON.parse(await consumer.gqm("jobs", "list", "--json", "--store", store));
  assertEquals(jobs.map(({ status }: { readonly status: string }) => status), ["completed"]);
  // A table, whose columns are as wide as the stand-in of @std/cli says.
  assertStringIncludes(await consumer.gqm("queues", "--store", store), "default");

  await consumer.gqm("init");
  await consumer.gqm("add-api-key", "grafana", "--role", "viewer");
  const config = await Deno.readTextFile(join(consumer.folder, "gqm.yaml"));
  assertMatch(config, /grafana/);
}
