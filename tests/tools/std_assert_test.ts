/** The assertions that the tests use, on the real package and on its stand-in alike. */

import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";

/** Each holds for the first assertion of its name and fails for the second. */
const ASSERTIONS: readonly (readonly [string, () => unknown, () => unknown])[] = [
  ["assert", () => assert(1), () => assert(0, "zero")],
  ["assertEquals", () => assertEquals({ a: [1] }, { a: [1] }), () => assertEquals([1], [2])],
  ["assertNotEquals", () => assertNotEquals([1], [2]), () => assertNotEquals([1], [1])],
  ["assertStrictEquals", () => assertStrictEquals(1, 1), () => assertStrictEquals({}, {})],
  ["assertExists", () => assertExists(0), () => assertExists(null)],
  [
    "assertInstanceOf",
    () => assertInstanceOf(new TypeError(), Error),
    () => assertInstanceOf({}, Error),
  ],
  ["assertMatch", () => assertMatch("abc", /b/), () => assertMatch("abc", /x/)],
  [
    "assertStringIncludes",
    () => assertStringIncludes("abc", "bc"),
    () => assertStringIncludes("abc", "cb"),
  ],
  [
    "assertArrayIncludes",
    () => assertArrayIncludes([{ a: 1 }, 2], [{ a: 1 }]),
    () => assertArrayIncludes([1], [2]),
  ],
  [
    "assertObjectMatch",
    () =>
      assertObjectMatch({ a: { b: 1, c: 2 }, d: [{ e: 1, f: 2 }] }, { a: { b: 1 }, d: [{ e: 1 }] }),
    () => assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } }),
  ],
  ["assertGreater", () => assertGreater(2, 1), () => assertGreater(1, 1)],
  ["assertGreaterOrEqual", () => assertGreaterOrEqual(1, 1), () => assertGreaterOrEqual(0, 1)],
  ["assertLess", () => assertLess(1, 2), () => assertLess(1, 1)],
  ["assertLessOrEqual", () => assertLessOrEqual(1, 1), () => assertLessOrEqual(2, 1)],
  [
    "assertAlmostEquals",
    () => assertAlmostEquals(0.1 + 0.2, 0.3),
    () => assertAlmostEquals(1, 2, 0.5),
  ],
  ["assertThrows", () => assertThrows(() => fail()), () => assertThrows(() => 1)],
  ["fail", () => {}, () => fail("why")],
  ["unreachable", () => {}, () => unreachable()],
];

for (const [name, holds, fails] of ASSERTIONS) {
  Deno.test(`${name} passes when it holds and throws an AssertionError when not`, () => {
    holds();
    try {
      fails();
    } catch (error) {
      assertInstanceOf(error, Error);
      assertEquals(error.name, "AssertionError");
      return;
    }
    throw new Error("nothing was thrown");
  });
}

Deno.test("assertThrows returns the error and checks class and words", () => {
  const error = assertThrows(
    () => {
      throw new RangeError("limit is 0");
    },
    RangeError,
    "limit",
  );
  assertEquals(error.message, "limit is 0");
  const refusals = [
    () => assertThrows(() => fail("x"), TypeError),
    () => assertThrows(() => fail("x"), Error, "y"),
    () => assertThrows(() => fail("x"), Error, "y", "because"),
  ];
  for (const refusal of refusals) assertThrows(refusal, Error);
});

Deno.test("assertRejects returns the error, and refuses a function that throws at once", async () => {
  const error = await assertRejects(() => Promise.reject(new TypeError("no")), TypeError, "no");
  assertInstanceOf(error, TypeError);
  await assertRejects(() => assertRejects(() => Promise.resolve(1)), Error, "reject");
  await assertRejects(
    () =>
      assertRejects(() => {
        throw new Error("at once");
      }),
    Error,
    "expected to reject",
  );
});
