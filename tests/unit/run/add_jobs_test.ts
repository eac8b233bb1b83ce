import { assertEquals, assertRejects } from "@std/assert";
import type { CyclicDependencyError, MissingParentError } from "../../../src/enqueue/errors.ts";
import type { JobHandle } from "../../../src/enqueue/handle.ts";
import { LeaseLostError } from "../../../src/run/errors.ts";
import type { JobContext } from "../../../src/run/context.ts";
import { gate, World } from "../../support/world.ts";

/** Starts a server with these handlers, which run beside each other. */
async function serve(
  world: World,
  handlers: Readonly<Record<string, (context: JobContext) => unknown>>,
): Promise<void> {
  const server = world.server();
  for (const [type, handler] of Object.entries(handlers)) server.handle(type, handler);
  await server.start();
}

Deno.test("enqueueChild runs a job after this one has completed", async () => {
  await using world = new World();
  const { opened, open } = gate();
  let child: JobHandle | undefined;
  await serve(world, {
    parent: async ({ enqueueChild }) => {
      child = await enqueueChild("child", { n: 1 }, { priority: 3 });
      await opened;
      return "from the parent";
    },
    child: async ({ job }) => [(await job.parents())[0]?.result, job.payload, job.priority],
  });
  const parent = await world.client.enqueue("parent");
  await world.flush();
  assertEquals([child?.status, child?.isNew], ["deferred", true]);
  assertEquals((await child?.job())?.dependsOn, [{ id: parent.id, onFailure: "cancel" }]);
  open();
  assertEquals(await child?.result(), ["from the parent", { n: 1 }, 3]);
});

Deno.test("a job that enqueueChild added is canceled when this one fails for good", async () => {
  await using world = new World();
  let runs = 0;
  let child: JobHandle | undefined;
  await serve(world, {
    parent: async ({ enqueueChild }) => {
      child = await enqueueChild("child", null, { id: "c", onConflict: "existing" });
      throw new Error("no");
    },
    child: () => ++runs,
  });
  await world.client.enqueue("parent", null, { maxRetry: 1, retryIntervals: [10] });
  await world.flush();
  assertEquals((await child?.job())?.status, "deferred", "a retry is no end");
  await world.clock.advance(10);
  await world.flush();
  assertEquals([runs, (await child?.job())?.status], [0, "canceled"]);
});

Deno.test("enqueueChild waits for other parents if it names them", async () => {
  await using world = new World();
  await world.client.enqueue("never", null, { id: "other" });
  let child: JobHandle | undefined;
  await serve(world, {
    parent: async ({ enqueueChild }) => {
      child = await enqueueChild("child", null, { dependsOn: ["other"] });
    },
  });
  await (await world.client.enqueue("parent")).result();
  assertEquals((await child?.job())?.dependsOn.map(({ id }) => id), ["other"]);
});

Deno.test("enqueueGraph in a handler hangs the jobs without parents from this one", async () => {
  await using world = new World();
  const order: unknown[] = [];
  let ids: readonly string[] = [];
  await serve(world, {
    parent: async ({ enqueueGraph }) => {
      const { first, last } = await enqueueGraph({
        last: { type: "step", payload: "last", dependsOn: ["first"] },
        first: { type: "step", payload: "first" },
      });
      ids = [first.id, last.id];
      order.push("parent", first.status, last.status);
    },
    step: ({ job }) => void order.push(job.payload),
  });
  const { id } = await world.client.enqueue("parent");
  await world.flush();
  assertEquals(order, ["parent", "deferred", "deferred", "first", "last"]);
  const [first, last] = await world.store.getJobs(ids);
  assertEquals(first?.settings.dependsOn, [{ id, onFailure: "cancel" }]);
  assertEquals(last?.settings.dependsOn?.map((edge) => edge.id), [ids[0]]);
});

Deno.test("errors of a handler's enqueues are those of a client", async () => {
  await using world = new World();
  const errors: unknown[] = [];
  await serve(world, {
    t: async ({ job, enqueueChild, enqueueGraph }) => {
      const note = (call: Promise<unknown>) => call.catch((error) => errors.push(error.code));
      await note(enqueueChild("x", 1n));
      await note(enqueueChild("x", 1, { dependsOn: ["gone"] }));
      await note(enqueueChild("x", 1, { id: job.id }));
      await note(enqueueGraph({ a: { type: "x", dependsOn: ["a"] } }));
    },
  });
  await (await world.client.enqueue("t")).result();
  assertEquals(errors, [
    "PAYLOAD_NOT_SERIALIZABLE",
    "MISSING_PARENT" satisfies MissingParentError["code"],
    "CYCLIC_DEPENDENCY" satisfies CyclicDependencyError["code"],
    "CYCLIC_DEPENDENCY",
  ]);
});

Deno.test("what a handler adds under a lost claim is refused, and nothing is written", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const contexts: JobContext[] = [];
  await serve(world, { t: (context) => opened.then(() => contexts.push(context)) });
  const { id } = await world.client.enqueue("t");
  await world.flush();
  await world.client.control.cancel(id);
  open();
  await world.flush();
  const [{ enqueueChild, enqueueGraph }] = contexts as [JobContext];
  const error = await assertRejects(() => enqueueChild("x"), LeaseLostError);
  assertEquals([error.code, error.id], ["LEASE_LOST", id]);
  await assertRejects(() => enqueueChild("x", 1, { dependsOn: [] }), LeaseLostError);
  await assertRejects(() => enqueueGraph({ a: { type: "x" } }), LeaseLostError);
  assertEquals((await world.store.counts()).map(({ status, count }) => [status, count]), [
    ["canceled", 1],
  ]);
});

Deno.test("what a handler adds after its end is refused", async () => {
  await using world = new World();
  const contexts: JobContext[] = [];
  await serve(world, { t: (context) => void contexts.push(context) });
  await (await world.client.enqueue("t")).result();
  await assertRejects(() => contexts[0]!.enqueueChild("x"), LeaseLostError);
});
