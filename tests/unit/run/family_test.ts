import { assertEquals } from "@std/assert";
import type { JobContext } from "../../../src/run/context.ts";
import { SkipRetry } from "../../../src/settle/outcome.ts";
import { World } from "../../support/world.ts";

/** Starts a server with these handlers, which run beside each other. */
async function serve(
  world: World,
  handlers: Readonly<Record<string, (context: JobContext) => unknown>>,
): Promise<void> {
  const server = world.server();
  for (const [type, handler] of Object.entries(handlers)) server.handle(type, handler);
  await server.start();
}

const fails = (): never => {
  throw new SkipRetry("no");
};

Deno.test("parents gives what a job waited for, in the order of its dependsOn", async () => {
  await using world = new World();
  const { client } = world;
  const one = await client.enqueue("good", 1, { id: "one", delayMs: 10 });
  const two = await client.enqueue("bad", 2, { id: "two" });
  const three = await client.enqueue("good", 3, { id: "three" });
  const child = await client.enqueue("child", null, {
    dependsOn: [{ id: one.id }, { id: two.id, onFailure: "continue" }, three],
  });
  await serve(world, {
    good: ({ job }) => ({ n: job.payload }),
    bad: fails,
    child: ({ job }) => job.parents(),
  });
  await world.clock.advance(10);
  const seen = await child.result();
  assertEquals(seen, [
    { id: "one", type: "good", status: "completed", result: { n: 1 } },
    { id: "two", type: "bad", status: "dead_letter", error: "no" },
    { id: "three", type: "good", status: "completed", result: { n: 3 } },
  ]);
});

for (const onFailure of ["continue", "ignore"] as const) {
  Deno.test(`a failed parent with the policy ${onFailure} is ${onFailure === "ignore" ? "left out" : "there"}`, async () => {
    await using world = new World();
    const parents = await world.client.enqueueMany([{ type: "bad" }, { type: "good" }]);
    const dependsOn = parents.map(({ id }) => ({ id, onFailure }));
    const child = await world.client.enqueue("child", null, { dependsOn });
    await serve(world, {
      good: () => 1,
      bad: fails,
      child: async ({ job }) => (await job.parents()).map(({ type }) => type),
    });
    assertEquals(await child.result(), onFailure === "ignore" ? ["good"] : ["bad", "good"]);
  });
}

Deno.test("a child with the policy cancel does not run when a parent fails", async () => {
  await using world = new World();
  const parent = await world.client.enqueue("bad");
  const child = await world.client.enqueue("child", null, { dependsOn: [parent] });
  let runs = 0;
  await serve(world, { bad: fails, child: () => ++runs });
  await world.flush();
  assertEquals([runs, (await child.job())?.status], [0, "canceled"]);
});

Deno.test("parents leaves out those that were removed", async () => {
  await using world = new World();
  const retention = { completedMs: 0 };
  const [gone, kept] = await world.client.enqueueMany([
    { type: "good", options: { retention } },
    { type: "good", payload: 2 },
  ]);
  const child = await world.client.enqueue("child", null, { dependsOn: [gone, kept] });
  await serve(world, {
    good: ({ job }) => job.payload,
    child: async ({ job }) => [(await job.parents()).map(({ id }) => id), job.dependsOn.length],
  });
  assertEquals(await child.result(), [[kept.id], 2]);
});

Deno.test("parents gives those of one type when asked for it", async () => {
  await using world = new World();
  const items = ["a", "b", "a"].map((type, payload) => ({ type, payload }));
  const dependsOn = await world.client.enqueueMany(items);
  const child = await world.client.enqueue("child", null, { dependsOn });
  const same = ({ job }: JobContext): unknown => job.payload;
  await serve(world, {
    a: same,
    b: same,
    child: async ({ job }) =>
      await Promise.all(["a", "b", "none"].map(async (type) => {
        return (await job.parents(type)).map(({ result }) => result);
      })),
  });
  assertEquals(await child.result(), [[0, 2], [1], []]);
});

Deno.test("a parent whose result was not kept has none", async () => {
  await using world = new World();
  const parent = await world.client.enqueue("large");
  const child = await world.client.enqueue("child", null, { dependsOn: [parent] });
  await serve(world, {
    large: () => "x".repeat(1 << 20),
    child: async ({ job }) =>
      (await job.parents()).map(({ status, result }) => [status, String(result)]),
  });
  assertEquals(await child.result(), [["completed", "undefined"]]);
});

Deno.test("a job without parents has none, and the store is not asked", async () => {
  await using world = new World();
  const handle = await world.client.enqueue("t");
  let parents: unknown;
  await serve(world, { t: async ({ job }) => void (parents = await job.parents()) });
  const calls = world.store.calls("getJobs").length;
  await handle.result();
  assertEquals([parents, world.store.calls("getJobs").length], [[], calls]);
});

Deno.test("a handler's job can be cloned and compared as any other, as for a worker thread", async () => {
  await using world = new World();
  let clone: { readonly payload?: unknown } = {};
  const handler = ({ job }: JobContext): void => {
    clone = structuredClone(job);
    assertEquals<unknown>(job, clone);
    assertEquals<unknown>({ ...job }, clone);
  };
  await serve(world, { t: handler });
  const handle = await world.client.enqueue("t", { n: 1 }, { maxRetry: 0 });
  await world.flush();
  assertEquals([(await handle.job())?.status, clone.payload], ["completed", { n: 1 }]);
});
