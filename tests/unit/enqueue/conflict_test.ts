import { assertEquals, assertRejects } from "@std/assert";
import { DuplicateJobError } from "../../../src/enqueue/errors.ts";
import type { JobHandle } from "../../../src/enqueue/handle.ts";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import type { Handler } from "../../../src/run/handler.ts";
import { FAKE_CLOCK_START as NOW } from "../../../src/testing/fake_clock.ts";
import { gate, World } from "../../support/world.ts";

const unique = { key: "k" };

/** Status, payload and due time of a job as it is now. */
async function now(handle: JobHandle): Promise<readonly unknown[]> {
  const job = await handle.job();
  return [job?.status, job?.payload, job?.runAt === undefined ? undefined : job.runAt - NOW];
}

/** A server whose handler writes down what it runs. */
async function serve(world: World, handler: Handler = () => 1): Promise<unknown[]> {
  const seen: unknown[] = [];
  await world.server().handle("t", (context) => {
    seen.push(context.job.payload);
    return handler(context);
  }, { concurrency: 5 }).start();
  return seen;
}

Deno.test("a key is free again when its job is final", async () => {
  await using world = new World();
  const first = await world.client.enqueue("t", 1, { unique });
  await assertRejects(() => world.client.enqueue("t", 2, { unique }), DuplicateJobError);
  await serve(world);
  await first.result();
  assertEquals((await world.client.enqueue("t", 3, { unique })).isNew, true);
});

Deno.test("a key until started is free when its job has been claimed", async () => {
  await using world = new World();
  const options = { unique: { key: "k", until: "started" } } as const;
  const { opened, open } = gate();
  await world.client.enqueue("t", 1, options);
  await assertRejects(() => world.client.enqueue("t", 2, options), DuplicateJobError);
  const seen = await serve(world, () => opened);
  await world.flush();
  assertEquals((await world.client.enqueue("t", 3, options)).isNew, true);
  open();
  await world.flush();
  assertEquals(seen, [1, 3]);
});

Deno.test("a key until removed is free when its job has left the store", async () => {
  await using world = new World();
  const options = { unique: { key: "k", until: "removed" } } as const;
  const first = await world.client.enqueue("t", 1, options);
  await serve(world);
  await first.result();
  const again = { ...options, onConflict: "existing" } as const;
  assertEquals((await world.client.enqueue("t", 2, again)).status, "completed");
  await world.client.control.remove(first.id);
  assertEquals((await world.client.enqueue("t", 3, options)).isNew, true);
});

Deno.test("existing gives the job that has the key, whatever its status", async () => {
  await using world = new World();
  const options = { unique, onConflict: "existing" } as const;
  const first = await world.client.enqueue("t", 1, { ...options, delayMs: 10 });
  const second = await world.client.enqueue("t", 2, options);
  assertEquals([second.id, second.isNew, second.status], [first.id, false, "scheduled"]);
  assertEquals(await now(second), ["scheduled", 1, 10], "as it was");
});

Deno.test("throttle lets one job through in the time of ttlMs, the first", async () => {
  await using world = new World();
  const seen = await serve(world);
  const send = async (n: number): Promise<boolean> => {
    const options = { unique: { key: "k", ttlMs: 1000 }, onConflict: "throttle" } as const;
    const { isNew } = await world.client.enqueue("t", n, options);
    await world.flush();
    return isNew;
  };
  assertEquals([await send(1), await send(2)], [true, false]);
  await world.clock.advance(999);
  assertEquals(await send(3), false);
  await world.clock.advance(1);
  assertEquals([await send(4), await send(5)], [true, false]);
  assertEquals(seen, [1, 4]);
});

Deno.test("debounce runs the last of several calls, its delay after it", async () => {
  await using world = new World();
  const seen = await serve(world);
  const send = (n: number): Promise<JobHandle> =>
    world.client.enqueue("t", n, { unique, onConflict: "debounce", delayMs: 100 });
  const first = await send(1);
  await world.clock.advance(99);
  const second = await send(2);
  assertEquals([second.id, second.isNew, second.status], [first.id, false, "scheduled"]);
  await world.clock.advance(99);
  await send(3);
  await world.clock.advance(99);
  assertEquals(seen, []);
  await world.clock.advance(1);
  assertEquals(seen, [3]);
  assertEquals((await send(4)).isNew, true, "once it has started, the next one begins anew");
  await world.flush();
  await world.clock.advance(100);
  await world.flush();
  assertEquals(seen, [3, 4]);
});

Deno.test("a debounced job that has started keeps none out, though it still runs", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const seen = await serve(world, () => opened);
  const send = (n: number): Promise<JobHandle> =>
    world.client.enqueue("t", n, { unique, onConflict: "debounce", delayMs: 10 });
  await send(1);
  await world.flush();
  await world.clock.advance(10);
  assertEquals((await send(2)).isNew, true);
  await world.flush();
  await world.clock.advance(10);
  await world.flush();
  assertEquals(seen, [1, 2]);
  open();
});

Deno.test("replace changes the payload of a job that waits, and nothing else", async () => {
  await using world = new World();
  const options = { unique, onConflict: "replace" } as const;
  const first = await world.client.enqueue("t", 1, { ...options, delayMs: 50, priority: 3 });
  const second = await world.client.enqueue("t", 2, { ...options, delayMs: 10, priority: 9 });
  assertEquals([second.id, second.isNew, second.status], [first.id, false, "scheduled"]);
  assertEquals(await now(first), ["scheduled", 2, 50]);
  assertEquals((await first.job())?.priority, 3);
});

const busy: readonly EnqueueOptions[] = [
  { unique, onConflict: "replace" },
  { id: "mine", onConflict: "replace" },
  { id: "mine", onConflict: "debounce", delayMs: 5 },
  { unique: { ...unique, until: "finished" }, onConflict: "debounce", delayMs: 5 },
];

for (const options of busy) {
  Deno.test(`${JSON.stringify(options)} is refused while the job runs`, async () => {
    await using world = new World();
    const { opened, open } = gate();
    await serve(world, () => opened);
    const first = await world.client.enqueue("t", 1, options);
    await world.flush();
    await world.clock.advance(5);
    const error = await assertRejects(
      () => world.client.enqueue("t", 2, options),
      DuplicateJobError,
    );
    assertEquals([error.existing.id, error.existing.status], [first.id, "processing"]);
    open();
    await first.result();
    assertEquals((await first.job())?.payload, 1);
  });
}

Deno.test("rerun runs once more after the job that runs, however often it is called", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const seen = await serve(world, ({ job }) => job.payload === 1 ? opened : undefined);
  const send = (n: number): Promise<JobHandle> =>
    world.client.enqueue("t", n, { unique, onConflict: "rerun" });
  const first = await send(1);
  await world.flush();
  const second = await send(2);
  assertEquals([second.isNew, second.status, second.id !== first.id], [true, "deferred", true]);
  const third = await send(3);
  assertEquals([third.isNew, third.id, third.status], [false, second.id, "deferred"]);
  assertEquals(seen, [1], "not beside each other");
  open();
  await second.result();
  assertEquals(seen, [1, 2]);
  assertEquals((await send(4)).isNew, true, "nothing runs or waits any more");
});

Deno.test("rerun gives the job that waits, for it will see what was there when it was called", async () => {
  await using world = new World();
  const options = { unique, onConflict: "rerun" } as const;
  const first = await world.client.enqueue("t", 1, options);
  const second = await world.client.enqueue("t", 2, options);
  assertEquals([second.id, second.isNew, second.status], [first.id, false, "ready"]);
});

Deno.test("rerun runs after a job that fails, too", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const seen = await serve(world, async ({ job }) => {
    if (job.payload !== 1) return;
    await opened;
    throw new Error("no");
  });
  const send = (n: number): Promise<JobHandle> =>
    world.client.enqueue("t", n, { unique, onConflict: "rerun", maxRetry: 0 });
  await send(1);
  await world.flush();
  const second = await send(2);
  open();
  await second.result();
  assertEquals(seen, [1, 2]);
});

for (const more of [{ until: "removed" }, { ttlMs: 60_000 }] as const) {
  Deno.test(`rerun with ${JSON.stringify(more)} does not pass off a job that has ended as one that will run`, async () => {
    await using world = new World();
    await serve(world);
    const options = { unique: { ...unique, ...more }, onConflict: "rerun" } as const;
    const first = await world.client.enqueue("t", 1, options).catch(() => undefined);
    if (first === undefined) return; // refused as a combination: that is as good
    await first.result();
    const second = await world.client.enqueue("t", 2, options).catch(() => undefined);
    assertEquals(second?.status === "completed", false, "what was enqueued never runs");
  });
}

Deno.test("replace by id does not give a job of another type a payload that is not its own", async () => {
  await using world = new World();
  await world.client.enqueue("mail", { to: "ada" }, { id: "x" });
  await assertRejects(
    () => world.client.enqueue("sum", [1, 2], { id: "x", onConflict: "replace" }),
    DuplicateJobError,
  );
  assertEquals((await world.client.getJob("x"))?.payload, { to: "ada" });
});
