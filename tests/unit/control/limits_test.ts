import { assertEquals, assertRejects } from "@std/assert";
import { Client, defineJobs, InvalidOptionError, job, memoryStore, Server } from "../../../mod.ts";
import type { LimitedBy, LimitOptions } from "../../../src/control/limits.ts";
import { MAX_LIMIT_RULES } from "../../../src/store/limit_stage.ts";

const refusals: readonly (readonly [unknown, unknown, string])[] = [
  [{}, { concurrency: 1 }, "Cannot set limit as 'type' must be a string of 1 to 256"],
  [{ type: "" }, { concurrency: 1 }, "Cannot set limit as 'type' must be a string of 1 to 256"],
  [{ key: "a b" }, { concurrency: 1 }, "Cannot set limit as 'key' must be 1 to 128 of"],
  [{ key: "k".repeat(129) }, { concurrency: 1 }, "Cannot set limit as 'key' must be 1 to 128 of"],
  [{ key: "k", type: "t" }, { concurrency: 1 }, "'type' must not be given together with 'key'"],
  [{ type: "t", perKey: 1 }, { concurrency: 1 }, "'perKey' must be true or false"],
  [{ type: "t", queue: "q" }, { concurrency: 1 }, "'target.queue'"],
  [{ type: "t" }, {}, "'concurrency' must be given unless 'rate' is"],
  [{ type: "t" }, { concurrency: 0 }, "'concurrency' must be a whole number from 1 to 100000"],
  [{ type: "t" }, { concurrency: 1.5 }, "'concurrency' must be a whole number"],
  [{ type: "t" }, { rate: { count: 0, perMs: 1 } }, "'rate.count' must be a whole number"],
  [{ type: "t" }, { rate: { count: 1, perMs: 0 } }, "'rate.perMs' must be a whole number"],
  [{ type: "t" }, { rate: { count: 1, perMs: 32 * 86_400_000 } }, "'rate.perMs' must be"],
  [{ type: "t" }, { rate: { count: 1, perMs: 1, burst: 0 } }, "'rate.burst' must be"],
  [{ type: "t" }, { rate: { count: 1, perMs: 1, each: 2 } }, "'rate.each'"],
  [{ type: "t" }, { concurrency: 1, per: 2 }, "'limits.per'"],
];

Deno.test("LimitControl.set refuses what breaks a rule, and says which", async () => {
  await using client = new Client({ store: memoryStore() });
  for (const [target, limits, text] of refusals) {
    const call = () => client.limits.set(target as LimitedBy, limits as LimitOptions);
    await assertRejects(call, InvalidOptionError, text);
  }
  assertEquals(await client.limits.list(), []);
});

Deno.test("LimitControl lists what was set in the order of names, by client and server", async () => {
  const jobs = defineJobs({ "a": job<number>(), "b": job<number>() });
  const store = memoryStore();
  await using client = new Client({ store, jobs });
  await using server = new Server({ store, jobs, logLevel: "silent" });
  await client.limits.set({ type: "b" }, { concurrency: 2 });
  await server.limits.set({ type: "a", perKey: true }, { rate: { count: 3, perMs: 1000 } });
  await server.limits.set({ type: "a" }, { concurrency: 1 });
  // @ts-expect-error The registry has no such type.
  await client.limits.set({ type: "c" }, { concurrency: 1 });
  await client.limits.set({ key: "k" }, { concurrency: 4 });
  assertEquals((await client.limits.list()).map(({ target, limits }) => [target, limits]), [
    [{ key: "k" }, { concurrency: 4 }],
    [{ type: "a" }, { concurrency: 1 }],
    [{ type: "a", perKey: true }, { rate: { count: 3, perMs: 1000, burst: 3 } }],
    [{ type: "b" }, { concurrency: 2 }],
    [{ type: "c" }, { concurrency: 1 }],
  ]);
  assertEquals(await client.limits.remove({ type: "a", perKey: true }), true);
  assertEquals(await client.limits.remove({ type: "a", perKey: true }), false);
  assertEquals((await server.limits.list()).length, 4);
});

Deno.test("LimitControl.set refuses a rule when there are 10 000", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  for (let i = 0; i < MAX_LIMIT_RULES; i++) {
    await store.setLimit({ key: `k${i}` }, { concurrency: 1 });
  }
  const call = () => client.limits.set({ type: "t" }, { concurrency: 1 });
  await assertRejects(call, InvalidOptionError, "be one of at most 10000");
  await client.limits.set({ key: "k7" }, { concurrency: 2 });
  await client.limits.remove({ key: "k8" });
  await call();
});

Deno.test("enqueue takes a limit key, and refuses one that breaks its rule", async () => {
  await using client = new Client({ store: memoryStore() });
  const { id } = await client.enqueue("t", null, { limitKey: "a:b.C_1-2" });
  assertEquals((await client.getJob(id))?.limitKey, "a:b.C_1-2");
  for (const limitKey of ["", "a b", "k".repeat(129), 7 as unknown as string]) {
    const call = () => client.enqueue("t", null, { limitKey });
    await assertRejects(call, InvalidOptionError, "'limitKey' must be 1 to 128 of");
  }
});
