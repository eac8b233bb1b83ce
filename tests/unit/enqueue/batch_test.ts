import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import type { EnqueueItem } from "../../../src/enqueue/client.ts";
import {
  BatchTooLargeError,
  DuplicateIdInBatchError,
  DuplicateJobError,
  InvalidJobIdError,
} from "../../../src/enqueue/errors.ts";
import { GqmError, InvalidOptionError } from "../../../src/errors.ts";
import { FAKE_CLOCK_START as NOW } from "../../../src/testing/fake_clock.ts";
import { schema } from "../../support/schema.ts";
import { World } from "../../support/world.ts";
import { Client } from "../../../src/enqueue/client.ts";

function items(n: number): EnqueueItem[] {
  return Array.from({ length: n }, (_, i) => ({ type: "t", payload: i }));
}

Deno.test("enqueueMany stores every item with its own options, in one call of the store", async () => {
  await using world = new World();
  const handles = await world.client.enqueueMany([
    { type: "a", payload: { n: 1 } },
    { type: "b", options: { id: "mine", delayMs: 5, priority: 9, queue: "q" } },
    { type: "a", payload: null, options: { atFront: true } },
  ]);
  assertEquals(handles.map(({ status }) => status), ["ready", "scheduled", "ready"]);
  assertEquals(handles[1].id, "mine");
  assertEquals(world.store.calls("enqueue").length, 1);
  const [first, second] = await world.store.getJobs(handles.map(({ id }) => id));
  assertEquals([first?.type, first?.payload], ["a", '{"n":1}']);
  assertEquals([second?.runAt, second?.priority, second?.queue, second?.payload], [
    NOW + 5,
    9,
    "q",
    "null",
  ]);
});

Deno.test("enqueueMany runs its items in their order", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server().handle("t", ({ job }) => void seen.push(job.payload));
  server.pool({ name: "one", types: ["t"], concurrency: 1 });
  const handles = await world.client.enqueueMany(items(50));
  await server.start();
  await handles[49]!.result();
  assertEquals(seen, Array.from({ length: 50 }, (_, i) => i));
});

Deno.test("enqueueMany gives no handles and asks no store when there are no items", async () => {
  await using world = new World();
  assertEquals(await world.client.enqueueMany([]), []);
  assertEquals(world.store.calls("enqueue").length, 0);
});

Deno.test("enqueueMany accepts 1000 items and refuses 1001", async () => {
  await using world = new World();
  assertEquals((await world.client.enqueueMany(items(1000))).length, 1000);
  const error = await assertRejects(() => world.client.enqueueMany(items(1001)));
  assertInstanceOf(error, BatchTooLargeError);
  assertEquals(error.code, "BATCH_TOO_LARGE");
  assertMatch(error.message, /^Cannot enqueue .+ as .+1000.*: current value is 1001/);
  assertEquals((await world.store.counts())[0]?.count, 1000, "nothing of the second was written");
});

const wrong: readonly [string, unknown, string, RegExp][] = [
  ["a bad id", { type: "t", options: { id: "a:b" } }, "INVALID_JOB_ID", /'id' must/],
  ["a bad type", { type: "" }, "INVALID_JOB_TYPE", /'type' must/],
  ["a bad option", { type: "t", options: { priority: 99 } }, "INVALID_OPTION", /'priority' must/],
  ["a bad payload", { type: "t", payload: 1n }, "PAYLOAD_NOT_SERIALIZABLE", /bigint/],
  ["a large payload", { type: "t", payload: "x".repeat(1 << 20) }, "PAYLOAD_TOO_LARGE", /1048578/],
  [
    "onConflict",
    { type: "t", options: { id: "a", onConflict: "existing" } },
    "INVALID_OPTION",
    /onConflict/,
  ],
  ["an unknown key", { type: "t", payloads: {} }, "INVALID_OPTION", /payloads/],
  ["null", null, "INVALID_OPTION", /must be an object/],
  ["a string", "t", "INVALID_OPTION", /must be an object/],
];

for (const [what, item, code, message] of wrong) {
  Deno.test(`enqueueMany names the item and writes nothing when it is or has ${what}`, async () => {
    await using world = new World();
    const all = [{ type: "t" }, item, { type: "t" }] as EnqueueItem[];
    const error = await assertRejects(() => world.client.enqueueMany(all));
    assertInstanceOf(error, GqmError);
    assertEquals(error.code, code, error.message);
    assertMatch(error.message, /^Item 1: Cannot /);
    assertMatch(error.message, message);
    assertEquals(await world.store.counts(), [], "nothing was written");
  });
}

for (const given of [null, undefined, "items", {}, 5, new Set()]) {
  Deno.test(`enqueueMany refuses items that are ${given}`, async () => {
    await using world = new World();
    await assertRejects(
      () => world.client.enqueueMany(given as unknown as EnqueueItem[]),
      InvalidOptionError,
      "'items' must be an array",
    );
  });
}

Deno.test("enqueueMany refuses an id that is there twice", async () => {
  await using world = new World();
  const same = { type: "t", options: { id: "same" } };
  const error = await assertRejects(() => world.client.enqueueMany([same, { type: "t" }, same]));
  assertInstanceOf(error, DuplicateIdInBatchError);
  assertEquals(error.code, "DUPLICATE_ID_IN_BATCH");
  assertMatch(error.message, /^Cannot enqueue .* as .*'same'/);
  assertEquals(await world.store.counts(), [], "nothing was written");
});

Deno.test("enqueueMany writes none when one id is in use, and gives the job that has it", async () => {
  await using world = new World();
  await world.client.enqueue("t", "first", { id: "taken", delayMs: 1 });
  const error = await assertRejects(() =>
    world.client.enqueueMany([{ type: "t" }, { type: "t", options: { id: "taken" } }])
  );
  assertInstanceOf(error, DuplicateJobError);
  assertEquals([error.existing.id, error.existing.status], ["taken", "scheduled"]);
  assertEquals((await world.store.counts()).map(({ count }) => count), [1]);
});

Deno.test("enqueueMany takes its items when it is called, whatever the caller does next", async () => {
  await using world = new World();
  const buffer = [
    { type: "t", payload: { n: 1 } },
    { type: "t", payload: { n: 2 } },
    { type: "t", payload: { n: 3 } },
  ];
  const call = world.client.enqueueMany(buffer);
  // Emptying a buffer right after it was handed over is how batching code is written.
  buffer[2]!.payload.n = 99;
  buffer.length = 0;
  const handles = await call;
  assertEquals(handles.length, 3, "no item is lost without a word");
  const records = await world.store.getJobs(handles.map(({ id }) => id));
  assertEquals(records.map((record) => record?.payload), ['{"n":1}', '{"n":2}', '{"n":3}']);
});

Deno.test("enqueueMany reports the first wrong item when schemas answer late and out of order", async () => {
  await using world = new World();
  const slow = schema<number>(async (value) => {
    for (let i = 0; i < (value as number); i++) await undefined;
    return { issues: [{ message: `wrong ${value}` }] };
  });
  const client = new Client({ store: world.store, jobs: { slow: { payload: slow } } });
  const all = [{ type: "slow", payload: 20 }, { type: "slow", payload: 1 }] as const;
  const error = await assertRejects(() => client.enqueueMany(all), Error);
  assertMatch(error.message, /^Item 0: .*wrong 20/);
  await world.flush();
});

Deno.test("enqueueMany reports an item that a schema refuses late before a later one that is wrong at once", async () => {
  await using world = new World();
  const slow = schema<number>(async () => {
    await undefined;
    return { issues: [{ message: "late" }] };
  });
  const client = new Client({ store: world.store, jobs: { slow: { payload: slow }, t: {} } });
  const error = await assertRejects(
    () => client.enqueueMany([{ type: "t" }, { type: "slow", payload: 1 }, { type: "u" as "t" }]),
    Error,
  );
  assertMatch(error.message, /^Item 1: .*late/);
  assertEquals(await world.store.counts(), [], "nothing was written");
});

Deno.test("enqueue after enqueueMany comes after its items, though neither was awaited", async () => {
  await using world = new World();
  const seen: unknown[] = [];
  const server = world.server().handle("t", ({ job }) => void seen.push(job.payload));
  server.pool({ name: "one", types: ["t"], concurrency: 1 });
  const batch = world.client.enqueueMany(items(2));
  const last = await world.client.enqueue("t", 2);
  await batch;
  await server.start();
  await last.result();
  assertEquals(seen, [0, 1, 2]);
});

for (const ids of [["b", "a", "b"], ["a", "b", "b"], ["a", "a", "b"]]) {
  Deno.test(`enqueueMany refuses the ids ${ids}, of which one is there twice`, async () => {
    await using world = new World();
    const all = ids.map((id) => ({ type: "t", options: { id } }));
    await assertRejects(() => world.client.enqueueMany(all), DuplicateIdInBatchError);
  });
}

Deno.test("enqueueMany checks ids of items as enqueue does", async () => {
  await using world = new World();
  await assertRejects(
    () => world.client.enqueueMany([{ type: "t", options: { id: "" } }]),
    InvalidJobIdError,
  );
});
