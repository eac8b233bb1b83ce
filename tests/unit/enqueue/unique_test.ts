import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { DuplicateJobError } from "../../../src/enqueue/errors.ts";
import type { EnqueueOptions } from "../../../src/enqueue/options.ts";
import { resolveUnique, uniquePlan } from "../../../src/enqueue/unique.ts";
import type { JobUnique } from "../../../src/job/job.ts";
import { World } from "../../support/world.ts";

/** What the store is told about a job with these options. */
async function uniqueOf(
  options: EnqueueOptions,
  payload: unknown = null,
  type = "t",
): Promise<JobUnique | undefined> {
  const plan = uniquePlan(options);
  return plan && await resolveUnique(plan, type, JSON.stringify(payload));
}

const byKey = async (key: string, type = "t"): Promise<string> =>
  String((await uniqueOf({ unique: { key } }, null, type))?.key);
const byPayload = async (payload: unknown, type = "t"): Promise<string> =>
  String((await uniqueOf({ unique: {} }, payload, type))?.key);

const plans: readonly [string, EnqueueOptions, JobUnique | undefined][] = [
  ["nothing", {}, undefined],
  ["false", { unique: false }, undefined],
  ["an id alone", { id: "a" }, undefined],
  ["true", { id: "a", unique: true }, undefined],
  ["an id", { id: "a", unique: {} }, undefined],
  ["by id", { id: "a", unique: { by: "id", until: "removed" } }, undefined],
  ["an id until finished", { id: "a", unique: { until: "finished" } }, {
    key: null,
    until: "finished",
  }],
  ["an id until started", { id: "a", unique: { until: "started" } }, {
    key: null,
    until: "started",
  }],
  ["an id with ttlMs", { id: "a", unique: { ttlMs: 5 } }, {
    key: null,
    until: "removed",
    ttlMs: 5,
  }],
  ["a key", { unique: { key: "k" } }, { key: "t:k", until: "finished" }],
  ["a key beside an id", { id: "a", unique: { key: "k" } }, { key: "t:k", until: "finished" }],
  ["a key with ttlMs", { unique: { key: "k", ttlMs: 5 } }, {
    key: "t:k",
    until: "removed",
    ttlMs: 5,
  }],
  ["a key with both times", { unique: { key: "k", ttlMs: 5, until: "started" } }, {
    key: "t:k",
    until: "started",
    ttlMs: 5,
  }],
  ["a debounced key", { unique: { key: "k" }, onConflict: "debounce", delayMs: 1 }, {
    key: "t:k",
    until: "started",
  }],
  ["a debounced key until finished", {
    unique: { key: "k", until: "finished" },
    onConflict: "debounce",
    runAt: 1,
  }, { key: "t:k", until: "finished" }],
  ["a throttled key", { unique: { key: "k", ttlMs: 9 }, onConflict: "throttle" }, {
    key: "t:k",
    until: "removed",
    ttlMs: 9,
  }],
];

for (const [what, options, expected] of plans) {
  Deno.test(`the store is told what makes a job unique by ${what}`, async () => {
    assertEquals(await uniqueOf(options), expected);
  });
}

Deno.test("a job is unique by its payload if it has neither key nor id, or if it says so", async () => {
  const key = await byPayload({ n: 1 });
  assertEquals(/^sha256:[0-9a-f]{64}$/.test(key), true, key);
  const told = await uniqueOf({ id: "a", unique: { by: "payload" } }, { n: 1 });
  assertEquals(told, { key, until: "finished" });
});

const same: readonly [unknown, unknown][] = [
  [{ a: 1, b: 2 }, { b: 2, a: 1 }],
  [{ a: { c: [{ x: 1, y: 2 }], d: null } }, { a: { d: null, c: [{ y: 2, x: 1 }] } }],
  [{ "10": 1, "9": 2, a: 3 }, { a: 3, "9": 2, "10": 1 }],
  [JSON.parse('{"__proto__":1,"a":2}'), JSON.parse('{"a":2,"__proto__":1}')],
  [1, 1.0],
  [{ a: 1, b: undefined }, { a: 1 }],
];

for (const [a, b] of same) {
  Deno.test(`${JSON.stringify(a)} and ${JSON.stringify(b)} are the same payload`, async () => {
    assertEquals(await byPayload(a), await byPayload(b));
  });
}

const different: readonly [unknown, unknown][] = [
  [[1, 2], [2, 1]],
  [1, "1"],
  [null, "null"],
  [{}, []],
  [{ a: 1 }, { a: 1, b: null }],
  [{ a: { b: 1 } }, { "a.b": 1 }],
  [{ a: "1,b:2" }, { a: "1", b: "2" }],
  ["é", "e\u0301"],
  ["\ud800", "\ud801"],
  [{ "\ud800": 1 }, { "\ud801": 1 }],
  [JSON.parse('{"__proto__":1}'), JSON.parse("{}")],
];

for (const [a, b] of different) {
  Deno.test(`${JSON.stringify(a)} and ${JSON.stringify(b)} are different payloads`, async () => {
    assertNotEquals(await byPayload(a), await byPayload(b));
  });
}

Deno.test("payloads of different types, and keys that read like payloads, are different", async () => {
  assertNotEquals(await byPayload(1, "a"), await byPayload(1, "b"));
  assertNotEquals(await byPayload(1, "ü"), await byKey("1", "ü"));
});

Deno.test("a payload that is nested deeply can be the same as another", async () => {
  const deep = (levels: number): unknown => levels === 0 ? { a: 1, b: 2 } : [deep(levels - 1)];
  await using world = new World();
  const { id } = await world.client.enqueue("t", deep(499), { unique: {} });
  const again = await world.client.enqueue("t", deep(499), { unique: {}, onConflict: "existing" });
  assertEquals(again.id, id);
});

const keys = [
  "k",
  "a b",
  "ü",
  "🦊",
  "\n",
  "\0",
  "k".repeat(256),
  "🦊".repeat(128),
  "a:b",
  '"',
  " ",
];

Deno.test("keys of any characters are different from each other, and fit into a store", async () => {
  const told = await Promise.all(keys.map((key) => byKey(key)));
  assertEquals(new Set(told).size, keys.length);
  for (const key of told) assertEquals(/^[a-zA-Z0-9._:-]{1,300}$/.test(key), true, key);
  assertEquals(told[0], "t:k", "a plain one can be read by people");
  const long = await byKey("k".repeat(256), "t".repeat(256));
  assertEquals(long.length < 300, true, "a long type and a long key fit together");
});

Deno.test("keys of different types are different, wherever the type ends", async () => {
  assertNotEquals(await byKey("k", "a"), await byKey("k", "b"));
  assertNotEquals(await byKey("b:c", "a"), await byKey("c", "a:b"), "a type may hold a colon");
});

Deno.test("keys of text that is not well-formed are different", async () => {
  assertNotEquals(await byKey("\ud800"), await byKey("\ud801"));
  assertNotEquals(await byKey("\ud800"), await byKey("\ufffd"));
});

for (const key of ["k", "odd key"]) {
  Deno.test(`enqueue refuses a second job with the key '${key}', and gives the one that has it`, async () => {
    await using world = new World();
    const options = { unique: { key } };
    const first = await world.client.enqueue("t", 1, { ...options, id: "first" });
    assertEquals([first.isNew, first.status], [true, "ready"]);
    const error = await assertRejects(
      () => world.client.enqueue("t", 2, { ...options, id: "second" }),
      DuplicateJobError,
    );
    assertEquals([error.existing.id, error.existing.isNew], ["first", false]);
    assertEquals(
      error.message,
      "Cannot enqueue job as its unique key must not be in use: job 'first' has it and is ready; " +
        "take another unique key, or set onConflict: 'existing' to get that job",
    );
    assertEquals((await world.client.enqueue("other", 2, options)).isNew, true, "of another type");
  });
}

Deno.test("enqueue lets one win when 50 calls race for a payload", async () => {
  await using world = new World();
  const calls = Array.from(
    { length: 50 },
    () => world.client.enqueue("t", { n: 1 }, { unique: { by: "payload" } }),
  );
  const ends = await Promise.allSettled(calls);
  assertEquals(ends.filter(({ status }) => status === "fulfilled").length, 1);
  assertEquals((await world.store.counts()).map(({ count }) => count), [1]);
});

Deno.test("a batch is refused as a whole when a key is in use, or is there twice", async () => {
  await using world = new World();
  const { client } = world;
  await client.enqueue("t", null, { unique: { key: "k" }, id: "owner" });
  const item = (key: string) => ({ type: "t", options: { unique: { key } } });
  const used = await assertRejects(() => client.enqueueMany([item("a"), item("k")]));
  assertEquals(
    (used as Error).message.startsWith("Item 1: Cannot enqueue jobs as no unique"),
    true,
  );
  const twice = await assertRejects(() => client.enqueueMany([item("a"), item("b"), item("a")]));
  assertEquals(
    (twice as Error).message,
    "Cannot enqueue jobs as the unique keys of a batch must differ: 't:a' is there twice",
  );
  const payloads = [{ a: 1, b: 2 }, { b: 2, a: 1 }];
  const equal = payloads.map((payload) => ({ type: "t", payload, options: { unique: {} } }));
  await assertRejects(() => client.enqueueMany(equal), Error, "the unique keys of a batch must");
  assertEquals((await world.store.counts()).map(({ count }) => count), [1]);
});
