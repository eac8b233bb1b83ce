import { assertEquals, assertMatch } from "@std/assert";
import { bytesIfAbove, serialize } from "../../../src/job/serialize.ts";

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

const cycle: Record<string, unknown> = { a: 1 };
cycle.self = { inner: [cycle] };
const shared = { n: 1 };
const array: unknown[] = [];
array.push(array);

const kept: readonly [string, unknown, string][] = [
  ["undefined", undefined, "null"],
  ["null", null, "null"],
  ["a string", "é\u2028", '"é\u2028"'],
  ["a number", 1.5, "1.5"],
  ["a boolean", false, "false"],
  ["an empty object", {}, "{}"],
  ["undefined properties, left out", { a: undefined, b: { c: undefined } }, '{"b":{}}'],
  ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ["a value twice, which is no cycle", [shared, shared], '[{"n":1},{"n":1}]'],
  ["an own key __proto__", JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
  ["keys of Object.prototype", { toString: 1, constructor: 2 }, '{"toString":1,"constructor":2}'],
  ["an object without prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ["toJSON", { toJSON: () => ({ a: 1 }) }, '{"a":1}'],
  ["a URL", new URL("https://a.example/b"), '"https://a.example/b"'],
  ["a lone surrogate, escaped", "\ud800", '"\\ud800"'],
  [
    "a class instance",
    new (class A {
      b = 1;
    })(),
    '{"b":1}',
  ],
];

for (const [what, value, text] of kept) {
  Deno.test(`serialize writes JSON when given ${what}`, () => {
    assertEquals(serialize(value, "payload"), text);
  });
}

Deno.test("serialize writes 0 when given -0, as JSON does", () => {
  assertEquals(serialize({ n: -0 }, "payload"), '{"n":0}');
});

Deno.test("serialize accepts nesting of a few hundred levels", () => {
  assertEquals(typeof serialize(deep(400), "payload"), "string");
});

const refused: readonly [string, unknown, string, RegExp][] = [
  ["a function", () => {}, "payload", /function/],
  ["a function inside", { a: [{ f() {} }] }, "payload.a[0].f", /function/],
  ["a symbol", Symbol("s"), "payload", /symbol/],
  ["a symbol inside", { s: Symbol("s") }, "payload.s", /symbol/],
  ["a bigint", 1n, "payload", /bigint/],
  ["a bigint inside", { a: [0, 1n] }, "payload.a[1]", /bigint/],
  ["NaN", NaN, "payload", /NaN/],
  ["NaN inside", { a: { n: NaN } }, "payload.a.n", /NaN/],
  ["Infinity", [Infinity], "payload[0]", /Infinity/],
  ["-Infinity", [-Infinity], "payload[0]", /-Infinity/],
  ["undefined in an array", { a: [1, undefined] }, "payload.a[1]", /undefined/],
  ["a hole in an array", new Array(1), "payload[0]", /undefined/],
  ["a cycle", cycle, "payload.self.inner[0]", /cycle/],
  ["an array in itself", array, "payload[0]", /cycle/],
  ["a Map", { m: new Map() }, "payload.m", /Map/],
  ["a Set", new Set(), "payload", /Set/],
  ["a WeakMap", new WeakMap(), "payload", /WeakMap/],
  ["a Promise", { p: Promise.resolve() }, "payload.p", /Promise/],
  ["a RegExp", /a/, "payload", /RegExp/],
  ["an Error", new TypeError("x"), "payload", /TypeError/],
  ["an ArrayBuffer", new ArrayBuffer(1), "payload", /ArrayBuffer/],
  ["a Uint8Array", { b: new Uint8Array(1) }, "payload.b", /Uint8Array/],
  ["a toJSON that throws", { toJSON: () => fail("no") }, "payload", /no/],
];

for (const [what, value, path, found] of refused) {
  Deno.test(`serialize names the place when given ${what}`, () => {
    const loss = serialize(value, "payload");
    if (typeof loss === "string") throw new Error(`Expected a loss, got the text ${loss}`);
    assertEquals(loss.path, path);
    assertMatch(loss.what, found);
  });
}

for (const levels of [502, 3000, 200_000]) {
  Deno.test(`serialize refuses when nested ${levels} deep`, () => {
    const loss = serialize(deep(levels), "payload");
    if (typeof loss === "string") throw new Error("Expected a loss, got a text");
    assertMatch(loss.what, /deep/);
    assertEquals(loss.path.length <= 100, true, "the path is cut");
  });
}

Deno.test("serialize refuses when a toJSON never ends", () => {
  class Endless {
    toJSON(): unknown {
      return { next: new Endless() };
    }
  }
  assertEquals(typeof serialize(new Endless(), "payload"), "object");
});

// What follows are holes: values that JSON loses or that break the writer itself.

Deno.test("serialize gives a text or a loss when toJSON gives undefined", () => {
  const written: unknown = serialize({ toJSON: () => undefined }, "payload");
  assertEquals(written !== undefined, true, "undefined is neither a text nor a loss");
});

Deno.test("serialize gives a loss and does not throw when a getter throws", () => {
  const value = {
    get a(): never {
      return fail("broken getter");
    },
  };
  const loss = serialize(value, "payload");
  if (typeof loss === "string") throw new Error("Expected a loss, got a text");
  assertMatch(loss.what, /broken getter/);
});

const lost: readonly [string, unknown][] = [
  ["an invalid Date, which becomes null", { at: new Date(NaN) }],
  ["a toJSON that gives NaN", { toJSON: () => ({ n: NaN }) }],
  ["a toJSON that gives a Map", { a: { toJSON: () => new Map([[1, 2]]) } }],
  ["URLSearchParams, which become {}", { query: new URLSearchParams("a=1") }],
  ["Headers, which become {}", new Headers({ a: "b" })],
];

for (const [what, value] of lost) {
  Deno.test(`serialize refuses what JSON loses when given ${what}`, () => {
    const text = serialize(value, "payload");
    assertEquals(typeof text, "object", `it was written as ${text}`);
  });
}

const sizes: readonly [string, string, number, number | undefined][] = [
  ["far below", "abc", 100, undefined],
  ["at the limit", "abc", 3, undefined],
  ["one above", "abcd", 3, 4],
  ["two-byte characters at the limit", "éé", 4, undefined],
  ["two-byte characters above", "ééé", 4, 6],
  ["three-byte characters above", "€€", 5, 6],
  ["surrogate pairs at the limit", "😀", 4, undefined],
  ["surrogate pairs above", "😀", 3, 4],
];

for (const [what, text, limit, bytes] of sizes) {
  Deno.test(`bytesIfAbove counts bytes of UTF-8 when ${what}`, () => {
    assertEquals(bytesIfAbove(text, limit), bytes);
  });
}

function fail(message: string): never {
  throw new Error(message);
}
