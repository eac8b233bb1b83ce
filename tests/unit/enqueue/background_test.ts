import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  BackgroundEnqueuer,
  type BackgroundEnqueuerOptions,
  type BackgroundItem,
} from "../../../src/enqueue/background.ts";
import {
  BufferFullError,
  EnqueuerClosedError,
  JobUnsentError,
} from "../../../src/enqueue/background_errors.ts";
import { DuplicateJobError, PayloadNotSerializableError } from "../../../src/enqueue/errors.ts";
import type { JobHandle } from "../../../src/enqueue/handle.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import type { JobRecord } from "../../../src/job/job.ts";
import { defineJobs, job } from "../../../src/job/registry.ts";
import { StoreBusyError, StoreUnavailableError } from "../../../src/store/errors.ts";
import { gate, never, World } from "../../support/world.ts";

const unavailable = new StoreUnavailableError("test", 5);

interface Kit {
  readonly background: BackgroundEnqueuer;
  readonly failed: (readonly [error: unknown, item: BackgroundItem])[];
  readonly enqueued: (readonly [handle: JobHandle, item: BackgroundItem])[];
}

function kitOf(world: World, options: Partial<BackgroundEnqueuerOptions> = {}): Kit {
  const failed: Kit["failed"] = [];
  const enqueued: Kit["enqueued"] = [];
  const { client, clock, logger } = world;
  const background = new BackgroundEnqueuer({
    enqueue: (...args) => client.enqueue(...args),
    onError: (error, item) => failed.push([error, item]),
    onEnqueued: (handle, item) => enqueued.push([handle, item]),
    clock,
    logger,
    ...options,
  });
  return { background, failed, enqueued };
}

/** Jobs of the store that wait, oldest first. */
async function waitingIn(world: World): Promise<readonly JobRecord[]> {
  const { jobs } = await world.store.list({ status: "ready", limit: 500 });
  return jobs.toReversed();
}

async function payloadsIn(world: World): Promise<string[]> {
  return (await waitingIn(world)).map(({ payload }) => payload);
}

Deno.test("add returns at once, and flush waits until the jobs are in the store", async () => {
  await using world = new World();
  const { background, enqueued } = kitOf(world);
  for (let i = 0; i < 5; i++) background.add("t", i, { queue: "q" });
  assertEquals([background.size, world.store.calls("enqueue").length], [5, 0]);
  assertEquals(await background.flush(), { enqueued: 5, failed: 0 });
  assertEquals([background.size, world.store.calls("enqueue").length], [0, 1], "in one call");
  assertEquals(await payloadsIn(world), ["0", "1", "2", "3", "4"]);
  const ids = (await waitingIn(world)).map(({ id }) => id);
  assertEquals(enqueued.map(([{ id }, { payload }]) => [id, payload]), ids.map((id, i) => [id, i]));
});

Deno.test("flush counts what has ended since the flush before", async () => {
  await using world = new World();
  const { background } = kitOf(world, { onError: () => {} });
  assertEquals(await background.flush(), { enqueued: 0, failed: 0 });
  background.add("t");
  await world.flush();
  background.add("t", 1n);
  assertEquals(await background.flush(), { enqueued: 1, failed: 1 });
  assertEquals(await background.flush(), { enqueued: 0, failed: 0 });
});

Deno.test("a job is enqueued as it was when it was added", async () => {
  await using world = new World();
  const { background } = kitOf(world);
  const payload = { n: 1 };
  background.add("t", payload);
  payload.n = 2;
  await background.flush();
  assertEquals(await payloadsIn(world), ['{"n":1}']);
});

Deno.test("jobs that are added while a part is under way keep their order", async () => {
  await using world = new World();
  const { background } = kitOf(world);
  const { opened, open } = gate();
  world.store.on("enqueue", ({ n, run }) => n === 1 ? opened.then(run) : run());
  background.add("t", 1);
  await world.flush();
  for (const n of [2, 3, 4]) background.add("t", n);
  assertEquals(background.size, 4);
  open();
  await background.flush();
  assertEquals(await payloadsIn(world), ["1", "2", "3", "4"]);
});

Deno.test("what is wrong with a job goes to onError, and the others go on", async () => {
  await using world = new World();
  const { background, failed } = kitOf(world);
  await world.client.enqueue("t", "first", { id: "taken" });
  background.add("t", 1n);
  background.add("t", "second", { id: "taken" });
  background.add("t", "third", { priority: 99 });
  background.add("t", "fourth");
  assertEquals(await background.flush(), { enqueued: 1, failed: 3 });
  assertInstanceOf(failed[0]![0], PayloadNotSerializableError);
  assertInstanceOf(failed[1]![0], DuplicateJobError);
  assertInstanceOf(failed[2]![0], InvalidOptionError);
  assertEquals(failed.map(([, item]) => item.payload), [1n, "second", "third"]);
  assertEquals(failed[1]![1].options.id, "taken");
});

Deno.test("a failure is logged when there is no onError", async () => {
  await using world = new World();
  const { background } = kitOf(world, { onError: undefined });
  background.add("t", 1n, { id: "bad" });
  await background.flush();
  const lines = world.logger.saying("Job could not be enqueued");
  assertEquals(lines.map(({ level, fields }) => [level, fields.id, fields.type]), [
    ["error", "bad", "t"],
  ]);
});

Deno.test("callbacks that throw harm nothing", async () => {
  await using world = new World();
  const thrower = (): never => {
    throw new Error("broken callback");
  };
  const { background } = kitOf(world, { onError: thrower, onEnqueued: thrower });
  background.add("t", 1n);
  background.add("t", 1);
  assertEquals(await background.flush(), { enqueued: 1, failed: 1 });
  assertEquals(world.logger.saying("Callback failed").length, 2);
});

for (const error of [unavailable, new StoreBusyError("locked")]) {
  Deno.test(`jobs wait and keep their order while the store throws ${error.name}`, async () => {
    await using world = new World();
    const { background, failed } = kitOf(world);
    let down = true;
    world.store.on("enqueue", ({ run }) => down ? Promise.reject(error) : run());
    for (const n of [1, 2, 3]) background.add("t", n);
    await world.flush();
    await world.clock.advance(60_000);
    background.add("t", 4);
    assertEquals([background.size, failed], [4, []]);
    const calls = world.store.calls("enqueue").length;
    await world.clock.advance(50_000);
    assertEquals(world.store.calls("enqueue").length, calls + 10, "every 5 s");
    down = false;
    const flush = background.flush();
    await world.clock.advance(5000);
    assertEquals(await flush, { enqueued: 4, failed: 0 });
    assertEquals(await payloadsIn(world), ["1", "2", "3", "4"]);
    const said = world.logger.saying("Store cannot be reached, jobs wait to be enqueued");
    assertEquals(said.map(({ fields }) => fields.retryInMs).slice(0, 7), [
      100,
      200,
      400,
      800,
      1600,
      3200,
      5000,
    ]);
  });
}

Deno.test("a job whose first call was carried out though its reply was lost is there once", async () => {
  await using world = new World();
  const { background } = kitOf(world);
  world.store.on("enqueue", async ({ n, run }) => {
    const reply = await run();
    if (n === 1) throw unavailable;
    return reply;
  });
  background.add("t", "a");
  background.add("t", "b", { id: "own" });
  assertEquals(await world.drive(background.flush()), { enqueued: 2, failed: 0 });
  assertEquals((await waitingIn(world)).length, 2);
});

Deno.test("a delay counts from the moment of the add", async () => {
  await using world = new World();
  const { background, enqueued } = kitOf(world);
  world.store.on("enqueue", ({ n, run }) => n === 1 ? Promise.reject(unavailable) : run());
  const runAt = world.clock.now() + 5000;
  background.add("t", null, { delayMs: 5000 });
  await world.flush();
  await world.clock.advance(100);
  await background.flush();
  assertEquals((await world.record(enqueued[0]![0].id)).runAt, runAt);
});

Deno.test("add throws when the buffer is full, until the store has taken some", async () => {
  await using world = new World();
  const { background } = kitOf(world, { maxBuffered: 2 });
  background.add("t", 1);
  background.add("t", 2);
  const error = assertThrows(() => background.add("t", 3), BufferFullError, "at most 2 jobs");
  assertEquals([error.name, error.code, error.maxBuffered], ["BufferFullError", "BUFFER_FULL", 2]);
  const { opened, open } = gate();
  world.store.on("enqueue", ({ run }) => opened.then(run));
  await world.flush();
  assertThrows(() => background.add("t", 3), BufferFullError);
  open();
  await background.flush();
  background.add("t", 3);
  await background.flush();
  assertEquals(await payloadsIn(world), ["1", "2", "3"]);
});

Deno.test("flush does not wait for what is added after it", async () => {
  await using world = new World();
  const { background } = kitOf(world);
  background.add("t", 1);
  const flush = background.flush();
  world.store.on("enqueue", ({ n, run }) => n === 1 ? run() : never());
  await world.flush();
  background.add("t", 2);
  assertEquals(await flush, { enqueued: 1, failed: 0 });
  assertEquals(background.size, 1);
});

Deno.test("flush rejects with its signal's reason, and the jobs are kept", async () => {
  await using world = new World();
  const { background } = kitOf(world);
  world.store.on("enqueue", () => Promise.reject(unavailable));
  background.add("t", 1);
  const stop = new AbortController();
  const flush = background.flush({ signal: stop.signal });
  const rejected = assertRejects(() => flush, Error, "enough");
  await world.clock.advance(1000);
  stop.abort(new Error("enough"));
  await rejected;
  await assertRejects(() => background.flush({ signal: stop.signal }), Error, "enough");
  assertEquals(background.size, 1);
  world.store.on("enqueue", undefined);
  assertEquals(await world.drive(background.flush()), { enqueued: 1, failed: 0 });
});

Deno.test("close sends what is left, and takes no more", async () => {
  await using world = new World();
  const { background, enqueued } = kitOf(world);
  background.add("t", 1);
  const closed = background.close();
  assertEquals(background.close() === closed, true);
  const error = assertThrows(() => background.add("t", 2), EnqueuerClosedError);
  assertEquals(error.code, "ENQUEUER_CLOSED");
  await closed;
  assertEquals([enqueued.length, await payloadsIn(world)], [1, ["1"]]);
  assertEquals(await background.flush(), { enqueued: 1, failed: 0 });
});

for (const how of ["fails", "hangs"] as const) {
  Deno.test(`close tells of each job that a store that ${how} did not take`, async () => {
    await using world = new World();
    const { background, failed, enqueued } = kitOf(world, { closeTimeoutMs: 2000 });
    world.store.on("enqueue", () => how === "fails" ? Promise.reject(unavailable) : never());
    background.add("t", 1);
    await world.flush();
    background.add("t", 2);
    const flush = background.flush();
    await world.drive(background.close());
    assertEquals(await flush, { enqueued: 0, failed: 2 });
    assertEquals(failed.map(([, { payload }]) => payload), [1, 2]);
    const [first] = failed[0]!;
    assertInstanceOf(first, JobUnsentError);
    assertEquals([first.code, first.cause], [
      "JOB_UNSENT",
      how === "fails" ? unavailable : undefined,
    ]);
    assertEquals([background.size, enqueued.length], [0, 0]);
  });
}

Deno.test("a job that is answered after close has told of it is told of once", async () => {
  await using world = new World();
  const { background, failed, enqueued } = kitOf(world, { closeTimeoutMs: 100 });
  const { opened, open } = gate();
  world.store.on("enqueue", ({ run }) => opened.then(run));
  background.add("t", 1);
  await world.drive(background.close());
  open();
  await world.flush();
  assertEquals([failed.length, enqueued.length], [1, 0]);
});

Deno.test("await using closes the enqueuer", async () => {
  await using world = new World();
  {
    const { background } = kitOf(world);
    await using closing = background;
    closing.add("t", 1);
  }
  assertEquals(await payloadsIn(world), ["1"]);
});

Deno.test("add is typed by the registry", async () => {
  await using world = new World();
  const jobs = defineJobs({ a: job<{ x: number }>(), b: job<void>() });
  const background = new BackgroundEnqueuer<typeof jobs>({
    enqueue: (...args) => world.client.enqueue(...args),
  });
  background.add("a", { x: 1 });
  background.add("b");
  // @ts-expect-error -- another payload
  background.add("a", { x: "1" });
  // @ts-expect-error -- not in the registry
  background.add("c");
  assertEquals(await background.flush(), { enqueued: 4, failed: 0 });
});

const bad: readonly [unknown, string][] = [
  [null, "options"],
  [{ enqueue: 5 }, "enqueue"],
  [{ maxBuffered: 0 }, "maxBuffered"],
  [{ closeTimeoutMs: -1 }, "closeTimeoutMs"],
  [{ onError: "log" }, "onError"],
  [{ onEnqueued: 1 }, "onEnqueued"],
  [{ size: 5 }, "size"],
];

for (const [options, option] of bad) {
  Deno.test(`BackgroundEnqueuer refuses ${JSON.stringify(options)}`, () => {
    const enqueue = never;
    const given = options === null ? null : { enqueue, ...options as object };
    const error = assertThrows(
      () => new BackgroundEnqueuer(given as BackgroundEnqueuerOptions),
      InvalidOptionError,
      "Cannot enqueue in background as",
    );
    assertEquals(error.option, option);
  });
}
