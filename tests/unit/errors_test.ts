import { assertEquals, assertLess, assertNotMatch, assertStringIncludes } from "@std/assert";
import { hideSecrets, InvalidOptionError, show } from "../../src/errors.ts";

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const shown: readonly [string, unknown, string][] = [
  ["a string", "a", "'a'"],
  ["a number", -0.5, "-0.5"],
  ["a bigint", 5n, "5n"],
  ["undefined", undefined, "undefined"],
  ["null", null, "null"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["a function", function work() {}, "function 'work'"],
  ["an object", { a: [1] }, '{"a":[1]}'],
  ["a cycle", cyclic, "[object Object]"],
  ["an object with a bigint", { a: 1n }, "[object Object]"],
  ["a URL with a password", "redis://ada:secret@host/0", "'redis://ada:***@host/0'"],
  ["a password in an object", { url: "redis://:secret@host" }, '{"url":"redis://:***@host"}'],
  ["a toJSON that gives nothing", { toJSON: () => undefined }, "[object Object]"],
];

for (const [what, value, text] of shown) {
  Deno.test(`show writes ${what}`, () => {
    assertEquals(show(value), text);
  });
}

Deno.test("show writes a Date so that it can be read, also an invalid one", () => {
  assertStringIncludes(show(new Date(0)), "1970-01-01T00:00:00.000Z");
  assertStringIncludes(show(new Date(NaN)), "nvalid Date");
});

Deno.test("show cuts what is long and says how long it was", () => {
  const text = show("a".repeat(500));
  assertLess(text.length, 200);
  assertStringIncludes(text, "(502 characters)");
});

const secrets: readonly [string, string][] = [
  ["redis://:pw@host:6379/0", "redis://:***@host:6379/0"],
  ["rediss://user:pw@host", "rediss://user:***@host"],
  ["at redis://a:b@c and redis://d:e@f", "at redis://a:***@c and redis://d:***@f"],
  ["redis://host:6379/0", "redis://host:6379/0"],
  ["sqlite:./gqm.db", "sqlite:./gqm.db"],
  ["mail ada@example.com", "mail ada@example.com"],
];

for (const [text, hidden] of secrets) {
  Deno.test(`hideSecrets writes ${hidden}`, () => {
    assertEquals(hideSecrets(text), hidden);
  });
}

Deno.test("hideSecrets hides a whole password when it holds an @ or a slash", () => {
  assertNotMatch(hideSecrets("redis://a:p@ss@host"), /p@|ss@/);
  assertNotMatch(hideSecrets("redis://a:p/ss@host"), /ss/);
});

Deno.test("InvalidOptionError keeps option and value for its catcher", () => {
  const error = new InvalidOptionError("enqueue job", "priority", "be <= 30", 31);
  assertEquals(
    error.message,
    "Cannot enqueue job as 'priority' must be <= 30: current value is 31",
  );
  assertEquals([error.option, error.value, error.code], ["priority", 31, "INVALID_OPTION"]);
  assertEquals(error instanceof Error, true);
});
