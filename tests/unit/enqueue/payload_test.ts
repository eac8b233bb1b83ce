import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { PayloadNotSerializableError, PayloadTooLargeError } from "../../../src/enqueue/errors.ts";
import { World } from "../../support/world.ts";

const MIB = 1024 * 1024;

const sizes: readonly [string, (bytes: number) => unknown][] = [
  ["one-byte characters", (bytes) => "x".repeat(bytes - 2)],
  ["two-byte characters", (bytes) => "é".repeat((bytes - 2) >> 1) + (bytes % 2 ? "x" : "")],
  ["three-byte characters", (bytes) => {
    const room = bytes - 2;
    return "€".repeat(Math.floor(room / 3)) + "x".repeat(room % 3);
  }],
  ["surrogate pairs", (bytes) => {
    const room = bytes - 2;
    return "😀".repeat(room >> 2) + "x".repeat(room % 4);
  }],
  ["escapes", (bytes) => "\n".repeat((bytes - 2) >> 1) + (bytes % 2 ? "x" : "")],
  ["an array", (bytes) => ["x".repeat(bytes - 4)]],
];

for (const [what, make] of sizes) {
  Deno.test(`enqueue accepts a payload of 1 MiB, refuses one more byte, of ${what}`, async () => {
    await using world = new World();
    for (const bytes of [MIB - 1, MIB]) {
      const handle = await world.client.enqueue("t", make(bytes));
      const { payload } = await world.record(handle.id);
      assertEquals(new TextEncoder().encode(payload).length, bytes, "as large as meant");
    }
    const before = await world.store.counts();
    const error = await assertRejects(() => world.client.enqueue("t", make(MIB + 1)));
    assertInstanceOf(error, PayloadTooLargeError);
    assertEquals([error.code, error.bytes], ["PAYLOAD_TOO_LARGE", MIB + 1]);
    assertEquals(
      error.message.startsWith(
        "Cannot enqueue job as its payload must be at most 1048576 bytes of JSON: current value is 1048577",
      ),
      true,
      error.message,
    );
    assertEquals(await world.store.counts(), before, "nothing was written");
  });
}

const cycle: Record<string, unknown> = {};
cycle.self = cycle;
let deep: unknown = 1;
for (let i = 0; i < 100_000; i++) deep = [deep];

const refused: readonly [string, unknown, string][] = [
  ["a cycle", cycle, "payload.self"],
  ["a bigint", { total: 10n }, "payload.total"],
  ["a function", { then: () => {} }, "payload.then"],
  ["a symbol", [Symbol("s")], "payload[0]"],
  ["NaN", { n: NaN }, "payload.n"],
  ["Infinity", Infinity, "payload"],
  ["a Map", { m: new Map([[1, 2]]) }, "payload.m"],
  ["a Set", new Set([1]), "payload"],
  ["bytes", { b: new Uint8Array(2) }, "payload.b"],
  ["a promise", { p: Promise.resolve(1) }, "payload.p"],
  ["an error", new Error("x"), "payload"],
  ["undefined in a list", [undefined], "payload[0]"],
  ["a toJSON that throws", {
    toJSON() {
      throw new Error("no");
    },
  }, "payload"],
  ["a toJSON that gives undefined", { toJSON: () => undefined }, "payload"],
  ["a getter that throws", {
    get a(): never {
      throw new Error("no");
    },
  }, "payload"],
];

for (const [what, payload, path] of refused) {
  Deno.test(`enqueue refuses a payload that is or holds ${what}`, async () => {
    await using world = new World();
    const error = await assertRejects(() => world.client.enqueue("t", payload));
    assertInstanceOf(error, PayloadNotSerializableError);
    assertEquals([error.code, error.path], ["PAYLOAD_NOT_SERIALIZABLE", path]);
    assertEquals(
      error.message.startsWith(`Cannot enqueue job as its data must be JSON: '${path}' is `),
      true,
      error.message,
    );
    assertEquals(await world.store.counts(), [], "nothing was written");
  });
}

Deno.test("enqueue refuses a payload nested deeper than anything reads", async () => {
  await using world = new World();
  await assertRejects(() => world.client.enqueue("t", deep), PayloadNotSerializableError, "deep");
});

const kept: readonly [string, unknown, unknown][] = [
  ["nothing", undefined, null],
  ["null", null, null],
  ["0", 0, 0],
  ["-0, which JSON writes as 0", -0, 0],
  ["an empty string", "", ""],
  ["false", false, false],
  ["a Date, as text", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["undefined properties, left out", { a: 1, b: undefined }, { a: 1 }],
  ["2^53 - 1", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ["the smallest number", 5e-324, 5e-324],
  ["lone surrogates", "\ud800x\udc00", "\ud800x\udc00"],
  ["NUL and line separators", "\0\u2028\u2029", "\0\u2028\u2029"],
  ["an empty list and an empty object", [[], {}], [[], {}]],
];

for (const [what, payload, seen] of kept) {
  Deno.test(`enqueue brings ${what} to the handler`, async () => {
    await using world = new World();
    const server = world.server();
    server.handle("t", ({ job }) => ({ got: job.payload }));
    await server.start();
    const handle = await world.client.enqueue("t", payload);
    assertEquals(await handle.result(), { got: seen });
  });
}

Deno.test("enqueue brings an own key __proto__ to the handler and pollutes nothing", async () => {
  await using world = new World();
  const server = world.server();
  server.handle("t", ({ job }) => {
    assertEquals(Object.hasOwn(job.payload as object, "__proto__"), true);
    return "polluted" in {};
  });
  await server.start();
  const payload: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
  const meta = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>;
  const handle = await world.client.enqueue("t", payload, { meta });
  assertEquals(await handle.result(), false);
});
